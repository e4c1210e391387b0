import { Button, Popover, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconCamera, IconCameraOff, IconMicrophone, IconMicrophoneOff, IconScreenShare, IconScreenShareOff, IconSettings,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

import { type Call, useLocalState, useRoomState } from "@/hooks/useCall";
import { CallFigures } from "./CallFigures";
import { DeviceSelects } from "./DeviceSelects";
import classes from "./room.module.css";

const icon = { size: 18, stroke: 1.6 } as const;

/** Controls mute, share, choose devices, and hold what the page adds: leave, hang up. Keys: M microphone, V camera. */
export function Controls({ call, children }: { call: Call; children: ReactNode }) {
  const { you } = useRoomState(call);
  const { camera, microphone, screen } = useLocalState(call);
  const observer = you?.role === "observer";
  const silent = microphone.muted || microphone.track === null;
  const dark = camera.track === null;
  const toggleMicrophone = () => { if (!observer) void call.local.setMuted("microphone", !silent); };
  const toggleCamera = () => { if (!observer) void call.local.setMuted("camera", !dark); };
  useHotkeys([["m", toggleMicrophone], ["v", toggleCamera]]);
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  return (
    <div className={classes.controls} role="toolbar" aria-label="Call controls">
      {!observer && (
        <>
          <Button variant={silent ? "filled" : "default"} color="gray" aria-label={silent ? "Unmute microphone" : "Mute microphone"} title="M"
            loading={microphone.busy} leftSection={silent ? <IconMicrophoneOff {...icon} /> : <IconMicrophone {...icon} />} onClick={toggleMicrophone}>
            {silent ? "Unmute" : "Mute"}
          </Button>
          <Button variant={dark ? "filled" : "default"} color="gray" aria-label={dark ? "Start camera" : "Stop camera"} title="V"
            loading={camera.busy} leftSection={dark ? <IconCameraOff {...icon} /> : <IconCamera {...icon} />} onClick={toggleCamera}>
            {dark ? "Start camera" : "Stop camera"}
          </Button>
          {canShare && (
            <Button variant={screen.track === null ? "default" : "light"} loading={screen.busy}
              leftSection={screen.track === null ? <IconScreenShare {...icon} /> : <IconScreenShareOff {...icon} />}
              onClick={() => { if (screen.track === null) void call.local.shareScreen(); else call.local.stopScreen(); }}>
              {screen.track === null ? "Share screen" : "Stop sharing"}
            </Button>
          )}
        </>
      )}
      <Popover position="top" width={300} withArrow trapFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<IconSettings {...icon} />}>Devices</Button>
        </Popover.Target>
        <Popover.Dropdown>
          {observer ? <Text size="sm">Observers send neither picture nor sound.</Text> : <DeviceSelects call={call} />}
          <CallFigures call={call} />
        </Popover.Dropdown>
      </Popover>
      {children}
    </div>
  );
}
