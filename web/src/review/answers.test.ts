import { describe, expect, it } from "vitest";

import type { SeriesLine } from "@/gen/api";
import { answersOf, usualOf } from "./answers";

function line(name: string, rest: Partial<SeriesLine>): SeriesLine {
  return { participant: "p", source: "microphone", run: "live", name, unit: "s", points: null, levels: null, marks: null, ...rest };
}

describe("answersOf", () => {
  const lines = [
    line("speech.latency", {
      points: [{ t: 5000, v: 0.5, q: 1 }, { t: 120_000, v: 6, q: 1 }, { t: 150_000, v: 0, r: "muted" }],
      marks: [
        { start_ms: 1000, end_ms: 4500, name: "question" },
        { start_ms: 1000, end_ms: 91_000, name: "baseline" },
        { start_ms: 110_000, end_ms: 114_000, name: "marked question" },
      ],
      levels: [{ name: "own median", value: 0.4 }, { name: "own limit", value: 4 }],
    }),
    line("speech.longest_pause", { points: [{ t: 5000, v: 1.2, q: 1 }] }),
  ];
  it("joins what belongs to an answer", () => {
    const [first, second, third] = answersOf(lines);
    expect(first).toEqual({ atMs: 5000, questionMs: 1000, marked: false, baseline: true, waitS: 0.5, reason: null, pauseS: 1.2, silence: null });
    expect(second).toMatchObject({ questionMs: 110_000, marked: true, baseline: false, waitS: 6, pauseS: null });
    expect(third).toMatchObject({ waitS: null, reason: "muted" });
  });
  it("reads what is usual, where there is a baseline", () => {
    expect(usualOf(lines, "speech.latency")).toEqual({ medianS: 0.4, limitS: 4 });
    expect(usualOf(lines, "speech.longest_pause")).toBeNull();
    expect(answersOf([])).toEqual([]);
  });
});
