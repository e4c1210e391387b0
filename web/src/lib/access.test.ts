import { expect, test } from "vitest";

import type { AccessLine } from "@/gen/api";
import { accessWords, folded } from "./access";

const line = (seq: number, by: string, what: AccessLine["what"], more: Partial<AccessLine> = {}): AccessLine => ({
  seq, wall_ms: seq, kind: "access.viewed", actor: "user", by, roles: null, what, object: "", spans: null, ...more,
});

test("still pictures of one visit are one line, and nothing else is folded", () => {
  const lines = [
    line(8, "Ana", "still"), line(7, "Ana", "still"), line(6, "Bo", "still"), line(5, "Ana", "review"), line(4, "Ana", "review"),
    line(3, "Ana", "still"), line(2, "Ana", "still", { kind: "access.refused" }),
  ];
  const all = folded(lines, (one) => one.by);
  expect(all.map(({ line: { seq }, times }) => [seq, times])).toEqual([[8, 2], [6, 1], [5, 1], [4, 1], [3, 1], [2, 1]]);
  expect(accessWords(lines[0]!, 2)).toBe("opened 2 still pictures");
  expect(accessWords(lines[5]!, 1)).toBe("opened a still picture");
  expect(accessWords(lines[6]!, 1)).toBe("was refused a still picture");
});

test("a recording is named after its person, where that is known", () => {
  const people = new Map([["n6z6", "Tomás Ferreira"]]);
  const opened = (object: string) => accessWords(line(1, "Ana", "recording", { object }), 1, people);
  expect(opened("n6z6-camera-1.webm")).toBe("opened a recording (camera of Tomás Ferreira)");
  expect(opened("other-screen-2.webm")).toBe("opened a recording (other-screen-2.webm)");
  expect(opened("")).toBe("opened a recording");
});
