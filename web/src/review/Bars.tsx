import type { ReviewData } from "@/gen/api";
import type { Step } from "@/gen/evidence";
import type { Participant } from "@/gen/interview";
import { cardTitles } from "@/lib/cards";
import { byKey, list } from "@/lib/list";
import { clock, preciseClock, span } from "@/lib/time";
import { causeWords, coverageWords, decisionWords, reasonWords, severityWords, slowedWords, sourceWords } from "@/lib/words";
import type { SummarySpan, SummaryState } from "./groups";
import type { Item, Span } from "./lanes";
import type { SyncedPlayer } from "./player";
import classes from "./Timeline.module.css";
import { useDamage } from "./usePlayer";

// What lies in the timeline's lanes. What has words in data-said is explained
// by its lane under the pointer.

/** summaryWords say how much of a group was measured. */
export const summaryWords: Readonly<Record<SummaryState, string>> = { ...coverageWords, partly: "partly measured" };

/** place is a stretch of time as a part of the lane's width. */
function place(startMs: number, endMs: number, durationMs: number) {
  return { left: `${(startMs / durationMs) * 100}%`, width: `${(Math.max(0, endMs - startMs) / durationMs) * 100}%` };
}

/** StepBar is a card of the run-sheet while it was on. */
export function StepBar({ step, durationMs, onStep }: { step: Step; durationMs: number; onStep: (step: Step) => void }) {
  const title = `${cardTitles[step.kind]}, ${clock(step.start_ms)}`;
  return (
    <button type="button" className={classes.step} style={place(step.start_ms, step.end_ms > 0 ? step.end_ms : durationMs, durationMs)} title={title} aria-label={title}
      onClick={(event) => {
        event.stopPropagation();
        onStep(step);
      }} />
  );
}

/** CoverageSpan is a stretch over which a kind was measured, could not be, or did not run. */
export function CoverageSpan({ of, durationMs }: { of: Span; durationMs: number }) {
  const why = of.reason === null ? "" : `: ${reasonWords[of.reason]}`;
  const slowed = of.slowedTo === undefined ? "" : `, ${slowedWords(of.slowedTo)}`;
  return (
    <div className={classes.coverage} data-coverage={of.state} data-reason={of.reason ?? undefined} data-slowed={of.slowedTo !== undefined} style={place(of.startMs, of.endMs, durationMs)}
      data-said={`${clock(of.startMs)} to ${clock(of.endMs)}: ${coverageWords[of.state]}${why}${slowed}`} />
  );
}

/** SummaryBar is a stretch over which each kind of a group stays as it is. */
export function SummaryBar({ of, durationMs }: { of: SummarySpan; durationMs: number }) {
  const missing = of.missing.length > 0 && of.state !== "not_run" ? ` Not measured: ${of.missing.join(", ")}.` : "";
  return (
    <div className={classes.coverage} data-coverage={of.state} style={place(of.startMs, of.endMs, durationMs)}
      data-said={`${clock(of.startMs)} to ${clock(of.endMs)}: ${summaryWords[of.state]}.${missing}`} />
  );
}

interface BarProps {
  item: Item;
  durationMs: number;
  selected: boolean;
  onSelect: (item: Item) => void;
}

/** FindingBar is a finding; pressing it shows it. */
export function FindingBar({ item, durationMs, selected, onSelect }: BarProps) {
  const { finding, title, decision } = item;
  const said = decision === null ? "not reviewed" : decisionWords[decision].toLowerCase();
  const label = `${title}, ${preciseClock(finding.start_ms)} to ${preciseClock(finding.end_ms)}, ${severityWords[finding.severity].toLowerCase()}, ${said}`;
  return (
    <button type="button" className={classes.bar} data-finding={finding.id} data-severity={finding.severity} data-decided={decision !== null}
      data-short={finding.end_ms - finding.start_ms < durationMs / 10} data-selected={selected} aria-pressed={selected} aria-label={label} title={label} style={place(finding.start_ms, finding.end_ms, durationMs)}
      onClick={(event) => {
        event.stopPropagation();
        onSelect(item);
      }} />
  );
}

/** Gaps are the holes in the media of all, and what of the recordings the browser could not show. */
export function Gaps({ review, durationMs, player }: { review: ReviewData; durationMs: number; player: SyncedPlayer }) {
  const people = byKey(list(review.participants), (person: Participant) => person.id);
  const damaged = useDamage(player).map((part) => {
    const label = `${people.get(part.channel.split("/")[0] ?? "")?.name ?? "Unknown"}: not decoded, so not shown, ${preciseClock(part.startMs)}, for ${span(part.endMs - part.startMs)}`;
    return (
      <div key={`${part.channel}/${part.startMs}`} className={classes.gap} role="img" aria-label={label} title={label}
        style={place(part.startMs, part.endMs, durationMs)} />
    );
  });
  const gaps = list(review.gaps).map((gap) => {
    const packets = gap.packets > 0 ? `, ${gap.packets} packets` : "";
    const label = `${people.get(gap.participant)?.name ?? "Unknown"}, ${sourceWords(gap.source)}: ${causeWords(gap.cause)}${packets}, ${preciseClock(gap.start_ms)}, for ${span(gap.end_ms - gap.start_ms)}`;
    return (
      <div key={`${gap.participant}/${gap.source}/${gap.start_ms}`} className={classes.gap} role="img" aria-label={label} title={label}
        style={place(gap.start_ms, gap.end_ms, durationMs)} />
    );
  });
  return [...gaps, ...damaged];
}

/** Marks are the notes, and where questions and answers began. */
export function Marks({ review, durationMs, player }: { review: ReviewData; durationMs: number; player: SyncedPlayer }) {
  const marks = [
    ...list(review.annotations).map((note) => ({ seq: note.seq, at: note.at_ms, sign: "N", label: `Note by ${note.by} at ${clock(note.at_ms)}: ${note.text}` })),
    ...list(review.questions).map((q) => ({
      seq: q.seq, at: q.at_ms, sign: q.phase === "asked" ? "Q" : "A",
      label: `${q.phase === "asked" ? "Question asked" : "Answer begins"} at ${clock(q.at_ms)}, marked by ${q.by}`,
    })),
  ];
  return marks.map((mark) => (
    <button key={mark.seq} type="button" className={classes.mark} data-sign={mark.sign} aria-label={mark.label} title={mark.label}
      style={{ left: `${(mark.at / durationMs) * 100}%` }}
      onClick={(event) => {
        event.stopPropagation();
        player.seek(mark.at);
      }}>{mark.sign}</button>
  ));
}
