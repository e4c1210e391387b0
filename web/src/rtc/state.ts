// What a participant knows of the room, and how each message changes it. Pure:
// sockets and peer connections are room.ts's matter.

import type { Coverage, Finding, StepHint } from "@/gen/evidence";
import type { Participant, RecordingPolicy } from "@/gen/interview";
import type { Annotated, Card, Cards, Enrolled, Notice, Person, Questioned, RecordingHealth, RoomInterview, Stage } from "@/gen/signaling";
import type { RemoteTrack } from "./subscriber";
import type { MediaHealth } from "./watch";
import type { ServerMessage, WireError } from "./wire";

/**
 * Where the page stands with the server: not asked yet, joining for the first
 * time, joined, joining again after a loss, refused, or done.
 */
export type Phase = "idle" | "joining" | "joined" | "rejoining" | "refused" | "ended";

/** A recorded stream's state and when it was heard of. */
export interface RecordingState extends RecordingHealth {
  heardMS: number;
}

/** Something that people in the room must know, in order of arrival. */
export interface RoomNotice extends Notice {
  id: number;
}

/** A snapshot of the room. */
export interface RoomState {
  phase: Phase;
  you: Participant | null;
  interview: RoomInterview | null;
  policy: RecordingPolicy;
  ice: RTCIceServer[];
  stage: Stage;
  people: readonly Person[];
  /** Unix ms of interview time zero by the server's clock; 0 before it began. */
  startedMS: number;
  /** Server's clock minus this machine's, in ms. */
  skewMS: number;
  media: MediaHealth;
  remote: readonly RemoteTrack[];
  findings: readonly Finding[];
  coverage: readonly Coverage[];
  /** Whom later faces are compared with; null as long as nobody is enrolled. */
  enrolled: Enrolled | null;
  recording: readonly RecordingState[];
  annotations: readonly Annotated[];
  questions: readonly Questioned[];
  notices: readonly RoomNotice[];
  /** The run-sheet, for interviewers and observers; null before it is known. */
  cards: Cards | null;
  /** What the candidate is asked for now; null for nothing. */
  card: Card | null;
  /** Live guidance for the step that is on. */
  hint: StepHint | null;
  /** Why the page is refused; a sentence. */
  refusal: string;
  /** The last message that could not be carried out. */
  error: WireError | null;
  /** Why the room ended for this participant. */
  ended: string;
  noticeCount: number;
}

/** Before anything is known. */
export const initialState: RoomState = {
  phase: "idle", you: null, interview: null, policy: "allow", ice: [], stage: "lobby", people: [],
  startedMS: 0, skewMS: 0, media: "none", remote: [], findings: [], coverage: [], enrolled: null, recording: [],
  annotations: [], questions: [], notices: [], cards: null, card: null, hint: null, refusal: "", error: null, ended: "", noticeCount: 0,
};

/** How many notices are kept for reading. */
const noticesKept = 20;

/** Applies a message that was received at nowMS (this machine's Unix ms). */
export function reduce(s: RoomState, m: ServerMessage, nowMS: number): RoomState {
  switch (m.type) {
    case "welcome": {
      const { you, interview, policy, server_ms, ice, stage } = m.data;
      return {
        ...s, phase: "joined", you, interview, policy, stage, ended: "", refusal: "", error: null,
        ice: (ice ?? []).map((i) => ({ urls: i.urls ?? [], username: i.username, credential: i.credential })),
        startedMS: interview.started_ms, skewMS: server_ms - nowMS,
      };
    }
    case "stage":
      return { ...s, stage: m.data.stage };
    case "people":
      return withPeople(s, m.data.people ?? []);
    case "started":
      return {
        ...s, startedMS: m.data.started_ms,
        interview: s.interview && { ...s.interview, started_ms: m.data.started_ms, state: "live" },
      };
    case "finding":
      return { ...s, findings: upsert(s.findings, m.data.finding, (f) => f.id, (f) => f.start_ms) };
    case "coverage":
      return { ...s, coverage: m.data.coverage ?? [] };
    case "enrolled":
      return { ...s, enrolled: m.data };
    case "annotated":
      return { ...s, annotations: upsert(s.annotations, m.data, (a) => a.seq, (a) => a.at_ms) };
    case "questioned":
      return { ...s, questions: upsert(s.questions, m.data, (q) => q.seq, (q) => q.at_ms) };
    case "cards": {
      const on = (m.data.sheet.steps ?? []).find((step) => (step.ended ?? "") === "");
      return { ...s, cards: m.data, hint: s.hint?.step === on?.step ? s.hint : null };
    }
    case "card":
      return { ...s, card: m.data.step === "" ? null : m.data, hint: s.hint?.step === m.data.step ? s.hint : null };
    case "card.hint":
      return { ...s, hint: m.data.hint };
    case "recording": {
      const heard = { ...m.data, heardMS: nowMS };
      return { ...s, recording: upsert(s.recording, heard, (r) => `${r.participant}/${r.stream}`) };
    }
    case "notice": {
      const notices = s.notices.filter((n) => n.code !== m.data.code || n.text !== m.data.text);
      const id = s.noticeCount + 1;
      return { ...s, noticeCount: id, notices: [...notices, { ...m.data, id }].slice(-noticesKept) };
    }
    case "error":
      return { ...s, error: m.data };
    case "ended":
      return { ...s, phase: "ended", ended: m.data.reason };
    case "publish.answer":
    case "subscribe.offer":
    case "candidate":
      return s;
  }
}

/** Interview time at an instant of this machine's clock; null before it began. */
export function interviewTime(s: Pick<RoomState, "startedMS" | "skewMS">, nowMS: number): number | null {
  return s.startedMS === 0 ? null : Math.max(0, Math.round(nowMS + s.skewMS - s.startedMS));
}

function withPeople(s: RoomState, people: readonly Person[]): RoomState {
  const me = people.find((p) => p.id === s.you?.id);
  const you = me?.consents === undefined || s.you === null ? s.you : { ...s.you, consents: me.consents };
  return { ...s, people, you };
}

/** Replaces the item with the same key, or adds it; sorted where asked. */
function upsert<T>(list: readonly T[], item: T, key: (t: T) => string | number, order?: (t: T) => number): T[] {
  const k = key(item);
  const at = list.findIndex((t) => key(t) === k);
  const next = at < 0 ? [...list, item] : list.with(at, item);
  return order === undefined ? next : next.sort((a, b) => order(a) - order(b));
}
