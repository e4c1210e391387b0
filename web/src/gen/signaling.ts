// Generated from the Go package signaling by server/tsgen; do not edit.
import type * as evidence from "./evidence";
import type * as interview from "./interview";

/**
 * Envelope frames every message in both directions:
 * {"type":"...","data":{...}}. Data is one of the types below.
 */
export interface Envelope {
  type: string;
  data?: unknown;
}

/** Target names one of a participant's two peer connections. */
export type Target = "publish" | "subscribe";

/**
 * Join ("join") is the first message on a socket. A candidate sends Link; an
 * interviewer is known by the session cookie and sends Interview.
 */
export interface Join {
  interview?: string;
  /** the link's secret */
  link?: string;
  /** join as an observer */
  observe?: boolean;
}

/** SetConsent ("consent") answers, or withdraws, one consent. */
export interface SetConsent {
  consent: evidence.Consent;
  granted: boolean;
  /** what was shown and answered, at most 4000 characters */
  text?: string;
}

/**
 * Enter ("enter") says that the participant finished the lobby: a candidate
 * goes to the waiting room, an interviewer into the room.
 */
export interface Enter {
}

/** Admit ("admit") lets a waiting candidate in (interviewers only). */
export interface Admit {
  participant: string;
}

/** Remove ("remove") sends a participant out (interviewers only). */
export interface Remove {
  participant: string;
}

/**
 * PublishOffer ("publish.offer") carries the client's SDP for the publish
 * connection. Sources maps each mid with a sending track to what it carries.
 */
export interface PublishOffer {
  sdp: string;
  /** mid -> "camera", "microphone", "screen", "screen_audio" */
  sources: Record<string, string> | null;
}

/** SubscribeAnswer ("subscribe.answer") answers a "subscribe.offer". */
export interface SubscribeAnswer {
  sdp: string;
}

/** Candidate ("candidate", both directions) trickles one ICE candidate. */
export interface Candidate {
  target: Target;
  /** RTCIceCandidateInit */
  candidate: unknown;
}

/**
 * RestartSubscribe ("subscribe.restart") asks the server for an offer with an
 * ICE restart on the subscribe connection. (The publish connection restarts by
 * a new "publish.offer".)
 */
export interface RestartSubscribe {
}

/** Mute ("mute") says that the participant muted or unmuted a source. */
export interface Mute {
  source: string;
  muted: boolean;
}

/**
 * DeviceChanged ("device") says which device a source now comes from and what
 * the browser says of its settings.
 */
export interface DeviceChanged {
  source: string;
  label: string;
  width?: number;
  height?: number;
  frame_rate?: number;
}

/** Annotate ("annotate") is an interviewer's note at an instant. */
export interface Annotate {
  /** 1 to 2000 characters */
  text: string;
  /** interview time when the key was pressed; now if absent */
  at_ms?: number;
}

/** Question ("question") is an interviewer's one-key mark. */
export interface Question {
  phase: evidence.QuestionPhase;
  at_ms?: number;
}

/**
 * SetKinds ("kinds") switches measurements off for this interview
 * (interviewers only). It replaces the list.
 */
export interface SetKinds {
  off: evidence.Kind[] | null;
}

/** Hangup ("hangup") ends the interview for everybody (interviewers only). */
export interface Hangup {
}

/** Leave ("leave") leaves the room; the interview goes on. */
export interface Leave {
}

/** Welcome ("welcome") answers "join". */
export interface Welcome {
  you: interview.Participant;
  interview: RoomInterview;
  policy: interview.RecordingPolicy;
  /** server's Unix ms now */
  server_ms: number;
  ice: ICEServer[] | null;
  /** where to resume after a reload */
  stage: Stage;
}

/**
 * RoomInterview is what people in a room see of the interview. Place, time
 * zone and switched-off kinds are empty for the candidate.
 */
