import { Alert } from "@mantine/core";
import { useEffect, useRef } from "react";

import type { Track } from "./clips";
import type { SyncedPlayer } from "./player";
import classes from "./Player.module.css";
import { usePlayerValue } from "./usePlayer";
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
    </section>
  );
}
