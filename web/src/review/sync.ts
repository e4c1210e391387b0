// The arithmetic of playing several files in step, apart from any element.

/** By how much a file that is off may be played faster or slower: not heard at 8 %. */
export const maxCorrection = 0.08;

/**
 * Elements that were started together begin up to 150 ms apart. That is made up
 * at a pace which would be heard, were it not over within half a second.
 */
export const startCorrection = 0.4;

/** From here on the faster pace holds; well under the 80 ms that may not be exceeded. */
export const startOffMs = 50;

/** From here on a file is sought to its place instead of being drawn there. */
export const hardSeekMs = 300;

/** Below this a file is left alone: a change of speed costs some milliseconds itself. */
const restMs = 12;

/** Below this a paused file counts as standing where it should. */
export const pausedToleranceMs = 15;

/** How long a file that is off takes to come back where the correction suffices. */
const settleMs = 400;

/**
 * correctedRate is the speed at which a file that is offMs ahead (negative:
 * behind) of the clock is played, so that it comes back into step.
 */
export function correctedRate(rate: number, offMs: number): number {
  if (Math.abs(offMs) < restMs) return rate;
  const most = Math.abs(offMs) > startOffMs ? startCorrection : maxCorrection;
  const correction = Math.max(-most, Math.min(most, offMs / settleMs));
  // In steps of 1 %, so that the speed does not change at every tick.
  return rate * (1 - Math.round(correction * 100) / 100);
}

/** driftOf is the distance between the first and the last of several positions on the interview's clock. */
export function driftOf(positions: readonly number[]): number {
  return positions.length < 2 ? 0 : Math.max(...positions) - Math.min(...positions);
}
