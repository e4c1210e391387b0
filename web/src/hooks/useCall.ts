import { useEffect, useState, useSyncExternalStore } from "react";

import type { Join } from "@/gen/signaling";
import { LocalMedia, type LocalState } from "@/rtc/local";
import { Room } from "@/rtc/room";
import type { RoomState } from "@/rtc/state";
import type { Store } from "@/rtc/store";
import { readMemory, writeMemory } from "./deviceMemory";

/** Call is one page's part in a room: the connection and its own devices. */
export interface Call {
  room: Room;
  local: LocalMedia;
}

/** socketURL is where rooms are served: the page's own host. */
export function socketURL(location: Pick<Location, "protocol" | "host">): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}

/** useStore reads a store's present snapshot and renders again at each new one. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/**
 * useCall joins a room for as long as the page is open. Devices that were on
 * before a reload are opened at once, so that the picture is back quickly.
 */
export function useCall(join: Join): Call | null {
  const [call, setCall] = useState<Call | null>(null);
  // A page has one link or one interview; observing is changed by Room.restart.
  const { link, interview, observe } = join;
  useEffect(() => {
    const local = new LocalMedia();
    const room = new Room({ url: socketURL(window.location), join: { link, interview, observe }, local });
    const memory = readMemory(window.sessionStorage);
    for (const device of ["camera", "microphone"] as const) {
      const was = memory[device];
      if (was !== undefined) void local.restore(device, was.deviceId, was.muted);
    }
    const forget = local.store.subscribe(() => writeMemory(window.sessionStorage, local.store.get()));
    const online = () => room.networkChanged();
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) room.restart(); // the browser froze the page and killed its socket
    };
    window.addEventListener("online", online);
    window.addEventListener("pageshow", shown);
    room.connect();
    setCall({ room, local });
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("pageshow", shown);
      forget();
      room.close();
      local.close();
      setCall(null);
    };
  }, [link, interview, observe]);
  return call;
}

/** useRoomState is the room as this page knows it. */
export function useRoomState({ room }: Call): RoomState {
  return useStore(room.store);
}

/** useLocalState is what this page captures. */
export function useLocalState({ local }: Call): LocalState {
  return useStore(local.store);
}

/** useNow is this machine's time, renewed every step. */
export function useNow(stepMS: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), stepMS);
    return () => clearInterval(timer);
  }, [stepMS]);
  return now;
}
