import { describe, expect, it } from "vitest";

import { ApiError } from "@/api/client";
import { formErrors, safeNext } from "./form";
import { byKey, count, list } from "./list";

describe("formErrors", () => {
  it("places a refusal at the field that the server named", () => {
    expect(formErrors(new ApiError(400, "invalid", "Role is empty.", "role"), ["role"])).toEqual({ role: "Role is empty." });
  });

  it("shows what belongs to no field of the form above it, with its name", () => {
    expect(formErrors(new ApiError(400, "invalid", "is too long", "other"), ["role"])).toEqual({ "": "other: is too long" });
    expect(formErrors(new ApiError(0, "network", "No connection."), ["role"])).toEqual({ "": "No connection." });
    expect(formErrors(new Error("broken"), [])).toEqual({ "": "broken" });
  });
});

describe("safeNext", () => {
  it.each([
    ["", "/"], ["?next=%2Finterviews%2Fa", "/interviews/a"], ["?next=https%3A%2F%2Fevil.example", "/"],
    ["?next=%2F%2Fevil.example", "/"], ["?next=%2F%5Cevil.example", "/"], ["?next=interviews", "/"],
  ])("%s leads to %s", (search, path) => expect(safeNext(search)).toBe(path));
});

describe("lists", () => {
  it("turns null into an empty list, and counts in words", () => {
    expect(list<number>(null)).toEqual([]);
    expect(count(1, "finding")).toBe("1 finding");
    expect(count(0, "finding")).toBe("0 findings");
    expect(count(2, "entry", "entries")).toBe("2 entries");
    expect(byKey([{ id: "a", n: 1 }, { id: "a", n: 2 }], (v) => v.id).get("a")?.n).toBe(2);
  });
});
