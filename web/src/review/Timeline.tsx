import { Group, NativeSelect, Switch, Text } from "@mantine/core";
import { type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";

import type { ReviewData } from "@/gen/api";
import type { Step } from "@/gen/evidence";
import type { Participant } from "@/gen/interview";
import { cardTitles } from "@/lib/cards";
import { byKey, list } from "@/lib/list";
import { clock, preciseClock, span } from "@/lib/time";
import { causeWords, coverageWords, decisionWords, reasonWords, severityWords, sourceWords } from "@/lib/words";
import { type Item, type KindLane, type Span, ticksOf } from "./lanes";
import { LevelLane } from "./LevelLane";
import type { SyncedPlayer } from "./player";
import { namesOf, seriesFor, seriesTitle } from "./series";
import { SeriesLane } from "./SeriesLane";
import classes from "./Timeline.module.css";
import { usePlayerValue } from "./usePlayer";

interface Props {
  player: SyncedPlayer;
  review: ReviewData;
  lanes: readonly KindLane[];
  run: string; // whose signals are drawn
  durationMs: number;
  selected: string | null;
  onSelect: (item: Item) => void;
  onStep: (step: Step) => void;
}

/** Timeline has a lane per kind, per voice, for gaps and for notes, all over one time axis. */
export function Timeline({ player, review, lanes, run, durationMs, selected, onSelect, onStep }: Props) {
  const [zoom, setZoom] = useState(1);
  const scroller = useRef<HTMLDivElement>(null);
  const voices = list(review.participants).filter((person) => list(review.segments).some((s) => s.participant === person.id && s.has_audio));
  const steps = list(review.run_sheet.steps);
  const [signals, setSignals] = useState(true);
  const rows = rowsOf(lanes, signals ? namesOf(review.series, run) : []);
  const seek = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * durationMs);
  };
  return (
    <section aria-label="Timeline" className={classes.timeline}>
      <Group justify="space-between" mb={6} gap="xs">
        <Legend />
        <Group gap="sm" ml="auto">
        {namesOf(review.series, run).length > 0 && (
          <Switch size="xs" label="Signals" checked={signals} onChange={(event) => setSignals(event.currentTarget.checked)} />
        )}
        <NativeSelect size="xs" aria-label="Zoom" value={String(zoom)} onChange={(event) => setZoom(Number(event.currentTarget.value))}
          data={[1, 2, 4, 8, 16].map((value) => ({ value: String(value), label: `Zoom ${value}×` }))} />
        </Group>
      </Group>
      <div className={classes.frame}>
        <div className={classes.labels} aria-hidden>
          <div className={classes.axis} />
          {rows.map((row) => (row.lane === null
            ? <div key={row.name} className={`${classes.label} ${classes.tall}`} title={seriesTitle(row.name)}><span className={classes.two}>{seriesTitle(row.name)}</span></div>
            : <Label key={row.name} text={row.lane.info.title} count={row.lane.items.length} />))}
          {steps.length > 0 && <Label text="Run-sheet" count={steps.length} />}
          {voices.map((person) => <Label key={person.id} text={`Voice: ${person.name}`} />)}
          <Label text="Gaps in the media" count={list(review.gaps).length} />
          <Label text="Notes, questions" count={list(review.annotations).length + list(review.questions).length} />
        </div>
        <div className={classes.scroller} ref={scroller}>
          {/* A pointer's way to seek; the keyboard has the seek bar. */}
          <div className={classes.tracks} style={{ width: `${zoom * 100}%` }} onClick={seek}>
            <Axis durationMs={durationMs} zoom={zoom} />
            {rows.map(({ name, lane }) => (lane === null ? (
              <div key={name} className={`${classes.lane} ${classes.tall}`} role="group" aria-label={seriesTitle(name)}>
                <SeriesLane interview={review.interview.id} name={name} run={run} durationMs={durationMs} zoom={zoom} />
              </div>
            ) : (
              <Lane key={name} name={lane.info.title}>
                {lane.coverage.map((s) => <CoverageSpan key={s.startMs} of={s} durationMs={durationMs} />)}
                {lane.items.map((item) => (
                  <FindingBar key={item.finding.id} item={item} durationMs={durationMs} selected={item.finding.id === selected} onSelect={onSelect} />
                ))}
              </Lane>
            )))}
            {steps.length > 0 && (
              <Lane name="Run-sheet">
                {steps.map((step) => <StepBar key={step.step} step={step} durationMs={durationMs} onStep={onStep} />)}
              </Lane>
            )}
            {voices.map((person) => (
              <Lane key={person.id} name={`Voice of ${person.name}`}>
                <LevelLane interview={review.interview.id} person={person} durationMs={durationMs} ready={review.ready} />
              </Lane>
            ))}
            <Lane name="Gaps in the media"><Gaps review={review} durationMs={durationMs} /></Lane>
            <Lane name="Notes and questions"><Marks review={review} durationMs={durationMs} player={player} /></Lane>
            <Playhead player={player} durationMs={durationMs} scroller={scroller} />
          </div>
        </div>
      </div>
    </section>
  );
}

/** Row is a lane of a kind, or of a signal. */
interface Row {
  name: string;
  lane: KindLane | null;
}

