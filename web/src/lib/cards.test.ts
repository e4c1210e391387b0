import { describe, expect, it } from "vitest";

import type { RunCard, RunSheet, Step } from "@/gen/evidence";
import { departureOf, documentNotice, hintWords, matchWords, outcomeSentence, stateOf, titleOf, verdictsFor } from "./cards";

function card(id: string, change: Partial<RunCard> = {}): RunCard {
  return { card: id, kind: "look_up", required: true, limit_ms: 20_000, ...change };
}

function step(of: string, change: Partial<Step> = {}): Step {
  return { step: `${of}-1`, card: of, kind: "look_up", attempt: 1, start_ms: 0, end_ms: 0, limit_ms: 20_000, shown: {}, ...change };
}

function sheet(cards: RunCard[], steps: Step[] | null = null): RunSheet {
  return { template: "t", template_name: "", template_sha256: "", drawn_seq: 1, cards, steps, deviations: null };
}

const verdict = { verdict: "done" as const, note: "", by: "", wall_ms: 1 };

describe("run-sheet", () => {
  it("counts a card as done only when a person has judged every attempt", () => {
    const up = card("up");
    expect(stateOf(sheet([up]), up)).toBe("open");
    expect(stateOf(sheet([up]), card("up", { skipped: true }))).toBe("skipped");
    expect(stateOf(sheet([up], [step("up")]), up)).toBe("on");
    expect(stateOf(sheet([up], [step("up", { ended: "stopped" })]), up)).toBe("verdict");
    expect(stateOf(sheet([up], [step("up", { ended: "stopped", verdict })]), up)).toBe("done");
    expect(stateOf(sheet([up], [step("up", { ended: "time", verdict }), step("up", { ended: "stopped" })]), up)).toBe("verdict");
  });

  it("knows a departure before the server refuses it", () => {
    const up = card("up");
    const id = card("id", { kind: "show_id" });
    const both = sheet([up, id], [step("up", { ended: "stopped" })]);
    expect(departureOf(both, up, "id", "")).toBe("repeated");
    expect(departureOf(both, id, "id", "front")).toBeNull();
    expect(departureOf(sheet([up, id]), id, "up", "front")).toBe("out_of_order");
    expect(departureOf(sheet([up, id]), card("added_1", { added: true }), "up", "")).toBeNull();
    const front = sheet([id], [step("id", { kind: "show_id", side: "front", ended: "stopped" })]);
    expect(departureOf(front, id, "", "back")).toBeNull();
    expect(departureOf(front, id, "", "front")).toBe("repeated");
  });

  it("puts outcomes in words that accuse nobody", () => {
    const result = { interview: "i", participant: "p", step: "s", card: "look_up" as const, start_ms: 0, end_ms: 1, values: null, quality: 1 };
    expect(outcomeSentence(undefined)).toBe("no result yet");
    expect(outcomeSentence({ ...result, outcome: "not_measurable", reason: "dark" })).toBe("not measurable: too little light");
    expect(outcomeSentence({ ...result, outcome: "not_checked", reason: "no_consent" })).toBe("not checked: no consent");
    expect(outcomeSentence({ ...result, outcome: "not_checked", reason: "not_available" })).toBe("not checked: there is no automatic check of this");
    expect(matchWords({ similarity: 0.512, threshold: 0.4, unsure: 0.05, frames: 3, result: "alike" })).toBe("alike: similarity 0.51, threshold 0.40 ± 0.05, 3 pictures");
    expect(documentNotice).toMatch(/does not say whether the document is genuine/);
    expect(hintWords("a word of a newer server")).toBe("");
    expect(verdictsFor("show_id")).toEqual(["matches", "does_not_match", "unsure"]);
    expect(titleOf({ kind: "question", question: "Where?" })).toBe("Where?");
  });
});
