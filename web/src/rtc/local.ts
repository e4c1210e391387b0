// This participant's own camera, microphone and screen: what is open, what is
// muted, which device it is. The lobby previews it, the room sends it.

import * as config from "./config";
import { browserDevices, DeviceError, explain, openDevice, openScreen, type Device, type Devices, type Facing } from "./devices";
import { Store } from "./store";

/** One of this participant's devices. */
export interface LocalSource {
  /** It was asked for, and may now be muted. */
  wanted: boolean;
  /** What is captured; null while it is off. */
  track: MediaStreamTrack | null;
  muted: boolean;
  deviceId: string;
  label: string;
  /** An opening is under way. */
  busy: boolean;
  error: DeviceError | null;
}

/** Everything that is captured here. */
export interface LocalState {
  camera: LocalSource;
  microphone: LocalSource;
  screen: LocalSource;
  /** The shared screen's sound, where there is one. */
  screenAudio: MediaStreamTrack | null;
  /** The camera is to show small print, and may use more of the uplink for it. */
  sharp: boolean;
}

const off: LocalSource = { wanted: false, track: null, muted: false, deviceId: "", label: "", busy: false, error: null };

/** Owns the capture of one page. */
export class LocalMedia {
  readonly store = new Store<LocalState>({ camera: off, microphone: off, screen: off, screenAudio: null, sharp: false });
  private closed = false;
  // The newest opening of each device; an older one that ends later is dropped.
  private readonly turn = { camera: 0, microphone: 0, screen: 0 };

  constructor(private readonly find: (device: Device) => Devices = browserDevices) {}

  /**
   * Opens the camera or the microphone, or another device of the kind. A
   * microphone that was muted stays so, whichever it is.
   */
  async open(
    device: "camera" | "microphone",
    deviceId = this.store.get()[device].deviceId,
    muted = device === "microphone" && this.store.get().microphone.muted,
    facing: Facing = "user",
  ): Promise<void> {
    const turn = ++this.turn[device];
    this.change(device, { wanted: true, busy: true, error: null });
    try {
      const track = await this.openOrSwap(device, deviceId, facing);
      if (this.closed || turn !== this.turn[device]) {
        track.stop();
        return;
      }
      const before = this.store.get()[device].track;
      track.enabled = !muted;
      track.onended = () => this.stopped(device, track);
      this.change(device, {
        busy: false, track, muted, label: track.label, deviceId: track.getSettings().deviceId ?? deviceId,
      });
      before?.stop();
    } catch (err) {
      if (this.closed || turn !== this.turn[device]) return;
      const had = this.store.get()[device].track !== null;
      this.change(device, { busy: false, error: explain(device, err), wanted: had || this.store.get()[device].muted });
    }
  }

  /** Takes another device; a camera that is off stays off until it is switched on. */
  async choose(device: "camera" | "microphone", deviceId: string): Promise<void> {
    if (device === "camera" && this.store.get().camera.muted) this.change("camera", { deviceId });
    else await this.open(device, deviceId);
  }

  /** Takes the phone's camera that looks this way. */
  async turnCamera(facing: Facing): Promise<void> {
    await this.open("camera", "", false, facing);
  }

  /**
   * Asks the open camera for at least 1280×720, as small print needs, and lets it
   * use more of the uplink; or for what is usual again. A camera that cannot goes
   * on as it is.
   */
  async sharpen(on: boolean): Promise<void> {
    this.store.patch({ sharp: on });
    const { track } = this.store.get().camera;
    if (track === null) return;
    const { width, height, frameRate } = config.camera;
    const size = on ? { width: { min: width, ideal: width }, height: { min: height, ideal: height } } : { width: { ideal: width }, height: { ideal: height } };
    try {
      await track.applyConstraints({ ...size, frameRate: { ideal: frameRate, max: frameRate } });
    } catch {
      return;
    }
    this.change("camera", {}); // so that the room hears of another size
  }

  /** Puts a device back as it was before a reload. */
  async restore(device: "camera" | "microphone", deviceId: string, muted: boolean): Promise<void> {
    if (device === "camera" && muted) this.change("camera", { wanted: true, muted: true, deviceId });
    else await this.open(device, deviceId, muted);
  }

  /**
   * Mutes or unmutes. A muted camera is switched off, so that its light goes
   * out and no packets leave; a muted microphone stays open and sends silence,
   * so that unmuting loses no word.
   */
  async setMuted(device: "camera" | "microphone", muted: boolean): Promise<void> {
    const source = this.store.get()[device];
    if (device === "microphone" && source.track !== null) {
      source.track.enabled = !muted;
      this.change(device, { muted });
    } else if (!muted) {
      await this.open(device, undefined, false);
    } else {
      this.turn[device]++;
      this.release(source.track);
      this.change(device, { track: null, muted: true, busy: false });
    }
  }

  /** Shares a screen or a window, instead of one that is shared already. */
  async shareScreen(): Promise<void> {
    const turn = ++this.turn.screen;
    this.change("screen", { busy: true, error: null });
    try {
      const { video, audio } = await openScreen(this.find("screen"));
      if (this.closed || turn !== this.turn.screen) {
        video.stop();
        audio?.stop();
        return;
      }
      const { screen, screenAudio } = this.store.get();
      // The browser has a "stop sharing" of its own.
      video.onended = () => this.stopScreen();
      this.store.patch({ screen: { ...off, wanted: true, track: video, label: video.label }, screenAudio: audio });
      this.release(screen.track);
      this.release(screenAudio);
    } catch (err) {
      if (this.closed || turn !== this.turn.screen) return;
      this.change("screen", { busy: false, error: explain("screen", err) });
    }
  }

  /** Ends the sharing of the screen. */
  stopScreen(): void {
    this.turn.screen++;
    const { screen, screenAudio } = this.store.get();
    this.release(screen.track);
    this.release(screenAudio);
    this.store.patch({ screen: off, screenAudio: null });
  }

  /** Forgets a refusal that was read. */
  clearError(device: Device): void {
    this.change(device, { error: null });
  }

  /** Switches everything off for good. */
  close(): void {
    this.closed = true;
    this.reset();
  }

  /** Switches everything off; it may be opened again. */
  reset(): void {
    for (const device of ["camera", "microphone", "screen"] as const) this.turn[device]++;
    const { camera, microphone, screen, screenAudio } = this.store.get();
    for (const track of [camera.track, microphone.track, screen.track, screenAudio]) this.release(track);
    this.store.set({ camera: off, microphone: off, screen: off, screenAudio: null, sharp: false });
  }

  /** Many phones open only one camera at a time: the old one goes first then. */
  private async openOrSwap(device: "camera" | "microphone", deviceId: string, facing: Facing): Promise<MediaStreamTrack> {
    const devices = this.find(device);
    try {
      return await openDevice(devices, device, deviceId, facing);
    } catch (err) {
      const before = this.store.get()[device].track;
      if (before === null || explain(device, err).refusal !== "busy") throw err;
      this.release(before);
      this.change(device, { track: null });
      return openDevice(devices, device, deviceId, facing);
    }
  }

  private stopped(device: "camera" | "microphone", track: MediaStreamTrack): void {
    if (this.store.get()[device].track !== track) return;
    this.change(device, { track: null, muted: true, error: new DeviceError(device, "stopped") });
  }

  private release(track: MediaStreamTrack | null): void {
    if (track === null) return;
    track.onended = null;
    track.stop();
  }

  private change(device: Device, part: Partial<LocalSource>): void {
    this.store.patch({ [device]: { ...this.store.get()[device], ...part } });
  }
}
