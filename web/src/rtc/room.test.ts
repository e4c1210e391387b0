import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Stage, Welcome } from "@/gen/signaling";
import { limits } from "./config";
import { FakeDevices, FakePeer, FakeSocket } from "./fakes";
import { LocalMedia } from "./local";
import { Room } from "./room";

const sockets: FakeSocket[] = [];
const peers: FakePeer[] = [];
let devices: FakeDevices;
let local: LocalMedia;
let room: Room;

const socket = () => sockets.at(-1) as FakeSocket;
const peer = () => peers.at(-1) as FakePeer;
const settle = () => vi.advanceTimersByTimeAsync(0);

function welcome(stage: Stage, role: "candidate" | "interviewer" | "observer" = "candidate"): Welcome {
  return {
    you: { id: "p1", interview: "i1", user: "", name: "Ana", role, consents: {} },
    interview: {
      id: "i1", candidate_name: "Ana", role: "Engineer", scheduled_ms: 1, place: "", time_zone: "",
      state: "planned", started_ms: 0, kinds_off: null,
    },
    policy: "allow", server_ms: Date.now() + 5_000, ice: [{ urls: ["stun:x"] }], stage,
  };
}

async function joinRoom() {
  room.connect();
  socket().opens();
  socket().says("welcome", welcome("room"));
  await settle();
  socket().says("publish.answer", { sdp: "a" });
  peer().becomes("connected");
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = peers.length = 0;
  devices = new FakeDevices();
  local = new LocalMedia(() => devices.asDevices());
  room = new Room({
    url: "ws://x/ws", join: { link: "secret" }, local,
    openSocket: () => {
      sockets.push(new FakeSocket());
      return socket();
    },
    makePeer: () => {
      peers.push(new FakePeer());
      return peer() as unknown as RTCPeerConnection;
    },
  });
});
afterEach(() => {
  room.close();
  vi.useRealTimers();
});

describe("joining", () => {
  it("joins, enters and opens its connection only when told", async () => {
    await local.open("camera");
    room.connect();
    socket().opens();
    expect(socket().sent).toEqual([{ type: "join", data: { link: "secret" } }]);
    socket().says("welcome", welcome("lobby"));
    room.setConsent("face", true, "Face measurements");
    room.enter();
    expect(room.store.get().you?.consents).toEqual({ face: true });
    socket().says("stage", { stage: "waiting" });
    expect(peers).toHaveLength(0);
    socket().says("stage", { stage: "room" });
    await settle();
    expect(socket().types()).toEqual(["join", "consent", "enter", "publish.offer"]);
    expect(socket().last("publish.offer")).toEqual({ sdp: "offer 1", sources: { 0: "camera" } });
  });

  it("keeps showing an answer that the server has not seen yet", () => {
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("lobby", "interviewer"));
    room.setConsent("recording", true, "Recording");
    room.setConsent("face", false, "Face measurements");
    const shown = () => room.store.get().you?.consents;
    const says = (consents: Record<string, boolean>) =>
      socket().says("people", { people: [{ ...welcome("lobby", "interviewer").you, consents, stage: "lobby", connected: true, sources: [] }] });
    says({ recording: true });
    expect(shown()).toEqual({ recording: true, face: false });
    says({ recording: true, face: false });
    says({ recording: true, face: true });
    expect(shown(), "once seen, the server's answer holds").toEqual({ recording: true, face: true });
  });

  it("sends an answer again that was lost with its socket, with what was shown", async () => {
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("lobby"));
    room.setConsent("face", true, "Face measurements");
    socket().drops();
    room.setConsent("gaze", false, "Gaze measurements");
    await vi.advanceTimersByTimeAsync(1_000);
    socket().opens();
    socket().says("welcome", welcome("lobby"));
    expect(socket().sent.slice(1)).toEqual([
      { type: "consent", data: { consent: "face", granted: true, text: "Face measurements" } },
      { type: "consent", data: { consent: "gaze", granted: false, text: "Gaze measurements" } },
    ]);
    expect(room.store.get().you?.consents).toEqual({ face: true, gaze: false });
  });

  it("asks again for an answer that could not be kept", () => {
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("lobby"));
    room.setConsent("face", true, "Face measurements");
    socket().says("error", { of: "device", code: "rate", field: "", message: "Too many messages.", fatal: false });
    expect(room.store.get().you?.consents, "another message's error").toEqual({ face: true });
    socket().says("error", { of: "consent", code: "internal", field: "", message: "It could not be kept.", fatal: false });
    expect(room.store.get().you?.consents).toEqual({});
    expect(room.store.get().error).not.toBeNull();
  });

  it("knows interview time by the server's clock", () => {
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("room")); // the server is 5 s ahead
    expect(room.now()).toBeNull();
    socket().says("started", { started_ms: Date.now() + 5_000 });
    vi.advanceTimersByTime(1_500);
    expect(room.now()).toBe(1_500);
  });

  it("does not try again where the server says no", () => {
    room.connect();
    socket().opens();
    socket().says("error", { code: "forbidden", message: "The link has expired.", fatal: true });
    socket().drops(1008, "forbidden");
    vi.advanceTimersByTime(60_000);
    expect(room.store.get()).toMatchObject({ phase: "refused", refusal: "The link has expired." });
    expect(sockets).toHaveLength(1);
  });

  it("opens no publish connection for an observer", async () => {
    await local.open("camera");
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("room", "observer"));
    await settle();
    expect(peers).toHaveLength(0);
    socket().says("subscribe.offer", { sdp: "o", tracks: [] });
    await settle();
    expect(socket().last("subscribe.answer")).toEqual({ sdp: "answer to o" });
  });
});

