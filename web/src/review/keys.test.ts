import { describe, expect, it } from "vitest";

import { commandOf, type Press } from "./keys";

const press = (key: string, change: Partial<Press> = {}): Press => ({ key, modified: false, typing: false, onControl: false, ...change });

describe("commandOf", () => {
  it.each([[" ", "toggle"], ["ArrowLeft", "back"], ["ArrowRight", "forward"], ["j", "next"], ["K", "previous"], ["c", "confirm"], ["e", "explain"], ["d", "dismiss"], ["?", "help"]])(
    "%s is %s", (key, command) => expect(commandOf(press(key))).toBe(command));

  it("leaves typing, shortcuts of the browser and other keys alone", () => {
    expect(commandOf(press("c", { typing: true }))).toBeNull();
    expect(commandOf(press("c", { modified: true }))).toBeNull();
    expect(commandOf(press("x"))).toBeNull();
    expect(commandOf(press("Enter"))).toBeNull();
  });

  it("lets Space press the button that the keyboard is on", () => {
    expect(commandOf(press(" ", { onControl: true }))).toBeNull();
    expect(commandOf(press("j", { onControl: true }))).toBe("next");
  });
});
