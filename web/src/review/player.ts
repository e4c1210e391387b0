import { type Clip, clipAt, clipSoon } from "./clips";
import { type Damage, damageAt, type DamagedSpan, moreDamage, spansOf } from "./damage";
import { correctedRate, driftOf, hardSeekMs, pausedToleranceMs } from "./sync";

/** MediaLike is the part of a video element that the player drives. */
export interface MediaLike {
  src: string;
  currentTime: number; // seconds
  playbackRate: number;
  volume: number;
  muted: boolean;
  readonly duration: number; // seconds; NaN before it is known
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
  readonly error: { code: number } | null;
  play(): Promise<void>;
  pause(): void;
  load(): void;
  removeAttribute(name: string): void;
}

/** ChannelState says what a channel shows at this instant. */
export type ChannelState = "hole" | "loading" | "ready" | "damaged" | "failed";

/** Snapshot is what the page draws of the player; a new object at every change. */
export interface Snapshot {
  timeMs: number;
  playing: boolean; // what the person asked for
  holding: boolean; // waiting until all files have loaded
  rate: number;
  driftMs: number | null; // null while nothing can be compared
  channels: Readonly<Record<string, ChannelState>>;
  damaged: readonly DamagedSpan[]; // what turned out not to be playable so far
  problem: string; // why the browser refused to play; "" if it did not
}

interface Channel {
  id: string;
  order: number;
  clips: readonly Clip[];
  media: MediaLike;
  loaded: Clip | null;
  state: ChannelState;
  damage: readonly Damage[];
}

/** MediaError's codes for what could not be decoded, and for a file that is none that the browser plays. */
const decodeError = 3;
const formatError = 4;

const haveCurrentData = 2;
const haveFutureData = 3;
const tickMs = 40;

/** A file that is not ready by then is left behind; it joins when it is. */
const longestHoldMs = 5_000;

/** So long before its start a file is loaded, where the channel has a hole until then. */
const preloadMs = 4_000;

/** All files are sought anew at most this often, so that a slow machine still plays. */
const resyncMs = 2_500;

/**
 * SyncedPlayer plays the files of all channels on one clock, the interview's.
 * The first channel that has a file at this instant is the master: the clock
 * follows it, and the others are drawn to the clock by a small change of
 * speed, or sought when they are far off. In a hole of the master the next
 * channel leads; in a hole of all the clock runs by itself. Before playing, and
 * after a seek, it holds until every file has loaded, so that all start
 * together. A stretch of a file that cannot be decoded is treated like a hole:
 * its element waits behind it, and the others play on. It knows neither React
 * nor the document.
 */
export class SyncedPlayer {
  private channels: Channel[] = [];
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | null = null;
  private lastTick = 0;
  private holdSince = 0;
  private lastResync = -Infinity;
  private until: number | null = null; // where a stretch that is being played ends
  private snapshot: Snapshot = {
    timeMs: 0, playing: false, holding: false, rate: 1, driftMs: null, channels: {}, damaged: [], problem: "",
  };

