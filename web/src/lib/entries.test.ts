import { describe, expect, it } from "vitest";

import type { LogEntry } from "@/gen/api";
import type { Entry, KindInfo } from "@/gen/evidence";
import { entrySummary, type Names, partText } from "./entries";

const names: Names = {
  people: new Map([["p1", "Ana Lima"]]),
  kinds: new Map([["face.absent", { kind: "face.absent", title: "No face in view" } as KindInfo]]),
};

function line(kind: Entry["kind"], payload: unknown, more: Partial<LogEntry> = {}, hash = ""): LogEntry {
  return { entry: { seq: 1, v: 1, wall_ms: 0, actor: { type: "system" }, kind, payload, part_sha256: hash }, by: "", ...more };
}

describe("entrySummary", () => {
  const span = { start_ms: 1_000, end_ms: 62_500 };
  it.each<[string, LogEntry, string]>([
    ["a refusal", line("consent", { participant: "p1", consent: "gaze", granted: false }), "Ana Lima, gaze: refused"],
    ["a withdrawal", line("consent", { participant: "p1", consent: "face", granted: false, withdrawn: true }), "Ana Lima, face: withdrawn"],
    ["somebody unknown", line("participant.left", { participant: "abcdefghijk", role: "observer", reason: "disconnected" }), "participant abcdefgh (observer), disconnected"],
    ["a finding", line("finding", { participant: "p1", kind: "face.absent", open: false, ...span }), "Ana Lima, No face in view, 0:01.0 to 1:02.5"],
    ["a finding that goes on", line("finding", { participant: "p1", kind: "face.absent", open: true, ...span }), "Ana Lima, No face in view, since 0:01.0"],
    ["no measurement", line("coverage", { participant: "p1", kind: "face.absent", state: "not_run", reason: "no_consent", ...span }), "Ana Lima, No face in view: not run (no consent), 0:01.0 to 1:02.5"],
    ["a kind that this page does not know", line("finding", { participant: "p1", kind: "face.new", open: false, ...span }), "Ana Lima, face.new, 0:01.0 to 1:02.5"],
    ["a gap", line("media.gap", { participant: "p1", source: "camera", cause: "loss", ...span }), "Ana Lima, camera, 0:01.0 to 1:02.5, packets lost on the way"],
    ["a muted microphone", line("track.mute", { participant: "p1", source: "microphone", muted: true }), "Ana Lima, microphone, muted"],
    ["the closing", line("interview.sealed", { entries: 1 }), "1 entry before this one"],
    ["a decision", line("review", { finding: "0123456789", decision: "dismissed" }), "Dismissed, finding 01234567"],
    ["a change of roles", line("user.changed", { user: "p1", change: "roles", roles: ["reviewer", "auditor"], ok: true }), "Ana Lima, roles, reviewer and auditor"],
    ["a refused sign-in", line("user.sign_in", { user: "", ok: false }), "no such account, refused"],
    ["nothing to add", line("interview.started", {}), ""],
    ["no payload", line("server.started", null), ""],
  ])("%s", (_, given, want) => {
    expect(entrySummary(given, names)).toBe(want);
  });
});

describe("partText", () => {
  it("tells what was typed from what never was and from what was deleted", () => {
    expect(partText(line("annotation", {}, { part: { text: "Looks up." } }, "ab"), names)).toBe("Looks up.");
    expect(partText(line("interview.created", {}, { part: { candidate_name: "Ana", time_zone: "", interviewers: ["p1", "b"] } }, "ab"), names)).toBe("candidate name: Ana; interviewers: Ana Lima, b");
    expect(partText(line("cards.drawn", {}, { part: { name: "Standard", questions: { a: "Why?", b: "When?" } } }, "ab"), names)).toBe("name: Standard; questions: Why? When?");
    expect(partText(line("series", {}, { part: { unit: "s", points: [{ at: 1, v: 2 }, { at: 2, v: 3 }], marks: [{ at: 1, text: "Q" }] } }, "ab"), names)).toBe("unit: s; points: 2; marks: Q");
    expect(partText(line("annotation", {}, {}, "ab"), names)).toMatch(/^Deleted/);
    expect(partText(line("track.mute", {}), names)).toBeNull();
  });
});
