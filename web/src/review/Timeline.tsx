import { Group, NativeSelect, Switch, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import type { ReviewData } from "@/gen/api";
import type { Step } from "@/gen/evidence";
import { count, list } from "@/lib/list";
import { clock } from "@/lib/time";
import { CoverageSpan, FindingBar, Gaps, Marks, StepBar, SummaryBar, summaryWords } from "./Bars";
import { groupsOf, itemsIn, type LaneGroup, opensFirst, summaryOf } from "./groups";
import { coverageSentence, type Item, type KindLane, ticksOf } from "./lanes";
import { LevelLane } from "./LevelLane";
import type { SyncedPlayer } from "./player";
import { namesOf, seriesTitle, talkSeries } from "./series";
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

/** Row is one row of the timeline: its label on the left, and what lies in it. */
interface Row {
  key: string;
  label: ReactNode;
  lane: ReactNode;
}

/** Timeline draws all over one time axis: kinds and signals group by group, and below them what people did and said. */
export function Timeline({ player, review, lanes, run, durationMs, selected, onSelect, onStep }: Props) {
  const [zoom, setZoom] = useState(1);
  const [signals, setSignals] = useState(false);
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const scroller = useRef<HTMLDivElement>(null);
  const names = useMemo(() => namesOf(review.series, run), [review.series, run]);
  const groups = useMemo(() => groupsOf(lanes, names), [lanes, names]);
  const seek = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * durationMs);
  };
  const signalRow = (name: string, inside: boolean): Row => signalOf(name, inside, <SeriesLane interview={review.interview.id} name={name} run={run} durationMs={durationMs} zoom={zoom} />);
  const rows = groups.flatMap((group): Row[] => {
    const open = chosen[group.group.id] ?? opensFirst(group, signals);
    const head = <GroupLabel of={group} open={open} onToggle={() => setChosen({ ...chosen, [group.group.id]: !open })} />;
    const bars = (items: readonly Item[]) => items.map((item) => (
      <FindingBar key={item.finding.id} item={item} durationMs={durationMs} selected={item.finding.id === selected} onSelect={onSelect} />
    ));
    if (!open) return [{ key: group.group.id, label: head, lane: <SummaryLane of={group} durationMs={durationMs}>{bars(itemsIn(group))}</SummaryLane> }];
    return [
      { key: group.group.id, label: head, lane: <div className={classes.heading} /> },
      ...group.lanes.map((lane): Row => ({
        key: lane.info.kind,
        label: <Label text={lane.info.title} count={lane.items.length} says={coverageSentence(lane.coverage)} inside />,
        lane: (
          <Lane name={lane.info.title} says={coverageSentence(lane.coverage)}>
            {lane.coverage.map((s) => <CoverageSpan key={s.startMs} of={s} durationMs={durationMs} />)}
            {bars(lane.items)}
          </Lane>
        ),
      })),
      ...(signals ? group.signals.map((name) => signalRow(name, true)) : []),
    ];
  });
  if (names.includes(talkSeries)) rows.push(signalRow(talkSeries, false));
  rows.push(...contextRows(review, durationMs, player, onStep));
  return (
    <section aria-label="Timeline" className={classes.timeline}>
      <Group justify="space-between" mb={6} gap="xs">
        <Legend />
        <Group gap="sm" ml="auto">
          {groups.some((group) => group.signals.length > 0) && (
            <Switch size="xs" label="Signals" checked={signals} onChange={(event) => setSignals(event.currentTarget.checked)} />
          )}
          <NativeSelect size="xs" aria-label="Zoom" value={String(zoom)} onChange={(event) => setZoom(Number(event.currentTarget.value))}
            data={[1, 2, 4, 8, 16].map((value) => ({ value: String(value), label: `Zoom ${value}×` }))} />
        </Group>
      </Group>
      <div className={classes.frame}>
        <div className={classes.labels}>
          <div className={classes.axis} />
          {rows.map(({ key, label }) => <div key={key}>{label}</div>)}
        </div>
        <div className={classes.scroller} ref={scroller}>
          {/* A pointer's way to seek; the keyboard has the seek bar. */}
          <div className={classes.tracks} style={{ width: `${zoom * 100}%` }} onClick={seek}>
            <Axis durationMs={durationMs} zoom={zoom} />
            {rows.map(({ key, lane }) => <div key={key}>{lane}</div>)}
            <Playhead player={player} durationMs={durationMs} scroller={scroller} />
          </div>
        </div>
      </div>
    </section>
  );
}