export interface RoomInterview {
  id: string;
  candidate_name: string;
  role: string;
  scheduled_ms: number;
  place: string;
  time_zone: string;
  state: interview.State;
  /** Unix ms; 0 before the candidate is admitted */
  started_ms: number;
  kinds_off: evidence.Kind[] | null;
}

/** ICEServer is an RTCIceServer. */
export interface ICEServer {
  urls: string[] | null;
  username?: string;
  credential?: string;
}

/** Stage is where a participant stands. */
export type Stage = "lobby" | "waiting" | "room";

/**
 * StageChanged ("stage") tells a participant to move on. When it says "room",
 * the client opens its peer connections.
 */
export interface StageChanged {
  stage: Stage;
}

/** People ("people") is everybody in the room, sent whole on every change. */
export interface People {
  people: Person[] | null;
}

/** Person is one participant as the others see them. */
export interface Person {
  id: string;
  name: string;
  role: interview.Role;
  stage: Stage;
  /** false while the slot is held for a reconnect */
  connected: boolean;
  sources: SourceState[] | null;
  /** shown to interviewers, and one's own to oneself */
  consents?: Partial<Record<evidence.Consent, boolean>>;
}

/** SourceState is one published source. */
export interface SourceState {
  source: string;
  muted: boolean;
}

/** PublishAnswer ("publish.answer") answers "publish.offer". */
export interface PublishAnswer {
  sdp: string;
}

/**
 * SubscribeOffer ("subscribe.offer") carries the server's SDP and what each
 * mid of it shows.
 */
export interface SubscribeOffer {
  sdp: string;
  tracks: SubscribedTrack[] | null;
}

/** SubscribedTrack says what a mid of the subscribe connection carries. */
export interface SubscribedTrack {
  mid: string;
  participant: string;
  source: string;
}

/** Started ("started") says that interview time began. */
export interface Started {
  /** Unix ms */
  started_ms: number;
}

/**
 * InterviewChanged ("interview", interviewers and observers only) says that
 * measurements were switched off or on.
 */
export interface InterviewChanged {
  interview: RoomInterview;
}

/**
 * FindingUpdate ("finding", interviewers and observers only) is a new, grown
 * or finished finding.
 */
export interface FindingUpdate {
  finding: evidence.Finding;
}

/**
 * CoverageUpdate ("coverage", interviewers and observers only) is the present
 * state of each kind for the candidate.
 */
export interface CoverageUpdate {
  coverage: evidence.Coverage[] | null;
}

/** Annotated ("annotated", interviewers and observers only). */
export interface Annotated {
  seq: number;
  at_ms: number;
  /** participant */
  by: string;
  text: string;
}

/** Questioned ("questioned", interviewers and observers only). */
export interface Questioned {
  seq: number;
  at_ms: number;
  by: string;
  phase: evidence.QuestionPhase;
}

/**
 * RecordingHealth ("recording", to everybody: the candidate too may see that
 * the recording works) is sent about once a second per recorded stream.
 */
export interface RecordingHealth {
  participant: string;
  stream: string;
  bytes: number;
  /** ms since the last flush to disk */
  last_flush_ms: number;
  gaps: number;
  /** "", "disk_full", "write_failed" */
  failed?: string;
}

/**
 * Notice ("notice") is something people in the room must know now: the disk
 * runs low, the server is about to stop, analysis restarted.
 */
export interface Notice {
  /** "info", "warning", "error" */
  level: string;
  /** "disk_low", "draining", "analysis_outage", "recording_failed", … */
  code: string;
  text: string;
}

/** Ended ("ended") is the last message before the socket closes. */
export interface Ended {
  /** "hangup", "timeout", "removed", "cancelled", "drain", "replaced", "left" */
  reason: string;
}

/**
 * Error ("error") answers a message that could not be carried out. The socket
 * stays open unless Fatal.
 */
export interface Error {
  /** the message's type, where it is known */
  of?: string;
  /** "invalid", "forbidden", "not_found", "rate", "too_large", "conflict", "unavailable", "internal" */
  code: string;
  field?: string;
  message: string;
  fatal?: boolean;
}

