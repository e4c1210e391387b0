// Generated from the Go package interview by server/tsgen; do not edit.
import type * as evidence from "./evidence";

/** State is where an interview stands. */
export type State = "planned" | "live" | "ended" | "cancelled";

/** Interview is one planned, running or finished conversation. */
export interface Interview {
  id: string;
  candidate_name: string;
  /** the position interviewed for */
  role: string;
  /** Unix ms */
  scheduled_ms: number;
  /** claimed, e.g. "Lisbon, Portugal" */
  place: string;
  /** claimed, IANA name */
  time_zone: string;
  /** user identifiers */
  interviewers: string[] | null;
  /** measurements switched off (accommodation) */
  kinds_off: evidence.Kind[] | null;
  state: State;
  created_by: string;
  created_ms: number;
  /** Unix ms of interview time zero; 0 before */
  started_ms: number;
  /** 0 while neither ended nor cancelled */
  ended_ms: number;
  /** participant identifier of the candidate */
  candidate: string;
}

/** FieldError says which field was wrong, what was wrong, and what would be right. */
export interface FieldError {
}

/** Role is what a participant may do in a room. */
export type Role = "candidate" | "interviewer" | "observer";

/**
 * Participant is one person in an interview. The identifier is stable across
 * reconnects, reloads and server restarts.
 */
export interface Participant {
  id: string;
  interview: string;
  /** account, "" for the candidate */
  user: string;
  name: string;
  role: Role;
  /** only those that were answered */
  consents: Partial<Record<evidence.Consent, boolean>> | null;
}

/** Link lets the candidate of one interview in. Only the secret's hash is kept. */
export interface Link {
  id: string;
  interview: string;
  created_ms: number;
  expires_ms: number;
  /** 0 while valid */
  revoked_ms: number;
}

/** RecordingPolicy is the operator's answer to a refused recording. */
export type RecordingPolicy = "allow" | "refuse";

/**
 * Outcome is what people decided about an interview as a whole. The program
 * only keeps it: retention depends on it, nothing else does.
 */
export type Outcome = "" | "advanced" | "not_advanced" | "hired" | "withdrawn" | "sanctions";

/** Template is a deck of cards that every candidate for some roles gets. */
export interface Template {
  id: string;
  name: string;
  /** positions interviewed for, in any case; the default template needs none */
  roles: string[] | null;
  cards: TemplateCard[] | null;
}

/** TemplateCard is one card of a template. */
export interface TemplateCard {
  /** unique within the template */
  id: string;
  kind: evidence.CardKind;
  /** of a soft question; "" for others */
  question: string;
  required: boolean;
  /** seconds until the step ends by itself */
  limit_s: number;
}

export const Planned: State = "planned";
export const Live: State = "live";
export const Ended: State = "ended";
export const Cancelled: State = "cancelled";
export const MaxInterviewers = 5;
export const Candidate: Role = "candidate";
export const Interviewer: Role = "interviewer";
export const Observer: Role = "observer";
export const AllowUnrecorded: RecordingPolicy = "allow";
export const RefuseUnrecorded: RecordingPolicy = "refuse";
export const Undecided: Outcome = "";
export const Advanced: Outcome = "advanced";
export const NotAdvanced: Outcome = "not_advanced";
export const Hired: Outcome = "hired";
export const Withdrawn: Outcome = "withdrawn";
export const Sanctions: Outcome = "sanctions";
export const NameDeleted = "(name deleted)";
export const MaxCards = 40;
export const MaxQuestion = 500;
export const MinLimitS = 5;
export const MaxLimitS = 600;
export const DefaultTemplate = "default";
