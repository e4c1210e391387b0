import type { CoverageState, Reason } from "@/gen/evidence";
import { type Group, grouped } from "@/lib/groups";
import { reasonWords } from "@/lib/words";
import type { Item, KindLane } from "./lanes";
import { talkSeries } from "./series";

// The timeline's lanes, group by group.

/** LaneGroup is a group of the timeline: its kinds' lanes, and its signals. */
export interface LaneGroup {
  group: Group;
  lanes: readonly KindLane[];
  signals: readonly string[];
}

/** groupsOf sorts lanes and signals into groups. Who speaks has a lane of its own. */
export function groupsOf(lanes: readonly KindLane[], signals: readonly string[]): LaneGroup[] {
  const rows = [
    ...lanes.map((lane) => ({ name: lane.info.kind as string, lane })),
    ...signals.filter((name) => name !== talkSeries).map((name) => ({ name, lane: null })),
  ];
  return grouped(rows, (row) => row.name).map(({ group, members }) => ({
    group,
    lanes: members.flatMap(({ lane }) => (lane === null ? [] : [lane])),
    signals: members.filter(({ lane }) => lane === null).map(({ name }) => name),
  }));
}

/** itemsIn are a group's findings in order of time. */
export function itemsIn(group: LaneGroup): Item[] {
  return group.lanes.flatMap((lane) => lane.items).sort((a, b) => a.finding.start_ms - b.finding.start_ms);
}

/**
 * opensFirst says whether a group is open before anybody chose: where something
 * was found, or where signals that are wanted belong to it. Findings among
 * facts are drawn in the group's own row, which is enough.
 */
export function opensFirst(group: LaneGroup, signals: boolean): boolean {
  return (!group.group.facts && itemsIn(group).length > 0) || (signals && group.signals.length > 0);
}

/** SummaryState adds to the states of one kind that some kinds of a group were measured and others not. */
export type SummaryState = CoverageState | "partly";

/** SummarySpan is a stretch over which every kind of a group stays as it is. */
export interface SummarySpan {
  startMs: number;
  endMs: number;
  state: SummaryState;
  /** missing names the kinds that were not measured, with the reason. */
  missing: readonly string[];
}

/** summaryOf lays the coverage of a group's lanes over each other. */
export function summaryOf(lanes: readonly KindLane[]): SummarySpan[] {
  const edges = [...new Set(lanes.flatMap((lane) => lane.coverage.flatMap((span) => [span.startMs, span.endMs])))].sort((a, b) => a - b);
  const spans: (SummarySpan & { text: string })[] = [];
  const at = lanes.map(() => 0); // each lane's span at the edge: edges only go forward
  for (const [i, startMs] of edges.entries()) {
    const endMs = edges[i + 1];
    if (endMs === undefined) break;
    const states = lanes.map((lane, n) => {
      while ((lane.coverage[at[n] ?? 0]?.endMs ?? Infinity) <= startMs) at[n] = (at[n] ?? 0) + 1;
      const span = lane.coverage[at[n] ?? 0];
      return { title: lane.info.title, state: span?.state ?? "not_run", reason: span?.reason ?? null };
    });
    const missing = states.filter(({ state }) => state !== "measured").map(({ title, reason }) => withReason(title, reason));
    const state = stateOf(states.map((one) => one.state));
    const text = missing.join();
    const last = spans.at(-1);
    if (last !== undefined && last.state === state && last.text === text) last.endMs = endMs;
    else spans.push({ startMs, endMs, state, missing, text });
  }
  return spans.map(({ startMs, endMs, state, missing }) => ({ startMs, endMs, state, missing }));
}

function stateOf(states: readonly CoverageState[]): SummaryState {
  if (states.every((state) => state === "measured")) return "measured";
  if (states.some((state) => state === "measured")) return "partly";
  return states.some((state) => state === "not_measurable") ? "not_measurable" : "not_run";
}

function withReason(title: string, reason: Reason | null): string {
  return reason === null ? title : `${title} (${reasonWords[reason]})`;
}
