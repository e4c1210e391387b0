import { useEffect, useState } from "react";

import { floorDBFS, meter, watchLevel } from "@/rtc/level";
import classes from "./room.module.css";

/** LevelMeter shows how loud a microphone is. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const [level, setLevel] = useState(floorDBFS);
  useEffect(() => {
    if (track === null) {
      setLevel(floorDBFS);
      return;
    }
    return watchLevel(track, setLevel);
  }, [track]);
  const percent = Math.round(meter(level) * 100);
  return (
    <div className={classes.meter} role="meter" aria-label="Microphone level" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div className={classes.meterFill} style={{ width: `${percent}%` }} />
    </div>
  );
}
