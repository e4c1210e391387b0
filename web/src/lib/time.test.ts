import { describe, expect, it } from "vitest";

import { clock, dateTime, fromInputValue, preciseClock, span, timeZones, toInputValue, zoneOffset } from "./time";

describe("clock", () => {
  it.each([
    [0, "0:00"], [999, "0:00"], [65_000, "1:05"], [3_661_000, "1:01:01"], [-5, "0:00"],
  ])("%d ms is %s", (ms, text) => expect(clock(ms)).toBe(text));

  it("adds tenths without rounding up to a time that has not come", () => {
    expect(preciseClock(65_290)).toBe("1:05.2");
    expect(preciseClock(999)).toBe("0:00.9");
  });
});

describe("span", () => {
  it.each([
    [0, "0.0 s"], [4_240, "4.2 s"], [59_940, "59.9 s"], [59_960, "1 min"], [60_000, "1 min"],
    [65_000, "1 min 5 s"], [3_600_000, "1 h"], [3_900_000, "1 h 5 min"],
  ])("%d ms is %s", (ms, text) => expect(span(ms)).toBe(text));
});

describe("dates", () => {
  const noon = Date.UTC(2025, 6, 1, 12, 0);

  it("writes an instant in the zone asked for", () => {
    expect(dateTime(noon, "Europe/Lisbon")).toContain("13:00");
    expect(dateTime(noon, "Asia/Tokyo")).toContain("21:00");
  });

  it("falls back to UTC, saying so, for a zone that does not exist", () => {
    expect(dateTime(noon, "Mars/Olympus")).toMatch(/12:00.* UTC$/);
  });

  it("knows the offset of the season", () => {
    expect(zoneOffset(noon, "Europe/Lisbon")).toBe("UTC+01:00");
    expect(zoneOffset(Date.UTC(2025, 0, 1), "Europe/Lisbon")).toBe("UTC+00:00");
  });

  it("survives the way through an input and back", () => {
    expect(fromInputValue(toInputValue(noon))).toBe(noon);
    expect(fromInputValue("")).toBeNull();
    expect(fromInputValue("soon")).toBeNull();
  });

  it("offers UTC among the zones", () => {
    expect(timeZones()).toContain("UTC");
    expect(timeZones()).toContain("Europe/Lisbon");
  });
});
