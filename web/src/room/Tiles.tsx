import { Alert, Avatar, Button, Group, Text } from "@mantine/core";
import { IconEye, IconMicrophoneOff } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";

import { type Call, useLocalState, useRoomState } from "@/hooks/useCall";
import type { Person } from "@/gen/signaling";
import classes from "./room.module.css";
import { Video, Voice } from "./Video";
import { initials, roleName } from "./words";

/**
 * How long a picture stays after its camera is no longer in the room, in ms:
 * who reloads the page goes on in the same track before that.
 */
const lingers = 2_000;

/** Tiles show everybody in the room, shared screens first, and play what they say. */
export function Tiles({ call }: { call: Call }) {
  const { people, you, remote } = useRoomState(call);
  const { camera, microphone, screen } = useLocalState(call);
  const [blocked, setBlocked] = useState(false);
  const [retry, setRetry] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);
  const others = people.filter((p) => p.id !== you?.id && p.stage === "room" && p.role !== "observer");
  const observers = people.filter((p) => p.stage === "room" && p.role === "observer");
  const trackOf = (person: string, source: string) => remote.find((r) => r.participant === person && r.source === source)?.track ?? null;
  const mute = (person: Person, source: string) => person.sources?.find((s) => s.source === source)?.muted;
  const muted = (person: Person, source: string) => mute(person, source) ?? true;
  const screens = others.flatMap((person) => {
    const track = trackOf(person.id, "screen");
    return track === null || muted(person, "screen") ? [] : [{ person, track }];
  });
  const play = () => {
    setBlocked(false);
    setRetry((n) => n + 1);
  };
  return (
    <>
      {blocked && (
        <Alert color="orange" variant="light" role="alert" title="The browser keeps the sound off until you click">
          <Button size="xs" onClick={play}>Turn on sound</Button>
        </Alert>
      )}
      <div className={classes.tiles}>
        {(screens.length > 0 || screen.track !== null) && (
          <div className={classes.screens}>
            {screens.map(({ person, track }) => <Tile key={person.id} name={`${person.name}: screen`} track={track} muted={false} />)}
            {screen.track !== null && <Tile name="Your screen, as you share it" track={screen.track} muted={false} />}
          </div>
        )}
        <div className={classes.faces}>
          {others.map((p) => (
            <Tile key={p.id} name={p.name} role={roleName(p.role)} track={trackOf(p.id, "camera")} muted={mute(p, "camera")}
              silent={muted(p, "microphone")} away={!p.connected} />
          ))}
          {others.length === 0 && (
            <div className={classes.tile}><div className={classes.blank}><Text c="dimmed" size="sm" p="md" ta="center">Nobody else is in the room yet</Text></div></div>
          )}
          {you !== null && you.role !== "observer" && (
            <Tile name={`${you.name} (you)`} track={camera.track} muted={false} mirrored silent={microphone.muted || microphone.track === null} />
          )}
        </div>
      </div>
      {/* Nobody listens unseen: the candidate has no list of people. */}
      {observers.length > 0 && (
        <Group gap={6} wrap="nowrap" justify="center" role="status" c="dimmed">
          <IconEye size={15} stroke={1.6} style={{ flex: "none" }} aria-hidden />
          <Text size="sm" style={{ overflowWrap: "anywhere", minWidth: 0 }}>
            Observing, without picture and sound: {observers.map((p) => (p.id === you?.id ? `${p.name} (you)` : p.name)).join(", ")}
          </Text>
        </Group>
      )}
      {remote.filter((r) => r.source === "microphone" || r.source === "screen_audio").map((r) => (
        <Voice key={`${r.participant}-${r.source}`} track={r.track} onBlocked={onBlocked} retry={retry} />
      ))}
    </>
  );
}

interface TileProps {
  name: string;
  role?: string;
  track: MediaStreamTrack | null;
  /** Whether the picture is switched off; undefined where the room has none. */
  muted: boolean | undefined;
  mirrored?: boolean;
  silent?: boolean;
  away?: boolean;
}

function Tile({ name, role, track, muted, mirrored = false, silent = false, away = false }: TileProps) {
  const shown = useShown(track, muted);
  return (
    <section className={classes.tile} aria-label={name}>
      {/* A picture that is not shown stays in place: making it anew would hold up the first picture after a reload. */}
      {track !== null && (
        <Video track={track} label={`Picture of ${name}`} mirrored={mirrored} style={shown ? undefined : { visibility: "hidden" }} />
      )}
      {!shown && <div className={classes.blank}>{!away && <Avatar size={72} radius="xl" color="accent" aria-hidden>{initials(name)}</Avatar>}</div>}
      {away && <div className={classes.cover}><Text size="sm">Connection lost; waiting for {name} to come back</Text></div>}
      <div className={classes.label}>
        {silent && <IconMicrophoneOff size={14} aria-label="Microphone off" role="img" style={{ flex: "none" }} />}
        <span className="truncate" dir="auto" title={role === undefined ? name : `${name}, ${role.toLowerCase()}`}>{name}</span>
      </div>
    </section>
  );
}

/** useShown tells whether a track is to be seen: if it is on, and for a while after the room lost it. */
function useShown(track: MediaStreamTrack | null, muted: boolean | undefined): boolean {
  const [lingering, setLingering] = useState<MediaStreamTrack | null>(null);
  useEffect(() => {
    if (muted !== undefined) {
      setLingering(muted ? null : track);
      return;
    }
    const timer = setTimeout(() => setLingering(null), lingers);
    return () => clearTimeout(timer);
  }, [track, muted]);
  return track !== null && (muted === false || (muted === undefined && lingering === track));
}
