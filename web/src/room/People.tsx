import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { Confirm } from "@/components/Confirm";
import type { Person } from "@/gen/signaling";
import { type Call, useNow, useRoomState } from "@/hooks/useCall";
import type { RecordingState } from "@/rtc/state";
import { consentsOf, consentTitle } from "./consents";
import { RecordingIndicator } from "./RecordingIndicator";
import classes from "./room.module.css";
import { bytes, roleName, staleMS } from "./words";

/** People lists everybody: who waits, who is there, what they agreed to, how their recording fares. */
export function People({ call }: { call: Call }) {
  const { people, you, recording } = useRoomState(call);
  const [removing, setRemoving] = useState<Person | null>(null);
  const hosts = you?.role === "interviewer";
  if (people.length === 0) return <Text size="sm" c="dimmed">Nobody is here yet.</Text>;
  return (
    <section aria-label="People">
      {people.map((p) => (
        <div key={p.id} className={classes.row}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text fw={600} size="sm" className="truncate" title={p.name}>{p.name}{p.id === you?.id && " (you)"}</Text>
            <Badge variant="light" color={p.stage === "room" && p.connected ? "accent" : "gray"} tt="none" fw={600} style={{ flex: "none" }}>
              {placeOf(p)}
            </Badge>
          </Group>
          <Text size="xs" c="dimmed">{roleName(p.role)}{sources(p)}</Text>
          {p.role !== "observer" && <Consents person={p} />}
          {p.stage === "room" && p.role !== "observer" && (
            <Stack gap={2} mt={4}>
              <RecordingIndicator call={call} participant={p.id} />
              <Health streams={recording.filter((r) => r.participant === p.id)} />
            </Stack>
          )}
          {hosts && p.id !== you?.id && (
            <Group gap="xs" mt={6}>
              {p.stage === "waiting" && <Button size="compact-sm" onClick={() => call.room.admit(p.id)} aria-label={`Admit ${p.name}`}>Admit</Button>}
              {p.stage !== "lobby" && (
                <Button size="compact-sm" variant="subtle" color="red" aria-label={`Send ${p.name} out`} onClick={() => setRemoving(p)}>Send out</Button>
              )}
            </Group>
          )}
        </div>
      ))}
      <Confirm opened={removing !== null} title={`Send ${removing?.name ?? ""} out?`} action="Send out"
        text="They leave the room at once. The interview goes on."
        onClose={() => setRemoving(null)}
        onConfirm={() => {
          if (removing !== null) call.room.remove(removing.id);
          return Promise.resolve();
        }} />
    </section>
  );
}

function placeOf(p: Person): string {
  if (!p.connected) return "Connection lost";
  return { lobby: "In the lobby", waiting: "Waiting", room: "In the room" }[p.stage];
}

function sources(p: Person): string {
  if (p.stage !== "room" || p.role === "observer") return "";
  const on = (source: string) => p.sources?.some((s) => s.source === source && !s.muted) ?? false;
  const parts = [on("microphone") ? "microphone on" : "microphone off", on("camera") ? "camera on" : "camera off"];
  if (on("screen")) parts.push("shares a screen");
  return `: ${parts.join(", ")}`;
}

/** Consents shows the answers, refusals plainly. */
function Consents({ person }: { person: Person }) {
  const consents = person.consents;
  if (consents === undefined) return null;
  return (
    <Group gap={6} mt={4} component="ul" p={0} m={0} style={{ listStyle: "none" }} aria-label={`Consents of ${person.name}`}>
      {consentsOf(person.role).map((consent) => {
        const answer = consents[consent];
        const word = answer === undefined ? "not answered" : answer ? "agreed" : "not agreed";
        return (
          <li key={consent} style={{ display: "flex" }}>
            <Badge size="sm" tt="none" fw={500} variant={answer === false ? "outline" : "light"} color={answer === true ? "accent" : "gray"}>
              {consentTitle(consent).replace(" measurements", "")}: {word}
            </Badge>
          </li>
        );
      })}
    </Group>
  );
}

/** Health is what the recorder says of each stream. */
function Health({ streams }: { streams: readonly RecordingState[] }) {
  const now = useNow(1_000);
  return streams.map((r) => {
    const silent = now - r.heardMS > staleMS;
    return (
      <Text key={r.stream} size="xs" c="dimmed" className="tabular">
        {r.stream === "screen" ? "Screen" : "Camera and microphone"}: {bytes(r.bytes)} on disk, flushed {((r.last_flush_ms + (silent ? now - r.heardMS : 0)) / 1000).toFixed(1)} s ago,{" "}
        {r.gaps === 0 ? "no gaps" : r.gaps === 1 ? "1 gap" : `${r.gaps} gaps`}
      </Text>
    );
  });
}
