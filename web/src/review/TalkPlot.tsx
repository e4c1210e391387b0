import { type MouseEvent, useId } from "react";

import type { SeriesLine } from "@/gen/api";
import { list } from "@/lib/list";
import { preciseClock } from "@/lib/time";
import { reasonWords } from "@/lib/words";
import type { SyncedPlayer } from "./player";
import { PlotPlayhead } from "./PlotPlayhead";
import classes from "./Series.module.css";
import { holesOf, marksIn } from "./series";

const width = 1000;

interface Props {
  line: SeriesLine;
  fromMs: number;
  toMs: number;
  height: number; // CSS pixels
  span?: { startMs: number; endMs: number };
  player?: SyncedPlayer; // whose time is shown, and which a press takes there
}

/** TalkPlot draws who spoke when: the candidate above, those who ask below, and where the candidate could not be heard. */
export function TalkPlot({ line, fromMs, toMs, height, span, player }: Props) {
  const hatch = useId();
  const x = (ms: number) => Math.min(width, Math.max(0, ((ms - fromMs) / (toMs - fromMs)) * width));
  const half = height / 2;
  const seek = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    player?.seek(fromMs + ((event.clientX - box.left) / box.width) * (toMs - fromMs));
  };
  return (
    <div className={classes.plot} style={{ height }}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label="Who speaks: the candidate above, the interviewers below" data-series={line.name}
        data-seeks={player !== undefined} onClick={seek}>
        <defs>
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="3" height="8" className={classes.hatch} /></pattern>
        </defs>
        {span !== undefined && <rect className={classes.span} x={x(span.startMs)} width={Math.max(2, x(span.endMs) - x(span.startMs))} y={0} height={height} />}
        {holesOf(list(line.points)).map((hole) => (
          <rect key={hole.startMs} fill={`url(#${hatch})`} x={x(hole.startMs)} width={Math.max(1, x(hole.endMs) - x(hole.startMs))} y={0} height={half}>
            <title>{`Candidate not heard: ${reasonWords[hole.reason]}`}</title>
          </rect>
        ))}
        {marksIn(list(line.marks), fromMs, toMs).map((mark) => {
          const candidate = mark.name === "candidate speaks";
          return (
            <rect key={`${mark.start_ms}/${mark.name}`} className={candidate ? classes.answers : classes.asks} x={x(mark.start_ms)}
              width={Math.max(0.5, x(mark.end_ms) - x(mark.start_ms))} y={candidate ? 3 : half + 3} height={half - 6}>
              <title>{`${candidate ? "Candidate" : "Interviewers"}, ${preciseClock(mark.start_ms)} to ${preciseClock(mark.end_ms)}`}</title>
            </rect>
          );
        })}
      </svg>
      {player !== undefined && <PlotPlayhead player={player} fromMs={fromMs} toMs={toMs} />}
    </div>
  );
}
