import type { SeriesLine } from "@/gen/api";
import type { Reason } from "@/gen/evidence";
import { list } from "@/lib/list";

// From the signals of the conversation to a table of answers.

/** answerSeries are the signals of which the table is made. */
export const answerSeries = ["speech.latency", "speech.longest_pause", "speech.silence_ratio"] as const;

/** Answer is one answer with what was measured; null where nothing was. */
export interface Answer {
  atMs: number; // when it begins
  questionMs: number | null; // when the question begins
  marked: boolean; // an interviewer marked the question
  baseline: boolean; // it belongs to the small talk that others are compared with
  waitS: number | null;
  reason: Reason | null; // why the wait was not measured
  pauseS: number | null;
  silence: number | null; // share
}

/** Usual is the candidate's own median and limit, in seconds; null without a baseline. */
export interface Usual {
  medianS: number;
  limitS: number;
}

/** answersOf joins the signals: an answer has the same time in all of them. */
export function answersOf(lines: readonly SeriesLine[]): Answer[] {
  const line = (name: string) => lines.find((one) => one.name === name);
  const waits = line("speech.latency");
  const at = (name: string, ms: number) => list(line(name)?.points ?? null).find((point) => point.t === ms && point.r === undefined)?.v ?? null;
  const marks = list(waits?.marks ?? null);
  const questions = marks.filter((mark) => mark.name !== "baseline");
  const small = marks.filter((mark) => mark.name === "baseline");
  return list(waits?.points ?? null).map((point) => {
    const question = questions.filter((mark) => mark.start_ms <= point.t).at(-1);
    return {
      atMs: point.t,
      questionMs: question?.start_ms ?? null,
      marked: question?.name === "marked question",
      baseline: small.some((mark) => mark.start_ms <= point.t && point.t < mark.end_ms),
      waitS: point.r === undefined ? point.v : null,
      reason: point.r ?? null,
      pauseS: at("speech.longest_pause", point.t),
      silence: at("speech.silence_ratio", point.t),
    };
  });
}

/** usualOf reads the levels of a signal. */
export function usualOf(lines: readonly SeriesLine[], name: string): Usual | null {
  const levels = list(lines.find((one) => one.name === name)?.levels ?? null);
  const median = levels.find((level) => level.name === "own median");
  const limit = levels.find((level) => level.name === "own limit");
  return median === undefined || limit === undefined ? null : { medianS: median.value, limitS: limit.value };
}

/** seconds writes a time as people read it. */
export function seconds(s: number): string {
  return `${s.toFixed(1).replace("-", "−")} s`;
}