describe("media", () => {
  it("sends camera and microphone in one offer and a screen in a second", async () => {
    await local.open("camera");
    await local.open("microphone");
    await joinRoom();
    expect(socket().last("publish.offer")).toEqual({ sdp: "offer 1", sources: { 0: "camera", 1: "microphone" } });
    expect(peer().transceivers[0]?.sender.parameters.degradationPreference).toBe("maintain-resolution");
    expect(peer().transceivers[0]?.init.sendEncodings?.[0]?.maxBitrate).toBe(1_800_000);
    await local.shareScreen();
    await settle();
    expect(socket().last("publish.offer")).toEqual({ sdp: "offer 2", sources: { 0: "camera", 1: "microphone", 2: "screen" } });
    socket().says("publish.answer", { sdp: "a" });
    await settle();
    local.stopScreen();
    await settle();
    expect(socket().last("publish.offer")).toEqual({ sdp: "offer 3", sources: { 0: "camera", 1: "microphone" } });
    expect(peer().transceivers[2]?.direction).toBe("inactive");
  });

  it("lets the camera use more of the uplink while a document is held up", async () => {
    await local.open("camera");
    await joinRoom();
    const parameters = () => peer().transceivers[0]?.sender.parameters;
    await local.sharpen(true);
    await settle();
    expect(parameters()?.encodings[0]?.maxBitrate).toBe(3_000_000);
    expect(parameters()?.degradationPreference).toBe("maintain-resolution");
    await local.setMuted("camera", true);
    await local.sharpen(false);
    await local.setMuted("camera", false);
    await settle();
    expect(parameters()?.encodings[0]?.maxBitrate).toBe(1_800_000);
    expect(socket().types().filter((t) => t === "publish.offer")).toHaveLength(1);
  });

  it("keeps one offer outstanding", async () => {
    await local.open("camera");
    room.connect();
    socket().opens();
    socket().says("welcome", welcome("room"));
    await settle();
    await local.open("microphone");
    await local.shareScreen();
    await settle();
    expect(peer().offers).toHaveLength(1);
    socket().says("publish.answer", { sdp: "a" });
    await settle();
    expect(peer().offers).toHaveLength(2);
    expect(Object.values(socket().last("publish.offer")?.sources ?? {})).toEqual(["camera", "microphone", "screen"]);
  });

  it("stops the camera and its packets when muted, without a new offer", async () => {
    await local.open("camera");
    await joinRoom();
    await local.setMuted("camera", true);
    expect(devices.opened[0]?.readyState).toBe("ended");
    expect(peer().transceivers[0]?.sender.track).toBeNull();
    expect(socket().last("mute")).toEqual({ source: "camera", muted: true });
    await local.setMuted("camera", false);
    expect(peer().transceivers[0]?.sender.track).toBe(devices.opened[1]);
    expect(socket().last("mute")).toEqual({ source: "camera", muted: false });
    expect(peer().offers).toHaveLength(1);
  });

  it("keeps a muted microphone open, silent", async () => {
    await local.open("microphone");
    await joinRoom();
    await local.setMuted("microphone", true);
    expect(devices.opened[0]).toMatchObject({ readyState: "live", enabled: false });
    expect(socket().last("mute")).toEqual({ source: "microphone", muted: true });
  });

  it("tells of another device and sends it in place of the first", async () => {
    await local.open("camera");
    await joinRoom();
    expect(socket().last("device")).toEqual({ source: "camera", label: "video first", width: 640, height: 480, frame_rate: 30 });
    await local.open("camera", "second");
    expect(socket().last("device")).toMatchObject({ label: "video second" });
    expect(devices.opened[0]?.readyState).toBe("ended");
    expect(peer().transceivers[0]?.sender.track).toBe(devices.opened[1]);
  });

  it("says when a camera stopped by itself", async () => {
    await local.open("camera");
    await joinRoom();
    devices.opened[0]?.onended?.();
    expect(socket().last("mute")).toEqual({ source: "camera", muted: true });
    expect(local.store.get().camera.error?.refusal).toBe("stopped");
  });

  it("matches arriving tracks to people by mid", async () => {
    await joinRoomAsListener();
    const [track] = room.store.get().remote;
    expect(track).toMatchObject({ participant: "p2", source: "camera" });
  });
});

