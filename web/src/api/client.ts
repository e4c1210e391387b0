import type { Problem } from "@/gen/api";

/**
 * ApiError is every way in which a request can fail. Its message is a sentence
 * for the person. status is 0 where the server could not be reached.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = "",
  ) {
    super(message);
    this.name = "ApiError";
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "message" in value
    && typeof value.code === "string" && typeof value.message === "string";
}

async function readProblem(response: Response): Promise<ApiError> {
  try {
    const body: unknown = await response.json();
    if (isProblem(body)) return new ApiError(response.status, body.code, body.message, body.field ?? "");
  } catch {
    // Not JSON: a proxy in between answered.
  }
  return new ApiError(response.status, "internal",
    `The server answered ${response.status} without saying why. Try again; if it stays, ask the operator to look at the server's log.`);
}

/** request sends JSON and returns the decoded answer, or throws an ApiError. */
export async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { Accept: "application/json", "Content-Type": "application/json" };
  }
  if (signal !== undefined) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "network", "The server could not be reached. Check your connection and try again.");
  }
  if (!response.ok) throw await readProblem(response);
  const text = await response.text();
  // Every caller names the type that the route's contract promises.
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => request<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body: unknown) => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, body);
export const del = <T>(path: string) => request<T>("DELETE", path);

/** upload sends a file as it is. */
export async function upload<T>(path: string, file: Blob): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { method: "POST", credentials: "same-origin", headers: { Accept: "application/json", "Content-Type": file.type || "application/octet-stream" }, body: file });
  } catch {
    throw new ApiError(0, "network", "The file could not be sent. Check your connection and try again.");
  }
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as T;
}

/** messageOf is a sentence for any thrown value. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
