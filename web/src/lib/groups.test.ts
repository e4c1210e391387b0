import { describe, expect, it } from "vitest";

import { groupOf, grouped } from "./groups";

describe("groups", () => {
  it.each([
    ["face.absent", "Face"], ["liveness.replay", "Identity"], ["head.yaw", "Gaze"], ["speech.lips_still", "Speech"],
    ["media.frozen", "Camera"], ["client.hidden", "Connection and device"], ["signal.loss", "Connection and device"], ["new.thing", "Other"],
  ])("%s is about: %s", (name, title) => {
    expect(groupOf(name).title).toBe(title);
  });

  it("keep the order within, put facts last, and leave out what is empty", () => {
    const names = ["network.path", "speech.pause", "face.multiple", "speech.latency"];
    expect(grouped(names, (name) => name).map(({ group, members }) => [group.id, ...members])).toEqual([
      ["face", "face.multiple"], ["speech", "speech.pause", "speech.latency"], ["device", "network.path"],
    ]);
  });
});
