// A participant's room: joins over the socket, opens the two peer connections
// when the server says "room", keeps both alive, and joins anew when it must.

import type { Consent, Kind, QuestionPhase } from "@/gen/evidence";
import type { CardAdd, CardSkip, CardStart, CardVerdict, Fact, Join } from "@/gen/signaling";
import { limits, outboxLength } from "./config";
import type { LocalMedia } from "./local";
import { RoomMedia, type MakePeer } from "./media";
import { Signaling, type Down, type OpenSocket } from "./signaling";
import { initialState, interviewTime, reduce, type RoomState } from "./state";
import { Store } from "./store";
import { LinkWatch } from "./watch";
import { type ClientMessages, errorSentence, type Send, type ServerMessage, type WireError } from "./wire";

/** What a room needs. The two functions are there for tests. */
export interface RoomOptions {
  url: string;
  join: Join;
  local: LocalMedia;
  openSocket?: OpenSocket;
  makePeer?: MakePeer;
}

/** Messages that must not be lost with a socket: they wait for the next one. */
type Lasting = "annotate" | "question" | "kinds" | "card.stop" | "card.cannot" | "card.verdict";

/** Errors after which joining again by itself would be refused again. */
const finalCodes = new Set(["invalid", "forbidden", "unauthorized", "not_found", "too_large", "conflict"]);

/** Close codes of a server that does not want this client back: bad data, policy, size. */
const finalCloses = new Set([1007, 1008, 1009]);

/** An answer to a consent: what was shown, and what was answered before, if anything was. */
interface Answer {
  granted: boolean;
  text: string;
  was: boolean | undefined;
}

/** One participant in one room. */
export class Room {
  readonly store = new Store<RoomState>(initialState);
  private readonly signaling: Signaling;
  private readonly watch: LinkWatch;
  private readonly makePeer: MakePeer;
  private readonly send: Send = (type, data) => this.signaling.send(type, data);
  private readonly local: LocalMedia;
  private join: Join;
  private media: RoomMedia | null = null;
  private outbox: (() => boolean)[] = [];
  /** Answers to consents that the server has not shown to be its own yet. */
  private readonly answers = new Map<Consent, Answer>();
  private entered = false;
  private hangingUp = false;
  private lastFatal: WireError | null = null;
  private unsubscribe: () => void = () => undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(options: RoomOptions) {
    this.join = options.join;
    this.local = options.local;
    this.makePeer = options.makePeer ?? ((c) => new RTCPeerConnection(c));
    this.signaling = new Signaling(options.url, {
      open: () => this.signaling.send("join", this.join),
      message: (m) => this.receive(m),
      down: (d) => this.down(d),
    }, options.openSocket);
    this.watch = new LinkWatch({
      restart: (target) => this.media?.restart(target),
      rejoin: (why) => this.rejoin(why),
      changed: (media) => {
        if (media === "connected") this.signaling.succeeded();
        this.store.patch({ media });
      },
    });
  }

  /** Joins. */
  connect(): void {
    if (this.store.get().phase !== "idle") return;
    this.store.patch({ phase: "joining" });
    this.unsubscribe = this.local.store.subscribe(() => this.syncMedia());
    let last = Date.now();
    this.heartbeat = setInterval(() => {
      const now = Date.now();
      // A machine that slept has a dead socket without knowing.
      if (now - last > limits.slept && this.store.get().phase === "joined") this.rejoin("slept");
      last = now;
    }, 5_000);
    this.signaling.connect();
  }

  /** Gives everything up without telling anybody: the page goes away. */
  close(): void {
    this.stop();
    this.store.set(initialState);
  }

  /** Joins again from the start, perhaps as an observer. */
  restart(change: Partial<Join> = {}): void {
    this.stop();
    this.join = { ...this.join, ...change };
    this.entered = this.hangingUp = false;
    this.store.set({ ...initialState, noticeCount: this.store.get().noticeCount });
    this.connect();
  }

  /** The network came back: no need to wait out the pause. */
  networkChanged(): void {
    const { phase } = this.store.get();
    if (phase === "rejoining" || phase === "joining") this.signaling.connect();
  }

