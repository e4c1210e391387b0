// The messages of the room's websocket as TypeScript sees them: one name and
// one generated type each. server/PROTOCOL.md describes them.

import type {
  Admit, Annotate, Annotated, Candidate, Card, CardAdd, CardCannot, CardHint, Cards, CardSkip, CardStart, CardStop, CardVerdict, CoverageUpdate, DeviceChanged, Ended, Enrolled, Fact, FindingUpdate,
  Join, Mute, Notice, People, PublishAnswer, PublishOffer, Question, Questioned, RecordingHealth,
  Remove, SetConsent, SetKinds, StageChanged, Started, SubscribeAnswer, SubscribeOffer, Welcome,
  Error as WireError,
} from "@/gen/signaling";

export type { WireError };

/** A message without content. */
export type Empty = Record<string, never>;

/** Everything that a client may send. */
export interface ClientMessages {
  join: Join;
  consent: SetConsent;
  enter: Empty;
  admit: Admit;
  remove: Remove;
  "publish.offer": PublishOffer;
  "subscribe.answer": SubscribeAnswer;
  candidate: Candidate;
  "subscribe.restart": Empty;
  mute: Mute;
  device: DeviceChanged;
  annotate: Annotate;
  question: Question;
  fact: Fact;
  kinds: SetKinds;
  "enrol.retake": Empty;
  "card.start": CardStart;
  "card.stop": CardStop;
  "card.skip": CardSkip;
  "card.add": CardAdd;
  "card.cannot": CardCannot;
  "card.verdict": CardVerdict;
  hangup: Empty;
  leave: Empty;
}

/** Everything that the server may send. */
export interface ServerMessages {
  welcome: Welcome;
  stage: StageChanged;
  people: People;
  "publish.answer": PublishAnswer;
  "subscribe.offer": SubscribeOffer;
  candidate: Candidate;
  started: Started;
  finding: FindingUpdate;
  coverage: CoverageUpdate;
  enrolled: Enrolled;
  annotated: Annotated;
  questioned: Questioned;
  cards: Cards;
  card: Card;
  "card.hint": CardHint;
  recording: RecordingHealth;
  notice: Notice;
  ended: Ended;
  error: WireError;
}

/** A message from the server: its name tells the type of its data. */
export type ServerMessage = {
  [T in keyof ServerMessages]: { type: T; data: ServerMessages[T] };
}[keyof ServerMessages];

/** Sends one message; false where it could not be handed to the network. */
export type Send = <T extends keyof ClientMessages>(type: T, data: ClientMessages[T]) => boolean;

const serverTypes: Record<keyof ServerMessages, true> = {
  welcome: true, stage: true, people: true, "publish.answer": true, "subscribe.offer": true,
  candidate: true, started: true, finding: true, coverage: true, enrolled: true, annotated: true, questioned: true,
  cards: true, card: true, "card.hint": true, recording: true, notice: true, ended: true, error: true,
};

/** An error as a sentence: the server puts the field before the words and begins them in lower case. */
export function errorSentence({ field, message }: Pick<WireError, "field" | "message">): string {
  const prefix = `${field ?? ""}: `;
  const words = field !== undefined && message.startsWith(prefix) ? message.slice(prefix.length) : message;
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Frames a message for the wire. */
export function encode<T extends keyof ClientMessages>(type: T, data: ClientMessages[T]): string {
  return JSON.stringify({ type, data });
}

/**
 * Reads a frame. Null for what is not a message of ours: a newer server may
 * send types that this page does not know, and they must not break it.
 */
export function decode(frame: unknown): ServerMessage | null {
  if (typeof frame !== "string") return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("type" in parsed)) return null;
  const { type } = parsed;
  if (typeof type !== "string" || !Object.hasOwn(serverTypes, type)) return null;
  const data = "data" in parsed ? parsed.data : undefined;
  if (typeof data !== "object" || data === null) return null;
  return { type, data } as ServerMessage;
}
