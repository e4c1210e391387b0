import type { DeletionReason, RecordPart } from "@/gen/evidence";
import type { Outcome } from "@/gen/interview";
import type { Action, Origin } from "@/gen/retention";

/** partWords names every part of a record. */
export const partWords: Readonly<Record<RecordPart, string>> = {
  recording: "Recordings",
  stills: "Stills",
  document: "Identity documents",
  picture: "Profile picture",
  templates: "Face templates",
  series: "Readings over time",
  text: "Notes and names",
};

/** parts lists every part, in the order in which they are shown. */
export const parts = Object.keys(partWords) as RecordPart[];

/** outcomeChoices are the outcomes that people may enter. */
export const outcomeChoices: readonly { value: Outcome; label: string }[] = [
  { value: "advanced", label: "Goes on to the next step" },
  { value: "not_advanced", label: "Does not go on" },
  { value: "hired", label: "Hired" },
  { value: "withdrawn", label: "Withdrawn by the candidate" },
  { value: "sanctions", label: "Referred for a sanctions review" },
];

/** outcomeLabel names an outcome. */
export const outcomeLabel = (outcome: Outcome) => outcomeChoices.find(({ value }) => value === outcome)?.label ?? "Not decided yet";

/** reasonLabels say what a deletion was done for. */
export const reasonLabels: Readonly<Record<DeletionReason, string>> = {
  policy: "by policy",
  request: "on the candidate's request",
  person: "by an administrator",
  withdrawn: "because the consent was withdrawn",
  restore: "again, after a backup was put back",
};

/** actionLabels say what a policy asks for. */
export const actionLabels: Readonly<Record<Action, string>> = {
  keep: "Keep at least",
  delete: "Delete after",
  request: "Answer requests within",
};

/** originLabels say what a policy's days are counted from. */
export const originLabels: Readonly<Record<Origin, string>> = {
  ended: "the end of the interview",
  decided: "the decision",
  requested: "the request",
};