/**
 * CardStart ("card.start") begins a card (interviewers only). Reason is wanted
 * where the card is not the next one of the drawn order, or was done before.
 */
export interface CardStart {
  card: string;
  /** of a document: "front" (as is ""), "back" */
  side?: string;
  reason?: evidence.DeviationReason;
  /** at most 2000 characters */
  note?: string;
}

/** CardStop ("card.stop") ends the step that goes on (interviewers only). */
export interface CardStop {
  step: string;
}

/** CardSkip ("card.skip") leaves a card out (interviewers only). */
export interface CardSkip {
  card: string;
  reason: evidence.DeviationReason;
  note?: string;
}

/**
 * CardAdd ("card.add") adds a card that the template does not have
 * (interviewers only).
 */
export interface CardAdd {
  kind: evidence.CardKind;
  question?: string;
  reason: evidence.DeviationReason;
  note?: string;
}

/**
 * CardCannot ("card.cannot") says that the candidate cannot do what the card
 * asks for; the candidate or an interviewer says so.
 */
export interface CardCannot {
  step: string;
  /** at most 500 characters; an interviewer must say why */
  why?: string;
}

/**
 * CardVerdict ("card.verdict") is an interviewer's own judgement of a step that
 * has ended. For documents the note is required.
 */
export interface CardVerdict {
  step: string;
  verdict: evidence.Verdict;
  /** at most 2000 characters */
  note?: string;
}

/** Cards ("cards", interviewers and observers only) is the whole run-sheet. */
export interface Cards {
  sheet: evidence.RunSheet;
  /** Next is the card whose turn it is; "" at the end. */
  next: string;
  /**
   * Daylight is what to expect now at the claimed place; absent where the
   * interview names no time zone.
   */
  daylight?: evidence.Daylight;
  /** Rates are how often the automatic checks were wrong when they were measured. */
  rates: evidence.CheckRate[] | null;
}

/**
 * Card ("card", to the candidate) is what is asked for now. Step is "" while
 * nothing is. It never says what comes next, nor what was measured.
 */
export interface Card {
  step: string;
  kind?: evidence.CardKind;
  side?: string;
  /** to be read aloud */
  phrase?: string;
  start_ms: number;
  limit_ms: number;
}

/**
 * CardHint ("card.hint", to all in the room) is live guidance for the step
 * that goes on. Observers and interviewers see what the candidate is told.
 */
export interface CardHint {
  hint: evidence.StepHint;
}

/**
 * Fact ("fact") is what the candidate's page tells of itself. Which fields go
 * with which fact is said with evidence.FactKind; those that the browser does
 * not tell are left out. What a source comes from is told by "device".
 */
export interface Fact {
  fact: evidence.FactKind;
  state?: string;
  /** interview time at which it was so; now if absent */
  at_ms?: number;
  /** of the window, CSS pixels */
  width?: number;
  height?: number;
  screens?: number;
  family?: string;
  protocol?: string;
  /** of this end of the path; kept apart from the rest, deletable */
  address?: string;
  rtt_ms?: number;
  playout_ms?: number;
  lost_share?: number;
  /** the browser's clock, Unix ms */
  client_ms?: number;
  /** minutes east of UTC */
  zone_min?: number;
  /** IANA name */
  time_zone?: string;
}

/**
 * EnrolRetake ("enrol.retake", from interviewers) forgets the enrolled face:
 * the next good pictures are enrolled instead. It is an entry of the log.
 */
export interface EnrolRetake {
}

/**
 * Enrolled ("enrolled", to interviewers) shows who was enrolled, with the
 * pictures that later faces are compared with. Retaken tells that this was
 * forgotten since, and nobody is enrolled yet.
 */
export interface Enrolled {
  enrolled: evidence.EnrolledPayload;
  retaken: boolean;
}

export const Publish: Target = "publish";
export const Subscribe: Target = "subscribe";
export const StageLobby: Stage = "lobby";
export const StageWaiting: Stage = "waiting";
export const StageRoom: Stage = "room";
