import { describe, expect, it } from "vitest";

import type { ReviewData } from "@/gen/api";
import type { Coverage, Finding, KindInfo } from "@/gen/evidence";
import { clipAt, clipSoon, durationOf, tracksOf } from "./clips";
import { columnsOf, coverageSentence, itemsOf, lanesOf, leadIn, neighbour, percent, runsOf, sharesOf, sorted, spansOf, ticksOf } from "./lanes";

const kinds: KindInfo[] = [
  { kind: "face.absent", title: "No face in view", description: "", limits: "", unit: "", severity: "notice", consent: "face" },
  { kind: "face.multiple", title: "More than one face", description: "", limits: "", unit: "", severity: "attention", consent: "face" },
];

function finding(id: string, kind: Finding["kind"], start: number, end: number, run = "live"): Finding {
  return {
    id, interview: "i", participant: "p", source: "camera", run, kind, severity: kind === "face.multiple" ? "attention" : "notice",
    start_ms: start, end_ms: end, open: false, values: null, quality: 1, samples: 1,
  };
}

function coverage(state: Coverage["state"], start: number, end: number, reason?: Coverage["reason"], kind: Coverage["kind"] = "face.absent"): Coverage {
  return {
    interview: "i", participant: "p", source: "camera", run: "live", kind, state, start_ms: start, end_ms: end, samples: 1,
    ...(reason === undefined ? {} : { reason }),
  };
}

function review(change: Partial<ReviewData>): ReviewData {
  return {
    interview: {
      id: "i", candidate_name: "C", role: "r", scheduled_ms: 1, place: "", time_zone: "", interviewers: null, kinds_off: null,
      state: "ended", created_by: "u", created_ms: 1, started_ms: 1, ended_ms: 2, candidate: "p",
    },
    participants: null, segments: null, findings: null, coverage: null, gaps: null, annotations: null, questions: null, reviews: null, answers: null, series: null,
    check_rates: null, run_sheet: { template: "", template_name: "", template_sha256: "", drawn_seq: 0, cards: null, steps: null, deviations: null },
    duration_ms: 60_000, ready: true, ...change,
  };
}

describe("spansOf", () => {
  it("calls time that no row speaks of not run", () => {
    expect(spansOf([coverage("measured", 1_000, 5_000)], 8_000)).toEqual([
      { startMs: 0, endMs: 1_000, state: "not_run", reason: null },
      { startMs: 1_000, endMs: 5_000, state: "measured", reason: null },
      { startMs: 5_000, endMs: 8_000, state: "not_run", reason: null },
    ]);
    expect(spansOf([], 8_000)).toEqual([{ startMs: 0, endMs: 8_000, state: "not_run", reason: null }]);
  });

  it("joins neighbours that say the same and keeps reasons apart", () => {
    const rows = [coverage("not_measurable", 4, 6, "dark"), coverage("measured", 0, 2), coverage("measured", 2, 4), coverage("not_measurable", 6, 9, "blur")];
    expect(spansOf(rows, 9).map((span) => [span.startMs, span.endMs, span.reason])).toEqual([[0, 4, null], [4, 6, "dark"], [6, 9, "blur"]]);
  });

  it("keeps apart where the analysis was slowed, with the lowest rate", () => {
    const slow = (start: number, end: number, to: number): Coverage => ({ ...coverage("measured", start, end), slowed_to: to });
    const spans = spansOf([coverage("measured", 0, 2), slow(2, 4, 5), slow(4, 6, 2.4), coverage("measured", 6, 9)], 9);
    expect(spans.map((span) => [span.startMs, span.endMs, span.slowedTo])).toEqual([[0, 2, undefined], [2, 6, 2.4], [6, 9, undefined]]);
    expect(sharesOf(spans)).toEqual([{ state: "measured", share: 1, reasons: [], slowedTo: 2.4 }]);
    expect(coverageSentence(spans)).toBe("measured 100 % (in part slowed to 2.4 readings a second, since the server was busy)");
  });

  it("cuts what reaches beyond the interview and survives overlaps", () => {
    expect(spansOf([coverage("measured", 0, 6), coverage("not_run", 4, 20, "outage")], 10)).toEqual([
      { startMs: 0, endMs: 6, state: "measured", reason: null }, { startMs: 6, endMs: 10, state: "not_run", reason: "outage" },
    ]);
  });
});

