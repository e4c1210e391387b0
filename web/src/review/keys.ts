/** Command is what a key does on the review page. */
export type Command = "toggle" | "back" | "forward" | "next" | "previous" | "confirm" | "explain" | "dismiss" | "help";

/** keyHelp lists the keys for people. */
export const keyHelp: readonly { keys: string; what: string }[] = [
  { keys: "Space", what: "Play or pause" },
  { keys: "← / →", what: "5 seconds back or forward" },
  { keys: "J / K", what: "Next or previous finding" },
  { keys: "C", what: "Confirm the selected finding (Enter saves)" },
  { keys: "E", what: "Explain it, with a note (Enter saves)" },
  { keys: "D", what: "Dismiss it, with a note (Enter saves)" },
  { keys: "?", what: "This help" },
];

const commands: Readonly<Record<string, Command>> = {
  " ": "toggle", ArrowLeft: "back", ArrowRight: "forward", j: "next", k: "previous", c: "confirm", e: "explain", d: "dismiss", "?": "help",
};

/** Press is the part of a key event that decides. */
export interface Press {
  key: string;
  modified: boolean; // Ctrl, Alt or Meta held
  typing: boolean; // the focus is where text goes
  onControl: boolean; // the focus, by keyboard, is on a button or the like that Space would press
}

/** commandOf says what a key press means; null leaves it to the browser. */
export function commandOf(press: Press): Command | null {
  if (press.modified || press.typing) return null;
  if (press.key === " " && press.onControl) return null;
  return commands[press.key.length === 1 ? press.key.toLowerCase() : press.key] ?? null;
}
