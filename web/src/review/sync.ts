// The arithmetic of playing several files in step, apart from any element.

/** By how much a file that is off may be played faster or slower: not heard at 8 %. */
export const maxCorrection = 0.08;

/** From here on a file is sought to its place instead of being drawn there. */
export const hardSeekMs = 300;

/** Below this a paused file counts as standing where it should. */
export const pausedToleranceMs = 15;

/** How long a file that is off takes to come back where the correction suffices. */
const settleMs = 600;

/**
 * correctedRate is the speed at which a file that is offMs ahead (negative:
 * behind) of the clock is played, so that it comes back into step.
 */
export function correctedRate(rate: number, offMs: number): number {
  const correction = Math.max(-maxCorrection, Math.min(maxCorrection, offMs / settleMs));
  return rate * (1 - correction);
}

/** driftOf is the distance between the first and the last of several positions on the interview's clock. */
export function driftOf(positions: readonly number[]): number {
  return positions.length < 2 ? 0 : Math.max(...positions) - Math.min(...positions);
}
