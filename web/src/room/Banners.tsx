import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconPlugConnectedX } from "@tabler/icons-react";
import { useState } from "react";

import { type Call, useLocalState, useRoomState } from "@/hooks/useCall";
import type { DeviceError } from "@/rtc/devices";
import { errorSentence } from "@/rtc/wire";

const levelColours: Record<string, string> = { info: "accent", warning: "orange", error: "red" };

/**
 * Banners are what people in a call must know now: a lost connection, notices,
 * refused devices, where the page does not tell of those itself.
 */
export function Banners({ call, devices = true }: { call: Call; devices?: boolean }) {
  const { phase, media, notices, error, you, stage } = useRoomState(call);
  const [silent, setSilent] = useState(false);
  const { camera, microphone, screen } = useLocalState(call);
  const broken = !devices ? [] : [camera.error, microphone.error, screen.error].filter((e): e is DeviceError => e !== null);
  const lost = phase === "rejoining" || media === "interrupted";
  // Who comes back to a room after leaving it has nothing switched on.
  const idle = !silent && stage === "room" && you !== null && you.role !== "observer" && !camera.wanted && !microphone.wanted;
  if (!lost && !idle && notices.length === 0 && error === null && broken.length === 0) return null;
  return (
    <Stack gap="xs">
      {lost && (
        <Alert color="orange" variant="light" role="status" icon={<IconPlugConnectedX size={18} />} title="Connection lost">
          Trying to come back by itself. Keep this page open; check your network if it lasts.
        </Alert>
      )}
      {idle && (
        <Alert color="gray" variant="light" role="status" withCloseButton closeButtonLabel="Stay without" title="Nobody sees or hears you"
          onClose={() => {
            setSilent(true);
            for (const e of broken) call.local.clearError(e.device);
          }}>
          <Stack gap="xs" align="flex-start">
            {broken.map((e) => <Text key={e.device} size="sm">{e.message}</Text>)}
            <Button size="xs" onClick={() => {
              void call.local.open("camera");
              void call.local.open("microphone");
            }}>Turn on camera and microphone</Button>
          </Stack>
        </Alert>
      )}
      {notices.map((n) => (
        <Alert key={n.id} color={levelColours[n.level] ?? "gray"} variant="light" role={n.level === "error" ? "alert" : "status"}
          icon={n.level === "info" ? <IconInfoCircle size={18} /> : <IconAlertTriangle size={18} />}
          withCloseButton closeButtonLabel="Close notice" onClose={() => call.room.clearNotice(n.id)}>
          {n.text}
        </Alert>
      ))}
      {error !== null && (
        <Alert color="red" variant="light" role="alert" withCloseButton closeButtonLabel="Close message" onClose={() => call.room.clearError()}>
          {errorSentence(error)}
        </Alert>
      )}
      {!idle && broken.map((e) => (
        <Alert key={e.device} color="orange" variant="light" role="alert" withCloseButton closeButtonLabel="Close message"
          onClose={() => call.local.clearError(e.device)}>
          {e.message}
        </Alert>
      ))}
    </Stack>
  );
}
