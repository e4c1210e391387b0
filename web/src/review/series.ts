import type { SeriesLine } from "@/gen/api";
import type { Kind, SeriesMark, SeriesPayload, SeriesPoint } from "@/gen/evidence";
import { list } from "@/lib/list";

// From readings over time to what a plot draws.

/** A pause between two readings that is longer than this many usual ones is a gap. */
const gapFactor = 4;

/** talkSeries is the signal of who speaks. */
export const talkSeries = "speech.activity";

/** titles names signals; one that has none is shown by its name. */
const titles: Readonly<Record<string, string>> = {
  "identity.similarity": "Similarity to the enrolled face",
  "gaze.horizontal": "Gaze, horizontal (up in the plot is right in the picture)",
  "gaze.reading_score": "How much the half minute before looks like reading",
  "gaze.vertical": "Gaze, vertical, coarse: from head and lids",
  "head.yaw": "Head turned",
  "speech.activity": "Who speaks",
  "speech.latency": "Wait before an answer",
  "speech.longest_pause": "Longest pause in an answer",
  "speech.silence_ratio": "Share of pauses in an answer",
  "speech.lips_movement": "Movement of the mouth while there is speech",
  "speech.lips_offset": "Voice after the mouth",
  "signal.loss": "Signal: packets lost",
  "signal.missing": "Signal: missing pictures",
  "signal.sound_missing": "Signal: missing sound",
  "signal.jitter": "Signal: jitter",
  "signal.freeze": "Signal: longest pause",
  "signal.av_offset": "Signal: sound before picture",
  "signal.damaged": "Signal: damaged pictures",
  "signal.rate": "Signal: pictures a second",
  "signal.interval_spread": "Signal: spread of frame times",
  "signal.repeated": "Signal: pictures seen twice",
  "signal.face_readings": "Signal: readings of faces a second",
  "signal.sound_loss": "Signal: sound packets lost",
  "signal.sound_jitter": "Signal: jitter of the sound",
  "signal.rtt": "Signal: round trip",
};

/** seriesTitle is a signal's name for people. */
export function seriesTitle(name: string): string {
  return titles[name] ?? name.replaceAll(".", ": ").replaceAll("_", " ");
}

const family = (name: string): string => name.split(".")[0] ?? name;

/** namesOf lists a run's signals, those of the signal's quality last. */
export function namesOf(series: readonly SeriesPayload[] | null, run: string): string[] {
  const names = [...new Set(list(series).filter((row) => row.run === run).map((row) => row.name))];
  return names.sort((a, b) => Number(family(a) === "signal") - Number(family(b) === "signal") || a.localeCompare(b));
}

/** own names the signals of kinds that share their first word with others. */
const own: Readonly<Record<string, readonly string[]>> = {
  "gaze.reading": ["gaze.horizontal", "gaze.reading_score"],
  "gaze.off_screen": ["gaze.horizontal", "gaze.vertical"],
  "speech.latency": ["speech.activity", "speech.latency"],
  "speech.pause": ["speech.activity", "speech.longest_pause", "speech.silence_ratio"],
  "speech.lips_still": ["speech.activity", "speech.lips_movement"],
  "speech.lips_offset": ["speech.activity", "speech.lips_offset"],
};

/** seriesFor are the signals that belong to a kind: its own, or those with the same first word. */
export function seriesFor(names: readonly string[], kind: Kind): string[] {
  const known = own[kind];
  if (known !== undefined) return names.filter((name) => known.includes(name));
  return names.filter((name) => family(name) === family(kind));
}

/** Scale maps readings to a box of width × height. */
export interface Scale {
  fromMs: number;
  toMs: number;
  low: number;
  high: number;
}

/** scaleOf holds all readings and levels of a line, with some air. */
export function scaleOf(line: SeriesLine, fromMs: number, toMs: number): Scale {
  const values = [...list(line.points).filter(measured).map((p) => p.v), ...list(line.levels).map((level) => level.value)];
  let low = Math.min(...values, line.unit === "%" || list(line.points).every((p) => p.v >= 0) ? 0 : Infinity);
  let high = Math.max(...values);
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (high - low < 1e-9) high = low + 1;
  const air = (high - low) * 0.06;
  return { fromMs, toMs, low: low === 0 ? 0 : low - air, high: high + air };
}