describe("sharesOf", () => {
  it("sums by state with the longest reason first", () => {
    const shares = sharesOf(spansOf([
      coverage("measured", 0, 920), coverage("not_measurable", 920, 930, "blur"), coverage("not_measurable", 930, 970, "dark"), coverage("not_run", 970, 1000, "outage"),
    ], 1000));
    expect(shares).toEqual([
      { state: "measured", share: 0.92, reasons: [] }, { state: "not_measurable", share: 0.05, reasons: ["dark", "blur"] },
      { state: "not_run", share: 0.03, reasons: ["outage"] },
    ]);
    expect(sharesOf([])).toEqual([]);
  });

  it.each([[0, "0 %"], [0.001, "under 1 %"], [0.5, "50 %"], [0.999, "over 99 %"], [1, "100 %"]])("writes %d as %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe("items and lanes", () => {
  const data = review({
    findings: [finding("b", "face.multiple", 9_000, 10_000), finding("a", "face.absent", 3_000, 4_000), finding("x", "face.absent", 1, 2, "run7")],
    coverage: [coverage("measured", 0, 60_000)],
    reviews: [
      { seq: 1, wall_ms: 1, by: "B", finding: "a", decision: "confirmed", note: "" },
      { seq: 2, wall_ms: 2, by: "B", finding: "a", decision: "explained", note: "phone rang" },
    ],
  });
  const items = itemsOf(data, kinds, "live");

  it("orders by time and takes the last decision", () => {
    expect(items.map((item) => [item.finding.id, item.title, item.decision])).toEqual([["a", "No face in view", "explained"], ["b", "More than one face", null]]);
    expect(sorted(items, "severity").map((item) => item.finding.id)).toEqual(["b", "a"]);
  });

  it("puts facts of device and connection below all others, in either order", () => {
    const mixed = itemsOf(review({ findings: [finding("hidden", "client.hidden", 1, 2), finding("path", "network.path", 0, 1), finding("face", "face.absent", 9, 10)] }), kinds, "live");
    expect(sorted(mixed, "time").map((item) => item.finding.id)).toEqual(["face", "path", "hidden"]);
    expect(sorted(mixed, "severity").map((item) => item.finding.id)).toEqual(["face", "path", "hidden"]);
  });

  it("has a lane for every kind, also one without findings, and keeps runs apart", () => {
    expect(runsOf(data)).toEqual(["live", "run7"]);
    const lanes = lanesOf(data, kinds, "live", 60_000);
    expect(lanes.map((lane) => [lane.info.kind, lane.items.length, lane.coverage[0]?.state])).toEqual([["face.absent", 1, "measured"], ["face.multiple", 1, "not_run"]]);
    expect(lanesOf(data, kinds, "run7", 60_000)[0]?.items.map((item) => item.finding.id)).toEqual(["x"]);
    expect(lanesOf(data, [], "live", 60_000).map((lane) => lane.info.title)).toEqual(["face.absent", "face.multiple"]);
  });

  it("goes 4 s before a finding, but not before the beginning", () => {
    expect(leadIn(finding("b", "face.multiple", 9_000, 10_000))).toBe(5_000);
    expect(leadIn(finding("a", "face.absent", 3_000, 4_000))).toBe(0);
  });

  it("steps from the selected finding, or from the playhead", () => {
    const id = (item: { finding: Finding } | null) => item?.finding.id ?? null;
    expect(id(neighbour(items, "a", 1, 0))).toBe("b");
    expect(id(neighbour(items, "b", 1, 0))).toBeNull();
    expect(id(neighbour(items, null, 1, 5_000))).toBe("b");
    expect(id(neighbour(items, null, -1, 5_000))).toBe("a");
    expect(id(neighbour(items, null, 1, 50_000))).toBe("a");
    expect(id(neighbour([], null, 1, 0))).toBeNull();
  });
});

describe("clips", () => {
  const segment = (participant: string, stream: string, n: number, start: number, end: number) => ({
    interview: "i", participant, stream, n, file: `i/${participant}-${stream}-${n}.webm`, start_ms: start, end_ms: end, bytes: 1,
    sha256: "", has_video: true, has_audio: true,
  });
  const person = (id: string, role: "candidate" | "interviewer") => ({ id, interview: "i", user: "", name: id, role, consents: {} });
  const data = review({
    participants: [person("host", "interviewer"), person("c", "candidate"), person("silent", "interviewer")],
    segments: [segment("host", "camera", 1, 500, 70_000), segment("c", "screen", 1, 10, 20), segment("c", "camera", 2, 30_000, 60_000), segment("c", "camera", 1, 0, 20_000)],
    duration_ms: 60_000,
  });
  const tracks = tracksOf(data);

  it("puts the candidate first, cameras before screens, segments in order", () => {
    expect(tracks.map((track) => track.id)).toEqual(["c/camera", "host/camera", "c/screen"]);
    expect(tracks[0]?.clips.map((clip) => clip.url)).toEqual(["/api/interviews/i/media/c-camera-1.webm", "/api/interviews/i/media/c-camera-2.webm"]);
    expect(durationOf(data)).toBe(70_000);
  });

  it("finds the clip of an instant, holes, and what comes soon", () => {
    const clips = tracks[0]!.clips;
    expect(clipAt(clips, 0)).toBe(clips[0]);
    expect(clipAt(clips, 20_000)).toBeNull();
    expect(clipAt(clips, 30_000)).toBe(clips[1]);
    expect(clipSoon(clips, 20_000, 4_000)).toBeNull();
    expect(clipSoon(clips, 27_000, 4_000)).toBe(clips[1]);
  });
});

describe("drawing", () => {
  it("takes the loudest value of each column and knows silence", () => {
    expect(columnsOf([-60, -30, -100, 0], 100, 400, 2)).toEqual([0.5, 1]);
    expect(columnsOf([-30], 100, 400, 4)).toEqual([0.5, null, null, null]);
    expect(columnsOf([-100, -6], 100, 200, 4).map((v) => v?.toFixed(1))).toEqual(["0.0", "0.0", "0.9", "0.9"]);
  });

  it("names round times", () => {
    expect(ticksOf(60_000, 8)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(ticksOf(3_600_000, 8)).toHaveLength(7);
    expect(ticksOf(0, 8)).toEqual([0]);
  });
});
