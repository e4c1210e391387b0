// What the browser's statistics say of the way between this page and the
// server: how packets go, how long they take, and for how long sound is held
// back here before it is heard.

import type { Fact } from "@/gen/signaling";

/** One entry of an RTCStatsReport, with the fields that are read. */
export interface PathStat {
  id: string;
  type: string;
  kind?: string;
  selectedCandidatePairId?: string;
  nominated?: boolean;
  state?: string;
  localCandidateId?: string;
  remoteCandidateId?: string;
  currentRoundTripTime?: number; // s
  candidateType?: string;
  protocol?: string;
  address?: string | null;
  ip?: string | null;
  jitterBufferDelay?: number; // s, summed over what was emitted
  jitterBufferEmittedCount?: number;
  packetsReceived?: number;
  packetsLost?: number;
}

/** The running totals that two readings are compared by. */
export interface PathTotals {
  delay: number;
  emitted: number;
  received: number;
  lost: number;
}

const none: PathTotals = { delay: 0, emitted: 0, received: 0, lost: 0 };

/** pathOf reads the fact "network" from statistics; null while there is no path. */
export function pathOf(stats: readonly PathStat[], before: PathTotals | null): { fact: Fact | null; totals: PathTotals } {
  const byId = new Map(stats.map((s) => [s.id, s]));
  const totals = { ...none };
  for (const s of stats) {
    if (s.type !== "inbound-rtp") continue;
    totals.received += s.packetsReceived ?? 0;
    totals.lost += s.packetsLost ?? 0;
    if (s.kind !== "audio") continue;
    totals.delay += s.jitterBufferDelay ?? 0;
    totals.emitted += s.jitterBufferEmittedCount ?? 0;
  }
  const transport = stats.find((s) => s.type === "transport" && s.selectedCandidatePairId !== undefined);
  const pair = byId.get(transport?.selectedCandidatePairId ?? "")
    ?? stats.find((s) => s.type === "candidate-pair" && s.nominated === true && s.state === "succeeded");
  if (pair === undefined) return { fact: null, totals };
  const local = byId.get(pair.localCandidateId ?? "");
  const remote = byId.get(pair.remoteCandidateId ?? "");
  const from = before !== null && totals.emitted >= before.emitted && totals.received >= before.received ? before : none;
  const emitted = totals.emitted - from.emitted;
  const lost = Math.max(0, totals.lost - from.lost);
  const all = totals.received - from.received + lost;
  const fact: Fact = { fact: "network", state: typeOf(local?.candidateType) };
  const family = familyOf(addressOf(remote)) ?? familyOf(addressOf(local));
  if (family !== null) fact.family = family;
  if (local?.protocol === "udp" || local?.protocol === "tcp") fact.protocol = local.protocol;
  const address = addressOf(local);
  if (familyOf(address) === "ipv4" || familyOf(address) === "ipv6") fact.address = address;
  if (pair.currentRoundTripTime !== undefined) fact.rtt_ms = tenth(pair.currentRoundTripTime * 1000);
  if (emitted > 0) fact.playout_ms = tenth(Math.max(0, totals.delay - from.delay) / emitted * 1000);
  if (all > 0) fact.lost_share = Math.round(lost / all * 1000) / 1000;
  return { fact, totals };
}

function typeOf(type: string | undefined): string {
  return type === "host" || type === "srflx" || type === "prflx" || type === "relay" ? type : "unknown";
}

function addressOf(candidate: PathStat | undefined): string {
  return candidate?.address ?? candidate?.ip ?? "";
}

/** familyOf tells IPv4 from IPv6 and from a name by which a browser hides an address; null where there is none. */
export function familyOf(address: string): "ipv4" | "ipv6" | "name" | null {
  if (address === "") return null;
  if (/^\d+(\.\d+){3}$/.test(address)) return "ipv4";
  return address.includes(":") ? "ipv6" : "name";
}

function tenth(value: number): number {
  return Math.min(60_000, Math.round(value * 10) / 10);
}
