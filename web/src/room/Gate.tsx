import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

import { PageLoading } from "@/components/states";
import { type Call, useRoomState } from "@/hooks/useCall";
import { Frame } from "./Frame";
import { ending } from "./words";

interface Props {
  call: Call | null;
  /** What an ended page offers beside coming back, which may be possible or not; reason is why it ended. */
  after?: (again: boolean, reason: string) => ReactNode;
  /** What it offers where the interview itself has ended. */
  receipt?: ReactNode;
  /** The way back from a room that does not admit one. */
  back?: ReactNode;
  children: (call: Call) => ReactNode;
}

/** Gate shows what stands between a page and its room: joining, a refusal, the end. */
export function Gate({ call, children, ...pages }: Props) {
  if (call === null) return <Frame><PageLoading label="Opening the room" /></Frame>;
  return <Opened call={call} {...pages}>{children}</Opened>;
}

function Opened({ call, after, receipt, back, children }: Props & { call: Call }) {
  const { phase, refusal, ended, you } = useRoomState(call);
  const over = phase === "ended" || phase === "refused";
  // A page that is done must not keep the camera's light on.
  useEffect(() => { if (over) call.local.reset(); }, [over, call]);

  if (phase === "ended") {
    const { title, text, again } = ending(ended);
    return (
      <Frame>
        <Stack gap="md" mt="xl">
          <Title order={1} size="h2">{title}</Title>
          <Text>{text}</Text>
          {again !== "" && <Group><Button onClick={() => call.room.restart()}>{again}</Button></Group>}
          {after?.(again !== "", ended)}
          {(ended === "hangup" || ended === "timeout") && receipt}
        </Stack>
      </Frame>
    );
  }
  if (phase === "refused") {
    return (
      <Frame>
        <Stack gap="md" mt="xl">
          <Title order={1} size="h2">You cannot join</Title>
          <Alert color="red" variant="light" role="alert">{refusal}</Alert>
          <Group><Button variant="default" onClick={() => call.room.restart()}>Try again</Button>{back}</Group>
        </Stack>
      </Frame>
    );
  }
  if (you === null) {
    return (
      <Frame>
        <PageLoading label="Joining" />
        <Text ta="center" c="dimmed" size="sm">Connecting to the server. It is tried again by itself.</Text>
      </Frame>
    );
  }
  return <>{children(call)}</>;
}
