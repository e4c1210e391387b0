import { useEffect, useState, useSyncExternalStore } from "react";

import type { Join } from "@/gen/signaling";
import type { LocalState } from "@/rtc/local";
import type { RoomState } from "@/rtc/state";
import type { Store } from "@/rtc/store";
import { type Call, takeCall } from "./openCall";

export type { Call } from "./openCall";

/** useStore reads a store's present snapshot and renders again at each new one. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** useCall joins a room for as long as the page is open. */
export function useCall(join: Join): Call | null {
  const [call, setCall] = useState<Call | null>(null);
  // A page has one link or one interview; observing is changed by Room.restart.
  const { link, interview, observe } = join;
  useEffect(() => {
    const opened = takeCall({ link, interview, observe });
    setCall(opened);
    return () => {
      opened.close();
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
