import { useSeries } from "@/api/queries";
import { list } from "@/lib/list";
import { talkSeries } from "./series";
import { SeriesPlot } from "./SeriesPlot";
import { TalkPlot } from "./TalkPlot";
import classes from "./Timeline.module.css";

/** A lane of the timeline has about so many columns at most: finer readings are thinned out by the server. */
const lanePoints = 2000;

interface Props {
  interview: string;
  name: string;
  run: string;
  durationMs: number;
  zoom: number;
}

/** SeriesLane is one signal over the whole interview. */
export function SeriesLane({ interview, name, run, durationMs, zoom }: Props) {
  const series = useSeries(interview, { names: [name], run, points: Math.min(20_000, lanePoints * Math.min(zoom, 4)) });
  const lines = list(series.data?.lines ?? null);
  if (series.isError) return <span className={classes.note}>These readings could not be loaded.</span>;
  if (series.isSuccess && lines.length === 0) return <span className={classes.note}>These readings were deleted.</span>;
  if (name === talkSeries) return lines.slice(0, 1).map((line) => <TalkPlot key={line.participant} line={line} fromMs={0} toMs={durationMs} height={44} />);
  return lines.slice(0, 1).map((line) => <SeriesPlot key={line.participant} line={line} fromMs={0} toMs={durationMs} height={44} />);
}
