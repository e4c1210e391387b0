import { useEffect, useState, useSyncExternalStore } from "react";

import type { DamagedSpan } from "./damage";
import { type Snapshot, SyncedPlayer } from "./player";

/** usePlayer makes a player for as long as the page is shown. */
export function usePlayer(durationMs: number): SyncedPlayer {
  const [player] = useState(() => new SyncedPlayer(durationMs));
  useEffect(() => player.start(), [player]);
  useEffect(() => player.setDuration(durationMs), [player, durationMs]);
  return player;
}

/** useDamage gives what the browser could not decode so far. */
export function useDamage(player: SyncedPlayer): readonly DamagedSpan[] {
  return useSyncExternalStore(player.subscribe, () => player.getSnapshot().damaged);
}

/** usePlayerValue draws a component anew when the chosen value changes; it must be a string, number, boolean or null. */
export function usePlayerValue<T extends string | number | boolean | null>(player: SyncedPlayer, select: (snapshot: Snapshot) => T): T {
  return useSyncExternalStore(player.subscribe, () => select(player.getSnapshot()));
}
