import { describe, expect, it } from "vitest";

import type { Finding, Kind, KindInfo } from "@/gen/evidence";
import { groupsOf, itemsIn, opensFirst, summaryOf } from "./groups";
import type { KindLane, Span } from "./lanes";

const lane = (kind: Kind, coverage: Span[] = [], starts: number[] = []): KindLane => ({
  info: { kind, title: kind } as KindInfo,
  items: starts.map((start_ms) => ({ finding: { kind, start_ms } as Finding, title: kind, decision: null })),
  coverage,
});
const span = (startMs: number, endMs: number, state: Span["state"], reason: Span["reason"] = null): Span => ({ startMs, endMs, state, reason });

describe("groups of lanes", () => {
  it("hold kinds and their signals; who speaks has a lane of its own", () => {
    const groups = groupsOf([lane("face.absent"), lane("gaze.reading"), lane("network.path")], ["gaze.horizontal", "head.yaw", "signal.loss", "speech.activity"]);
    expect(groups.map((g) => [g.group.id, g.lanes.length, ...g.signals])).toEqual([
      ["face", 1], ["gaze", 1, "gaze.horizontal", "head.yaw"], ["device", 1, "signal.loss"],
    ]);
  });

  it("are open at first where something was found, but for facts, and where wanted signals are", () => {
    const [face, gaze, device] = groupsOf([lane("face.absent", [], [9, 5]), lane("gaze.reading"), lane("network.path", [], [1])], ["gaze.horizontal"]);
    if (face === undefined || gaze === undefined || device === undefined) throw new Error("three groups");
    expect([face, gaze, device].map((g) => opensFirst(g, false))).toEqual([true, false, false]);
    expect([face, gaze, device].map((g) => opensFirst(g, true))).toEqual([true, true, false]);
    expect(itemsIn(face).map((item) => item.finding.start_ms)).toEqual([5, 9]);
  });
});

describe("the summary of a group's coverage", () => {
  it("tells all, some and none measured apart, and names what was not", () => {
    const spans = summaryOf([
      lane("face.absent", [span(0, 50, "measured"), span(50, 100, "not_measurable", "dark")]),
      lane("face.multiple", [span(0, 20, "not_run"), span(20, 70, "measured"), span(70, 100, "not_run", "overload")]),
    ]);
    expect(spans).toEqual([
      { startMs: 0, endMs: 20, state: "partly", missing: ["face.multiple"] },
      { startMs: 20, endMs: 50, state: "measured", missing: [] },
      { startMs: 50, endMs: 70, state: "partly", missing: ["face.absent (too little light)"] },
      { startMs: 70, endMs: 100, state: "not_measurable", missing: ["face.absent (too little light)", "face.multiple (analysis could not keep up)"] },
    ]);
  });

  it("joins neighbours that say the same, and is empty without lanes", () => {
    expect(summaryOf([lane("gaze.reading", [span(0, 5, "not_run"), span(5, 9, "not_run")])])).toEqual([
      { startMs: 0, endMs: 9, state: "not_run", missing: ["gaze.reading"] },
    ]);
    expect(summaryOf([])).toEqual([]);
  });
});
