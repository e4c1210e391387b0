import type { RecordQuery } from "@/gen/api";
import type { Kind } from "@/gen/evidence";
import type { State } from "@/gen/interview";

/** outcomeWords names what people decided about an interview. */
export const outcomeWords: Readonly<Record<string, string>> = {
  none: "Not decided",
  advanced: "Goes on",
  not_advanced: "Does not go on",
  hired: "Hired",
  withdrawn: "Withdrawn by the candidate",
  sanctions: "Referred: sanctions rules",
};

/** checkWords says what the last verification found of a record. */
export const checkWords: Readonly<Record<string, string>> = {
  holds: "As logged",
  differs: "Differs from the log",
  unchecked: "Not verified",
};

const texts = ["person", "role", "interviewer", "text", "state", "outcome", "kind", "hold", "check"] as const;
const times = ["from", "to", "due"] as const;

/** noQuery finds every record. */
export const noQuery: RecordQuery = {
  person: "", role: "", interviewer: "", text: "", state: "" as State, outcome: "", kind: "" as Kind, hold: "", check: "", from: 0, to: 0, due: 0,
};

/** toParams writes a search as the parameters of an address; what is empty is left out. */
export function toParams(query: RecordQuery): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of texts) if (query[name] !== "") params.set(name, query[name]);
  for (const name of times) if (query[name] > 0) params.set(name, String(query[name]));
  return params;
}

/** fromParams reads it back; a time that is none counts as empty. */
export function fromParams(params: URLSearchParams): RecordQuery {
  const text = (name: string) => params.get(name) ?? "";
  const time = (name: string) => {
    const value = Number(params.get(name) ?? 0);
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  };
  return {
    person: text("person"), role: text("role"), interviewer: text("interviewer"), text: text("text"), state: text("state") as State,
    outcome: text("outcome"), kind: text("kind") as Kind, hold: text("hold"), check: text("check"), from: time("from"), to: time("to"), due: time("due"),
  };
}

/** dayStart is the first instant of a day as a date field writes it, "2026-11-22"; 0 where it is empty. */
export function dayStart(day: string): number {
  const ms = new Date(`${day}T00:00:00`).getTime();
  return day === "" || Number.isNaN(ms) ? 0 : ms;
}

/** dayAfter is the first instant after a day. */
export function dayAfter(day: string): number {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return day === "" || Number.isNaN(date.getTime()) ? 0 : date.getTime();
}

/** dayOf is the day of an instant as a date field writes it; "" for 0. */
export function dayOf(ms: number): string {
  if (ms === 0) return "";
  const date = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
