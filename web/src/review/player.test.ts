import { beforeEach, describe, expect, it } from "vitest";

import type { Clip } from "./clips";
import { type MediaLike, SyncedPlayer } from "./player";
import { correctedRate, driftOf } from "./sync";

/** FakeMedia plays by a clock that the test turns: it loads, seeks and starts with delays of its own. */
class FakeMedia implements MediaLike {
  currentTime_ = 0;
  playbackRate = 1;
  volume = 1;
  muted = false;
  paused = true;
  error: { code: number } | null = null;
  seeks = 0;
  loads = 0;
  /** Seconds in which it fails to decode: from 0.1 s ahead of the first on, and at every place before the last. */
  broken: { from: number; to: number } | null = null;
  private url = "";
  private busyUntil = 0;
  private startsAt = 0;

  constructor(private readonly clock: { now: number }, private readonly durations: Record<string, number>, private readonly delays = { load: 120, start: 20 }, private readonly skew = 1) {}

  get src() { return this.url; }
  set src(url: string) { this.url = url; this.loads++; if (this.broken !== null) this.error = null; this.busyUntil = this.clock.now + this.delays.load; this.currentTime_ = 0; this.paused = true; }
  get currentTime() { return this.currentTime_; }
  set currentTime(t: number) { this.currentTime_ = Math.min(t, this.duration || t); this.seeks++; this.busyUntil = Math.max(this.busyUntil, this.clock.now + 60); }
  get duration() { return this.readyState > 0 ? this.durations[this.url] ?? NaN : NaN; }
  get seeking() { return this.url !== "" && this.clock.now < this.busyUntil; }
  get readyState() { return this.url === "" || this.clock.now < this.busyUntil ? 0 : 4; }
  get ended() { return this.readyState > 0 && this.currentTime_ >= (this.durations[this.url] ?? Infinity); }
  play() { if (this.paused) { this.paused = false; this.startsAt = this.clock.now + this.delays.start; } return Promise.resolve(); }
  pause() { this.paused = true; }
  load() { this.paused = true; }
  removeAttribute() { this.url = ""; }
  pass(ms: number) {
    const at = this.currentTime_;
    if (this.readyState > 0 && this.broken !== null && at > this.broken.from - 0.1 && at < this.broken.to) this.error = { code: 3 };
    if (this.error !== null) return;
    if (this.paused || this.seeking || this.url === "" || this.clock.now < this.startsAt) return;
    this.currentTime_ = Math.min(this.durations[this.url] ?? Infinity, this.currentTime_ + (ms / 1000) * this.playbackRate * this.skew);
  }
}

const clip = (url: string, startMs: number, endMs: number): Clip => ({ url, startMs, endMs, hasVideo: true });
const durations = { a1: 20, a2: 34, b1: 58.5 };
const a = [clip("a1", 0, 20_000), clip("a2", 26_000, 60_000)];
const b = [clip("b1", 1_500, 60_000)];

let clock: { now: number };
let player: SyncedPlayer;
let media: FakeMedia[];

function run(ms: number, each?: () => void) {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.now += 10;
    for (const element of media) element.pass(10);
    if (passed % 40 === 0) {
      player.tick();
      each?.();
    }
  }
}

beforeEach(() => {
  clock = { now: 0 };
  player = new SyncedPlayer(60_000, () => clock.now);
  media = [new FakeMedia(clock, durations), new FakeMedia(clock, durations, { load: 400, start: 90 }, 1.004)];
  player.attach("b", 1, b, media[1]!);
  player.attach("a", 0, a, media[0]!);
});

