import { Group, Text } from "@mantine/core";

import type { Call } from "@/hooks/useCall";
import { useNow, useRoomState } from "@/hooks/useCall";
import classes from "./room.module.css";
import { recordingLook, type RecordingLook } from "./words";

const colours: Record<RecordingLook["state"], string> = {
  recording: "#d93025", waiting: "var(--bf-info)", off: "var(--bf-info)", failed: "var(--bf-attention)", stale: "var(--bf-notice)",
};

/** RecordingIndicator says whether somebody is being recorded now: oneself, or who is named. */
export function RecordingIndicator({ call, participant }: { call: Call; participant?: string }) {
  const state = useRoomState(call);
  const now = useNow(1_000);
  const id = participant ?? state.you?.id;
  const person = state.people.find((p) => p.id === id);
  const consents = id === state.you?.id ? state.you?.consents : person?.consents;
  const look = recordingLook(state.recording.filter((r) => r.participant === id), consents?.recording, state.startedMS !== 0, now, state.phase === "joined");
  return (
    <Group gap={7} wrap="nowrap" role="status" aria-label={`Recording state: ${look.text}`} style={{ minWidth: 0 }}>
      <span className={classes.dot} style={look.state === "recording" ? { background: colours.recording } : { border: `2px solid ${colours[look.state]}` }} />
      <Text size="sm" className="truncate" title={look.text} c={look.state === "failed" ? "var(--bf-attention)" : undefined}>{look.text}</Text>
    </Group>
  );
}
