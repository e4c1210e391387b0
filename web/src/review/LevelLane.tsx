import { useMemo } from "react";

import { useLevels } from "@/api/queries";
import type { Participant } from "@/gen/interview";
import { list } from "@/lib/list";
import { columnsOf } from "./lanes";
import classes from "./Timeline.module.css";

const columns = 800;

/** pathOf draws the columns as one area, mirrored about the middle of a box of columns × 2. */
function pathOf(levels: readonly (number | null)[]): string {
  return levels.map((level, x) => (level === null || level === 0 ? "" : `M${x} ${1 - level}h1V${1 + level}h-1z`)).join("");
}

interface Props {
  interview: string;
  person: Participant;
  durationMs: number;
  ready: boolean; // the curve is computed from finished recordings
}

/** LevelLane is the loudness of one voice over the interview. */
export function LevelLane({ interview, person, durationMs, ready }: Props) {
  const levels = useLevels(interview, person.id, ready);
  const path = useMemo(
    () => (levels.data === undefined ? "" : pathOf(columnsOf(list(levels.data.dbfs), levels.data.step_ms, durationMs, columns))),
    [levels.data, durationMs],
  );
  return (
    <svg className={classes.level} viewBox={`0 0 ${columns} 2`} preserveAspectRatio="none" role="img" data-columns={levels.isSuccess ? columns : undefined}
      aria-label={levels.isError ? `The loudness of ${person.name} could not be computed` : `Loudness of ${person.name}`}>
      <path d={path} />
    </svg>
  );
}