  constructor(
    private durationMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly getSnapshot = (): Snapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** start lets the clock tick; the function returned stops it and empties the elements. */
  start(): () => void {
    this.lastTick = this.now();
    this.timer ??= setInterval(() => this.tick(), tickMs);
    return () => {
      if (this.timer !== null) clearInterval(this.timer);
      this.timer = null;
      for (const channel of this.channels) this.unload(channel);
    };
  }

  /** attach gives a channel its element and its rank as master (0 leads); the function returned takes it away again. */
  attach(id: string, order: number, clips: readonly Clip[], media: MediaLike): () => void {
    const channel: Channel = { id, order, clips, media, loaded: null, state: "hole", damage: [] };
    this.channels = [...this.channels, channel].sort((a, b) => a.order - b.order);
    return () => {
      this.unload(channel);
      this.channels = this.channels.filter((other) => other !== channel);
    };
  }

  setDuration(ms: number) {
    this.durationMs = ms;
  }

  play() {
    const atEnd = this.snapshot.timeMs >= this.durationMs;
    this.update({ playing: true, problem: "", ...(atEnd ? { timeMs: 0 } : {}) });
    this.hold();
  }

  /** playRange plays a stretch of the interview and stops at its end. */
  playRange(fromMs: number, toMs: number) {
    this.seek(fromMs);
    this.play();
    this.until = toMs;
  }

  pause() {
    this.until = null;
    for (const channel of this.channels) channel.media.pause();
    this.update({ playing: false, holding: false });
  }

  toggle() {
    if (this.snapshot.playing) this.pause();
    else this.play();
  }

  /** seek goes to an instant of the interview, held inside it. */
  seek(ms: number) {
    const timeMs = Math.max(0, Math.min(this.durationMs, ms));
    this.until = null;
    this.update({ timeMs, driftMs: null });
    if (this.snapshot.playing) this.hold();
    else for (const channel of this.channels) this.place(channel, true);
  }

  setRate(rate: number) {
    this.update({ rate });
    for (const channel of this.channels) channel.media.playbackRate = rate;
  }

  /** tick is one step of the clock; the timer calls it, and tests do. */
  tick() {
    const now = this.now();
    const elapsed = now - this.lastTick;
    this.lastTick = now;
    const exact = this.snapshot.holding || !this.snapshot.playing;
    const changed = this.channels.filter((channel) => this.place(channel, exact));
    if (this.snapshot.playing && !this.snapshot.holding && changed.length > 0) this.hold();
    else if (this.snapshot.playing && this.snapshot.holding) this.endHoldWhenReady(now);
    else if (this.snapshot.playing) this.advance(elapsed, now);
    this.publish();
  }

  // hold stops all files at the clock's time until they can play together.
  private hold() {
    this.holdSince = this.now();
    this.update({ holding: true, driftMs: null });
    for (const channel of this.channels) {
      channel.media.pause();
      this.place(channel, true);
    }
  }

  private endHoldWhenReady(now: number) {
    const waits = this.channels.some(({ state, media }) => state !== "hole" && state !== "damaged" && state !== "failed"
      && (media.seeking || (media.readyState < haveFutureData && !media.ended)));
    if (waits && now - this.holdSince < longestHoldMs) return;
    this.update({ holding: false });
    for (const channel of this.active()) this.run(channel);
  }

  private advance(elapsed: number, now: number) {
    const master = this.active()[0];
    let timeMs = this.snapshot.timeMs + elapsed * this.snapshot.rate;
    if (master !== undefined) {
      const position = this.position(master);
      // A file that stalls takes the clock along with it: nobody runs ahead.
      timeMs = Math.abs(position - timeMs) <= hardSeekMs || position > timeMs ? position : this.snapshot.timeMs;
    }
    const end = Math.min(this.durationMs, this.until ?? Infinity);
    if (timeMs >= end) {
      this.update({ timeMs: end });
      this.pause();
      return;
    }
    this.update({ timeMs });
    for (const channel of this.active()) {
      const off = this.position(channel) - timeMs;
      if (Math.abs(off) > hardSeekMs && now - this.lastResync > resyncMs) {
        this.lastResync = now;
        this.hold();
        return;
      }
      const rate = channel === master ? this.snapshot.rate : correctedRate(this.snapshot.rate, off);
      if (channel.media.playbackRate !== rate) channel.media.playbackRate = rate;
      if (channel.media.paused) this.run(channel);
    }
  }

  // active are the channels whose file can be played at this instant.
  private active(): Channel[] {
    return this.channels.filter((channel) => channel.state === "ready" && !channel.media.seeking && !channel.media.ended);
  }

  private position(channel: Channel): number {
    return (channel.loaded?.startMs ?? 0) + channel.media.currentTime * 1000;
  }

  // place loads the clip of this instant and, if exact, seeks to it. It says
  // whether a file has to be waited for that was not loaded before.
  private place(channel: Channel, exact: boolean): boolean {
    const { timeMs, rate } = this.snapshot;
    const { media } = channel;
    const current = clipAt(channel.clips, timeMs);
    const clip = current ?? clipSoon(channel.clips, timeMs, preloadMs);
    if (clip === null) {
      this.unload(channel);
      return false;
    }
    const broken = this.undecodable(channel, clip);
    if (broken) this.update({ damaged: this.channels.flatMap(({ id, damage }) => spansOf(id, damage)) });
    const changed = broken || clip !== channel.loaded;
    const damage = damageAt(channel.damage, clip, (timeMs - clip.startMs) / 1000);
    if (damage?.rest === true) {
      this.unload(channel);
      channel.state = "damaged";
      return false;
    }
    if (changed) {
      channel.loaded = clip;
      media.src = clip.url; // also of the same file: an element that failed plays nothing until it is loaded anew
      media.playbackRate = rate;
    }
    if (damage !== null) {
      this.waitAt(media, damage.to, changed);
      channel.state = "damaged";
      return false;
    }
    // A recording may end a little before its segment does: no seek beyond.
    const last = Number.isFinite(media.duration) ? media.duration : Infinity;
    const target = Math.min(last, Math.max(0, timeMs - clip.startMs) / 1000);
    if (current === null) {
      this.waitAt(media, damageAt(channel.damage, clip, 0)?.to ?? 0, changed);
      channel.state = "hole";
      return false;
    }
    if (changed || (exact && !media.seeking && Math.abs(media.currentTime - target) * 1000 > pausedToleranceMs)) {
      media.currentTime = target;
    }
    channel.state = media.error !== null ? "failed" : media.readyState >= haveCurrentData ? "ready" : "loading";
    return changed;
  }

  // undecodable takes note of where the loaded file could not be decoded, and says whether it could not.
  private undecodable(channel: Channel, clip: Clip): boolean {
    const code = clip === channel.loaded ? channel.media.error?.code : undefined;
    // A file that played before is one that the browser plays: its beginning could not be decoded.
    const broken = code === decodeError || (code === formatError && channel.damage.some((damage) => damage.clip === clip));
    if (!broken) return false;
    const waiting = channel.state === "damaged" ? damageAt(channel.damage, clip, (this.snapshot.timeMs - clip.startMs) / 1000) : null;
    channel.damage = moreDamage(channel.damage, clip, channel.media.currentTime, waiting);
    return true;
  }

  // waitAt lets an element stand where it will be wanted.
  private waitAt(media: MediaLike, seconds: number, changed: boolean) {
    if (!media.paused) media.pause();
    if (changed || (!media.seeking && Math.abs(media.currentTime - seconds) * 1000 > pausedToleranceMs)) media.currentTime = seconds;
  }

  private unload(channel: Channel) {
    if (channel.loaded !== null) {
      channel.media.pause();
      channel.media.removeAttribute("src");
      channel.media.load();
    }
    channel.loaded = null;
    channel.state = "hole";
  }

  private run(channel: Channel) {
    channel.media.play().catch((error: unknown) => {
      // AbortError only says that a pause came first.
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        this.pause();
        this.update({ problem: "The browser wants a click before it plays sound. Press Play." });
      }
    });
  }

  private publish() {
    const settled = this.active().filter((channel) => !channel.media.seeking);
    const compared = !this.snapshot.holding && settled.length > 1;
    const driftMs = compared ? Math.round(driftOf(settled.map((channel) => this.position(channel)))) : null;
    const channels = Object.fromEntries(this.channels.map((channel) => [channel.id, channel.state]));
    const same = Object.entries(channels).every(([id, state]) => this.snapshot.channels[id] === state)
      && Object.keys(this.snapshot.channels).length === this.channels.length;
    if (!same || driftMs !== this.snapshot.driftMs) this.update({ driftMs, ...(same ? {} : { channels }) });
  }

  private update(change: Partial<Snapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
