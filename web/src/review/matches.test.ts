import { describe, expect, it } from "vitest";

import type { MatchCell, MatchSearch, ProfilePicture } from "@/gen/api";
import { cellWords, expectedWords, noteNeededFor, percent, pictureWords, ratesWords, verdictOn } from "./matches";

const cell: MatchCell = { face: null, still: "", eyes_px: 0, why: "", itself: false, similarity: 0.45, result: "unsure", threshold: 0.407, unsure_from: 0.333, unsure_to: 0.515 };
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

  it("say how large the face of a profile picture is, and why it was not measured", () => {
    expect(cellWords({ ...cell, eyes_px: 61.7 }).detail).toContain("; 62 pixels between the eyes");
    const still = { at_ms: 0, sha256: "a", width: 9, height: 9 };
    const one: ProfilePicture = { seq: 1, wall_ms: 1, by: "A", deleted: false, profile: { interview: "i", participant: "p", picture: still } };
    expect(pictureWords({ ...one, profile: { ...one.profile, face: still, height_px: 150.2, eyes_px: 62 } })).toContain("150 pixels high, 62 between");
    expect(pictureWords({ ...one, profile: { ...one.profile, reason: "no_consent" } })).toContain("had not agreed");
    expect(pictureWords({ ...one, profile: { ...one.profile, reason: "not_available" } })).toContain("no analysis");
    expect(pictureWords({ ...one, deleted: true })).toContain("deleted");
  });

  it("say what chance finds, and when that is an extrapolation", () => {
    expect(expectedWords(search)).toContain("(12 faces): 0.00001");
    expect(expectedWords(search)).not.toContain("extrapolation");
    expect(expectedWords({ ...search, compared: 10_000, expected: 0.01 })).toContain(": 0.010; an extrapolation beyond the 3050 pictures");
  });

  it("say how often the model was wrong, as the server has it", () => {
    expect(ratesWords({ round_false: 1e-4, round_missed: 0.038, far_off: 0.036, search_missed: 0.115 })).toContain("one in 10,000 reached the threshold of enrolled faces; of pairs of one person 3.8 % did not. In one small group of people in the measurement 3.6 %");
    expect([percent(0.115), percent(0.5), percent(0)]).toEqual(["11.5 %", "50 %", "0 %"]);
  });

  it("take the newest verdict, and want a note unless unsure", () => {
    const v = { seq: 1, wall_ms: 1, by: "A", template: "t", interview: "i", similarity: 0.6, verdict: "same", note: "x" } as const;
    expect(verdictOn([v, { ...v, seq: 2, verdict: "unsure" }], "t")?.seq).toBe(2);
    expect(verdictOn([v], "u")).toBeNull();
    expect([noteNeededFor("same"), noteNeededFor("different"), noteNeededFor("unsure")]).toEqual([true, true, false]);
  });
});
