import { describe, expect, it } from "vitest";

import { incomplete, newCard } from "./deck";

describe("newCard", () => {
  it("gives every card an identifier of its own", () => {
    const one = newCard([], "question", 180);
    const two = newCard([one], "question", 180);
    const three = newCard([one, two], "question", 180);
    expect([one.id, two.id, three.id]).toEqual(["question", "question-2", "question-3"]);
    expect(newCard([one, three], "question", 180).id).toBe("question-2");
    expect(newCard([], "show_id", 60)).toEqual({ id: "show_id", kind: "show_id", question: "", required: true, limit_s: 60 });
  });
});

describe("incomplete", () => {
  it("names every field that was left empty, and no other", () => {
    const question = newCard([], "question", 180);
    expect(Object.keys(incomplete(" ", [], [])).sort()).toEqual(["cards", "name", "roles"]);
    expect(incomplete("A", ["Pilot"], [question])).toEqual({ cards: expect.stringContaining("question") as string });
    expect(incomplete("A", ["Pilot"], [{ ...question, question: "Where?" }, newCard([], "look_up", 20)])).toEqual({});
  });
});
