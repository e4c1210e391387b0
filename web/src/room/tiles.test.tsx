import { MantineProvider } from "@mantine/core";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";

import type { Person } from "@/gen/signaling";
import type { Call } from "@/hooks/useCall";
import { LocalMedia } from "@/rtc/local";
import { initialState, type RoomState } from "@/rtc/state";
import { Store } from "@/rtc/store";
import { Tiles } from "./Tiles";

const person = (id: string, role: Person["role"], stage: Person["stage"] = "room"): Person => ({ id, name: `Name of ${id}`, role, stage, connected: true, sources: null });
const you = { id: "ana", interview: "i", user: "", name: "Name of ana", role: "candidate" as const, consents: {} };

function shown(people: readonly Person[]): string {
  const room = { store: new Store<RoomState>({ ...initialState, stage: "room", you, people: [...people] }) };
  const call = { room, local: new LocalMedia(() => { throw new Error("no devices"); }) } as unknown as Call;
  return renderToString(<MantineProvider><Tiles call={call} /></MantineProvider>).replace(/<style[^>]*>.*?<\/style>/gs, "").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}

it("tells the candidate who observes, and only of those who are in the room", () => {
  const two = [person("ana", "candidate"), person("ivy", "interviewer")];
  expect(shown(two)).not.toContain("Observing");
  expect(shown([...two, person("olga", "observer"), person("otto", "observer", "lobby")])).toMatch(/Observing, without picture and sound: (<!-- -->)?\s*Name of olga\s*$/);
});
