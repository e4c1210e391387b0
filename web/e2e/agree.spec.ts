// The comparison that other tests rest on.

import { differences, type Row } from "./agree";
import { expect, test } from "./app";
import type { Coverage } from "../src/gen/evidence";

const row = (start: number, end: number, kind = "face.absent"): Row => ({ kind, start, end });

function covered(start: number, end: number, change: Partial<Coverage> = {}): Coverage {
  return { interview: "i", participant: "p", source: "camera", run: "live", kind: "face.absent", state: "measured", start_ms: start * 1000, end_ms: end * 1000, samples: 2, ...change };
}

test("findings are held against what was shown", () => {
  const all = [covered(0, 60)];
  const busy = [covered(0, 9), covered(9, 11, { state: "not_measurable", reason: "overload" }), covered(11, 60)];
  const slow = [covered(0, 9), covered(9, 11, { slowed_to: 1 }), covered(11, 60)];
  for (const [what, found, truth, coverage, wrong] of [
    ["the same", [row(10, 15)], [row(10.5, 14.5)], all, 0],
    ["nothing", [], [], all, 0],
    ["missed", [], [row(10, 15)], all, 1],
    ["in two parts", [row(10, 12), row(12.5, 15)], [row(10, 15)], [covered(0, 9.5), covered(9.8, 15.2)], 1],
    ["missed while the machine was busy", [], [row(10, 15)], busy, 0],
    ["missed at the end, of which nothing is known", [], [row(58, 62)], all, 0],
    ["out of nothing", [row(10, 15)], [row(30, 35)], [covered(0, 20)], 1],
    ["out of nothing, though the machine was busy", [row(10, 15)], [], busy, 1],
    ["another kind", [row(10, 15)], [row(10, 15, "face.multiple")], [covered(0, 60), covered(0, 60, { kind: "face.multiple" })], 2],
    ["begun late", [row(12, 15)], [row(10, 15)], all, 1],
    ["begun late while the machine was busy", [row(12, 15)], [row(10, 15)], busy, 0],
    ["begun late while the machine was slow", [row(12, 15)], [row(10, 15)], slow, 0],
    ["ended late, long after the machine was busy", [row(10, 17)], [row(10, 15)], busy, 1],
  ] as const) {
    expect(differences([...found], [...truth], [...coverage]), what).toHaveLength(wrong);
  }
});
