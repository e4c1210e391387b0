import { Text } from "@mantine/core";
import { type MouseEvent, useId, useMemo, useState } from "react";

import type { SeriesLine } from "@/gen/api";
import { list } from "@/lib/list";
import { preciseClock } from "@/lib/time";
import { reasonWords } from "@/lib/words";
import type { SyncedPlayer } from "./player";
import { PlotPlayhead } from "./PlotPlayhead";
import classes from "./Series.module.css";
import { digits, holesOf, marksAt, marksIn, nearest, pathOf, scaleOf, seriesTitle, usualStep } from "./series";

interface Props {
  line: SeriesLine;
  fromMs: number;
  toMs: number;
  height: number; // CSS pixels
  span?: { startMs: number; endMs: number }; // a stretch to point out, such as a finding
  axis?: boolean; // with the ends of both axes
  player?: SyncedPlayer; // whose time is shown, and which a press takes there
}

const width = 1000;

/** SeriesPlot draws readings over time: gaps where nothing was measured, thresholds, marks, and values under the pointer. */
export function SeriesPlot({ line, fromMs, toMs, height, span, axis = false, player }: Props) {
  const hatch = useId();
  const [over, setOver] = useState<number | null>(null);
  const points = list(line.points);
  const scale = useMemo(() => scaleOf(line, fromMs, toMs), [line, fromMs, toMs]);
  const path = useMemo(() => pathOf(points, scale, width, height), [points, scale, height]);
  const holes = useMemo(() => holesOf(points), [points]);
  const x = (ms: number) => Math.min(width, Math.max(0, ((ms - fromMs) / (toMs - fromMs)) * width));
  const y = (value: number) => height * (1 - (value - scale.low) / (scale.high - scale.low));
  const timeOf = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return fromMs + ((event.clientX - box.left) / box.width) * (toMs - fromMs);
  };
  const reading = over === null ? null : nearest(points, over, Math.max(usualStep(points) * 2, (toMs - fromMs) / 200));
  const unit = line.unit === "" ? "" : ` ${line.unit}`;
  return (
    <div className={classes.plot} style={{ height }}>
      {/* A pointer's way to seek; the keyboard has the seek bar. */}
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={summary(line)} data-series={line.name} data-seeks={player !== undefined}
        onPointerMove={(event) => setOver(timeOf(event))} onPointerLeave={() => setOver(null)} onClick={(event) => player?.seek(timeOf(event))}>
        <defs>
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="3" height="8" className={classes.hatch} /></pattern>
        </defs>
        {span !== undefined && <rect className={classes.span} x={x(span.startMs)} width={Math.max(2, x(span.endMs) - x(span.startMs))} y={0} height={height} />}
        {holes.map((hole) => <rect key={hole.startMs} fill={`url(#${hatch})`} x={x(hole.startMs)} width={Math.max(1, x(hole.endMs) - x(hole.startMs))} y={0} height={height} />)}
        {marksIn(list(line.marks), fromMs, toMs).map((mark) => (
          <rect key={`${mark.start_ms}/${mark.name}`} className={classes.mark} x={x(mark.start_ms)} width={Math.max(2, x(mark.end_ms) - x(mark.start_ms))} y={0} height={height}>
            <title>{mark.name}</title>
          </rect>
        ))}
        {list(line.levels).map((level) => (
          <line key={level.name} className={classes.level} x1={0} x2={width} y1={y(level.value)} y2={y(level.value)}><title>{`${level.name}: ${digits(level.value)}${unit}`}</title></line>
        ))}
        <path className={classes.line} d={path} />
        {over !== null && <line className={classes.cursor} x1={x(over)} x2={x(over)} y1={0} y2={height} />}
      </svg>
      {player !== undefined && <PlotPlayhead player={player} fromMs={fromMs} toMs={toMs} />}
      {axis && <Ends line={line} low={scale.low} high={scale.high} fromMs={fromMs} toMs={toMs} />}
      {over !== null && reading !== null && (
        <Text span size="xs" className={`${classes.value} tabular`} style={over - fromMs > (toMs - fromMs) / 2 ? { left: 4 } : { right: 4 }}>
          {preciseClock(reading.t)} · {reading.r === undefined ? `${digits(reading.v)}${unit}` : `not measurable: ${reasonWords[reading.r]}`}
          {marksAt(list(line.marks), over).map((name) => ` · ${name}`)}
        </Text>
      )}
    </div>
  );
}

/** Ends labels the corners, over the plot, so that nothing needs room beside it. */
function Ends({ line, low, high, fromMs, toMs }: { line: SeriesLine; low: number; high: number; fromMs: number; toMs: number }) {
  const unit = line.unit === "" ? "" : ` ${line.unit}`;
  return (
    <>
      <Text span size="xs" c="dimmed" className={`${classes.end} tabular`} style={{ left: 4, top: 0 }}>{digits(high)}{unit}</Text>
      <Text span size="xs" c="dimmed" className={`${classes.end} tabular`} style={{ left: 4, bottom: 0 }}>{digits(low)}{unit} · {preciseClock(fromMs)}</Text>
      <Text span size="xs" c="dimmed" className={`${classes.end} tabular`} style={{ right: 4, bottom: 0 }}>{preciseClock(toMs)}</Text>
    </>
  );
}

/** summary says in words what the plot shows. */
function summary(line: SeriesLine): string {
  const values = list(line.points).filter((p) => p.r === undefined).map((p) => p.v);
  const unit = line.unit === "" ? "" : ` ${line.unit}`;
  if (values.length === 0) return `${seriesTitle(line.name)}: nothing could be measured`;
  const levels = list(line.levels).map((level) => `, ${level.name} ${digits(level.value)}${unit}`).join("");
  return `${seriesTitle(line.name)}: ${digits(Math.min(...values))} to ${digits(Math.max(...values))}${unit}${levels}`;
}