function signalOf(name: string, inside: boolean, plot: ReactNode): Row {
  const title = seriesTitle(name);
  return {
    key: name,
    label: <div className={`${classes.label} ${classes.tall}`} data-inside={inside} title={title} aria-hidden><span className={classes.two}>{title}</span></div>,
    lane: <div className={`${classes.lane} ${classes.tall}`} role="group" aria-label={title}>{plot}</div>,
  };
}

/** contextRows are what people did and said: the run-sheet, voices, gaps, notes and questions. */
function contextRows(review: ReviewData, durationMs: number, player: SyncedPlayer, onStep: (step: Step) => void): Row[] {
  const steps = list(review.run_sheet.steps);
  const voices = list(review.participants).filter((person) => list(review.segments).some((s) => s.participant === person.id && s.has_audio));
  const rows: Row[] = steps.length === 0 ? [] : [{
    key: "run-sheet", label: <Label text="Run-sheet" count={steps.length} />,
    lane: <Lane name="Run-sheet">{steps.map((step) => <StepBar key={step.step} step={step} durationMs={durationMs} onStep={onStep} />)}</Lane>,
  }];
  return [
    ...rows,
    ...voices.map((person): Row => ({
      key: person.id, label: <Label text={`Voice: ${person.name}`} />,
      lane: <Lane name={`Voice of ${person.name}`}><LevelLane interview={review.interview.id} person={person} durationMs={durationMs} ready={review.ready} /></Lane>,
    })),
    { key: "gaps", label: <Label text="Gaps in the media" count={list(review.gaps).length} />, lane: <Lane name="Gaps in the media"><Gaps review={review} durationMs={durationMs} player={player} /></Lane> },
    {
      key: "notes", label: <Label text="Notes, questions" count={list(review.annotations).length + list(review.questions).length} />,
      lane: <Lane name="Notes and questions"><Marks review={review} durationMs={durationMs} player={player} /></Lane>,
    },
  ];
}

/** GroupLabel opens and closes a group. */
function GroupLabel({ of, open, onToggle }: { of: LaneGroup; open: boolean; onToggle: () => void }) {
  const found = itemsIn(of).length;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const said = of.lanes.length === 0 ? "" : `, ${count(found, of.group.facts ? "fact" : "finding")}`;
  return (
    <UnstyledButton className={`${classes.label} ${classes.group}`} aria-expanded={open} aria-label={`${of.group.title}${said}`} title={`${of.group.title}${said}`} onClick={onToggle}>
      <Chevron size={14} stroke={1.8} className={classes.chevron} />
      <span className={`truncate ${classes.name}`}>{of.group.title}</span>
      {found > 0 && <span className={classes.count}>{found}</span>}
    </UnstyledButton>
  );
}

/** SummaryLane is a closed group in one row. */
function SummaryLane({ of, durationMs, children }: { of: LaneGroup; durationMs: number; children: ReactNode }) {
  const spans = useMemo(() => summaryOf(of.lanes), [of.lanes]);
  return (
    <Lane name={of.group.title}>
      {spans.map((s) => <SummaryBar key={s.startMs} of={s} durationMs={durationMs} />)}
      {children}
    </Lane>
  );
}

function Label({ text, count: n = 0, says = "", inside = false }: { text: string; count?: number; says?: string; inside?: boolean }) {
  return (
    <div className={classes.label} title={says === "" ? text : `${text}: ${says}`} data-inside={inside} aria-hidden>
      <span className="truncate">{text}</span>
      {n > 0 && <span className={classes.count}>{n}</span>}
    </div>
  );
}

/** Lane is a row of the timeline; it tells what lies under the pointer, and says in a sentence how much of it was measured. */
function Lane({ name, says, children }: { name: string; says?: string; children: ReactNode }) {
  const [said, setSaid] = useState("");
  return (
    <Tooltip.Floating label={said} disabled={said === ""} multiline maw={340} offset={14} fz="xs" className="tabular">
      <div className={classes.lane} role="group" aria-label={name} aria-description={says}
        onPointerMove={(event) => setSaid(event.target instanceof HTMLElement ? event.target.dataset.said ?? "" : "")} onPointerLeave={() => setSaid("")}>
        {children}
      </div>
    </Tooltip.Floating>
  );
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
      {(["measured", "partly", "not_measurable", "not_run"] as const).map((state) => (
        <Group key={state} gap={6} wrap="nowrap">
          <span className={classes.swatch}><span className={classes.coverage} data-coverage={state} /></span>
          <Text size="xs" c="dimmed" className={classes.legend}>{summaryWords[state]}</Text>
        </Group>
      ))}
    </Group>
  );
}
