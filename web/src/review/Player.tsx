import { Alert, Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import { count } from "@/lib/list";
import { clock, span } from "@/lib/time";
import type { Track } from "./clips";
import type { SyncedPlayer } from "./player";
import classes from "./Player.module.css";
import { useDamage, usePlayerValue } from "./usePlayer";
import { VideoTile } from "./VideoTile";

/**
 * Player shows every recording side by side. How well they are in step can be
 * read from its data attributes, by people with the developer tools and by tests.
 */
export function Player({ player, tracks }: { player: SyncedPlayer; tracks: readonly Track[] }) {
  const section = useRef<HTMLElement>(null);
  const problem = usePlayerValue(player, (s) => s.problem);
  useEffect(() => {
    const write = () => {
      const element = section.current;
      if (element === null) return;
      const s = player.getSnapshot();
      element.dataset.timeMs = String(Math.round(s.timeMs));
      element.dataset.driftMs = s.driftMs === null ? "" : String(s.driftMs);
      element.dataset.state = !s.playing ? "paused" : s.holding ? "holding" : "playing";
    };
    write();
    return player.subscribe(write);
  }, [player]);
  return (
    <section ref={section} aria-label="Player" className={classes.player}>
      {problem !== "" && <Alert role="alert" color="orange" variant="light" mb="sm">{problem}</Alert>}
      <div className={classes.tiles} data-count={tracks.filter((track) => track.stream === "camera").length}>
        {tracks.map((track, order) => <VideoTile key={track.id} player={player} track={track} order={order} />)}
      </div>
      <Damaged player={player} tracks={tracks} />
    </section>
  );
}

/** Damaged says which parts of whose recording the browser could not show. */
function Damaged({ player, tracks }: { player: SyncedPlayer; tracks: readonly Track[] }) {
  const damaged = useDamage(player);
  return tracks.map((track) => {
    const parts = damaged.filter((part) => part.channel === track.id);
    if (parts.length === 0) return null;
    const total = parts.reduce((ms, part) => ms + part.endMs - part.startMs, 0);
    const where = parts.map((part) => `${clock(part.startMs)} to ${clock(part.endMs)}`).join(", ");
    const whose = `${track.participant.name}${track.stream === "screen" ? " (screen)" : ""}`;
    return (
      <Text key={track.id} role="status" size="xs" c="dimmed" mt={6}>
        Of the recording of {whose}, {count(parts.length, "part")} could not be shown, {span(total)} in all: {where}. The file may be damaged there; this browser could not decode it.
      </Text>
    );
  });
}
