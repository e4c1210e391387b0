// Opening cameras, microphones and screens, with a sentence that helps for
// every way in which a browser refuses.

import * as config from "./config";

/** What can be opened. */
export type Device = "camera" | "microphone" | "screen";

/** Why a device could not be opened. */
export type Refusal =
  | "insecure" | "unsupported" | "denied" | "dismissed" | "missing" | "busy" | "unsuitable" | "stopped" | "unknown";

/** A device that could not be opened; its message is a sentence for the person. */
export class DeviceError extends Error {
  constructor(readonly device: Device, readonly refusal: Refusal) {
    super(sentence(device, refusal));
    this.name = "DeviceError";
  }
}

/** The part of navigator.mediaDevices that is used. */
export type Devices = Pick<MediaDevices, "getUserMedia" | "getDisplayMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener">;

/** The browser's devices; throws where it keeps them from this page. */
export function browserDevices(device: Device): Devices {
  if (!globalThis.isSecureContext) throw new DeviceError(device, "insecure");
  // Old browsers leave it out even where TypeScript says it is there.
  const devices: MediaDevices | undefined = globalThis.navigator.mediaDevices;
  if (devices === undefined) throw new DeviceError(device, "unsupported");
  return devices;
}

const names: Record<Device, string> = { camera: "camera", microphone: "microphone", screen: "screen" };

/** What happened and what to do about it. */
export function sentence(device: Device, refusal: Refusal): string {
  const name = names[device];
  switch (refusal) {
    case "insecure":
      return `Browsers open cameras and microphones only on a secure address. Open this page over https://, or ask whoever runs this server to switch HTTPS on.`;
    case "unsupported":
      return device === "screen"
        ? "This browser cannot share the screen. Phones usually cannot; a desktop browser can."
        : `This browser cannot open a ${name}. Use a current version of Chrome, Edge, Firefox or Safari.`;
    case "denied":
      return device === "screen"
        ? "The screen was not shared. Choose a window or a screen, and allow this browser to record the screen if the system asks."
        : `The browser was told not to let this page use the ${name}. Press the ${name} or lock symbol beside the address, allow the ${name}, and try again.`;
    case "dismissed":
      return `The question about the ${name} was closed without an answer. Try again and choose Allow.`;
    case "missing":
      return `No ${name} was found. Connect one, or check that it is switched on, and try again.`;
    case "busy":
      return `The ${name} is in use by another program, or it did not start. Close other calls and programs that use it, and try again.`;
    case "unsuitable":
      return `The chosen ${name} is not there any more. Choose another one.`;
    case "stopped":
      return `The ${name} stopped: it was unplugged, or another program took it. Switch it on again or choose another one.`;
    case "unknown":
      return `The ${name} could not be opened. Try again; if it stays closed, restart the browser.`;
  }
}

/** Reads what the browser threw. */
export function explain(device: Device, err: unknown): DeviceError {
  if (err instanceof DeviceError) return err;
  const { name, message } = nameAndMessage(err);
  return new DeviceError(device, refusalOf(name, message));
}

function refusalOf(name: string, message: string): Refusal {
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError": // older Chromium
      return /dismiss/i.test(message) ? "dismissed" : "denied";
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "OverconstrainedError":
    case "ConstraintNotSatisfiedError":
      return "unsuitable";
    case "NotSupportedError":
    case "TypeError":
      return "unsupported";
    default:
      return "unknown";
  }
}

function nameAndMessage(err: unknown): { name: string; message: string } {
  if (typeof err !== "object" || err === null) return { name: "", message: String(err) };
  const name = "name" in err && typeof err.name === "string" ? err.name : "";
  const message = "message" in err && typeof err.message === "string" ? err.message : "";
  return { name, message };
}

/** Which way a phone's camera looks. */
export type Facing = "user" | "environment";

/** What is asked of a camera; a device is a demand, a size only a wish. */
export function cameraConstraints(deviceId: string, facing: Facing = "user"): MediaTrackConstraints {
  return {
    width: { ideal: config.camera.width },
    height: { ideal: config.camera.height },
    frameRate: { ideal: config.camera.frameRate, max: config.camera.frameRate },
    ...(deviceId === "" ? { facingMode: { ideal: facing } } : { deviceId: { exact: deviceId } }),
  };
}

/** What is asked of a microphone. */
export function microphoneConstraints(deviceId: string): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: { ideal: 1 },
    ...(deviceId === "" ? {} : { deviceId: { exact: deviceId } }),
  };
}

/** Opens a camera or a microphone; "" is the browser's choice. */
export async function openDevice(devices: Devices, device: "camera" | "microphone", deviceId: string, facing: Facing = "user"): Promise<MediaStreamTrack> {
  const wanted: MediaStreamConstraints = device === "camera"
    ? { video: cameraConstraints(deviceId, facing) }
    : { audio: microphoneConstraints(deviceId) };
  try {
    const [track] = (await devices.getUserMedia(wanted)).getTracks();
    if (track === undefined) throw new DeviceError(device, "missing");
    return track;
  } catch (err) {
    const refused = explain(device, err);
    // A remembered device that is gone should not keep somebody out.
    if (refused.refusal === "unsuitable" && deviceId !== "") return openDevice(devices, device, "");
    throw refused;
  }
}

/** Asks for a screen or window, with its sound where the browser offers it. */
export async function openScreen(devices: Devices): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null }> {
  try {
    if (typeof devices.getDisplayMedia !== "function") throw new DeviceError("screen", "unsupported");
    const stream = await devices.getDisplayMedia({ video: { frameRate: { max: config.screen.frameRate } }, audio: true });
    const video = stream.getVideoTracks()[0];
    if (video === undefined) throw new DeviceError("screen", "missing");
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  } catch (err) {
    throw explain("screen", err);
  }
}

/** A device that can be chosen. */
export interface Choice {
  id: string;
  label: string;
}

/** Lists cameras or microphones. Names are empty before one was opened. */
export async function listDevices(devices: Devices, device: "camera" | "microphone"): Promise<Choice[]> {
  const kind = device === "camera" ? "videoinput" : "audioinput";
  const found = (await devices.enumerateDevices()).filter((d) => d.kind === kind && d.deviceId !== "");
  return found.map((d, i) => ({ id: d.deviceId, label: d.label || `${device === "camera" ? "Camera" : "Microphone"} ${i + 1}` }));
}
