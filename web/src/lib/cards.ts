import type {
  CardKind, CheckRate, DeviationChange, DeviationReason, DocumentResult, Match, RunCard, RunSheet, Step, StepEnd, StepOutcome, StepResult, Verdict,
} from "@/gen/evidence";
import { list } from "./list";
import { reasonWords } from "./words";

// The words of the run-sheet, in one place.

/** cardTitles names the kinds of card for interviewers. */
export const cardTitles: Readonly<Record<CardKind, string>> = {
  show_id: "Show ID",
  hand_across_face: "Hand across the face",
  turn_left: "Turn to the left",
  turn_right: "Turn to the right",
  finger_on_cheek: "Finger on the cheek",
  look_up: "Look up",
  stand_back: "Stand back",
  window_view: "View outside",
  spoken_code: "Spoken code",
  question: "Question",
};

/** Asked is what the candidate reads: what to do, and how. */
export interface Asked {
  title: string;
  text: string;
}

/** cardAsks is how each card asks the candidate, in plain words. */
export const cardAsks: Readonly<Record<CardKind, Asked>> = {
  show_id: { title: "Please show your ID", text: "Hold the side with your photo up to the camera, inside the frame, with your face beside it. Take your time." },
  hand_across_face: { title: "Please pass a hand across your face", text: "Open your hand and move it slowly past your face, from one side to the other, close to the skin." },
  turn_left: { title: "Please turn your head to your left", text: "Turn slowly until the camera sees your face from the side, stay a moment, and come back." },
  turn_right: { title: "Please turn your head to your right", text: "Turn slowly until the camera sees your face from the side, stay a moment, and come back." },
  finger_on_cheek: { title: "Please press a finger on your cheek", text: "Press gently so that the skin gives a little, and move the finger in a small circle." },
  look_up: { title: "Please look up", text: "Lift your chin and look at the ceiling, stay a moment, and come back." },
  stand_back: { title: "Please move away from the camera", text: "Get up or roll back until your shoulders and arms are in the picture, stay a moment, and come back." },
  window_view: { title: "Please show the view outside", text: "Point the camera at a window or go outside with it. On a phone you can use the back camera. It need not be pretty." },
  spoken_code: { title: "Please read these words aloud", text: "Read them at your normal pace. There is no right accent." },
  question: { title: "", text: "" },
};

/** outcomeWords is what the automatic check saw, of compliance only. */
export const outcomeWords: Readonly<Record<StepOutcome, string>> = {
  done: "done",
  not_seen: "not seen",
  not_measurable: "not measurable",
  not_checked: "not checked",
  cannot_comply: "cannot comply",
};

/** outcomeSentence is a check's outcome with its reason: "not measurable: too little light". */
export function outcomeSentence(result: StepResult | undefined): string {
  if (result === undefined) return "no result yet";
  const reason = result.reason === undefined ? "" : result.reason === "not_available" && result.outcome === "not_checked"
    ? "there is no automatic check of this" : reasonWords[result.reason];
  return reason === "" ? outcomeWords[result.outcome] : `${outcomeWords[result.outcome]}: ${reason}`;
}

/** rateWords says how often a card's automatic check was wrong when it was measured; "" for cards without one, and for documents. */
export function rateWords(kind: CardKind, rates: readonly CheckRate[] | null | undefined): string {
  const rate = list(rates).find((one) => one.card === kind);
  if (rate === undefined) return "";
  const missed = rate.acted === 0
    ? "How often it misses what was done was not measured."
    : `Of ${rate.acted} times that it was done${rate.simulated ? " (simulated in real recordings)" : ""} it missed ${rate.missed === 0 ? "none" : rate.missed}.`;
  return `When nothing was asked it said “done” in ${rate.false} of ${rate.idle} stretches of 15 s. ${missed}`;
}

/** verdictWords is the interviewer's own judgement. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  matches: "Matches",
  does_not_match: "Does not match",
  done: "Done",
  not_done: "Not done",
  unsure: "Unsure",
};

/** verdictsFor lists the verdicts that fit a kind of card. */
export function verdictsFor(kind: CardKind): readonly Verdict[] {
  return kind === "show_id" ? ["matches", "does_not_match", "unsure"] : ["done", "not_done", "unsure"];
}

/** endWords says how a step ended. */
export const endWords: Readonly<Record<StepEnd, string>> = {
  stopped: "stopped",
  complete: "complete",
  time: "time over",
  cannot_comply: "cannot comply",
  hangup: "interview ended",
  interrupted: "interrupted by a restart of the server",
};

