import { useEffect } from "react";

import type { Fact } from "@/gen/signaling";
import { type PathStat, type PathTotals, pathOf } from "@/rtc/path";
import { readStats } from "@/rtc/stats";
import type { Call } from "./openCall";

// What the candidate's page tells of itself while they are in the call. The
// lobby says so, in the same words as the list of what is noted.

const networkEvery = 5_000;
const clockEvery = 600_000;
const resizeSettles = 1_000;

/** usePageFacts tells the room of this page's tab, window, clipboard, network and clock. */
export function usePageFacts(call: Call): void {
  useEffect(() => {
    const tell = (fact: Fact) => { call.room.tellFact(fact); };
    const stops = [watchPage(tell), watchNetwork(call, tell), watchClock(tell)];
    return () => stops.forEach((stop) => stop());
  }, [call]);
}

/** screensOf is how many screens the browser says there are: 2 for more than one, undefined where it does not tell. */
export function screensOf(screen: Screen & { isExtended?: boolean }): number | undefined {
  return screen.isExtended === undefined ? undefined : screen.isExtended ? 2 : 1;
}

function watchPage(tell: (fact: Fact) => void): () => void {
  const off = new AbortController();
  const { signal } = off;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const size = () => tell({ fact: "window", width: window.innerWidth, height: window.innerHeight, screens: screensOf(window.screen) });
  const visible = () => tell({ fact: "visible", state: document.visibilityState === "hidden" ? "hidden" : "visible" });
  document.addEventListener("visibilitychange", visible, { signal });
  window.addEventListener("focus", () => tell({ fact: "focus", state: "focused" }), { signal });
  window.addEventListener("blur", () => tell({ fact: "focus", state: "blurred" }), { signal });
  window.addEventListener("resize", () => {
    clearTimeout(settling);
    settling = setTimeout(size, resizeSettles);
  }, { signal });
  for (const state of ["copy", "cut", "paste"] as const) {
    document.addEventListener(state, () => tell({ fact: "clipboard", state }), { signal });
  }
  // Browsers give this key on its way up, if at all.
  window.addEventListener("keyup", (event) => { if (event.key === "PrintScreen") tell({ fact: "clipboard", state: "print_screen" }); }, { signal });
  size();
  visible();
  return () => {
    clearTimeout(settling);
    off.abort();
  };
}

function watchNetwork(call: Call, tell: (fact: Fact) => void): () => void {
  let before: PathTotals | null = null;
  let reading = false;
  const read = async () => {
    if (reading) return;
    reading = true;
    try {
      const { fact, totals } = pathOf(await readStats(call.room.connections()) as unknown as PathStat[], before);
      before = totals;
      if (fact !== null) tell(fact);
    } catch {
      // A connection that is just being closed has no statistics; the next reading finds the new one.
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void read(), networkEvery);
  return () => clearInterval(timer);
}

function watchClock(tell: (fact: Fact) => void): () => void {
  const clock = () => tell({
    fact: "clock", client_ms: Date.now(), zone_min: -new Date().getTimezoneOffset(), time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  clock();
  const timer = setInterval(clock, clockEvery);
  return () => clearInterval(timer);
}
