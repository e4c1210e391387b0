import { Alert, Group, NativeSelect, Stack, Tabs } from "@mantine/core";
import { useMemo, useState } from "react";

import type { ReviewData } from "@/gen/api";
import { type KindInfo, RunLive, type Step } from "@/gen/evidence";
import { useAuth } from "@/hooks/useAuth";
import { list } from "@/lib/list";
import { Answers } from "@/review/Answers";
import { tracksOf } from "@/review/clips";
import { Controls } from "@/review/Controls";
import { Faces } from "@/review/Faces";
import { type Filter, FindingList } from "@/review/FindingList";
import { Help } from "@/review/Help";
import type { Command } from "@/review/keys";
import { type Item, itemsOf, lanesOf, leadIn, neighbour, type Order, runsOf, sorted } from "@/review/lanes";
import { Notes } from "@/review/Notes";
import { Others } from "@/review/Others";
import { Player } from "@/review/Player";
import { RunSheet } from "@/review/RunSheet";
import { clipOf } from "@/review/steps";
import { Timeline } from "@/review/Timeline";
import { useDraft } from "@/review/useDraft";
import { usePlayedReport } from "@/review/usePlayedReport";
import { usePlayer } from "@/review/usePlayer";
import { useReviewKeys } from "@/review/useReviewKeys";
import classes from "./Workspace.module.css";

interface Props {
  review: ReviewData;
  kinds: readonly KindInfo[];
  durationMs: number;
}

/** Workspace lays out the player, the timeline and the findings, and ties them together. */
export function Workspace({ review, kinds, durationMs }: Props) {
  const { can } = useAuth();
  const player = usePlayer(durationMs);
  usePlayedReport(player, review.interview.id);
  const runs = useMemo(() => runsOf(review), [review]);
  const [chosenRun, setRun] = useState<string | null>(null);
  const run = chosenRun ?? runs[0] ?? RunLive;
  // A decision fetches the review anew; the same recordings must go on playing.
  const recorded = JSON.stringify([review.segments, review.participants]);
  const tracks = useMemo(() => tracksOf(review), [recorded]);
  const lanes = useMemo(() => lanesOf(review, kinds, run, durationMs), [review, kinds, run, durationMs]);
  const all = useMemo(() => itemsOf(review, kinds, run), [review, kinds, run]);

  const [selected, setSelected] = useState<string | null>(null);
  const [filter, setFilter] = useState<Filter>("all");
  const [order, setOrder] = useState<Order>("time");
  const [helping, setHelping] = useState(false);
  const [side, setSide] = useState("findings");
  const draft = useDraft(review.interview.id, selected);
  // What was just decided stays listed while it is selected, so that j and k go on from it.
  const items = sorted(all.filter((item) => filter === "all" || item.decision === null || item.finding.id === selected), order);

  const select = (item: Item) => {
    if (item.finding.id !== selected) draft.clear();
    setSelected(item.finding.id);
    setSide("findings");
    player.seek(leadIn(item.finding));
  };
  const [chosenStep, setStep] = useState<Step | null>(null);
  const showStep = (of: Step | null) => {
    setStep(of);
    if (of === null) return;
    setSide("cards");
    player.seek(clipOf(of, durationMs).fromMs);
  };
  const playStep = (of: Step) => {
    const { fromMs, toMs } = clipOf(of, durationMs);
    player.playRange(fromMs, toMs);
  };
  const step = (direction: 1 | -1) => {
    const next = neighbour(items, selected, direction, player.getSnapshot().timeMs);
    if (next !== null) select(next);
  };
  const decidable = can("finding.review") && all.some((item) => item.finding.id === selected && !item.finding.open);
  useReviewKeys((command: Command) => {
    switch (command) {
      case "toggle": return player.toggle();
      case "back": return player.seek(player.getSnapshot().timeMs - 5_000);
      case "forward": return player.seek(player.getSnapshot().timeMs + 5_000);
      case "next": return step(1);
      case "previous": return step(-1);
      case "confirm": return decidable ? draft.arm("confirmed") : undefined;
      case "explain": return decidable ? draft.arm("explained") : undefined;
      case "dismiss": return decidable ? draft.arm("dismissed") : undefined;
      case "help": return setHelping(true);
    }
  });
  return (
    <div className={classes.workspace}>
      <Stack gap="sm" className={classes.left}>
        {tracks.length === 0
          ? <Alert variant="light" title="Nothing was recorded">Nobody agreed to be recorded, or no media arrived. Notes and findings are below.</Alert>
          : <Player player={player} tracks={tracks} />}
        <Controls player={player} durationMs={durationMs} onStep={step} onHelp={() => setHelping(true)} />
        <Timeline player={player} review={review} lanes={lanes} run={run} durationMs={durationMs} selected={selected} onSelect={select} onStep={showStep} />
        <div className={classes.notesWide}><Notes review={review} player={player} /></div>
      </Stack>
      <div className={classes.right}>
        {runs.length > 1 && (
          <Group mb="sm">
            <NativeSelect size="xs" label="Analysis" value={run} onChange={(event) => setRun(event.currentTarget.value)}
              data={runs.map((name) => ({ value: name, label: name === RunLive ? "During the call" : `Of the recording (${name})` }))} />
          </Group>
        )}
        <Tabs value={side} onChange={(value) => setSide(value ?? "findings")}>
          <Tabs.List mb="xs" className={classes.tabs}>
            <Tabs.Tab value="findings">Findings ({all.length})</Tabs.Tab>
            <Tabs.Tab value="faces">Faces</Tabs.Tab>
            <Tabs.Tab value="cards">Run-sheet ({list(review.run_sheet.steps).length})</Tabs.Tab>
            <Tabs.Tab value="answers">Answers</Tabs.Tab>
            {can("gallery.search") && <Tabs.Tab value="others">Other interviews</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="findings">
            <FindingList review={review} items={items} all={all} lanes={lanes} filter={filter} order={order} selected={selected} draft={draft} player={player}
              onFilter={setFilter} onOrder={setOrder} onSelect={select} />
          </Tabs.Panel>
          <Tabs.Panel value="faces">
            {side === "faces" && <Faces interview={review.interview.id} run={run} mayAdd={can("picture.add")} onSeek={player.seek} />}
          </Tabs.Panel>
          <Tabs.Panel value="cards">
            <RunSheet review={review} selected={chosenStep?.step ?? null} onSelect={showStep} onPlay={playStep} />
          </Tabs.Panel>
          <Tabs.Panel value="answers">
            <Answers interview={review.interview.id} run={run} series={review.series} onSeek={(ms) => player.seek(ms)} />
          </Tabs.Panel>
          {can("gallery.search") && (
            <Tabs.Panel value="others">
              {side === "others" && <Others interview={review.interview} mayJudge={can("gallery.judge")} />}
            </Tabs.Panel>
          )}
        </Tabs>
      </div>
      <div className={classes.notesNarrow}><Notes review={review} player={player} /></div>
      <Help opened={helping} onClose={() => setHelping(false)} />
    </div>
  );
}
