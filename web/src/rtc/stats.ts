// Figures of a call from the browser's own statistics.

/** How the connections fare over the last interval. */
export interface CallStats {
  sendKbps: number;
  receiveKbps: number;
  /** Round trip to the server in ms; null before it was measured. */
  rttMS: number | null;
  /** Share of packets that did not arrive, 0 to 100. */
  lossPercent: number;
  /** The camera's picture as it is sent; zeros while it is off. */
  width: number;
  height: number;
  framesPerSecond: number;
}

/** The running totals that two readings are compared by. */
export interface Totals {
  atMS: number;
  sent: number;
  received: number;
  packets: number;
  lost: number;
}

/** One entry of an RTCStatsReport, with the fields that are read. */
export interface Stat {
  type: string;
  kind?: string;
  bytesSent?: number;
  bytesReceived?: number;
  packetsReceived?: number;
  packetsLost?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
}

/** Sums up the reports of all connections, against the reading before. */
export function summarize(stats: readonly Stat[], before: Totals | null, atMS: number): { stats: CallStats; totals: Totals } {
  const totals: Totals = { atMS, sent: 0, received: 0, packets: 0, lost: 0 };
  const now: CallStats = { sendKbps: 0, receiveKbps: 0, rttMS: null, lossPercent: 0, width: 0, height: 0, framesPerSecond: 0 };
  for (const s of stats) {
    if (s.type === "outbound-rtp") {
      totals.sent += s.bytesSent ?? 0;
      // The largest picture: a screen's, or else the camera's.
      if (s.kind === "video" && (s.frameWidth ?? 0) > now.width) {
        now.width = s.frameWidth ?? 0;
        now.height = s.frameHeight ?? 0;
        now.framesPerSecond = Math.round(s.framesPerSecond ?? 0);
      }
    } else if (s.type === "inbound-rtp") {
      totals.received += s.bytesReceived ?? 0;
      totals.packets += s.packetsReceived ?? 0;
      totals.lost += s.packetsLost ?? 0;
    } else if (s.type === "candidate-pair" && s.nominated === true && s.currentRoundTripTime !== undefined) {
      now.rttMS = Math.max(now.rttMS ?? 0, Math.round(s.currentRoundTripTime * 1000));
    }
  }
  // Totals fall when connections are made anew: nothing to compare with then.
  if (before !== null && atMS > before.atMS && totals.sent >= before.sent && totals.received >= before.received) {
    const seconds = (atMS - before.atMS) / 1000;
    now.sendKbps = Math.round((totals.sent - before.sent) * 8 / 1000 / seconds);
    now.receiveKbps = Math.round((totals.received - before.received) * 8 / 1000 / seconds);
    const lost = Math.max(0, totals.lost - before.lost);
    const all = totals.packets - before.packets + lost;
    now.lossPercent = all > 0 ? Math.round(1000 * lost / all) / 10 : 0;
  }
  return { stats: now, totals };
}

/** Reads the statistics of all connections. */
export async function readStats(peers: readonly RTCPeerConnection[]): Promise<Stat[]> {
  const reports = await Promise.all(peers.map((pc) => pc.getStats()));
  const all: Stat[] = [];
  for (const report of reports) report.forEach((s: Stat) => all.push(s));
  return all;
}
