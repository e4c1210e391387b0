import { Loader, Group, Stack, Text, Title } from "@mantine/core";

import type { Lobby as LobbyInfo } from "@/gen/api";
import { type Call, useRoomState } from "@/hooks/useCall";
import { Banners } from "@/room/Banners";
import { DeviceCheck } from "@/room/DeviceCheck";
import { Frame } from "@/room/Frame";
import classes from "@/room/room.module.css";

/** Waiting is where a candidate is until an interviewer lets them in. */
export function Waiting({ call, lobby }: { call: Call; lobby: LobbyInfo }) {
  const { people } = useRoomState(call);
  const present = people.some((p) => p.role === "interviewer" && p.stage === "room");
  const names = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(lobby.interviewer_names ?? []);
  return (
    <Frame>
      <Stack gap="lg">
        <Group gap="sm" wrap="nowrap">
          <Loader size="sm" type="dots" aria-hidden />
          <Title order={1} size="h2">Waiting room</Title>
        </Group>
        <Text role="status">
          {present
            ? "The interviewer is here and will let you in."
            : `You are early or the interviewer is on the way. ${names === "" ? "The interviewer" : names} will let you in; this page changes by itself.`}
        </Text>
        <Banners call={call} />
        <section className={classes.card} aria-label="Camera and microphone"><DeviceCheck call={call} /></section>
        <Text size="sm" c="dimmed">Nothing is sent or recorded yet. Recording begins when you are admitted, if you agreed to it.</Text>
      </Stack>
    </Frame>
  );
}
