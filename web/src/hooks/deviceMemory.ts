// Which devices were on, kept for this tab, so that a reload in mid-call does
// not ask again.

import type { LocalState } from "@/rtc/local";

const key = "bonafide.devices";

/** DeviceMemory is what is kept of one device. */
interface Remembered {
  deviceId: string;
  muted: boolean;
}

/** Memory is what is kept of both. */
export type Memory = Partial<Record<"camera" | "microphone", Remembered>>;

type Storage = Pick<globalThis.Storage, "getItem" | "setItem">;

/** writeMemory keeps what is open now. */
export function writeMemory(storage: Storage, state: LocalState): void {
  const memory: Memory = {};
  for (const device of ["camera", "microphone"] as const) {
    const { wanted, busy, deviceId, muted } = state[device];
    if (wanted && !busy) memory[device] = { deviceId, muted };
  }
  storage.setItem(key, JSON.stringify(memory));
}

/** readMemory reads it back; nothing where there is nothing that makes sense. */
export function readMemory(storage: Storage): Memory {
  const memory: Memory = {};
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? "{}");
    if (typeof kept !== "object" || kept === null) return memory;
    for (const device of ["camera", "microphone"] as const) {
      const one: unknown = (kept as Record<string, unknown>)[device];
      if (isRemembered(one)) memory[device] = one;
    }
  } catch {
    // Somebody else's text under our key.
  }
  return memory;
}

function isRemembered(v: unknown): v is Remembered {
  return typeof v === "object" && v !== null && "deviceId" in v && "muted" in v
    && typeof v.deviceId === "string" && typeof v.muted === "boolean";
}
