import type { Span } from "@/gen/evidence";
import type { Snapshot } from "./player";

/** A step of the clock that is longer than this, at normal speed, is a jump and not playing. */
const longestStepMs = 1_500;

/**
 * PlayedSpans collects which seconds of the interview were played, from the
 * player's snapshots, so that the log can say who saw what.
 */
export class PlayedSpans {
  private spans: Span[] = [];
  private last: number | null = null; // where the clock stood while it was playing

  /** follow takes the player's newest state. */
  follow({ timeMs, playing, holding, rate }: Snapshot) {
    if (!playing || holding) {
      this.last = null;
      return;
    }
    const from = this.last;
    this.last = timeMs;
    if (from === null || timeMs <= from || timeMs - from > longestStepMs * Math.max(1, rate)) return;
    const current = this.spans.at(-1);
    if (current !== undefined && from >= current.start_ms && from <= current.end_ms) current.end_ms = Math.max(current.end_ms, timeMs);
    else this.spans.push({ start_ms: from, end_ms: timeMs });
  }

  /** take gives what was played since it was last called, in whole milliseconds. */
  take(): Span[] {
    const taken = this.spans
      .map(({ start_ms, end_ms }) => ({ start_ms: Math.floor(start_ms), end_ms: Math.ceil(end_ms) }))
      .filter(({ start_ms, end_ms }) => end_ms > start_ms);
    this.spans = [];
    return taken;
  }

  /** putBack keeps what could not be reported for the next time. */
  putBack(spans: readonly Span[]) {
    this.spans.unshift(...spans);
  }
}
