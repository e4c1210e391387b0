// Stand-ins for the browser in this folder's tests: sockets, peer connections,
// tracks and devices that record what is done with them.

import type { Devices } from "./devices";
import type { SocketLike } from "./signaling";
import type { ServerMessages } from "./wire";

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  readonly sent: { type: string; data: Record<string, unknown> }[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string; data: Record<string, unknown> });
  }
  close(): void {
    this.closed = true;
  }
  opens(): void {
    this.onopen?.({} as Event);
  }
  says<T extends keyof ServerMessages>(type: T, data: ServerMessages[T]): void {
    this.onmessage?.({ data: JSON.stringify({ type, data }) } as MessageEvent);
  }
  drops(code = 1006, reason = ""): void {
    this.onclose?.({ code, reason } as CloseEvent);
  }
  types(): string[] {
    return this.sent.map((m) => m.type);
  }
  last(type: string): Record<string, unknown> | undefined {
    return this.sent.findLast((m) => m.type === type)?.data;
  }
}

/** A transceiver of a FakePeer. */
export class FakeTransceiver {
  mid: string | null = null;
  direction: RTCRtpTransceiverDirection = "sendonly";
  readonly receiver = { track: new FakeTrack("video", "remote") };
  readonly sender = {
    track: null as unknown,
    parameters: { encodings: [], transactionId: "", codecs: [], headerExtensions: [], rtcp: {} } as unknown as RTCRtpSendParameters,
    replaceTrack: (track: unknown): Promise<void> => {
      this.sender.track = track;
      return Promise.resolve();
    },
    getParameters: () => structuredClone(this.sender.parameters),
    setParameters: (p: RTCRtpSendParameters): Promise<void> => {
      this.sender.parameters = p;
      return Promise.resolve();
    },
  };
  constructor(readonly init: RTCRtpTransceiverInit) {
    this.sender.parameters.encodings = structuredClone(init.sendEncodings ?? []);
  }
}

/** A peer connection that negotiates without a network. */
export class FakePeer {
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  closed = false;
  readonly transceivers: FakeTransceiver[] = [];
  readonly candidates: unknown[] = [];
  readonly offers: { iceRestart?: boolean }[] = [];

  addTransceiver(track: unknown, init: RTCRtpTransceiverInit): FakeTransceiver {
    const t = new FakeTransceiver(init);
    t.sender.track = typeof track === "string" ? null : track;
    this.transceivers.push(t);
    return t;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  createOffer(options: { iceRestart?: boolean }): Promise<{ type: string; sdp: string }> {
    this.offers.push(options);
    return Promise.resolve({ type: "offer", sdp: `offer ${this.offers.length}` });
  }
  createAnswer(): Promise<{ type: string; sdp: string }> {
    return Promise.resolve({ type: "answer", sdp: `answer to ${this.remoteDescription?.sdp ?? ""}` });
  }
  setLocalDescription(d: { sdp: string }): Promise<void> {
    this.localDescription = d;
    this.transceivers.forEach((t, i) => { t.mid = String(i); });
    return Promise.resolve();
  }
  setRemoteDescription(d: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = d;
    return Promise.resolve();
  }
  addIceCandidate(c: unknown): Promise<void> {
    this.candidates.push(c);
    return Promise.resolve();
  }
  close(): void {
    this.closed = true;
  }
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

/** A track that counts as captured until it is stopped. */
export class FakeTrack {
  enabled = true;
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;
  contentHint = "";
  constructor(readonly kind: string, readonly label: string, readonly deviceId = "") {}
  stop(): void {
    this.readyState = "ended";
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId, width: 640, height: 480, frameRate: 30 };
  }
}

/** Devices that open, or throw what is set. */
export class FakeDevices {
  fails: unknown = null;
  readonly opened: FakeTrack[] = [];
  readonly asked: MediaStreamConstraints[] = [];

  getUserMedia(wanted: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(wanted);
    if (this.fails !== null) return Promise.reject(this.fails as Error);
    const kind = wanted.video === undefined ? "audio" : "video";
    const constraints = wanted.video ?? wanted.audio;
    const asked = typeof constraints === "object" && typeof constraints.deviceId === "object" && "exact" in constraints.deviceId
      ? String(constraints.deviceId.exact) : "first";
    const track = new FakeTrack(kind, `${kind} ${asked}`, asked);
    this.opened.push(track);
    return Promise.resolve({ getTracks: () => [track] } as unknown as MediaStream);
  }
  getDisplayMedia(): Promise<MediaStream> {
    if (this.fails !== null) return Promise.reject(this.fails as Error);
    const track = new FakeTrack("video", "screen");
    this.opened.push(track);
    return Promise.resolve({ getVideoTracks: () => [track], getAudioTracks: () => [] } as unknown as MediaStream);
  }
  asDevices(): Devices {
    return this as unknown as Devices;
  }
}
