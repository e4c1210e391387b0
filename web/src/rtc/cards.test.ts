import { describe, expect, it } from "vitest";

import { FakeDevices, FakeTrack } from "./fakes";
import { LocalMedia } from "./local";
import { initialState, reduce } from "./state";

describe("cards in the room's state", () => {
  const sheet = { template: "t", template_name: "", template_sha256: "", drawn_seq: 1, cards: null, deviations: null };
  const step = { step: "up-1", card: "up", kind: "look_up" as const, attempt: 1, start_ms: 0, end_ms: 0, limit_ms: 1, shown: {} };
  const hint = { step: "up-1", hint: "closer", kept: 0, wanted: 0 };

  it("asks for nothing where the server asks for nothing", () => {
    const asked = reduce(initialState, { type: "card", data: { step: "up-1", kind: "look_up", start_ms: 1, limit_ms: 2 } }, 0);
    expect(asked.card?.kind).toBe("look_up");
    expect(reduce(asked, { type: "card", data: { step: "", start_ms: 0, limit_ms: 0 } }, 0).card).toBeNull();
  });

  it("forgets guidance with its step", () => {
    const on = reduce(reduce(initialState, { type: "cards", data: { sheet: { ...sheet, steps: [step] }, next: "", rates: null } }, 0), { type: "card.hint", data: { hint } }, 0);
    expect(reduce(on, { type: "cards", data: { sheet: { ...sheet, steps: [step] }, next: "", rates: null } }, 0).hint).toEqual(hint);
    expect(reduce(on, { type: "cards", data: { sheet: { ...sheet, steps: [{ ...step, ended: "stopped" }] }, next: "", rates: null } }, 0).hint).toBeNull();
    expect(reduce(on, { type: "card", data: { step: "other-1", start_ms: 0, limit_ms: 1 } }, 0).hint).toBeNull();
  });
});

describe("the camera for a card", () => {
  /** A camera whose track notes what is asked of it. */
  async function camera(refuses: boolean) {
    const devices = new FakeDevices();
    const local = new LocalMedia(() => devices.asDevices());
    await local.open("camera", "mine");
    const asked: MediaTrackConstraints[] = [];
    Object.assign(devices.opened[0] as FakeTrack, {
      applyConstraints: (c: MediaTrackConstraints) => {
        asked.push(c);
        return refuses && "min" in (c.width as object) ? Promise.reject(new Error("too large")) : Promise.resolve();
      },
    });
    return { devices, local, asked };
  }

  it("is asked for 1280×720 at least, and afterwards for what is usual", async () => {
    const { local, asked } = await camera(false);
    const heard = new Set([local.store.get().camera]);
    local.store.subscribe(() => heard.add(local.store.get().camera));
    await local.sharpen(true);
    expect(local.store.get().sharp).toBe(true);
    await local.sharpen(false);
    expect(local.store.get().sharp).toBe(false);
    expect(asked[0]).toMatchObject({ width: { min: 1280 }, height: { min: 720 } });
    expect(asked[1]?.width).not.toHaveProperty("min");
    expect(heard.size, "the room hears of another size, twice").toBe(3);
  });

  it("goes on as it is where it cannot", async () => {
    const { local, devices } = await camera(true);
    await local.sharpen(true);
    expect(local.store.get().camera.track).toBe(devices.opened[0]);
    expect(local.store.get().camera.error).toBeNull();
  });

  it("turns to the back, and back to the device that was on", async () => {
    const { local, devices } = await camera(false);
    await local.turnCamera("environment");
    expect(devices.asked[1]?.video).toMatchObject({ facingMode: { ideal: "environment" } });
    expect(devices.opened[0]?.readyState).toBe("ended");
    await local.open("camera", "mine", false);
    expect(local.store.get().camera.deviceId).toBe("mine");
  });
});
