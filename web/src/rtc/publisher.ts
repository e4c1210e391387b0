// The publish connection: this client offers. One transceiver per source,
// used again when a source comes back; one offer outstanding at a time.

import * as config from "./config";
import type { Send } from "./wire";

/** What a participant can send. */
export type Source = "camera" | "microphone" | "screen" | "screen_audio";

/** Whether a source carries pictures or sound. */
export function kindOf(source: Source): "video" | "audio" {
  return source === "camera" || source === "screen" ? "video" : "audio";
}

/** One participant's sending side. */
export class Publisher {
  private readonly slots = new Map<Source, RTCRtpTransceiver>();
  private readonly early: RTCIceCandidateInit[] = [];
  /** The newest change of a sender's parameters; a browser takes one at a time. */
  private adjusted: Promise<void> = Promise.resolve();
  private offered: Source[] = [];
  private outstanding = false;
  private again = false;
  private restartNext = false;
  private closed = false;
  /** The sources that the server has answered for. */
  answered: ReadonlySet<Source> = new Set();

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly send: Send,
    private readonly failed: (err: unknown) => void,
  ) {
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) send("candidate", { target: "publish", candidate: candidate.toJSON() });
    };
  }

  /**
   * Sends a track as a source. A null track keeps the source without sending:
   * no packets leave, and setting a track again needs no new offer.
   */
  publish(source: Source, track: MediaStreamTrack | null): void {
    const slot = this.slots.get(source);
    if (slot === undefined) {
      const made = this.pc.addTransceiver(track ?? kindOf(source), {
        direction: "sendonly",
        sendEncodings: kindOf(source) === "video" ? [{ maxBitrate: bitrateOf(source) }] : undefined,
      });
      this.slots.set(source, made);
      if (kindOf(source) === "video") this.adjust(made.sender, keepResolution);
      this.negotiate();
      return;
    }
    slot.sender.replaceTrack(track).catch(this.failed);
    if (slot.direction !== "sendonly") {
      slot.direction = "sendonly";
      this.negotiate();
    }
  }

  /** Sets how much of the uplink a source that is sent may use, in bit/s. */
  limit(source: Source, maxBitrate: number): void {
    const slot = this.slots.get(source);
    if (slot === undefined) return;
    this.adjust(slot.sender, ({ encodings }) => {
      for (const encoding of encodings) encoding.maxBitrate = maxBitrate;
    });
  }

  /** Ends a source: its track is gone for everybody. */
  unpublish(source: Source): void {
    const slot = this.slots.get(source);
    if (slot === undefined || slot.direction === "inactive") return;
    slot.sender.replaceTrack(null).catch(this.failed);
    slot.direction = "inactive";
    this.negotiate();
  }

  /** Offers again with new ICE credentials. */
  restart(): void {
    this.restartNext = true;
    this.negotiate();
  }

  /** Takes the server's answer. */
  async answer(sdp: string): Promise<void> {
    if (this.closed || !this.outstanding) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    this.outstanding = false;
    this.answered = new Set(this.offered);
    for (const c of this.early.splice(0)) await this.pc.addIceCandidate(c);
    if (this.again) {
      this.again = false;
      this.negotiate();
    }
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

  /** Changes a sender's parameters; a browser that refuses still sends pictures. */
  private adjust(sender: RTCRtpSender, change: (parameters: RTCRtpSendParameters) => void): void {
    this.adjusted = this.adjusted.then(async () => {
      const parameters = sender.getParameters();
      change(parameters);
      await sender.setParameters(parameters);
    }).catch(() => undefined);
  }

  private negotiate(): void {
    if (this.outstanding) {
      this.again = true;
      return;
    }
    this.outstanding = true;
    this.offer().catch((err: unknown) => {
      this.outstanding = false;
      if (!this.closed) this.failed(err);
    });
  }

  private async offer(): Promise<void> {
    // Sources that are added in the same turn go into the same offer.
    await Promise.resolve();
    const iceRestart = this.restartNext;
    this.restartNext = this.again = false;
    await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart }));
    if (this.closed) return;
    const sources: Record<string, string> = {};
    this.offered = [];
    for (const [source, { mid, direction }] of this.slots) {
      if (mid === null || direction !== "sendonly") continue;
      sources[mid] = source;
      this.offered.push(source);
    }
    const sdp = this.pc.localDescription?.sdp ?? "";
    if (!this.send("publish.offer", { sdp, sources })) throw new Error("the socket is closed");
  }
}

function bitrateOf(source: Source): number {
  return source === "screen" ? config.screen.maxBitrate : config.camera.maxBitrate;
}

/**
 * Asks the encoder to give up pictures a second before pixels. Left to itself
 * Chromium starts at 320x180 and takes half a minute to full size: too small
 * to measure a face in.
 */
function keepResolution(parameters: RTCRtpSendParameters): void {
  parameters.degradationPreference = "maintain-resolution";
}
