// The subscribe connection: the server offers, this client answers, one at a
// time and in order.

import type { SubscribedTrack, SubscribeOffer } from "@/gen/signaling";
import type { Send } from "./wire";

/** A track of somebody else. */
export interface RemoteTrack {
  participant: string;
  source: string;
  track: MediaStreamTrack;
}

/** One participant's receiving side. */
export class Subscriber {
  private chain: Promise<void> = Promise.resolve();
  private readonly early: RTCIceCandidateInit[] = [];
  private closed = false;

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly send: Send,
    private readonly tracks: (list: RemoteTrack[]) => void,
    private readonly failed: (err: unknown) => void,
  ) {
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) send("candidate", { target: "subscribe", candidate: candidate.toJSON() });
    };
  }

  /** Takes an offer; answers go out in the order in which offers came. */
  offer(o: SubscribeOffer): void {
    this.chain = this.chain.then(() => this.answer(o)).catch((err: unknown) => {
      if (!this.closed) this.failed(err);
    });
  }

  /** Takes one of the server's candidates. */
  async candidate(c: RTCIceCandidateInit): Promise<void> {
    if (this.closed) return;
    if (this.pc.remoteDescription === null) this.early.push(c);
    else await this.pc.addIceCandidate(c);
  }

  close(): void {
    this.closed = true;
    this.pc.onicecandidate = null;
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  private async answer(o: SubscribeOffer): Promise<void> {
    if (this.closed) return;
    await this.pc.setRemoteDescription({ type: "offer", sdp: o.sdp });
    for (const c of this.early.splice(0)) await this.pc.addIceCandidate(c);
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    if (this.closed) return;
    this.send("subscribe.answer", { sdp: this.pc.localDescription?.sdp ?? "" });
    this.tracks(matchTracks(o.tracks ?? [], this.pc.getTransceivers()));
  }
}

/** Finds for each announced mid the track that arrives on it. */
export function matchTracks(
  announced: readonly SubscribedTrack[],
  transceivers: readonly Pick<RTCRtpTransceiver, "mid" | "receiver">[],
): RemoteTrack[] {
  const byMid = new Map(transceivers.map((t) => [t.mid, t.receiver.track]));
  return announced.flatMap(({ mid, participant, source }) => {
    const track = byMid.get(mid);
    return track === undefined ? [] : [{ participant, source, track }];
  });
}
