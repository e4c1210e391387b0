import type { SyncedPlayer } from "./player";
import classes from "./Series.module.css";
import { usePlayerValue } from "./usePlayer";

/** PlotPlayhead is where the player stands within a plot of [fromMs, toMs]; nothing outside of it. */
export function PlotPlayhead({ player, fromMs, toMs }: { player: SyncedPlayer; fromMs: number; toMs: number }) {
  const share = usePlayerValue(player, (s) => (s.timeMs < fromMs || s.timeMs > toMs ? null : (s.timeMs - fromMs) / (toMs - fromMs)));
  if (share === null) return null;
  return <div className={classes.playhead} data-playhead style={{ left: `${share * 100}%` }} aria-hidden />;
}
