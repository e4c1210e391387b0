import type { ReviewData } from "@/gen/api";
import {
  RunLive, type Coverage, type CoverageState, type Decision, type Finding, type Kind, type KindInfo, type Reason, type Severity,
} from "@/gen/evidence";
import { groupOf } from "@/lib/groups";
import { list } from "@/lib/list";
import { coverageWords, reasonWords, slowedWords } from "@/lib/words";

// From the review's rows to what the timeline and the list draw.

/** Item is a finding with the decision that counts: the last one. */
export interface Item {
  finding: Finding;
  title: string;
  decision: Decision | null;
}

/** Span is a stretch of time over which coverage stays the same. */
export interface Span {
  startMs: number;
  endMs: number;
  state: CoverageState;
  reason: Reason | null;
  /** slowedTo is how often a second the signal was looked at, at least, where the analysis was too slow for more. */
  slowedTo?: number;
}

/** KindLane is one row of the timeline. */
export interface KindLane {
  info: KindInfo;
  items: readonly Item[];
  coverage: readonly Span[];
}

/** runsOf lists the analysis runs that found or covered something, the live one first. */
export function runsOf(review: ReviewData): string[] {
  const runs = new Set([...list(review.findings), ...list(review.coverage)].map((row) => row.run));
  return [...runs].sort((a, b) => Number(b === RunLive) - Number(a === RunLive) || a.localeCompare(b));
}

/** infoOf describes a kind; one that this server no longer knows is shown by its name. */
export function infoOf(kinds: readonly KindInfo[], kind: Kind): KindInfo {
  return kinds.find((info) => info.kind === kind)
    ?? { kind, title: kind, description: "", limits: "", unit: "", severity: "info", consent: "" as KindInfo["consent"] };
}

/** itemsOf are a run's findings in order of time, each with its decision. */
export function itemsOf(review: ReviewData, kinds: readonly KindInfo[], run: string): Item[] {
  const last = new Map(list(review.reviews).map((decision) => [decision.finding, decision.decision]));
  return list(review.findings)
    .filter((finding) => finding.run === run)
    .sort((a, b) => a.start_ms - b.start_ms || a.end_ms - b.end_ms)
    .map((finding) => ({ finding, title: infoOf(kinds, finding.kind).title, decision: last.get(finding.id) ?? null }));
}

/** lanesOf has a lane for every kind that the server knows, and for others that the review holds. */
export function lanesOf(review: ReviewData, kinds: readonly KindInfo[], run: string, durationMs: number): KindLane[] {
  const items = itemsOf(review, kinds, run);
  const coverage = list(review.coverage).filter((row) => row.run === run);
  const names = new Set<Kind>([...kinds.map((info) => info.kind), ...items.map((item) => item.finding.kind), ...coverage.map((row) => row.kind)]);
  return [...names].map((kind) => ({
    info: infoOf(kinds, kind),
    items: items.filter((item) => item.finding.kind === kind),
    coverage: spansOf(coverage.filter((row) => row.kind === kind), durationMs),
  }));
}

/**
 * spansOf turns coverage rows into stretches without holes from 0 to the end:
 * time that no row speaks of was not run. Neighbours that say the same become one;
 * of those that were slowed the lowest rate counts.
 */
export function spansOf(rows: readonly Coverage[], durationMs: number): Span[] {
  const spans: Span[] = [];
  const push = (startMs: number, endMs: number, state: CoverageState, reason: Reason | null, slowedTo?: number) => {
    if (endMs <= startMs) return;
    const last = spans.at(-1);
    const slowed = slowedTo === undefined ? {} : { slowedTo };
    if (last === undefined || last.state !== state || last.reason !== reason || last.endMs !== startMs || (last.slowedTo === undefined) !== (slowedTo === undefined)) {
      spans.push({ startMs, endMs, state, reason, ...slowed });
      return;
    }
    last.endMs = endMs;
    if (last.slowedTo !== undefined && slowedTo !== undefined) last.slowedTo = Math.min(last.slowedTo, slowedTo);
  };
  let at = 0;
  for (const row of [...rows].sort((a, b) => a.start_ms - b.start_ms)) {
    const start = Math.max(at, row.start_ms);
    const end = Math.min(durationMs, row.end_ms);
    push(at, Math.min(start, durationMs), "not_run", null);
    push(start, end, row.state, row.reason ?? null, row.slowed_to);
    at = Math.max(at, end);
  }
  push(at, durationMs, "not_run", null);
  return spans;
}

