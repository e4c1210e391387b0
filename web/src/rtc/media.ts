// The media of one join: what is captured here goes out on the publish
// connection, what others send comes in on the subscribe connection.

import type { Candidate, SubscribeOffer, Target } from "@/gen/signaling";
import * as config from "./config";
import type { LocalMedia } from "./local";
import { Publisher, type Source } from "./publisher";
import { Subscriber, type RemoteTrack } from "./subscriber";
import type { Send } from "./wire";

/** Makes a peer connection. */
export type MakePeer = (configuration: RTCConfiguration) => RTCPeerConnection;

/** What a room's media reports. */
export interface MediaEvents {
  /** A connection was made and begins to connect. */
  opened(target: Target): void;
  state(target: Target, state: RTCPeerConnectionState): void;
  tracks(list: RemoteTrack[]): void;
  /** A description could not be taken: only a new join helps. */
  failed(err: unknown): void;
}

/** Both connections of one join. Made anew at each. */
export class RoomMedia {
  private publisher: Publisher | null = null;
  private subscriber: Subscriber | null = null;
  private sharp = false;
  private readonly sent = new Map<Source, MediaStreamTrack | null>();
  private readonly mutes = new Map<string, boolean>();
  private readonly devices = new Map<string, string>();
  /** The connections that exist. */
  readonly peers: RTCPeerConnection[] = [];

  constructor(
    private readonly local: LocalMedia,
    private readonly ice: RTCIceServer[],
    private readonly makePeer: MakePeer,
    private readonly send: Send,
    private readonly events: MediaEvents,
  ) {}

  /** Sends what is captured now, and only what changed. */
  sync(): void {
    const { camera, microphone, screen, screenAudio, sharp } = this.local.store.get();
    this.put("camera", camera.wanted, camera.track);
    if (sharp !== this.sharp && this.sent.has("camera")) {
      this.sharp = sharp;
      this.published().limit("camera", sharp ? config.camera.sharpBitrate : config.camera.maxBitrate);
    }
    this.put("microphone", microphone.wanted, microphone.track);
    this.put("screen", screen.track !== null, screen.track);
    this.put("screen_audio", screenAudio !== null, screenAudio);
    this.announce();
  }

  /** Takes the answer to a publish offer. */
  answer(sdp: string): void {
    this.publisher?.answer(sdp).then(() => this.announce()).catch((err: unknown) => this.events.failed(err));
  }

  /** Takes a subscribe offer. */
  offer(o: SubscribeOffer): void {
    this.subscribed().offer(o);
  }

  /** Takes a candidate; a bad one is no reason to give up the others. */
  candidate(c: Candidate): void {
    const init = c.candidate as RTCIceCandidateInit;
    const added = c.target === "publish" ? this.publisher?.candidate(init) : this.subscribed().candidate(init);
    added?.catch(() => undefined);
  }

  /** Restarts ICE on a connection. */
  restart(target: Target): void {
    if (target === "publish") this.publisher?.restart();
    else this.send("subscribe.restart", {});
  }

  close(): void {
    this.publisher?.close();
    this.subscriber?.close();
    this.publisher = this.subscriber = null;
    this.peers.length = 0;
  }

  private put(source: Source, present: boolean, track: MediaStreamTrack | null): void {
    if (!present) {
      if (this.sent.delete(source)) this.publisher?.unpublish(source);
      return;
    }
    if (this.sent.has(source) && this.sent.get(source) === track) return;
    this.sent.set(source, track);
    this.published().publish(source, track);
  }

  /** Tells the room of mutes and devices that it has not heard of. */
  private announce(): void {
    if (this.publisher === null) return;
    const local = this.local.store.get();
    for (const source of ["camera", "microphone", "screen"] as const) {
      if (!this.publisher.answered.has(source)) continue;
      const { muted, label, track } = local[source];
      if (muted !== (this.mutes.get(source) ?? false) && this.send("mute", { source, muted })) {
        this.mutes.set(source, muted);
      }
      if (track === null) continue;
      const { width, height, frameRate } = track.getSettings();
      const device = JSON.stringify([label, width, height]);
      if (device === this.devices.get(source)) continue;
      // A label may be as long as a driver likes; the log wants a name.
      const message = { source, label: label.slice(0, 200), width, height, frame_rate: frameRate };
      if (this.send("device", message)) this.devices.set(source, device);
    }
  }

  private published(): Publisher {
    this.publisher ??= new Publisher(this.peer("publish"), this.send, this.events.failed);
    return this.publisher;
  }

  private subscribed(): Subscriber {
    this.subscriber ??= new Subscriber(this.peer("subscribe"), this.send, this.events.tracks, this.events.failed);
    return this.subscriber;
  }

  private peer(target: Target): RTCPeerConnection {
    const pc = this.makePeer({ iceServers: this.ice, bundlePolicy: "max-bundle" });
    pc.onconnectionstatechange = () => this.events.state(target, pc.connectionState);
    this.peers.push(pc);
    this.events.opened(target);
    return pc;
  }
}
