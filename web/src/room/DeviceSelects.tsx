import { Select, Stack } from "@mantine/core";
import { useEffect, useState } from "react";

import { type Call, useLocalState } from "@/hooks/useCall";
import { browserDevices, type Choice, listDevices } from "@/rtc/devices";

/** DeviceSelects choose the camera and the microphone. Names appear once one was opened. */
export function DeviceSelects({ call }: { call: Call }) {
  const local = useLocalState(call);
  const [choices, setChoices] = useState<{ camera: Choice[]; microphone: Choice[] }>({ camera: [], microphone: [] });
  const { camera, microphone } = local;
  useEffect(() => {
    let gone = false;
    let devices: ReturnType<typeof browserDevices>;
    try {
      devices = browserDevices("camera");
    } catch {
      return; // the device check says why
    }
    const list = () => {
      Promise.all([listDevices(devices, "camera"), listDevices(devices, "microphone")]).then(
        ([cameras, microphones]) => { if (!gone) setChoices({ camera: cameras, microphone: microphones }); },
        () => undefined, // no list, no choice: what is open stays open
      );
    };
    list();
    devices.addEventListener("devicechange", list);
    return () => {
      gone = true;
      devices.removeEventListener("devicechange", list);
    };
  }, [camera.track, microphone.track]);

  const select = (device: "camera" | "microphone", label: string) => {
    const data = choices[device].map(({ id, label: name }) => ({ value: id, label: name }));
    return (
      <Select label={label} data={data} value={local[device].deviceId === "" ? null : local[device].deviceId}
        placeholder={!local[device].wanted ? "Not turned on yet" : data.length === 0 ? `No ${device} found` : "Choose"} disabled={data.length === 0 || !local[device].wanted}
        allowDeselect={false} comboboxProps={{ withinPortal: true }}
        onChange={(id) => { if (id !== null) void call.local.choose(device, id); }} />
    );
  };
  return (
    <Stack gap="xs">
      {select("camera", "Camera")}
      {select("microphone", "Microphone")}
    </Stack>
  );
}
