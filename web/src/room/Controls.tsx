import { Popover, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconCamera, IconCameraOff, IconMicrophone, IconMicrophoneOff, IconScreenShare, IconScreenShareOff, IconSettings,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

import { type Call, useLocalState, useRoomState } from "@/hooks/useCall";
import { CallFigures } from "./CallFigures";
import { ControlButton } from "./ControlButton";
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
          <ControlButton name={silent ? "Unmute microphone" : "Mute microphone"} text={silent ? "Unmute" : "Mute"}
            variant={silent ? "filled" : "default"} color="gray" loading={microphone.busy} aria-keyshortcuts="M"
            icon={silent ? <IconMicrophoneOff {...icon} /> : <IconMicrophone {...icon} />} onClick={toggleMicrophone} />
          <ControlButton name={dark ? "Start camera" : "Stop camera"} text={dark ? "Start camera" : "Stop camera"} brief="Camera"
            variant={dark ? "filled" : "default"} color="gray" loading={camera.busy} aria-keyshortcuts="V"
            icon={dark ? <IconCameraOff {...icon} /> : <IconCamera {...icon} />} onClick={toggleCamera} />
          {canShare && (
            <ControlButton name={screen.track === null ? "Share screen" : "Stop sharing"} text={screen.track === null ? "Share screen" : "Stop sharing"} brief={screen.track === null ? "Share" : "Stop"}
              variant={screen.track === null ? "default" : "light"} loading={screen.busy}
              icon={screen.track === null ? <IconScreenShare {...icon} /> : <IconScreenShareOff {...icon} />}
              onClick={() => { if (screen.track === null) void call.local.shareScreen(); else call.local.stopScreen(); }} />
          )}
        </>
      )}
      <Popover position="top" width={300} withArrow trapFocus>
        <Popover.Target><ControlButton name="Devices" text="Devices" icon={<IconSettings {...icon} />} /></Popover.Target>
        <Popover.Dropdown>
          {observer ? <Text size="sm">Observers send neither picture nor sound.</Text> : <DeviceSelects call={call} />}
          <CallFigures call={call} />
        </Popover.Dropdown>
      </Popover>
      {children}
    </div>
  );
}