/** rowsOf puts signals below the last kind that they belong to, and others at the end. */
function rowsOf(lanes: readonly KindLane[], names: readonly string[]): Row[] {
  const rows: Row[] = [];
  const left = new Set(names);
  for (const [i, lane] of lanes.entries()) {
    rows.push({ name: lane.info.kind, lane });
    const mine = seriesFor(names, lane.info.kind);
    const again = lanes.slice(i + 1).some((later) => seriesFor(mine, later.info.kind).length > 0);
    if (again) continue;
    for (const name of mine.filter((one) => left.delete(one))) rows.push({ name, lane: null });
  }
  return [...rows, ...[...left].map((name) => ({ name, lane: null }))];
}

function Label({ text, count = 0 }: { text: string; count?: number }) {
  return (
    <div className={classes.label} title={text}>
      <span className="truncate">{text}</span>
      {count > 0 && <span className={classes.count}>{count}</span>}
    </div>
  );
}

function Lane({ name, children }: { name: string; children: ReactNode }) {
  return <div className={classes.lane} role="group" aria-label={name}>{children}</div>;
}

/** place is a stretch of time as a part of the lane's width. */
function place(startMs: number, endMs: number, durationMs: number) {
  return { left: `${(startMs / durationMs) * 100}%`, width: `${(Math.max(0, endMs - startMs) / durationMs) * 100}%` };
}

function Axis({ durationMs, zoom }: { durationMs: number; zoom: number }) {
  return (
    <div className={classes.axis} aria-hidden>
      {/* A time at the very end would be cut off. */}
      {ticksOf(durationMs, 7 * zoom).filter((ms) => ms < durationMs * (1 - 0.05 / zoom)).map((ms) => (
        <span key={ms} className={classes.tick} style={{ left: `${(ms / durationMs) * 100}%` }}>{clock(ms)}</span>
      ))}
    </div>
  );
}

function StepBar({ step, durationMs, onStep }: { step: Step; durationMs: number; onStep: (step: Step) => void }) {
  const title = `${cardTitles[step.kind]}, ${clock(step.start_ms)}`;
  return (
    <button type="button" className={classes.step} style={place(step.start_ms, step.end_ms > 0 ? step.end_ms : durationMs, durationMs)} title={title} aria-label={title}
      onClick={(event) => {
        event.stopPropagation();
        onStep(step);
      }} />
  );
}

function CoverageSpan({ of, durationMs }: { of: Span; durationMs: number }) {
  const why = of.reason === null ? "" : `: ${reasonWords[of.reason]}`;
  return (
    <div className={classes.coverage} data-coverage={of.state} data-reason={of.reason ?? undefined} style={place(of.startMs, of.endMs, durationMs)}
      title={`${clock(of.startMs)} to ${clock(of.endMs)}: ${coverageWords[of.state]}${why}`} />
  );
}

interface BarProps {
  item: Item;
  durationMs: number;
  selected: boolean;
  onSelect: (item: Item) => void;
}

function FindingBar({ item, durationMs, selected, onSelect }: BarProps) {
  const { finding, title, decision } = item;
  const said = decision === null ? "not reviewed" : decisionWords[decision].toLowerCase();
  const label = `${title}, ${preciseClock(finding.start_ms)} to ${preciseClock(finding.end_ms)}, ${severityWords[finding.severity].toLowerCase()}, ${said}`;
  return (
    <button type="button" className={classes.bar} data-finding={finding.id} data-severity={finding.severity} data-decided={decision !== null}
      data-selected={selected} aria-pressed={selected} aria-label={label} title={label} style={place(finding.start_ms, finding.end_ms, durationMs)}
      onClick={(event) => {
        event.stopPropagation();
        onSelect(item);
      }} />
  );
}

function Gaps({ review, durationMs }: { review: ReviewData; durationMs: number }) {
  const people = byKey(list(review.participants), (person: Participant) => person.id);
  return list(review.gaps).map((gap) => {
    const packets = gap.packets > 0 ? `, ${gap.packets} packets` : "";
    const label = `${people.get(gap.participant)?.name ?? "Unknown"}, ${sourceWords(gap.source)}: ${causeWords(gap.cause)}${packets}, ${preciseClock(gap.start_ms)}, for ${span(gap.end_ms - gap.start_ms)}`;
    return (
      <div key={`${gap.participant}/${gap.source}/${gap.start_ms}`} className={classes.gap} role="img" aria-label={label} title={label}
        style={place(gap.start_ms, gap.end_ms, durationMs)} />
    );
  });
}

function Marks({ review, durationMs, player }: { review: ReviewData; durationMs: number; player: SyncedPlayer }) {
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

interface PlayheadProps {
  player: SyncedPlayer;
  durationMs: number;
  scroller: { current: HTMLDivElement | null };
}

function Playhead({ player, durationMs, scroller }: PlayheadProps) {
  const share = usePlayerValue(player, (s) => Math.min(1, s.timeMs / durationMs));
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = scroller.current;
    if (box === null || line.current === null || box.scrollWidth <= box.clientWidth) return;
    const x = line.current.offsetLeft;
    if (x < box.scrollLeft || x > box.scrollLeft + box.clientWidth * 0.95) box.scrollLeft = Math.max(0, x - box.clientWidth * 0.1);
  }, [share, scroller]);
  return <div ref={line} className={classes.playhead} style={{ left: `${share * 100}%` }} aria-hidden />;
}

function Legend() {
  return (
    <Group gap="md" aria-label="Legend" role="group">
      {(["measured", "not_measurable", "not_run"] as const).map((state) => (
        <Group key={state} gap={6} wrap="nowrap">
          <span className={classes.swatch}><span className={classes.coverage} data-coverage={state} /></span>
          <Text size="xs" c="dimmed" className={classes.legend}>{coverageWords[state]}</Text>
        </Group>
      ))}
    </Group>
  );
}
