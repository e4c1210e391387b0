// Generated from the Go package retention by server/tsgen; do not edit.
import type * as evidence from "./evidence";
import type * as interview from "./interview";

/** Action is what a policy asks for. */
export type Action = "keep" | "delete" | "request";

/** Origin is the event from which a policy counts its days. */
export type Origin = "ended" | "decided" | "requested";

/** Policy is one rule of retention. */
export interface Policy {
  id: string;
  name: string;
  /** where it comes from */
  rule: string;
  action: Action;
  parts: evidence.RecordPart[] | null;
  /** only interviews for this position, in any case; "" for all */
  role: string;
  /** only interviews with this outcome; "" for all */
  outcome: interview.Outcome;
  origin: Origin;
  days: number;
  active: boolean;
}

/** Fate is what becomes of one part of a record, and why. */
export interface Fate {
  part: evidence.RecordPart;
  /** KeepMS is until when rules want it kept, 0 for no such rule; KeepBy is the policy. */
  keep_ms: number;
  keep_by: string;
  /**
   * DueMS is when it goes by policy, 0 for never; DueBy is the policy. While
   * the record is on hold it does not go, whatever DueMS says.
   */
  due_ms: number;
  due_by: string;
  held: boolean;
  /** Why says in sentences why it still exists. */
  why: string[] | null;
}

export const Keep: Action = "keep";
export const Delete: Action = "delete";
export const OnRequest: Action = "request";
export const FromEnd: Origin = "ended";
export const FromDecision: Origin = "decided";
export const FromRequest: Origin = "requested";
export const MaxDays = 36525;
