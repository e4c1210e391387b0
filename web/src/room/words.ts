// Words for states of the room, as people read them.

import type { Coverage, Finding, Kind, Reason } from "@/gen/evidence";
import type { Role } from "@/gen/interview";
import type { RecordingState } from "@/rtc/state";

const reasons: Record<Reason, string> = {
  dark: "too dark",
  blur: "out of focus or moving fast",
  face_small: "the face is too small",
  bright: "too much light",
  no_face: "no face to measure on",
  many_faces: "several faces in the picture",
  check_digit: "as read, its check digit does not fit; a character may be misread",
  face_turned: "the face is turned away",
  face_cut: "the face is partly out of the picture",
  face_covered: "the face is covered or unclear",
  glare: "light is reflected where it matters",
  few_frames: "too few pictures per second",
  too_short: "not enough was measured yet",
  listening: "the candidate is listening",
  unsteady: "pictures contradict each other",
  no_baseline: "nothing to compare with yet",
  challenge: "a card of the run-sheet asked for what hides or moves the face",
  not_found: "it was looked for and not seen",
  damaged: "the picture is damaged by packet loss",
  packet_loss: "too few pictures arrive",
  camera_off: "the camera is off",
  muted: "the microphone is off",
  new_device: "another device was just chosen",
  no_speech: "nobody speaks",
  others_speak: "others speak",
  other_shown: "the film shows another speaker then, or several side by side",
  unclear: "the signal does not tell",
  overload: "the server is too busy",
  no_consent: "no consent",
  switched_off: "switched off for this interview",
  outage: "the analysis is restarting",
  disconnected: "not connected",
  still: "nothing moves in the picture",
  not_available: "not available for this source",
};

/** coverageText says whether a kind is being measured, and why not. */
export function coverageText(c: Pick<Coverage, "state" | "reason" | "slowed_to"> | null): string {
  if (c === null) return "Not measured yet";
  const why = c.reason === undefined ? "" : `: ${reasons[c.reason]}`;
  switch (c.state) {
    case "measured": return c.slowed_to === undefined ? "Measured" : "Measured less often: the server is busy";
    case "not_measurable": return `Not measurable${why}`;
    case "not_run": return `Not run${why}`;
  }
}

/** KindGroup is a kind's findings and present coverage. */
export interface KindGroup {
  kind: Kind;
  coverage: Coverage | null;
  findings: readonly Finding[]; // newest first
  totalMS: number;
}

/** groupByKind puts live findings and coverage together, in the order of kinds: rows never change places. */
export function groupByKind(kinds: readonly Kind[], findings: readonly Finding[], coverage: readonly Coverage[]): KindGroup[] {
  return kinds.map((kind) => {
    const own = findings.filter((f) => f.kind === kind).sort((a, b) => b.start_ms - a.start_ms);
    const last = coverage.filter((c) => c.kind === kind).sort((a, b) => b.end_ms - a.end_ms)[0] ?? null;
    return { kind, coverage: last, findings: own, totalMS: own.reduce((sum, f) => sum + f.end_ms - f.start_ms, 0) };
  });
}

/** bytes writes a size: 1_234_567 -> "1.2 MB". */
export function bytes(n: number): string {
  if (n < 1_000) return `${n} B`;
  if (n < 1_000_000) return `${(n / 1_000).toFixed(0)} kB`;
  return n < 1_000_000_000 ? `${(n / 1_000_000).toFixed(1)} MB` : `${(n / 1_000_000_000).toFixed(2)} GB`;
}

/** staleMS is how long a recording may be silent about itself; it reports every second. */
export const staleMS = 6_000;

/** RecordingLook is a recording's state for an indicator. */
export interface RecordingLook {
  state: "recording" | "waiting" | "off" | "failed" | "stale";
  text: string;
}

/** recordingLook sums up a participant's recorded streams. Without a connection nobody here knows of them. */
export function recordingLook(streams: readonly RecordingState[], consent: boolean | undefined, started: boolean, nowMS: number, connected = true): RecordingLook {
  const failed = streams.find((r) => (r.failed ?? "") !== "");
  if (failed !== undefined) {
    return { state: "failed", text: failed.failed === "disk_full" ? "Recording failed: the server's disk is full" : "Recording failed: the server could not write it" };
  }
  if (consent === false) return { state: "off", text: "Not recorded: no consent" };
  if (!started) return { state: "waiting", text: "Recording has not begun" };
  if (streams.length === 0) return { state: "waiting", text: "Waiting for the recording to begin" };
  if (!connected) return { state: "stale", text: "No word of the recording: connection lost" };
  const heard = Math.max(...streams.map((r) => r.heardMS));
  if (nowMS - heard > staleMS) return { state: "stale", text: `No word of the recording for ${Math.round((nowMS - heard) / 1000)} s` };
  return { state: "recording", text: "Recording" };
}

/** roleName names a participant's role. */
export function roleName(role: Role): string {
  return { candidate: "Candidate", interviewer: "Interviewer", observer: "Observer" }[role];
}

/** Ending is what an ended page says. */
export interface Ending {
  title: string;
  text: string;
  /** The label of the way back; "" where there is none. */
  again: string;
}

/** ending says why a room ended for this participant. */
export function ending(reason: string): Ending {
  switch (reason) {
    case "hangup": return { title: "The interview has ended", text: "It was closed for everybody.", again: "" };
    case "timeout": return { title: "The interview has ended", text: "Nobody was in the room for a long time.", again: "" };
    case "cancelled": return { title: "The interview was cancelled", text: "It will not take place, and there is nothing that you need to do.", again: "" };
    case "left": return { title: "You left the interview", text: "It goes on without you. You can come back while it lasts.", again: "Join again" };
    case "removed": return { title: "You were sent out of the interview", text: "An interviewer ended your part in it.", again: "" };
    case "replaced": return { title: "The interview is open elsewhere", text: "It was opened in another tab or on another device, and this page gave way to it.", again: "Use it here" };
    case "drain": return { title: "The server is being stopped", text: "What was recorded so far is kept. If it only restarts, you can join again in a minute; the interview goes on where it was.", again: "Join again" };
    default: return { title: "The connection was closed", text: "The server ended it. Join again to go on.", again: "Join again" };
  }
}

/** initials of a name, at most two letters. */
export function initials(name: string): string {
  const words = name.replace(/\(.*?\)/g, " ").trim().split(/\s+/).filter((w) => w !== "");
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((w) => [...(w ?? "")][0]?.toUpperCase() ?? "").join("");
}
