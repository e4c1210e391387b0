import { describe, expect, it } from "vitest";

import { PlayedSpans } from "./played";
import type { Snapshot } from "./player";

const at = (timeMs: number, more: Partial<Snapshot> = {}): Snapshot =>
  ({ timeMs, playing: true, holding: false, rate: 1, driftMs: null, channels: {}, damaged: [], problem: "", ...more });

function played(...snapshots: Snapshot[]) {
  const spans = new PlayedSpans();
  for (const snapshot of snapshots) spans.follow(snapshot);
  return spans.take();
}

describe("PlayedSpans", () => {
  it("joins the steps of the clock", () => {
    expect(played(at(100), at(140.4), at(180.6))).toEqual([{ start_ms: 100, end_ms: 181 }]);
  });
  it("counts nothing while paused or holding", () => {
    expect(played(at(100, { playing: false }), at(140, { playing: false }), at(180, { holding: true }), at(200, { holding: true }))).toEqual([]);
  });
  it("begins anew after a pause and after a jump", () => {
    expect(played(at(0), at(40), at(40, { playing: false }), at(5_000), at(5_040), at(60_000), at(60_040)))
      .toEqual([{ start_ms: 0, end_ms: 40 }, { start_ms: 5_000, end_ms: 5_040 }, { start_ms: 60_000, end_ms: 60_040 }]);
  });
  it("counts a second playing again as a span of its own", () => {
    expect(played(at(1_000), at(1_400), at(0), at(400))).toEqual([{ start_ms: 1_000, end_ms: 1_400 }, { start_ms: 0, end_ms: 400 }]);
  });
  it("follows a higher speed", () => {
    expect(played(at(0, { rate: 2 }), at(2_500, { rate: 2 }))).toEqual([{ start_ms: 0, end_ms: 2_500 }]);
  });
  it("gives each span once, and keeps what was put back", () => {
    const spans = new PlayedSpans();
    spans.follow(at(0));
    spans.follow(at(40));
    const first = spans.take();
    expect(spans.take()).toEqual([]);
    spans.putBack(first);
    spans.follow(at(80));
    expect(spans.take()).toEqual([{ start_ms: 0, end_ms: 80 }]);
  });
});
