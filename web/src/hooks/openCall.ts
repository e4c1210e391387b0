// A page's part in a room, opened without React: on a reload in mid-call it
// is opened by the page's first script, before the rest has arrived.

import type { Join } from "@/gen/signaling";
import { LocalMedia } from "@/rtc/local";
import { Room } from "@/rtc/room";
import type { RoomState } from "@/rtc/state";
import { type Memory, readMemory, writeMemory } from "./deviceMemory";

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

/** How long the page waits at most before it is drawn while an early call connects, in ms. */
const drawAfter = 500;

/** How long others may need to show the first picture that came, in ms: on one machine with them, drawing would hold them up. */
const showWithin = 150;

/**
 * openEarly opens the candidate's call at once where this tab had devices on
 * before, so that the others need not wait for the page to be drawn. It
 * resolves when the page may be drawn.
 */
export async function openEarly(location: Pick<Location, "pathname" | "hash">): Promise<void> {
  const link = location.hash.slice(1);
  const memory = readMemory(window.sessionStorage);
  if (location.pathname !== "/join" || link === "" || Object.keys(memory).length === 0) return;
  const { room } = (early = openCall({ link }));
  let forget = () => {};
  await new Promise<void>((resolve) => {
    setTimeout(resolve, drawAfter);
    forget = room.store.subscribe(() => {
      if (heard(room.store.get(), memory)) setTimeout(resolve, showWithin);
    });
  });
  forget();
}

/** Whether what this page sends has come: its picture, or its sound where the camera was off. */
function heard({ media, people, you }: RoomState, { camera, microphone }: Memory): boolean {
  const source = camera?.muted === false ? "camera" : "microphone";
  if (source === "microphone" && microphone === undefined) return media === "connected"; // nothing is sent
  return people.find(({ id }) => id === you?.id)?.sources?.some((s) => s.source === source) ?? false;
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