  /** Answers or withdraws a consent. text is what was shown. */
  setConsent(consent: Consent, granted: boolean, text: string): void {
    const { you, phase } = this.store.get();
    const before = this.answers.get(consent);
    this.answers.set(consent, { granted, text, was: before === undefined ? you?.consents?.[consent] : before.was });
    if (phase === "joined") this.signaling.send("consent", { consent, granted, text });
    this.showAnswers();
  }

  /** Leaves the lobby: into the waiting room or into the room. */
  enter(): void {
    this.entered = true;
    this.signaling.send("enter", {});
  }

  /** Lets a waiting candidate in. */
  admit(participant: string): void {
    this.signaling.send("admit", { participant });
  }

  /** Sends somebody out. */
  remove(participant: string): void {
    this.signaling.send("remove", { participant });
  }

  /** Keeps a note about an instant of the interview (now where null). */
  annotate(text: string, atMS: number | null): void {
    this.sendLasting("annotate", { text, at_ms: atMS ?? undefined });
  }

  /** Marks that a question was asked or that its answer begins, now. */
  question(phase: QuestionPhase): void {
    this.sendLasting("question", { phase, at_ms: this.now() ?? undefined });
  }

  /** Tells what this page is like now; dropped while the server is out of reach. */
  tellFact(fact: Fact): void {
    const { phase, stage } = this.store.get();
    const at = this.now();
    if (phase === "joined" && stage === "room" && at !== null) this.signaling.send("fact", { ...fact, at_ms: Math.max(0, Math.round(at)) });
  }

  /** Has the candidate's face enrolled anew; false while the server is out of reach. */
  retakeFace(): boolean {
    return this.send("enrol.retake", {});
  }

  /** Switches measurements off for this interview. */
  setKindsOff(kinds: readonly Kind[]): void {
    this.sendLasting("kinds", { off: [...kinds] });
    const { interview } = this.store.get();
    if (interview !== null) this.store.patch({ interview: { ...interview, kinds_off: [...kinds] } });
  }

  /** Begins a card of the run-sheet; false while the server is out of reach. */
  startCard(card: CardStart): boolean {
    return this.signaling.send("card.start", card);
  }

  /** Ends the step that is on. */
  stopCard(step: string): void {
    this.sendLasting("card.stop", { step });
  }

  /** Leaves a card out; false while the server is out of reach. */
  skipCard(card: CardSkip): boolean {
    return this.signaling.send("card.skip", card);
  }

  /** Adds a card to this interview's run-sheet; false while the server is out of reach. */
  addCard(card: CardAdd): boolean {
    return this.signaling.send("card.add", card);
  }

  /** Says that the candidate cannot do what is asked for. */
  cannotComply(step: string, why: string): void {
    this.sendLasting("card.cannot", { step, why });
  }

  /** Gives the interviewer's own judgement of a step. */
  giveVerdict(verdict: CardVerdict): void {
    this.sendLasting("card.verdict", verdict);
  }

  /**
   * Ends the interview for everybody; false while the server is out of reach. A
   * socket that dies before the server has answered costs nothing but time.
   */
  hangup(): boolean {
    const sent = this.signaling.send("hangup", {});
    this.hangingUp ||= sent;
    return sent;
  }

  /** Leaves; the interview goes on. */
  leave(): void {
    this.signaling.send("leave", {});
    this.finish("left");
  }

  /** Takes an error message away that was read. */
  clearError(): void {
    this.store.patch({ error: null });
  }

  /** Takes a notice away that was read. */
  clearNotice(id: number): void {
    this.store.patch({ notices: this.store.get().notices.filter((n) => n.id !== id) });
  }

  /** Interview time now, in ms; null before it began. */
  now(): number | null {
    return interviewTime(this.store.get(), Date.now());
  }

  /** The open peer connections, for statistics. */
  connections(): readonly RTCPeerConnection[] {
    return this.media?.peers ?? [];
  }

  /** Gives up both connections and the socket, and joins with the same link or session. */
  rejoin(_why: string): void {
    if (this.store.get().phase !== "joined") return; // it is under way
    this.watch.reset();
    this.store.patch({ phase: "rejoining" });
    this.signaling.reconnect();
  }

  private down(d: Down): boolean {
    const fatal = this.lastFatal;
    this.lastFatal = null;
    if (fatal !== null && finalCodes.has(fatal.code)) {
      this.refuse(errorSentence(fatal));
      return false;
    }
    if (finalCloses.has(d.code)) {
      this.refuse(d.reason === "" ? "The server closed the connection." : d.reason);
      return false;
    }
    this.watch.reset();
    this.store.patch({ phase: this.store.get().you === null ? "joining" : "rejoining" });
    return true;
  }

