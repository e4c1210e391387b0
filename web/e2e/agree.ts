// Where two lists of findings of one film differ: what the log holds against
// what was shown, or against what the analysis of the kept file found. A machine
// that is too busy says so in the coverage, and there nothing is asked of it.

import type { Coverage } from "../src/gen/evidence";

/** A finding, or a span of a film in which there should be one, in seconds of the interview. */
export interface Row {
  kind: string;
  start: number;
  end: number;
}

/** How far apart the edges may lie. */
const edge = 1;

/** Tells that a kind was measured at its full rate from one second to another. */
function clear(coverage: Coverage[], kind: string, from: number, to: number): boolean {
  const spans = coverage.filter((c) => c.kind === kind && c.end_ms > from * 1000 && c.start_ms < to * 1000);
  const good = spans.filter((c) => c.state === "measured" && (c.slowed_to ?? 0) === 0)
    .reduce((sum, c) => sum + Math.min(c.end_ms, to * 1000) - Math.max(c.start_ms, from * 1000), 0);
  return good >= (to - from) * 1000 - 1;
}

/** What is wrong with findings of one track, of which the coverage is given; nothing where they agree. */
export function differences(found: Row[], truth: Row[], coverage: Coverage[]): string[] {
  const words = (r: Row): string => `${r.kind} ${r.start.toFixed(2)}–${r.end.toFixed(2)} s`;
  const out: string[] = [];
  const overlap = (a: Row, b: Row): boolean => a.kind === b.kind && a.start < b.end + edge && b.start < a.end + edge;
  for (const f of found) {
    const shown = truth.filter((t) => overlap(f, t));
    if (shown.length === 0) out.push(`${words(f)} was found, and there is nothing`);
    for (const t of shown) {
      for (const [a, b] of [[f.start, t.start], [f.end, t.end]] as const) {
        const judged = clear(coverage, f.kind, Math.min(a, b) - edge, Math.max(a, b) + edge);
        if (judged && Math.abs(a - b) > edge) out.push(`${words(f)} was found, and there is ${words(t)}`);
      }
    }
  }
  for (const t of truth) {
    const times = found.filter((f) => overlap(f, t)).length;
    if (times !== 1 && clear(coverage, t.kind, t.start, t.end)) out.push(`${words(t)} was found ${times} times`);
  }
  return out;
}
