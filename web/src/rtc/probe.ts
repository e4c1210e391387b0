// The lobby's network check: how far the server is, and whether this browser
// and network let media connections be made at all.

/** What was measured. */
export interface Probe {
  /** Median round trip to the server in ms; null where it did not answer. */
  rttMS: number | null;
  /** Kinds of ICE candidates that were found. */
  candidates: readonly string[];
  /** Two connections within this page reached each other. */
  loopback: boolean;
}

/** What a probe means to the person. */
export interface Verdict {
  level: "good" | "fair" | "poor";
  text: string;
}

/** Puts a probe into a sentence. The bounds are those of ITU-T G.114: 150 ms one way is comfortable, 400 ms is the limit. */
export function judge(p: Probe): Verdict {
  if (p.rttMS === null) {
    return { level: "poor", text: "The server did not answer. Check your internet connection, then check again." };
  }
  if (p.candidates.length === 0 || !p.loopback) {
    return {
      level: "poor",
      text: "This browser or network blocks media connections. Switch off extensions that block WebRTC, or a VPN, or try another browser or network.",
    };
  }
  const answer = `The server answers in ${p.rttMS} ms`;
  if (p.rttMS <= 300) return { level: "good", text: `${answer}. Media connections are possible.` };
  if (p.rttMS <= 800) return { level: "fair", text: `${answer}: a delay may be noticeable. A wired connection or a place nearer to the router helps.` };
  return { level: "poor", text: `${answer}: talking will be hard. Use another network if you can.` };
}

/** Measures. It takes at most about four seconds. */
export async function probe(ice: RTCIceServer[]): Promise<Probe> {
  const [rttMS, candidates, loopback] = await Promise.all([roundTrip(), gather(ice), loop()]);
  return { rttMS, candidates, loopback };
}

/** The middle of numbers; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

async function roundTrip(): Promise<number | null> {
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const begin = performance.now();
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(3_000) });
      await answer.arrayBuffer();
    } catch {
      break;
    }
    if (i > 0) times.push(performance.now() - begin); // the first one opens the connection
  }
  const middle = median(times);
  return middle === null ? null : Math.max(1, Math.round(middle));
}

async function gather(iceServers: RTCIceServer[]): Promise<string[]> {
  const pc = new RTCPeerConnection({ iceServers });
  const found = new Set<string>();
  try {
    pc.createDataChannel("probe");
    const done = new Promise<void>((resolve) => {
      setTimeout(resolve, 2_500);
      pc.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else if (candidate.type !== null) found.add(candidate.type);
      };
    });
    await pc.setLocalDescription(await pc.createOffer());
    await done;
  } finally {
    pc.close();
  }
  return [...found];
}

async function loop(): Promise<boolean> {
  const a = new RTCPeerConnection();
  const b = new RTCPeerConnection();
  try {
    a.onicecandidate = ({ candidate }) => { if (candidate) b.addIceCandidate(candidate).catch(() => undefined); };
    b.onicecandidate = ({ candidate }) => { if (candidate) a.addIceCandidate(candidate).catch(() => undefined); };
    const opened = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), 4_000);
      a.createDataChannel("probe").onopen = () => resolve(true);
    });
    await a.setLocalDescription(await a.createOffer());
    await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
    await b.setLocalDescription(await b.createAnswer());
    await a.setRemoteDescription(b.localDescription as RTCSessionDescription);
    return await opened;
  } finally {
    a.close();
    b.close();
  }
}
