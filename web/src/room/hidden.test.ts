import { describe, expect, it } from "vitest";

import { readHidden, writeHidden } from "./hidden";

function storage() {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
}

describe("hidden kinds", () => {
  it("are kept for one interview alone", () => {
    const s = storage();
    writeHidden(s, "a", ["face.absent", "gaze.reading"]);
    expect(readHidden(s, "a")).toEqual(["face.absent", "gaze.reading"]);
    expect(readHidden(s, "b")).toEqual([]);
  });

  it.each(["{", "7", "null", "[1, {}]"])("survive another's text: %s", (text) => {
    const s = storage();
    s.setItem("bonafide.hidden.a", text);
    expect(readHidden(s, "a")).toEqual([]);
  });
});