/** changeWords names a departure from the run-sheet. */
export const changeWords: Readonly<Record<DeviationChange, string>> = {
  skipped: "Left out",
  added: "Added",
  out_of_order: "Out of order",
  repeated: "Repeated",
  not_reached: "Not reached",
};

/** deviationReasons says why, in the order in which reasons are offered. */
export const deviationReasons: Readonly<Record<DeviationReason, string>> = {
  short_of_time: "Short of time",
  technical_trouble: "Technical trouble",
  accommodation: "Accommodation for the candidate",
  candidate_asked: "The candidate asked for it",
  unclear_result: "The result was unclear",
  another_document: "Another document",
  other: "Other",
  interview_ended: "The interview ended",
};

/** hintWords is live guidance as the candidate reads it; "" for nothing to say. */
const hints: Readonly<Record<string, string>> = {
  closer: "A little closer",
  farther: "A little further away",
  flatter: "Hold it flat towards the camera",
  less_glare: "Tilt it a little: it reflects light",
  hold_still: "Hold still",
  turn_over: "Turn it over, please",
  beside_face: "Hold it beside your face",
  more_light: "More light, please",
  less_light: "A little less light, please",
  face_camera: "Look into the camera first",
  show_face: "Come back into the picture",
  show: "Hold the document up to the camera",
  show_again: "If you are holding it up: take it out of the picture, then hold it up again",
  begin: "Whenever you are ready",
  come_back: "Thank you, you can come back now",
  good: "Good, stay like this",
  done: "Thank you, that is enough",
};

/** hintWords is live guidance as the candidate reads it; "" for nothing to say. */
export function hintWords(hint: string): string {
  return hints[hint] ?? "";
}

/** documentNotice stands wherever a document's result is shown. */
export const documentNotice = "A visual presentation check: it does not say whether the document is genuine.";

/** matchWords puts a comparison of two faces in words. */
export function matchWords(match: Match): string {
  const word = { alike: "alike", unlike: "unlike", unsure: "too close to the threshold to say" }[match.result] ?? match.result;
  const band = match.unsure > 0 ? ` ± ${match.unsure.toFixed(2)}` : "";
  return `${word}: similarity ${match.similarity.toFixed(2)}, threshold ${match.threshold.toFixed(2)}${band}, ${match.frames} ${match.frames === 1 ? "picture" : "pictures"}`;
}

const unreadNames: Readonly<Record<string, string>> = {
  portrait: "portrait", edges: "edges of the document", zone: "machine-readable zone", match: "comparison of faces", document: "document",
  "number of the zone": "number in the zone",
};

/** unreadWords lists what could not be measured on a document, with the reasons. */
export function unreadWords(document: DocumentResult): string[] {
  return list(document.unread).map((one) => {
    const twins = one.what === "number of the zone" && one.reason !== "check_digit";
    return `${unreadNames[one.what] ?? one.what.replaceAll("_", " ")}: ${reasonWords[one.reason]}${twins ? twinsNote : ""}`;
  });
}

/** Why a number may be wrong whose check digit is right. */
const twinsNote = ". An L and a 1, a G and a 6 are easily misread, and a check digit fits both: compare it in the picture";

/** CardState is where a card of the run-sheet stands. */
export type CardState = "open" | "on" | "verdict" | "done" | "skipped";

/** stepsOf lists the attempts at a card. */
export function stepsOf(sheet: RunSheet, card: string): Step[] {
  return list(sheet.steps).filter((step) => step.card === card);
}

/** stateOf says where a card stands: it counts as done when every attempt was judged by a person. */
export function stateOf(sheet: RunSheet, card: RunCard): CardState {
  const steps = stepsOf(sheet, card.card);
  if (steps.some((step) => (step.ended ?? "") === "")) return "on";
  if (steps.length === 0) return card.skipped === true ? "skipped" : "open";
  return steps.every((step) => step.verdict !== undefined) ? "done" : "verdict";
}

/** titleOf names a card; a question by its text. */
export function titleOf(card: Pick<RunCard, "kind" | "question">): string {
  return card.question !== undefined && card.question !== "" ? card.question : cardTitles[card.kind];
}

/** departureOf says what starting a card now would depart from; null for nothing. The server decides the same. */
export function departureOf(sheet: RunSheet, card: RunCard, next: string, side: string): DeviationChange | null {
  const before = stepsOf(sheet, card.card);
  if (before.length > 0) return before.some((step) => card.kind !== "show_id" || step.side === side) ? "repeated" : null;
  return next !== "" && next !== card.card && card.added !== true ? "out_of_order" : null;
}
