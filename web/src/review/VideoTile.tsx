import { ActionIcon, Loader, Text } from "@mantine/core";
import { IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { clipAt, clipSoon, type Track } from "./clips";
import type { ChannelState, SyncedPlayer } from "./player";
import classes from "./Player.module.css";
import { Range } from "./Range";
import { usePlayerValue } from "./usePlayer";

const roles = { candidate: "Candidate", interviewer: "Interviewer", observer: "Observer" } as const;

/** In so short a hole before a file its first picture is shown instead of words. */
const beginsMs = 500;

interface Props {
  player: SyncedPlayer;
  track: Track;
  order: number;
}

/** VideoTile is one participant's picture and sound. What it lacks at this instant it says. */
export function VideoTile({ player, track, order }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const state = usePlayerValue(player, (s): ChannelState => s.channels[track.id] ?? "loading");
  const hasVideo = usePlayerValue(player, (s) => clipAt(track.clips, s.timeMs)?.hasVideo ?? false);
  const begins = usePlayerValue(player, (s) => clipSoon(track.clips, s.timeMs, beginsMs) !== null);
  useEffect(() => {
    if (video.current === null) return undefined;
    return player.attach(track.id, order, track.clips, video.current);
  }, [player, track, order]);
  const name = track.participant.name;
  const what = track.stream === "screen" ? "Screen" : roles[track.participant.role];
  return (
    <figure className={classes.tile} data-stream={track.stream} data-role={track.participant.role} data-state={state}>
      <div className={classes.picture}>
        <video ref={video} preload="auto" playsInline aria-label={`${what}: recording of ${name}`} />
        {!(state === "hole" && begins) && <Cover state={state} hasVideo={hasVideo} />}
      </div>
      <figcaption className={classes.caption}>
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={600} className="truncate" title={name}>{name}</Text>
          <Text size="xs" c="dimmed">{what}</Text>
        </div>
        <Volume video={video} name={track.stream === "screen" ? `${name}'s screen` : name} />
      </figcaption>
    </figure>
  );
}

function Cover({ state, hasVideo }: { state: ChannelState; hasVideo: boolean }) {
  if (state === "hole") return <div className={classes.cover}>No recording here</div>;
  if (state === "damaged") return <div className={classes.cover}>This part could not be decoded</div>;
  if (state === "failed") return <div className={classes.cover} role="alert" title="If that does not help, check the file on the server.">This part could not be played. Reload the page.</div>;
  if (state === "loading") return <div className={classes.cover} data-over><Loader size="sm" color="gray" aria-label="Loading recording" /></div>;
  if (!hasVideo) return <div className={classes.cover}>Sound only: no picture was sent</div>;
  return null;
}

function Volume({ video, name }: { video: { current: HTMLVideoElement | null }; name: string }) {
  const [volume, setVolume] = useState(1);
  const [muted, setMuted] = useState(false);
  useEffect(() => {
    if (video.current === null) return;
    video.current.volume = volume;
    video.current.muted = muted;
  }, [video, volume, muted]);
  const label = muted ? `Unmute ${name}` : `Mute ${name}`;
  return (
    <div className={classes.volume}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} aria-pressed={muted} onClick={() => setMuted(!muted)}>
        {muted ? <IconVolumeOff size={17} stroke={1.6} /> : <IconVolume size={17} stroke={1.6} />}
      </ActionIcon>
      <Range label={`Volume of ${name}`} value={muted ? 0 : volume} max={1} step={0.05}
        onChange={(value) => {
          setVolume(value);
          setMuted(false);
        }} />
    </div>
  );
}
