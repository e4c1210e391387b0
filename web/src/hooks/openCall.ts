// A page's part in a room, opened without React: on a reload in mid-call it
// is opened by the page's first script, before the rest has arrived.

import type { Join } from "@/gen/signaling";
import { LocalMedia } from "@/rtc/local";
import { Room } from "@/rtc/room";
import { readMemory, writeMemory } from "./deviceMemory";

/** Call is one page's part in a room: the connection and its own devices. */
export interface Call {
  room: Room;
  local: LocalMedia;
}

/** OpenCall is a call that somebody has to close. */
export interface OpenCall extends Call {
  join: Join;
  close(): void;
}

/** socketURL is where rooms are served: the page's own host. */
export function socketURL(location: Pick<Location, "protocol" | "host">): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}

/** openCall joins a room and opens the devices that were on before a reload. */
export function openCall(join: Join): OpenCall {
  const local = new LocalMedia();
  const room = new Room({ url: socketURL(window.location), join, local });
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
  const close = () => {
    window.removeEventListener("online", online);
    window.removeEventListener("pageshow", shown);
    forget();
    room.close();
    local.close();
  };
  return { room, local, join, close };
}

let early: OpenCall | null = null;

/** How long the page waits for an early call to connect before it is drawn, in ms. */
const drawAfter = 500;

/**
 * openEarly opens the candidate's call at once where this tab had devices on
 * before, so that the others need not wait for the page to be drawn. It
 * resolves when the page may be drawn.
 */
export async function openEarly(location: Pick<Location, "pathname" | "hash">): Promise<void> {
  const link = location.hash.slice(1);
  if (location.pathname !== "/join" || link === "" || Object.keys(readMemory(window.sessionStorage)).length === 0) return;
  const { room } = (early = openCall({ link }));
  let forget = () => {};
  await new Promise<void>((resolve) => {
    setTimeout(resolve, drawAfter);
    forget = room.store.subscribe(() => {
      if (room.store.get().media === "connected") resolve();
    });
  });
  forget();
}

/** closeEarly gives up a call that no page took over. */
export function closeEarly(): void {
  early?.close();
  early = null;
}

/** takeCall is the call that was opened early, where it is the wanted one, or a new one. */
export function takeCall(join: Join): OpenCall {
  const found = early;
  if (found !== null && found.join.link === join.link && join.interview === undefined) {
    early = null;
    return found;
  }
  closeEarly();
  return openCall(join);
}
