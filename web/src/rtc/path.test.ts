import { describe, expect, it } from "vitest";

import { familyOf, pathOf, type PathStat } from "./path";

const stats = (more: Partial<PathStat> = {}, emitted = 4_800, delay = 240): PathStat[] => [
  { id: "T", type: "transport", selectedCandidatePairId: "P" },
  { id: "P", type: "candidate-pair", localCandidateId: "L", remoteCandidateId: "R", currentRoundTripTime: 0.0381 },
  { id: "Q", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "X" },
  { id: "L", type: "local-candidate", candidateType: "srflx", protocol: "udp", address: "192.0.2.7", ...more },
  { id: "R", type: "remote-candidate", address: "2001:db8::1" },
  { id: "I", type: "inbound-rtp", kind: "audio", jitterBufferDelay: delay, jitterBufferEmittedCount: emitted, packetsReceived: 990, packetsLost: 10 },
];

describe("pathOf", () => {
  it("reads the pair in use, its ends, and the delay since the last reading", () => {
    const first = pathOf(stats(), null);
    expect(first.fact).toEqual({
      fact: "network", state: "srflx", family: "ipv6", protocol: "udp", address: "192.0.2.7", rtt_ms: 38.1, playout_ms: 50, lost_share: 0.01,
    });
    const again = pathOf(stats({}, 9_600, 240 + 480), first.totals);
    expect(again.fact?.playout_ms).toBe(100);
    expect(again.fact?.lost_share).toBeUndefined();
  });

  it("tells no name as an address, and nothing without a path", () => {
    expect(pathOf(stats({ address: "1f3c.local", candidateType: "strange" }), null).fact).toMatchObject({ state: "unknown" });
    expect(pathOf(stats({ address: "1f3c.local" }), null).fact?.address).toBeUndefined();
    expect(pathOf([], null).fact).toBeNull();
    expect(["192.0.2.1", "fe80::1", "a.local", ""].map(familyOf)).toEqual(["ipv4", "ipv6", "name", null]);
  });
});
