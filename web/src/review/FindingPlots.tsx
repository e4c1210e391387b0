import { Loader, Text } from "@mantine/core";

import { useSeries } from "@/api/queries";
import type { Finding, Kind, SeriesPayload } from "@/gen/evidence";
import { list } from "@/lib/list";
import type { SyncedPlayer } from "./player";
import classes from "./Series.module.css";
import { markCounts, namesOf, seriesFor, seriesTitle, talkSeries } from "./series";
import { SeriesPlot } from "./SeriesPlot";
import { TalkPlot } from "./TalkPlot";

/** So much is shown before and after a finding, so that it can be compared with what was usual. */
const aroundMs = 10_000;
/** What these kinds tell of a moment rests on so much time before it. */
const beforeMs: Partial<Record<Kind, number>> = { "gaze.reading": 40_000, "gaze.off_screen": 70_000 };

interface Props {
  interview: string;
  finding: Finding;
  series: readonly SeriesPayload[] | null;
  durationMs: number;
  player: SyncedPlayer;
}

/** FindingPlots draws the signals that a finding rests on, over its own time; the player's time moves along in them, and a press takes the player there. */
export function FindingPlots({ interview, finding, series, durationMs, player }: Props) {
  const names = seriesFor(namesOf(series, finding.run), finding.kind);
  const fromMs = Math.max(0, finding.start_ms - (beforeMs[finding.kind] ?? aroundMs));
  const toMs = Math.max(fromMs + 1000, Math.min(durationMs, finding.end_ms + aroundMs));
  const data = useSeries(interview, { names, run: finding.run, from: Math.floor(fromMs), to: Math.ceil(toMs), points: 4000 });
  if (names.length === 0) return null;
  if (data.isPending) return <Loader size="xs" />;
  if (data.isError) return <Text size="sm" c="dimmed">The signal could not be loaded.</Text>;
  return list(data.data.lines).filter((line) => list(line.points).length > 0).map((line) => (
    <div key={`${line.participant}/${line.name}`}>
      <Text size="xs" fw={600} c="dimmed" mb={2}>{seriesTitle(line.name)}</Text>
      {line.name === talkSeries
        ? <TalkPlot line={line} fromMs={fromMs} toMs={toMs} height={44} span={{ startMs: finding.start_ms, endMs: finding.end_ms }} player={player} />
        : <SeriesPlot line={line} fromMs={fromMs} toMs={toMs} height={110} axis span={{ startMs: finding.start_ms, endMs: finding.end_ms }} player={player} />}
      {line.name !== talkSeries && markCounts(list(line.marks), fromMs, toMs).map((said) => (
        <Text key={said} size="xs" c="dimmed" mt={2} className="tabular"><span className={classes.marked} />Marked: {said}</Text>
      ))}
    </div>
  ));
}