function measured(point: SeriesPoint): boolean {
  return point.r === undefined;
}

/** usualStep is the usual time between two readings, in ms. */
export function usualStep(points: readonly SeriesPoint[]): number {
  const steps = points.slice(1).map((point, i) => point.t - (points[i]?.t ?? point.t)).filter((ms) => ms > 0).sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 1000;
}

/** runsOfPoints are the stretches that a line is drawn through: it breaks where nothing was measured. */
export function runsOfPoints(points: readonly SeriesPoint[]): SeriesPoint[][] {
  const longest = usualStep(points) * gapFactor;
  const runs: SeriesPoint[][] = [];
  let before: SeriesPoint | null = null;
  for (const point of points) {
    if (measured(point)) {
      const last = runs.at(-1);
      if (last !== undefined && before !== null && measured(before) && point.t - before.t <= longest) last.push(point);
      else runs.push([point]);
    }
    before = point;
  }
  return runs;
}

/** pathOf draws the runs; a lone reading becomes a short dash, so that it is seen. */
export function pathOf(points: readonly SeriesPoint[], scale: Scale, width: number, height: number): string {
  const x = (ms: number) => round(((ms - scale.fromMs) / (scale.toMs - scale.fromMs)) * width);
  const y = (value: number) => round(height * (1 - (value - scale.low) / (scale.high - scale.low)));
  return runsOfPoints(points).map((run) => {
    const [first] = run;
    if (first === undefined) return "";
    if (run.length === 1) return `M${x(first.t)} ${y(first.v)}h2`;
    return run.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.t)} ${y(point.v)}`).join("");
  }).join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Hole is a stretch that could not be measured, with the reason. */
export interface Hole {
  startMs: number;
  endMs: number;
  reason: NonNullable<SeriesPoint["r"]>;
}

/** holesOf joins neighbouring readings that could not be made for the same reason. */
export function holesOf(points: readonly SeriesPoint[]): Hole[] {
  const step = usualStep(points);
  const holes: Hole[] = [];
  for (const point of points) {
    if (point.r === undefined) continue;
    const last = holes.at(-1);
    if (last !== undefined && last.reason === point.r && point.t - last.endMs <= step * gapFactor) last.endMs = point.t + step;
    else holes.push({ startMs: point.t, endMs: point.t + step, reason: point.r });
  }
  return holes;
}

/** nearest is the reading closest to a time; null where there is none within a few steps of it. */
export function nearest(points: readonly SeriesPoint[], atMs: number, withinMs: number): SeriesPoint | null {
  let best: SeriesPoint | null = null;
  for (const point of points) {
    if (Math.abs(point.t - atMs) <= withinMs && (best === null || Math.abs(point.t - atMs) < Math.abs(best.t - atMs))) best = point;
  }
  return best;
}

/** marksAt names the marks that hold at a time. */
export function marksAt(marks: readonly SeriesMark[], atMs: number): string[] {
  return [...new Set(marks.filter((mark) => mark.start_ms <= atMs && atMs <= mark.end_ms).map((mark) => mark.name))];
}

/** marksIn gives the marks of which something lies in a stretch: those that are drawn in it. */
export function marksIn(marks: readonly SeriesMark[], fromMs: number, toMs: number): SeriesMark[] {
  return marks.filter((mark) => mark.end_ms > fromMs && mark.start_ms < toMs);
}

/** markCounts tells how often each mark is in a stretch: "sweep back, 26 times". */
export function markCounts(marks: readonly SeriesMark[], fromMs: number, toMs: number): string[] {
  const counts = new Map<string, number>();
  for (const { name } of marksIn(marks, fromMs, toMs)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${name}, ${n === 1 ? "once" : `${n} times`}`);
}

/** digits writes a reading with as many digits as matter. */
export function digits(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
