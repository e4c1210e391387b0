import { describe, expect, it } from "vitest";

import { dayAfter, dayOf, dayStart, fromParams, noQuery, toParams } from "./records";

describe("searches in the address", () => {
  it("leave out what is empty", () => {
    expect(toParams(noQuery).toString()).toBe("");
  });
  it("come back as they were", () => {
    const query = { ...noQuery, person: "Zoë & Co", text: "\"looked away\"", hold: "held", from: 1_700_000_000_000, check: "unchecked" };
    expect(fromParams(new URLSearchParams(toParams(query).toString()))).toEqual(query);
  });
  it("take what is no time for none", () => {
    expect(fromParams(new URLSearchParams("from=soon&to=-5&due=1.5&page=3"))).toEqual(noQuery);
  });
});

describe("days", () => {
  it("begin at midnight and end before the next", () => {
    const start = dayStart("2026-03-01");
    expect(new Date(start).getHours()).toBe(0);
    expect(dayOf(start)).toBe("2026-03-01");
    expect(dayOf(dayAfter("2026-03-01") - 1)).toBe("2026-03-01");
    expect(dayOf(dayAfter("2026-02-28"))).toBe("2026-03-01");
  });
  it("may be missing", () => {
    expect([dayStart(""), dayAfter(""), dayStart("x"), dayAfter("x")]).toEqual([0, 0, 0, 0]);
    expect(dayOf(0)).toBe("");
  });
});
