import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconCamera, IconCameraOff, IconMicrophone, IconMicrophoneOff } from "@tabler/icons-react";

import { type Call, useLocalState } from "@/hooks/useCall";
import { sentence } from "@/rtc/devices";
import { DeviceSelects } from "./DeviceSelects";
import { LevelMeter } from "./LevelMeter";
import classes from "./room.module.css";
import { Video } from "./Video";

/** DeviceCheck opens camera and microphone and shows that they work. Nothing is sent. */
export function DeviceCheck({ call }: { call: Call }) {
  const { camera, microphone } = useLocalState(call);
  const open = () => {
    void call.local.open("camera", undefined, false);
    void call.local.open("microphone", undefined, false);
  };
  const asked = camera.wanted || microphone.wanted || camera.busy || microphone.busy;
  return (
    <Stack gap="sm">
      {!window.isSecureContext && (
        <Alert color="orange" variant="light" role="alert" title="This address is not secure">{sentence("camera", "insecure")}</Alert>
      )}
      <div className={classes.preview}>
        {camera.track === null
          ? <div className={classes.blank}><Text size="sm" c="dimmed">{camera.busy ? "Opening the camera" : "The camera is off"}</Text></div>
          : <Video track={camera.track} label="Your camera, as others see it" mirrored />}
      </div>
      <LevelMeter track={microphone.muted ? null : microphone.track} />
      {!asked || (camera.track === null && microphone.track === null && !camera.muted && !camera.busy)
        ? (
          <Button onClick={open} loading={camera.busy || microphone.busy} disabled={!window.isSecureContext}
            leftSection={<IconCamera size={16} stroke={1.6} />}>
            Turn on camera and microphone
          </Button>
        )
        : <Switches call={call} />}
      {[camera, microphone].map(({ error }) => error !== null && (
        <Text key={error.device} size="sm" c="red" role="alert">{error.message}</Text>
      ))}
      <DeviceSelects call={call} />
      <Text size="xs" c="dimmed">Only you see and hear this. Nothing is sent before you are in the room.</Text>
    </Stack>
  );
}

/** Switches turn the camera and the microphone on and off before the call. */
function Switches({ call }: { call: Call }) {
  const { camera, microphone } = useLocalState(call);
  return (
    <Group grow>
      <Button variant="default" loading={camera.busy}
        leftSection={camera.track === null ? <IconCamera size={16} stroke={1.6} /> : <IconCameraOff size={16} stroke={1.6} />}
        onClick={() => void call.local.setMuted("camera", camera.track !== null)}>
        {camera.track === null ? "Start camera" : "Stop camera"}
      </Button>
      <Button variant="default" loading={microphone.busy}
        leftSection={microphone.muted || microphone.track === null ? <IconMicrophone size={16} stroke={1.6} /> : <IconMicrophoneOff size={16} stroke={1.6} />}
        onClick={() => void call.local.setMuted("microphone", !microphone.muted && microphone.track !== null)}>
        {microphone.muted || microphone.track === null ? "Unmute" : "Mute"}
      </Button>
    </Group>
  );
}
