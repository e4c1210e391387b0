import { describe, expect, it } from "vitest";

import type { SeriesLine } from "@/gen/api";
import type { SeriesPoint } from "@/gen/evidence";
import { holesOf, markCounts, marksAt, namesOf, nearest, pathOf, runsOfPoints, scaleOf, seriesFor, seriesTitle } from "./series";

const at = (t: number, v: number, r?: SeriesPoint["r"]): SeriesPoint => (r === undefined ? { t, v } : { t, v, r });
const line = (points: SeriesPoint[], more: Partial<SeriesLine> = {}): SeriesLine =>
  ({ participant: "p", source: "camera", run: "live", name: "signal.loss", unit: "%", points, levels: [], marks: [], ...more });

describe("series", () => {
  it("breaks the line where nothing was measured, and where readings are missing", () => {
    const points = [at(0, 1), at(100, 2), at(200, 0, "dark"), at(300, 3), at(400, 4), at(2_000, 5)];
    expect(runsOfPoints(points).map((run) => run.map((p) => p.t))).toEqual([[0, 100], [300, 400], [2_000]]);
    expect(holesOf(points)).toEqual([{ startMs: 200, endMs: 300, reason: "dark" }]);
    expect(pathOf(points, { fromMs: 0, toMs: 2_000, low: 0, high: 5 }, 200, 50)).toBe("M0 40L10 30M30 20L40 10M200 0h2");
  });

  it("scales to readings and thresholds, and survives none", () => {
    const scale = scaleOf(line([at(0, 2), at(1, 4)], { levels: [{ name: "threshold", value: 10 }] }), 0, 10);
    expect(scale.low).toBe(0);
    expect(scale.high).toBeCloseTo(10.6);
    expect(scaleOf(line([at(0, -3), at(1, 3)], { unit: "°" }), 0, 10).low).toBeLessThan(-3);
    expect(scaleOf(line([]), 0, 10)).toMatchObject({ low: 0 });
  });

  it("finds what is under the pointer", () => {
    const points = [at(0, 1), at(1_000, 2)];
    expect(nearest(points, 700, 500)?.v).toBe(2);
    expect(nearest(points, 5_000, 500)).toBeNull();
    expect(marksAt([{ start_ms: 5, end_ms: 9, name: "return sweep" }, { start_ms: 20, end_ms: 30, name: "line" }], 7)).toEqual(["return sweep"]);
  });

  it("counts the marks of a stretch", () => {
    const mark = (name: string, start_ms: number) => ({ name, start_ms, end_ms: start_ms + 100 });
    expect(markCounts([mark("sweep back", 500), mark("sweep back", 2000), mark("sweep back", 5000), mark("visit", 3000)], 550, 4000)).toEqual(["sweep back, 2 times", "visit, once"]);
    expect(markCounts([mark("sweep back", 500), mark("visit", 4000)], 600, 4000), "what only touches it is not drawn in it either").toEqual([]);
  });

  it("groups signals with their kinds", () => {
    const row = (name: string, run = "live") => ({ interview: "i", participant: "p", source: "camera", run, name, start_ms: 0, end_ms: 1, count: 1 });
    const names = namesOf([row("signal.loss"), row("gaze.horizontal"), row("identity.similarity"), row("gaze.vertical", "r2")], "live");
    expect(names).toEqual(["gaze.horizontal", "identity.similarity", "signal.loss"]);
    expect(seriesFor(names, "identity.mismatch")).toEqual(["identity.similarity"]);
    const gaze = ["gaze.horizontal", "gaze.reading_score", "gaze.vertical"];
    expect(seriesFor(gaze, "gaze.reading")).toEqual(["gaze.horizontal", "gaze.reading_score"]);
    expect(seriesFor(gaze, "gaze.off_screen")).toEqual(["gaze.horizontal", "gaze.vertical"]);
    expect(seriesTitle("signal.loss")).toBe("Signal: packets lost");
    expect(seriesTitle("speech.new_thing")).toBe("speech: new thing");
  });
});
