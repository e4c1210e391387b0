import { Text } from "@mantine/core";
import { useState } from "react";

import type { Still } from "@/gen/evidence";
import { preciseClock } from "@/lib/time";
import classes from "./FaceStills.module.css";

interface Props {
  interview: string;
  stills: readonly { still: Still; caption?: string }[];
  onSelect?: (atMs: number) => void;
}

/** FaceStills is a strip of pictures of faces. With onSelect each leads to its instant. */
export function FaceStills({ interview, stills, onSelect }: Props) {
  return (
    <ul className={classes.strip}>
      {stills.map(({ still, caption }) => (
        <li key={still.sha256}>
          {onSelect === undefined
            ? <Face interview={interview} still={still} />
            : (
              <button type="button" className={classes.jump} onClick={() => onSelect(still.at_ms)} aria-label={`Go to ${preciseClock(still.at_ms)}`}>
                <Face interview={interview} still={still} />
              </button>
            )}
          <Text size="xs" c="dimmed" className="tabular">{caption ?? preciseClock(still.at_ms)}</Text>
        </li>
      ))}
    </ul>
  );
}

/** Face is one picture; where it was deleted it says so. */
function Face({ interview, still }: { interview: string; still: Still }) {
  const [gone, setGone] = useState(false);
  if (gone) return <span className={classes.gone}>Picture deleted</span>;
  return (
    <img className={classes.face} loading="lazy" width={72} height={72} onError={() => setGone(true)} alt={`Face at ${preciseClock(still.at_ms)}`}
      src={`/api/interviews/${encodeURIComponent(interview)}/stills/${still.sha256}`} />
  );
}
