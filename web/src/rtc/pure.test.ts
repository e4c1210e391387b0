import { describe, expect, it } from "vitest";

import type { Finding } from "@/gen/evidence";
import { DeviceError, explain, openDevice } from "./devices";
import { FakeDevices } from "./fakes";
import { dbfs, floorDBFS, meter } from "./level";
import { judge, median } from "./probe";
import { backoff } from "./signaling";
import { initialState, interviewTime, reduce, type RoomState } from "./state";
import { summarize } from "./stats";
import { errorSentence, type ServerMessage } from "./wire";

const named = (name: string, message = "") => Object.assign(new Error(message), { name });

describe("device refusals", () => {
  it.each([
    ["NotAllowedError", "Permission denied", "denied"],
    ["NotAllowedError", "Permission dismissed", "dismissed"],
    ["SecurityError", "", "denied"],
    ["NotFoundError", "", "missing"],
    ["NotReadableError", "", "busy"],
    ["AbortError", "", "busy"],
    ["OverconstrainedError", "", "unsuitable"],
    ["TypeError", "", "unsupported"],
    ["Whatever", "", "unknown"],
  ])("%s (%s) is %s and has a sentence", (name, message, refusal) => {
    const e = explain("camera", named(name, message));
    expect(e.refusal).toBe(refusal);
    expect(e.message).toMatch(/camera/);
    expect(e.message).toMatch(/\.$/);
  });

  it("keeps an explanation that was already made", () => {
    const e = new DeviceError("screen", "missing");
    expect(explain("screen", e)).toBe(e);
  });

  it("falls back to the browser's choice when a remembered device is gone", async () => {
    const devices = new FakeDevices();
    devices.fails = named("OverconstrainedError");
    const opening = openDevice({
      ...devices.asDevices(),
      getUserMedia: (wanted) => {
        const answer = devices.getUserMedia(wanted ?? {});
        devices.fails = null;
        return answer;
      },
    } as ReturnType<FakeDevices["asDevices"]>, "microphone", "gone");
    await expect(opening).resolves.toMatchObject({ deviceId: "first" });
  });
});

describe("state", () => {
  const finding = (id: string, start_ms: number, end_ms: number): Finding => ({
    id, interview: "i", participant: "p", source: "camera", run: "live", kind: "face.absent", severity: "notice",
    start_ms, end_ms, open: true, values: null, quality: 1, samples: 1,
  });
  const after = (...messages: ServerMessage[]): RoomState => messages.reduce((s, m) => reduce(s, m, 1_000), initialState);

  it("lets findings grow in place, in order of time", () => {
    const s = after(
      { type: "finding", data: { finding: finding("b", 500, 600) } },
      { type: "finding", data: { finding: finding("a", 100, 200) } },
      { type: "finding", data: { finding: finding("b", 500, 900) } },
    );
    expect(s.findings.map((f) => [f.id, f.end_ms])).toEqual([["a", 200], ["b", 900]]);
  });

  it("keeps one recording state per stream and remembers when it was heard", () => {
    const health = (stream: string, bytes: number): ServerMessage =>
      ({ type: "recording", data: { participant: "p", stream, bytes, last_flush_ms: 10, gaps: 0 } });
    const s = after(health("camera", 1), health("screen", 2), health("camera", 3));
    expect(s.recording.map((r) => [r.stream, r.bytes, r.heardMS])).toEqual([["camera", 3, 1_000], ["screen", 2, 1_000]]);
  });

  it("repeats no notice, gives each an identity, and keeps a bounded number", () => {
    const notice = (text: string): ServerMessage => ({ type: "notice", data: { level: "warning", code: "disk_low", text } });
    const s = after(notice("low"), notice("low"), ...Array.from({ length: 40 }, (_, i) => notice(`${i}`)));
    expect(s.notices).toHaveLength(20);
    expect(new Set(s.notices.map((n) => n.id)).size).toBe(20);
    expect(after(notice("low"), notice("low")).notices).toHaveLength(1);
  });

  it("has no interview time before the start", () => {
    expect(interviewTime({ startedMS: 0, skewMS: 0 }, 5)).toBeNull();
    expect(interviewTime({ startedMS: 1_000, skewMS: 250 }, 2_000)).toBe(1_250);
  });
});

describe("errors", () => {
  it.each([
    [{ field: "text", message: "text: is empty; write something" }, "Is empty; write something."],
    [{ message: "the room is full" }, "The room is full."],
    [{ field: "link", message: "The link has expired." }, "The link has expired."],
  ])("%o", (e, want) => { expect(errorSentence(e)).toBe(want); });
});

describe("figures", () => {
  it("backs off from 0.3 to 8 s", () => {
    expect(backoff(0, 0.5)).toBe(300);
    expect(backoff(2, 0.5)).toBe(1_200);
    expect(backoff(30, 0.5)).toBe(8_000);
    expect(backoff(0, 0)).toBe(240);
    expect(backoff(0, 1)).toBe(360);
  });

  it("measures loudness", () => {
    expect(dbfs(new Float32Array(8))).toBe(floorDBFS);
    expect(dbfs(Float32Array.from([1, -1, 1, -1]))).toBe(0);
    expect(dbfs(Float32Array.from([0.1, -0.1]))).toBeCloseTo(-20, 4);
    expect(meter(floorDBFS)).toBe(0);
    expect(meter(0)).toBe(1);
  });

  it("judges a network by what was measured", () => {
    const good = { rttMS: 20, candidates: ["host"], loopback: true };
    expect(judge(good).level).toBe("good");
    expect(judge({ ...good, rttMS: 500 }).level).toBe("fair");
    expect(judge({ ...good, rttMS: 900 }).level).toBe("poor");
    expect(judge({ ...good, rttMS: null }).text).toMatch(/did not answer/);
    expect(judge({ ...good, loopback: false }).text).toMatch(/blocks media/);
    expect(median([])).toBeNull();
    expect(median([9, 1, 5])).toBe(5);
  });

  it("turns totals into rates, and starts over when they fall", () => {
    const read = (bytes: number, lost: number) => [
      { type: "outbound-rtp", kind: "video", bytesSent: bytes, frameWidth: 1280, frameHeight: 720, framesPerSecond: 29.6 },
      { type: "inbound-rtp", kind: "video", bytesReceived: bytes, packetsReceived: bytes / 1000, packetsLost: lost },
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.0124 },
    ];
    const first = summarize(read(100_000, 0), null, 0);
    expect(first.stats).toMatchObject({ sendKbps: 0, rttMS: 12, width: 1280, framesPerSecond: 30 });
    const second = summarize(read(300_000, 50), first.totals, 2_000);
    expect(second.stats).toMatchObject({ sendKbps: 800, receiveKbps: 800, lossPercent: 20 });
    expect(summarize(read(1_000, 0), second.totals, 4_000).stats.sendKbps).toBe(0);
  });
});
