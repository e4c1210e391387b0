import { useEffect } from "react";

import { post } from "@/api/client";
import { PlayedSpans } from "./played";
import type { SyncedPlayer } from "./player";

/** How often the server is told what was played. */
const reportMs = 15_000;

/**
 * usePlayedReport tells the server which seconds were played, while the review
 * is open and when it is left. What cannot be told is tried again.
 */
export function usePlayedReport(player: SyncedPlayer, interview: string) {
  useEffect(() => {
    const spans = new PlayedSpans();
    const path = `/api/interviews/${encodeURIComponent(interview)}/played`;
    const unsubscribe = player.subscribe(() => spans.follow(player.getSnapshot()));
    const report = () => {
      const taken = spans.take();
      if (taken.length > 0) post(path, { spans: taken }).catch(() => spans.putBack(taken));
    };
    // A page that is closed can still hand over a request that outlives it.
    const leave = () => {
      const taken = spans.take();
      if (taken.length === 0) return;
      const body = new Blob([JSON.stringify({ spans: taken })], { type: "application/json" });
      if (!navigator.sendBeacon(path, body)) spans.putBack(taken);
    };
    const hidden = () => {
      if (document.visibilityState === "hidden") leave();
    };
    const timer = setInterval(report, reportMs);
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      unsubscribe();
      clearInterval(timer);
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hidden);
      report();
    };
  }, [player, interview]);
}