/** Share is a part of the interview in one state, with its reasons, the longest first. */
export interface Share {
  state: CoverageState;
  share: number; // 0 to 1
  reasons: readonly Reason[];
  /** slowedTo is the lowest rate to which any of it was slowed. */
  slowedTo?: number;
}

const stateOrder: readonly CoverageState[] = ["measured", "not_measurable", "not_run"];

/** sharesOf sums a lane's coverage by state; states that did not occur are left out. */
export function sharesOf(spans: readonly Span[]): Share[] {
  const total = spans.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
  if (total === 0) return [];
  return stateOrder.flatMap((state) => {
    const those = spans.filter((span) => span.state === state);
    const length = those.reduce((sum, span) => sum + span.endMs - span.startMs, 0);
    const byReason = new Map<Reason, number>();
    for (const span of those) {
      if (span.reason !== null) byReason.set(span.reason, (byReason.get(span.reason) ?? 0) + span.endMs - span.startMs);
    }
    const reasons = [...byReason].sort((a, b) => b[1] - a[1]).map(([reason]) => reason);
    const slowed = those.flatMap((span) => span.slowedTo ?? []);
    return length === 0 ? [] : [{ state, share: length / total, reasons, ...(slowed.length === 0 ? {} : { slowedTo: Math.min(...slowed) }) }];
  });
}

/** coverageSentence sums up a lane: "measured 92 %, not measurable 5 % (too little light), not run 3 %". */
export function coverageSentence(spans: readonly Span[]): string {
  return sharesOf(spans).map(({ state, share, reasons, slowedTo }) => {
    const said = [...reasons.map((reason) => reasonWords[reason]), ...(slowedTo === undefined ? [] : [`in part ${slowedWords(slowedTo)}`])];
    const why = said.length === 0 ? "" : ` (${said.join(", ")})`;
    return `${coverageWords[state]} ${percent(share)}${why}`;
  }).join(", ");
}

/** percent writes a share so that something is never "0 %" and a part never "100 %". */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (share > 0 && rounded === 0) return "under 1 %";
  if (share < 1 && rounded === 100) return "over 99 %";
  return `${rounded} %`;
}

const severityOrder: Readonly<Record<Severity, number>> = { attention: 0, notice: 1, info: 2 };

/** Order is how the list of findings is sorted. */
export type Order = "time" | "severity";

/** isFact tells findings that the browser or the network told from those that were seen or heard. */
export function isFact(item: Item): boolean {
  return groupOf(item.finding.kind).facts;
}

/** sorted orders findings by time, or by severity and then by time; facts come below all others. */
export function sorted(items: readonly Item[], order: Order): Item[] {
  return [...items].sort((a, b) => Number(isFact(a)) - Number(isFact(b))
    || (order === "severity" ? severityOrder[a.finding.severity] - severityOrder[b.finding.severity] : 0)
    || a.finding.start_ms - b.finding.start_ms);
}

/**
 * neighbour is the finding that j (step 1) or k (step -1) goes to: beside the
 * selected one, or, where none is selected, the next one from the playhead.
 */
export function neighbour(items: readonly Item[], selected: string | null, step: 1 | -1, atMs: number): Item | null {
  const at = items.findIndex((item) => item.finding.id === selected);
  if (at >= 0) return items[at + step] ?? null;
  if (step === 1) return items.find((item) => item.finding.start_ms >= atMs) ?? items[0] ?? null;
  return items.findLast((item) => item.finding.start_ms <= atMs) ?? items.at(-1) ?? null;
}

/** Before a finding's start, so that the viewer sees how it came about. */
export const leadInMs = 4_000;

/** leadIn is where playback goes to show a finding. */
export function leadIn(finding: Finding): number {
  return Math.max(0, finding.start_ms - leadInMs);
}

/**
 * columnsOf draws a loudness curve with n columns: the loudest value of each,
 * from 0 (silent, or -60 dBFS and less) to 1 (0 dBFS); null where the curve has ended.
 */
export function columnsOf(dbfs: readonly number[], stepMs: number, durationMs: number, n: number): (number | null)[] {
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * durationMs) / n / stepMs);
    const to = Math.max(from + 1, Math.floor(((i + 1) * durationMs) / n / stepMs));
    const values = dbfs.slice(from, to);
    return values.length === 0 ? null : Math.max(0, Math.min(1, 1 + Math.max(...values) / 60));
  });
}

/** ticksOf are the times that the axis names: round, and not more than about n. */
export function ticksOf(durationMs: number, n: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((s) => s * 1000);
  const step = steps.find((s) => durationMs / s <= n) ?? 7_200_000;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, i) => i * step);
}
