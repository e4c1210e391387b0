import type { AccessLine } from "@/gen/api";
import type { AccessWhat, Span } from "@/gen/evidence";
import { list } from "./list";
import { clock } from "./time";
import { sourceWords } from "./words";

/** whatWords names what can be seen of a record. */
export const whatWords: Readonly<Record<AccessWhat, string>> = {
  interview: "the interview's page",
  review: "the review",
  recording: "a recording",
  still: "a still picture",
  log: "the evidence log",
  matches: "how alike the face is to other interviews",
  bundle: "the whole record",
  candidate: "the candidate's own page",
  other: "something else of it",
};

/** Folded is a line of an access history, and how many alike it stands for. */
export interface Folded<T> {
  line: T;
  times: number;
}

/**
 * folded makes one line of the still pictures that somebody opened one after
 * the other: a page with findings shows a dozen, and what else was done would
 * be lost among them.
 */
export function folded<T extends Pick<AccessLine, "kind" | "what">>(lines: readonly T[], whoOf: (line: T) => string): Folded<T>[] {
  const still = (line: T) => line.kind === "access.viewed" && line.what === "still";
  const all: Folded<T>[] = [];
  for (const line of lines) {
    const last = all.at(-1);
    if (last !== undefined && still(last.line) && still(line) && whoOf(last.line) === whoOf(line)) last.times += 1;
    else all.push({ line, times: 1 });
  }
  return all;
}

/** openedWords says what was opened. */
export function openedWords(what: AccessWhat, times: number): string {
  return times > 1 ? `opened ${times} still pictures` : `opened ${whatWords[what]}`;
}

/** recordingOf tells whose recording a file is: "camera of Ana"; the file's own name where nobody is known by it. */
function recordingOf(file: string, people: ReadonlyMap<string, string>): string {
  const [, id = "", source = ""] = /^([a-z0-9]+)-([a-z_]+)-\d+\.webm$/.exec(file) ?? [];
  const name = people.get(id);
  return name === undefined ? file : `${sourceWords(source)} of ${name}`;
}

/** accessWords says what one line of an access history stands for; people are the names of participants. */
export function accessWords(line: AccessLine, times = 1, people: ReadonlyMap<string, string> = new Map()): string {
  switch (line.kind) {
    case "access.played": return `played ${spansWords(list(line.spans))}`;
    case "access.refused": return `was refused ${whatWords[line.what]}`;
    case "export": return "exported the whole record";
    default: return `${openedWords(line.what, times)}${line.what === "recording" && line.object !== "" ? ` (${recordingOf(line.object, people)})` : ""}`;
  }
}

/** spansWords writes intervals of interview time: "0:05 to 0:20 and 1:00 to 1:30". */
export function spansWords(spans: readonly Span[]): string {
  const all = spans.map(({ start_ms, end_ms }) => `${clock(start_ms)} to ${clock(Math.ceil(end_ms / 1000) * 1000)}`);
  const last = all.pop();
  if (last === undefined) return "nothing";
  return all.length === 0 ? last : `${all.join(", ")} and ${last}`;
}
