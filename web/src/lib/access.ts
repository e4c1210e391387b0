import type { AccessLine } from "@/gen/api";
import type { AccessWhat, Span } from "@/gen/evidence";
import { list } from "./list";
import { clock } from "./time";

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

/** accessWords says what one line of an access history stands for. */
export function accessWords(line: AccessLine): string {
  switch (line.kind) {
    case "access.played": return `played ${spansWords(list(line.spans))}`;
    case "access.refused": return `was refused ${whatWords[line.what]}`;
    case "export": return "exported the whole record";
    default: return `opened ${whatWords[line.what]}${line.what === "recording" && line.object !== "" ? ` (${line.object})` : ""}`;
  }
}

/** spansWords writes intervals of interview time: "0:05 to 0:20 and 1:00 to 1:30". */
export function spansWords(spans: readonly Span[]): string {
  const all = spans.map(({ start_ms, end_ms }) => `${clock(start_ms)} to ${clock(Math.ceil(end_ms / 1000) * 1000)}`);
  const last = all.pop();
  if (last === undefined) return "nothing";
  return all.length === 0 ? last : `${all.join(", ")} and ${last}`;
}
