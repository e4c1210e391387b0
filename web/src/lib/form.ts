import { ApiError, messageOf } from "@/api/client";

/** FormErrors says what is wrong by field; "" is the form as a whole. */
export type FormErrors = Readonly<Record<string, string>>;

/**
 * formErrors places a failure at the field that the server named, so that the
 * sentence stands where it can be put right. A field that the form does not
 * show goes to the form as a whole.
 */
export function formErrors(error: unknown, fields: readonly string[]): FormErrors {
  if (!(error instanceof ApiError) || error.field === "") return { "": messageOf(error) };
  return fields.includes(error.field) ? { [error.field]: error.message } : { "": `${error.field}: ${error.message}` };
}

/** safeNext reads where to go after sign-in; it takes only addresses of this server, so that a link cannot lead elsewhere. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