describe("SyncedPlayer", () => {
  it("waits until every file has loaded, then starts all from the same instant", () => {
    player.seek(5_000);
    player.play();
    run(300);
    expect(player.getSnapshot()).toMatchObject({ playing: true, holding: true, timeMs: 5_000 });
    run(400);
    expect(player.getSnapshot().holding).toBe(false);
    expect(media.every((element) => !element.paused)).toBe(true);
  });

  it("keeps a file with another clock and a late start in step", () => {
    player.seek(5_000);
    player.play();
    run(2_000);
    const drifts: number[] = [];
    run(12_000, () => drifts.push(player.getSnapshot().driftMs ?? 0));
    expect(drifts.length).toBeGreaterThan(100);
    expect(Math.max(...drifts)).toBeLessThan(40);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(18_000);
  });

  it("seeks a file that is far off instead of leaving it behind", () => {
    player.seek(5_000);
    player.play();
    run(3_000);
    media[1]!.currentTime_ += 4;
    run(2_500);
    expect(player.getSnapshot().driftMs).toBeLessThan(80);
  });

  it("plays on through a hole and the segment after it", () => {
    player.seek(18_000);
    player.play();
    run(4_000);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(20_000);
    expect(player.getSnapshot().channels).toMatchObject({ a: "hole", b: "ready" });
    run(7_000);
    const { timeMs, channels, driftMs } = player.getSnapshot();
    expect(channels).toMatchObject({ a: "ready", b: "ready" });
    expect(media[0]!.src).toBe("a2");
    expect(Math.abs(26_000 + media[0]!.currentTime * 1000 - timeMs)).toBeLessThan(80);
    expect(driftMs).toBeLessThan(80);
  });

  it("lets the clock run by itself where nobody was recorded", () => {
    player = new SyncedPlayer(60_000, () => clock.now);
    player.attach("a", 0, a, media[0]!);
    player.seek(21_000);
    player.play();
    run(1_000);
    expect(player.getSnapshot()).toMatchObject({ channels: { a: "hole" }, driftMs: null });
    expect(player.getSnapshot().timeMs).toBeGreaterThan(21_900);
  });

  it("does not stop at a file that is shorter than its segment", () => {
    media[0] = new FakeMedia(clock, { a1: 19.6, a2: 34 });
    player = new SyncedPlayer(60_000, () => clock.now);
    player.attach("a", 0, a, media[0]);
    player.seek(19_000);
    player.play();
    run(3_000);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(20_500);
  });

  it("stands exactly where it was sought while paused", () => {
    player.seek(30_000);
    run(800);
    player.seek(41_234);
    run(800);
    expect(26 + media[0]!.currentTime).toBeCloseTo(41.234, 3);
    expect(1.5 + media[1]!.currentTime).toBeCloseTo(41.234, 3);
    expect(player.getSnapshot()).toMatchObject({ playing: false, timeMs: 41_234, driftMs: 0 });
  });

  it("goes to the last of several seeks, also while a file is still seeking", () => {
    player.play();
    run(600);
    for (const ms of [10_000, 12_000, 14_000, 16_000]) {
      player.seek(ms);
      run(20);
    }
    run(1_000);
    const { timeMs } = player.getSnapshot();
    expect(timeMs).toBeGreaterThan(16_000);
    expect(Math.abs(media[0]!.currentTime * 1000 - timeMs)).toBeLessThan(80);
  });

  it("goes on without a file that cannot be played", () => {
    media[1]!.error = { code: 4 };
    player.seek(5_000);
    player.play();
    run(1_000);
    expect(player.getSnapshot().channels).toMatchObject({ a: "ready", b: "failed" });
    expect(player.getSnapshot().timeMs).toBeGreaterThan(5_300);
  });

  it("leaves out what cannot be decoded, and says where that was", () => {
    media[0]!.broken = { from: 8, to: 10.5 }; // the next key frame is at 10.5 s
    player.seek(5_000);
    player.play();
    let apart = 0;
    run(5_000, () => { apart = Math.max(apart, player.getSnapshot().driftMs ?? 0); });
    expect(player.getSnapshot()).toMatchObject({ playing: true, channels: { a: "damaged", b: "ready" } });
    run(4_000, () => { apart = Math.max(apart, player.getSnapshot().driftMs ?? 0); });
    const { timeMs, channels, damaged } = player.getSnapshot();
    expect(channels).toMatchObject({ a: "ready", b: "ready" });
    expect(timeMs).toBeGreaterThan(12_500);
    expect(Math.abs(media[0]!.currentTime * 1000 - timeMs)).toBeLessThan(80);
    expect(apart).toBeLessThan(300);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]).toMatchObject({ channel: "a", endMs: damaged[0]!.startMs + 3_000 });
    expect(damaged[0]!.startMs).toBeGreaterThan(7_500);
    expect(damaged[0]!.startMs).toBeLessThanOrEqual(8_000);
    const loads = media[0]!.loads;
    player.seek(7_000); // now that it is known, it is left out without trying
    run(6_500);
    expect(player.getSnapshot().damaged).toHaveLength(1);
    expect(media[0]!.loads).toBeLessThanOrEqual(loads + 1);
    expect(player.getSnapshot().channels.a).toBe("ready");
  });

  it("gives a file up after a number of tries, and plays what comes before again", () => {
    media[0]!.broken = { from: 8, to: 60 };
    player.seek(7_000);
    player.play();
    run(8_000);
    expect(player.getSnapshot().channels).toMatchObject({ a: "damaged", b: "ready" });
    expect(player.getSnapshot().timeMs).toBeGreaterThan(13_000);
    expect(player.getSnapshot().damaged.at(-1)).toMatchObject({ channel: "a", endMs: 20_000 });
    const loads = media[0]!.loads;
    run(2_000);
    expect(media[0]!.loads).toBe(loads);
    player.seek(3_000);
    run(2_500);
    expect(player.getSnapshot().channels).toMatchObject({ a: "ready" });
    expect(Math.abs(media[0]!.currentTime * 1000 - player.getSnapshot().timeMs)).toBeLessThan(80);
  });

  it("stops at the end, and plays from the beginning after that", () => {
    player.seek(59_500);
    player.play();
    run(3_000);
    expect(player.getSnapshot()).toMatchObject({ playing: false, timeMs: 60_000 });
    player.play();
    run(1_500);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(100);
    expect(player.getSnapshot().timeMs).toBeLessThan(2_000);
  });

  it("keeps in step at double speed", () => {
    player.setRate(2);
    player.seek(27_000);
    player.play();
    run(2_000);
    const drifts: number[] = [];
    run(5_000, () => drifts.push(player.getSnapshot().driftMs ?? 0));
    expect(Math.max(...drifts)).toBeLessThan(80);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(36_000);
  });
});

describe("sync", () => {
  it("slows what is ahead and speeds up what is behind, by 8 % at most", () => {
    expect(correctedRate(1, 0)).toBe(1);
    expect(correctedRate(1, 45)).toBeCloseTo(0.92);
    expect(correctedRate(1, -45)).toBeCloseTo(1.08);
    expect(correctedRate(2, -20)).toBeCloseTo(2.1);
    expect(correctedRate(2, -5)).toBe(2);
  });

  it("makes up faster for elements that started apart", () => {
    expect(correctedRate(1, 120)).toBeCloseTo(0.7);
    expect(correctedRate(1, -290)).toBeCloseTo(1.4);
  });

  it("measures from the first to the last", () => {
    expect(driftOf([])).toBe(0);
    expect(driftOf([5])).toBe(0);
    expect(driftOf([100, 160, 130])).toBe(60);
  });
});
