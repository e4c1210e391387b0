import type { CoverageState, Decision, Reason, Severity } from "@/gen/evidence";

// The words for the closed vocabularies of the evidence, in one place.

/** reasonWords completes "not measurable: …" and "not run: …". */
export const reasonWords: Readonly<Record<Reason, string>> = {
  dark: "too little light",
  blur: "picture blurred",
  face_small: "face too small",
  bright: "too much light",
  no_face: "no face in view",
  many_faces: "several faces in the picture",
  check_digit: "as read, its check digit does not fit; a character may be misread",
  face_turned: "face turned away",
  face_cut: "face partly out of the picture",
  face_covered: "face covered or unclear",
  glare: "reflections where it matters",
  few_frames: "too few pictures per second",
  too_short: "not enough measured yet",
  listening: "listening, not answering",
  unsteady: "pictures contradict each other",
  no_baseline: "nothing to compare with yet",
  challenge: "a card of the run-sheet was on",
  not_found: "looked for, not found",
  damaged: "damaged pictures",
  packet_loss: "packets lost",
  camera_off: "camera off",
  muted: "microphone off",
  new_device: "device just changed",
  no_speech: "nobody spoke",
  others_speak: "others spoke",
  other_shown: "the film shows another speaker then, or several side by side",
  unclear: "the signal does not tell",
  overload: "analysis could not keep up",
  no_consent: "no consent",
  switched_off: "switched off for this interview",
  outage: "analysis was down",
  disconnected: "not connected",
  still: "nothing moves in the picture",
  not_available: "not available here",
};

export const coverageWords: Readonly<Record<CoverageState, string>> = {
  measured: "measured",
  not_measurable: "not measurable",
  not_run: "not run",
};

/** slowedWords say that the analysis was too slow to look at every picture that it should. */
export function slowedWords(perSecond: number): string {
  return `slowed to ${perSecond} readings a second, since the server was busy`;
}

export const severityWords: Readonly<Record<Severity, string>> = {
  attention: "Attention",
  notice: "Notice",
  info: "Information",
};

export const decisionWords: Readonly<Record<Decision, string>> = {
  confirmed: "Confirmed",
  explained: "Explained",
  dismissed: "Dismissed",
};

const causes: Readonly<Record<string, string>> = {
  loss: "packets lost on the way",
  silence_on_wire: "nothing arrived",
  queue: "the server could not keep up",
  write: "writing to disk failed",
  disconnected: "not connected",
};

/** causeWords says why media is missing. */
export function causeWords(cause: string): string {
  return causes[cause] ?? cause.replaceAll("_", " ");
}

/** sourceWords names what was published. */
export function sourceWords(source: string): string {
  return source.replaceAll("_", " ");
}

/** compareWords write how a value is held against its threshold. */
export const compareWords: Readonly<Record<string, string>> = { ">=": "at least", "<=": "at most", ">": "above", "<": "below" };
