import { describe, expect, it } from "vitest";

import type { MatchCell, MatchSearch } from "@/gen/api";
import { cellWords, expectedWords, noteNeededFor, verdictOn } from "./matches";

const cell: MatchCell = { face: null, still: "", why: "", itself: false, similarity: 0.45, result: "unsure", threshold: 0.407, unsure_from: 0.333, unsure_to: 0.515 };
const search: MatchSearch = { ran: true, threshold: 0.515, false_matches: 1e-6, compared: 12, expected: 12e-6, too_large: false, measured: 3050, found: [] };

describe("words of matches", () => {
  it.each([
    [cell, "0.45, neither alike nor unlike"],
    [{ ...cell, similarity: 0.6, result: "alike" }, "0.60, alike"],
    [{ ...cell, itself: true, result: "" }, "This is compared"],
    [{ ...cell, result: "", why: "no_consent" as const }, "No consent"],
    [{ ...cell, result: "" }, "Not compared"],
  ])("a cell %#", (one, main) => expect(cellWords(one).main).toBe(main));

  it("always give threshold and band beside a likeness", () => {
    expect(cellWords(cell).detail).toBe("threshold 0.41; unsure from 0.33 to 0.52");
    expect(cellWords({ ...cell, result: "", why: "deleted" }).detail).toBe("");
  });

  it("say what chance finds, and when that is an extrapolation", () => {
    expect(expectedWords(search)).toContain("(12 faces): 0.00001");
    expect(expectedWords(search)).not.toContain("extrapolation");
    expect(expectedWords({ ...search, compared: 10_000, expected: 0.01 })).toContain(": 0.010; an extrapolation beyond the 3050 pictures");
  });

  it("take the newest verdict, and want a note unless unsure", () => {
    const v = { seq: 1, wall_ms: 1, by: "A", template: "t", interview: "i", similarity: 0.6, verdict: "same", note: "x" } as const;
    expect(verdictOn([v, { ...v, seq: 2, verdict: "unsure" }], "t")?.seq).toBe(2);
    expect(verdictOn([v], "u")).toBeNull();
    expect([noteNeededFor("same"), noteNeededFor("different"), noteNeededFor("unsure")]).toEqual([true, true, false]);
  });
});