  private receive(m: ServerMessage): void {
    if (m.type === "error" && this.store.get().phase !== "joined" && finalCodes.has(m.data.code)) {
      this.refuse(errorSentence(m.data)); // the answer to "join"
      return;
    }
    this.store.set(reduce(this.store.get(), m, Date.now()));
    if (m.type === "welcome" || m.type === "people") this.checkAnswers();
    switch (m.type) {
      case "welcome":
        this.welcomed();
        break;
      case "stage":
        if (m.data.stage === "room") this.startMedia();
        else this.closeMedia();
        break;
      case "publish.answer":
        this.media?.answer(m.data.sdp);
        break;
      case "subscribe.offer":
        this.media?.offer(m.data);
        break;
      case "candidate":
        this.media?.candidate(m.data);
        break;
      case "error":
        if (m.data.fatal) this.lastFatal = m.data;
        else if (m.data.of === "consent") this.takeAnswersBack();
        break;
      case "ended":
        this.finish(m.data.reason);
        break;
      default:
    }
  }

  /** The server has shown the answers that it knows. */
  private checkAnswers(): void {
    const known = this.store.get().you?.consents;
    for (const [consent, { granted }] of this.answers) if (known?.[consent] === granted) this.answers.delete(consent);
    this.showAnswers();
  }

  /** Shows this page's answers over those of the server, which may be older by some. */
  private showAnswers(): void {
    const { you } = this.store.get();
    if (you === null || this.answers.size === 0) return;
    const mine = Object.fromEntries([...this.answers].map(([consent, { granted }]) => [consent, granted]));
    this.store.patch({ you: { ...you, consents: { ...you.consents, ...mine } } });
  }

  /** A consent's answer could not be kept: those that the server has not shown have to be given again. */
  private takeAnswersBack(): void {
    const { you } = this.store.get();
    if (you === null || this.answers.size === 0) return;
    const consents = { ...you.consents };
    for (const [consent, { was }] of this.answers) {
      if (was === undefined) delete consents[consent];
      else consents[consent] = was;
    }
    this.answers.clear();
    this.store.patch({ you: { ...you, consents } });
  }

  private welcomed(): void {
    this.closeMedia();
    const { stage } = this.store.get();
    for (const [consent, { granted, text }] of this.answers) this.signaling.send("consent", { consent, granted, text });
    const waiting = this.outbox;
    this.outbox = waiting.filter((send) => !send());
    if (stage === "room") this.startMedia();
    else this.signaling.succeeded();
    // The server gave the slot up in the meantime: take the place again.
    if (stage === "lobby" && this.entered) this.signaling.send("enter", {});
    if (stage !== "lobby") this.entered = true;
    if (stage === "room" && this.hangingUp) this.signaling.send("hangup", {});
  }

  /** Opens the connections, unless they are open. */
  private startMedia(): void {
    if (this.media !== null) return;
    this.media = new RoomMedia(this.local, this.store.get().ice, this.makePeer, this.send, {
      opened: (target) => this.watch.begin(target),
      state: (target, state) => this.watch.report(target, state),
      tracks: (remote) => this.store.patch({ remote }),
      failed: (err) => this.rejoin(err instanceof Error ? err.message : String(err)),
    });
    this.syncMedia();
  }

  private syncMedia(): void {
    const { phase, you } = this.store.get();
    if (phase === "joined" && you?.role !== "observer") this.media?.sync();
  }

  private closeMedia(): void {
    this.watch.reset();
    this.media?.close();
    this.media = null;
  }

  private sendLasting<T extends Lasting>(type: T, data: ClientMessages[T]): void {
    const send = () => this.store.get().phase === "joined" && this.signaling.send(type, data);
    if (!send()) this.outbox = [...this.outbox, send].slice(-outboxLength);
  }

  private refuse(refusal: string): void {
    this.stop();
    this.store.patch({ phase: "refused", refusal, remote: [] });
  }

  private finish(reason: string): void {
    this.stop();
    this.store.patch({ phase: "ended", ended: reason, remote: [] });
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    this.unsubscribe();
    this.closeMedia();
    this.signaling.close();
  }
}
