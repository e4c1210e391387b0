import { describe, expect, it } from "vitest";

import { SyncedPlayer } from "./player";
import { clipOf, notTaken } from "./steps";

describe("clipOf", () => {
  it("adds five seconds on either side, within the interview", () => {
    expect(clipOf({ start_ms: 20_000, end_ms: 32_000, limit_ms: 60_000 }, 90_000)).toEqual({ fromMs: 15_000, toMs: 37_000 });
    expect(clipOf({ start_ms: 2_000, end_ms: 58_000, limit_ms: 60_000 }, 60_000)).toEqual({ fromMs: 0, toMs: 60_000 });
    expect(clipOf({ start_ms: 20_000, end_ms: 0, limit_ms: 15_000 }, 90_000)).toEqual({ fromMs: 15_000, toMs: 40_000 });
  });
});

describe("notTaken", () => {
  it("lists what was never begun", () => {
    const card = { kind: "look_up" as const, required: true, limit_ms: 1 };
    const sheet = { template: "", template_name: "", template_sha256: "", drawn_seq: 1, deviations: null,
      cards: [{ card: "a", ...card }, { card: "b", ...card }],
      steps: [{ step: "a-1", card: "a", kind: "look_up" as const, attempt: 1, start_ms: 0, end_ms: 1, limit_ms: 1, shown: {} }] };
    expect(notTaken(sheet).map((c) => c.card)).toEqual(["b"]);
  });
});

describe("playRange", () => {
  it("plays a stretch and stops at its end; a pause or a seek gives the end up", () => {
    let now = 0;
    const player = new SyncedPlayer(60_000, () => now);
    const run = (ms: number) => {
      for (const end = now + ms; now < end;) {
        now += 40;
        player.tick();
      }
    };
    player.start()();
    player.playRange(10_000, 12_000);
    expect(player.getSnapshot()).toMatchObject({ playing: true, timeMs: 10_000 });
    run(3_000);
    expect(player.getSnapshot()).toMatchObject({ playing: false, timeMs: 12_000 });
    player.playRange(10_000, 12_000);
    player.seek(30_000);
    run(3_000);
    expect(player.getSnapshot().playing).toBe(true);
    expect(player.getSnapshot().timeMs).toBeGreaterThan(32_000);
  });
});
