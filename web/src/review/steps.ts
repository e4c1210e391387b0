import type { RunSheet, Step } from "@/gen/evidence";
import { list } from "@/lib/list";

/** What is shown of a step's recording before its beginning and after its end. */
export const marginMs = 5_000;

/** clipOf is the stretch of the interview that shows a step, with what led to it and what followed. */
export function clipOf(step: Pick<Step, "start_ms" | "end_ms" | "limit_ms">, durationMs: number): { fromMs: number; toMs: number } {
  const end = step.end_ms > 0 ? step.end_ms : step.start_ms + step.limit_ms;
  return { fromMs: Math.max(0, step.start_ms - marginMs), toMs: Math.min(durationMs, end + marginMs) };
}

/** notTaken lists the cards without any step, with whether they were left out. */
export function notTaken(sheet: RunSheet) {
  const taken = new Set(list(sheet.steps).map((step) => step.card));
  return list(sheet.cards).filter((card) => !taken.has(card.card));
}