async function joinRoomAsListener() {
  room.connect();
  socket().opens();
  socket().says("welcome", welcome("room"));
  socket().says("subscribe.offer", { sdp: "first", tracks: null });
  await settle();
  peer().addTransceiver("video", {});
  socket().says("subscribe.offer", { sdp: "second", tracks: [{ mid: "0", participant: "p2", source: "camera" }] });
  await settle();
  expect(socket().sent.filter((m) => m.type === "subscribe.answer").map((m) => m.data.sdp)).toEqual(["answer to first", "answer to second"]);
}

describe("faults", () => {
  it("waits 3 s, then restarts ICE of the publish connection by an offer", async () => {
    await local.open("camera");
    await joinRoom();
    peer().becomes("disconnected");
    expect(room.store.get().media).toBe("interrupted");
    await vi.advanceTimersByTimeAsync(limits.disconnected - 1);
    expect(peer().offers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(peer().offers[1]).toEqual({ iceRestart: true });
    peer().becomes("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(room.store.get().media).toBe("connected");
  });

  it("asks the server to restart ICE of the subscribe connection", async () => {
    await joinRoomAsListener();
    peer().becomes("connected");
    peer().becomes("disconnected");
    await vi.advanceTimersByTimeAsync(limits.disconnected);
    expect(socket().types().filter((t) => t === "subscribe.restart")).toHaveLength(1);
  });

  it("does nothing where a short interruption heals", async () => {
    await local.open("camera");
    await joinRoom();
    peer().becomes("disconnected");
    await vi.advanceTimersByTimeAsync(2_000);
    peer().becomes("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(peer().offers).toHaveLength(1);
    expect(sockets).toHaveLength(1);
  });

  it("joins anew when a restart does not help in 5 s, with the same link and the same camera", async () => {
    await local.open("camera");
    await joinRoom();
    const old = peer();
    old.becomes("disconnected");
    await vi.advanceTimersByTimeAsync(limits.disconnected + limits.restart);
    expect(room.store.get().phase).toBe("rejoining");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
    socket().opens();
    expect(socket().last("join")).toEqual({ link: "secret" });
    socket().says("welcome", welcome("room"));
    await settle();
    expect(old.closed).toBe(true);
    expect(peer()).not.toBe(old);
    expect(peer().transceivers[0]?.sender.track).toBe(devices.opened[0]);
    expect(devices.opened).toHaveLength(1);
  });

  it("joins anew at once when a connection failed", async () => {
    await local.open("camera");
    await joinRoom();
    peer().becomes("failed");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });

  it("comes back after a lost socket and sends what was typed meanwhile", async () => {
    await joinRoom0("interviewer");
    socket().drops();
    expect(room.store.get().phase).toBe("rejoining");
    room.annotate("slow answer", 1234);
    await vi.advanceTimersByTimeAsync(1_000);
    socket().opens();
    expect(socket().types()).toEqual(["join"]);
    socket().says("welcome", welcome("room", "interviewer"));
    expect(socket().last("annotate")).toEqual({ text: "slow answer", at_ms: 1234 });
  });

  it("hangs up again when the socket died before the server had answered", async () => {
    await joinRoom0("interviewer");
    expect(room.hangup()).toBe(true);
    socket().drops();
    await vi.advanceTimersByTimeAsync(1_000);
    socket().opens();
    socket().says("welcome", welcome("room", "interviewer"));
    expect(socket().last("hangup")).toEqual({});
    socket().says("ended", { reason: "hangup" });
    expect(room.store.get().phase).toBe("ended");
  });

  it("takes its place again when the slot was given up", async () => {
    await joinRoom0("candidate");
    socket().drops();
    await vi.advanceTimersByTimeAsync(1_000);
    socket().opens();
    socket().says("welcome", welcome("lobby"));
    expect(socket().types()).toEqual(["join", "enter"]);
  });

  it("waits longer each time, and never gives up", async () => {
    room.connect();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      socket().drops();
      const before = { n: sockets.length, at: Date.now() };
      while (sockets.length === before.n) await vi.advanceTimersByTimeAsync(50);
      waits.push(Date.now() - before.at);
    }
    expect(waits[0]).toBeLessThanOrEqual(400);
    expect(waits[3]).toBeGreaterThan(1_500);
    expect(Math.min(...waits.slice(6))).toBeGreaterThanOrEqual(limits.backoffMost * 0.8);
    expect(Math.max(...waits)).toBeLessThanOrEqual(limits.backoffMost * 1.2 + 50);
    expect(room.store.get().phase).toBe("joining");
  });

  it("gives a socket up that does not answer", async () => {
    room.connect();
    await vi.advanceTimersByTimeAsync(limits.socket + 1_000);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it.each(["hangup", "removed", "replaced", "drain"])("stops for good at the end: %s", async (reason) => {
    await joinRoom0("candidate");
    socket().says("ended", { reason });
    socket().drops(1000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(room.store.get()).toMatchObject({ phase: "ended", ended: reason });
    expect(sockets).toHaveLength(1);
  });

  it("is not harmed by messages it does not know", () => {
    room.connect();
    socket().opens();
    for (const data of ["", "{", "[]", "null", '{"type":"future","data":{}}', '{"type":"people"}', '{"type":"__proto__","data":{}}']) {
      socket().onmessage?.({ data } as MessageEvent);
    }
    expect(room.store.get().phase).toBe("joining");
  });
});

async function joinRoom0(role: "candidate" | "interviewer") {
  room.connect();
  socket().opens();
  socket().says("welcome", welcome("room", role));
  await settle();
}
