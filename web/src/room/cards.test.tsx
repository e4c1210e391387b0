import { MantineProvider } from "@mantine/core";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";

import type { Step } from "@/gen/evidence";
import type { Call } from "@/hooks/useCall";
import { LocalMedia } from "@/rtc/local";
import { initialState, type RoomState } from "@/rtc/state";
import { Store } from "@/rtc/store";
import { CardPrompt } from "./CardPrompt";
import { RunSheet } from "./RunSheet";

/** A call that knows what it is told, ten seconds into the interview. */
function callWith(state: Partial<RoomState>): Call {
  const room = { store: new Store<RoomState>({ ...initialState, startedMS: 1, ...state }), now: () => 10_000 };
  return { room, local: new LocalMedia(() => { throw new Error("no devices"); }) } as unknown as Call;
}

const text = (call: Call, what: (call: Call) => React.ReactNode) =>
  renderToString(<MantineProvider>{what(call)}</MantineProvider>).replace(/<style[^>]*>.*?<\/style>/gs, "").replace(/<!--.*?-->/g, "")
    .replace(/<[^>]+>/g, " ").replace(/&#x27;/g, "'").replace(/\s+/g, " ");

const you = { id: "ivy", interview: "i", user: "u", name: "Ivy", role: "interviewer" as const, consents: {} };
const document: Step = {
  step: "id-1", card: "id", kind: "show_id", attempt: 1, side: "front", start_ms: 1_000, end_ms: 6_000, limit_ms: 60_000, ended: "stopped", shown: {},
  result: {
    interview: "i", participant: "p", step: "id-1", card: "show_id", outcome: "not_measurable", reason: "face_small", start_ms: 1_000, end_ms: 6_000, values: null, quality: 0.5,
    document: { side: "front", frames: 2, found: "second_face", rectified: false, portrait_px: 31, check_digits: 0, checked: 0, votes: 0, unread: [{ what: "portrait", reason: "face_small" }] },
  },
};
const sheet = {
  template: "t", template_name: "Pilots", template_sha256: "", drawn_seq: 1, deviations: null,
  cards: [{ card: "id", kind: "show_id" as const, required: true, limit_ms: 60_000 }, { card: "up", kind: "look_up" as const, required: false, limit_ms: 20_000 }],
};

describe("the run-sheet in the room", () => {
  it("shows the document's result beside the verdict that is wanted, with what the check is not", () => {
    const shown = text(callWith({ you, cards: { sheet: { ...sheet, steps: [document] }, next: "up", rates: null } }), (call) => <RunSheet call={call} />);
    expect(shown).toContain("0 of 2 done");
    expect(shown).toContain("it does not say whether the document is genuine");
    expect(shown).toContain("not measurable: face too small");
    expect(shown).toContain("portrait: face too small");
    expect(shown).toContain("Does not match");
    expect(shown).toContain("Start (S)");
  });

  it("says how often a check is wrong, beside what it saw", () => {
    const up: Step = { ...document, step: "up-1", card: "up", kind: "look_up", side: undefined, result: { ...document.result!, step: "up-1", card: "look_up", outcome: "not_seen", reason: undefined, document: undefined } };
    const rates = [{ card: "turn_left" as const, false: 9, idle: 90, missed: 0, acted: 0, simulated: false }, { card: "look_up" as const, false: 1, idle: 66, missed: 2, acted: 16, simulated: true }];
    const shown = text(callWith({ you, cards: { sheet: { ...sheet, steps: [up] }, next: "id", rates } }), (call) => <RunSheet call={call} />);
    expect(shown).toContain("not seen");
    expect(shown).toContain("When nothing was asked it said “done” in 1 of 66 stretches of 15 s. Of 16 times that it was done (simulated in real recordings) it missed 2.");
  });

  it("offers observers nothing to press", () => {
    const shown = text(callWith({ you: { ...you, role: "observer" }, cards: { sheet: { ...sheet, steps: [document] }, next: "up", rates: null } }), (call) => <RunSheet call={call} />);
    expect(shown).toContain("No verdict yet.");
    expect(shown).not.toContain("Start (S)");
    expect(shown).not.toContain("Does not match");
  });

  it("counts down while a card is on, and says what the candidate is told", () => {
    const on: Step = { step: "up-1", card: "up", kind: "look_up", attempt: 1, start_ms: 4_000, end_ms: 0, limit_ms: 20_000, shown: {} };
    const shown = text(callWith({ you, hint: { step: "up-1", hint: "good", kept: 0, wanted: 0 }, cards: { sheet: { ...sheet, steps: [on] }, next: "id", rates: null } }), (call) => <RunSheet call={call} />);
    expect(shown).toContain("14 s");
    expect(shown).toContain("Good, stay like this");
    expect(shown).toContain("Stop (S)");
  });
});

describe("the candidate's prompt", () => {
  const candidate = { ...you, role: "candidate" as const };
  const kinds = ["show_id", "turn_left", "turn_right", "look_up", "stand_back", "hand_across_face", "finger_on_cheek", "window_view", "spoken_code"] as const;
  it.each(kinds)("asks for %s in plain words, with the time left and a way out", (kind) => {
    const card = { step: "x-1", kind, start_ms: 4_000, limit_ms: 20_000, phrase: kind === "spoken_code" ? "apple bread cloud drum" : "" };
    const shown = text(callWith({ you: candidate, card }), (call) => <CardPrompt call={call} />);
    expect(shown).toMatch(/Please/);
    expect(shown).toContain("14 s");
    expect(shown).toContain("I can’t do this");
    if (kind === "spoken_code") expect(shown).toContain("apple bread cloud drum");
  });

  it("shows nothing where nothing is asked", () => {
    expect(text(callWith({ you: candidate }), (call) => <CardPrompt call={call} />).trim()).toBe("");
  });
});
