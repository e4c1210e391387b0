import { describe, expect, it } from "vitest";

import type { Coverage, Finding, KindInfo } from "@/gen/evidence";
import { readMemory, writeMemory } from "@/hooks/deviceMemory";
import type { LocalState } from "@/rtc/local";
import type { RecordingState } from "@/rtc/state";
import { allConsents, consentTexts, keptFor, type Terms } from "./consents";
import { bytes, coverageText, ending, groupByKind, initials, recordingLook } from "./words";

const face: KindInfo = {
  kind: "face.absent", title: "No face in view", description: "", limits: "", unit: "", severity: "notice", consent: "face",
};
const terms: Terms = { operator: "Acme", keepDays: 90, policy: "allow", kinds: [face] };

describe("consent texts", () => {
  it("are four, and a fifth for the candidate, each with its own words", () => {
    for (const role of ["candidate", "interviewer", "observer"] as const) {
      const texts = consentTexts(role, terms);
      const four = ["recording", "face", "gaze", "speech"];
      expect(texts.map((t) => t.consent)).toEqual(role === "candidate" ? [...four, "templates"] : four);
      expect(new Set(texts.map((t) => t.shown)).size).toBe(texts.length);
    }
    expect(allConsents).toHaveLength(5);
  });

  it("say how long, what is measured, and what a refusal means", () => {
    const [recording, faceText, gaze] = consentTexts("candidate", terms);
    expect(recording?.text).toContain("for 90 days");
    expect(recording?.otherwise).toContain("goes on");
    expect(faceText?.text).toContain("no face in view");
    expect(faceText?.text).not.toContain("compares your face");
    const compares = consentTexts("candidate", { ...terms, kinds: [face, { ...face, kind: "identity.mismatch", title: "Face differs" }] })[1]?.text;
    expect(compares).toContain("compares your face with how it looked at the beginning of the call");
    expect(compares).toContain("not stored, unless you agree");
    expect(gaze?.text).toContain("measures nothing of this kind");
    const eyes = consentTexts("candidate", { ...terms, kinds: [{ ...face, kind: "gaze.reading", title: "Eyes move as when reading", consent: "gaze" }] })[2]?.text;
    expect(eyes).toContain("eyes move as when reading");
    expect(eyes, "what is kept beside findings").toContain("these directions are kept with the recording");
    expect(consentTexts("candidate", { ...terms, policy: "refuse" })[0]?.otherwise).toContain("cannot be held");
    expect(keptFor({ keepDays: 0, operator: "" })).toBe("until the organisation that invited you deletes it");
  });

  it("tell an observer and an interviewer what holds for them", () => {
    const [recording, faceText, gaze] = consentTexts("interviewer", terms);
    expect(faceText?.text).toContain("measured for the candidate only");
    expect(gaze?.text, "nobody's gaze is measured here").toContain("measures nothing of this kind");
    const [observed] = consentTexts("observer", terms);
    expect(observed?.text).toContain("nothing of you is recorded");
    expect(observed?.text, "who takes part later is not asked again").toContain(recording?.text);
  });

  it("say for the log what was shown", () => {
    const shown = (t: Terms) => consentTexts("candidate", t).map((c) => c.shown);
    expect(shown({ ...terms, keepDays: 30 })[0]).not.toBe(shown(terms)[0]);
    expect(shown({ ...terms, kinds: [] })[1]).not.toBe(shown(terms)[1]);
    expect(shown({ ...terms })).toEqual(shown(terms));
  });
});

describe("recording look", () => {
  const stream: RecordingState = { participant: "p", stream: "camera", bytes: 1, last_flush_ms: 0, gaps: 0, heardMS: 10_000 };
  it.each([
    [[stream], true, true, 10_500, "recording"],
    [[stream], true, true, 20_000, "stale"],
    [[{ ...stream, failed: "disk_full" }], true, true, 10_500, "failed"],
    [[{ ...stream, failed: "write_failed" }], false, true, 10_500, "failed"],
    [[], false, true, 0, "off"],
    [[], true, false, 0, "waiting"],
    [[], undefined, true, 0, "waiting"],
  ] as const)("%#", (streams, consent, started, now, want) => {
    expect(recordingLook(streams, consent, started, now).state).toBe(want);
  });

  it("does not claim a recording while the server is out of reach", () => {
    expect(recordingLook([stream], true, true, 10_500, false)).toEqual({ state: "stale", text: "No word of the recording: connection lost" });
  });
});

describe("words", () => {
  it("keeps kinds in their order and takes the newest coverage", () => {
    const finding = (kind: Finding["kind"], start_ms: number, end_ms: number) => ({ id: `${kind}${start_ms}`, kind, start_ms, end_ms }) as Finding;
    const cover = (kind: Coverage["kind"], end_ms: number, state: Coverage["state"]) => ({ kind, end_ms, state }) as Coverage;
    const groups = groupByKind(["camera.off", "face.absent"],
      [finding("face.absent", 0, 2_000), finding("face.absent", 5_000, 6_000)],
      [cover("face.absent", 9, "not_run"), cover("face.absent", 10, "measured"), cover("camera.off", 1, "measured")]);
    expect(groups.map((g) => g.kind)).toEqual(["camera.off", "face.absent"]);
    expect(groups[1]).toMatchObject({ totalMS: 3_000, coverage: { state: "measured" } });
    expect(groups[1]?.findings.map((f) => f.start_ms)).toEqual([5_000, 0]);
  });

  it("writes coverage, sizes, names and endings", () => {
    expect(coverageText(null)).toBe("Not measured yet");
    expect(coverageText({ state: "not_measurable", reason: "dark" })).toBe("Not measurable: too dark");
    expect(bytes(999)).toBe("999 B");
    expect(bytes(12_345_678)).toBe("12.3 MB");
    expect(bytes(2_500_000_000)).toBe("2.50 GB");
    expect(initials("  ana maria Lopes ")).toBe("AL");
    expect(initials("Ines Duarte (you)")).toBe("ID");
    expect(initials("Élodie")).toBe("É");
    expect(initials("")).toBe("");
    expect(ending("replaced").again).toBe("Use it here");
    expect(ending("hangup").again).toBe("");
    expect(ending("cancelled")).toMatchObject({ title: "The interview was cancelled", again: "" });
    expect(ending("something new").title).toBe("The connection was closed");
  });
});

describe("device memory", () => {
  it("brings back what was open and survives nonsense", () => {
    let kept: string | null = null;
    const storage = { getItem: () => kept, setItem: (_: string, v: string) => { kept = v; } };
    expect(readMemory(storage)).toEqual({});
    const off = { wanted: false, track: null, muted: false, deviceId: "", label: "", busy: false, error: null };
    const state: LocalState = {
      camera: { ...off, wanted: true, deviceId: "c", muted: true }, microphone: { ...off, wanted: true, deviceId: "m" }, screen: off, screenAudio: null, sharp: false,
    };
    writeMemory(storage, state);
    expect(readMemory(storage)).toEqual({ camera: { deviceId: "c", muted: true }, microphone: { deviceId: "m", muted: false } });
    for (const text of ["{", "null", "3", '{"camera":{"deviceId":1,"muted":false},"microphone":null}']) {
      kept = text;
      expect(readMemory(storage)).toEqual({});
    }
  });
});
