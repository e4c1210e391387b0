import type { Clip } from "./clips";

/**
 * Damage is a stretch of a file that cannot be decoded, in seconds of the file.
 * A browser tells only where it failed; where pictures come again is found by
 * trying. After a lost picture that is at the next key frame, which the
 * recorder asks for every four seconds.
 */
export interface Damage {
  clip: Clip;
  from: number;
  to: number; // where the next try begins, and in the end where it plays again
  tries: number;
  rest: boolean; // nothing after it could be played either
}

/** DamagedSpan is a stretch of the interview that a channel could not show, in ms. */
export interface DamagedSpan {
  channel: string;
  startMs: number;
  endMs: number;
}

/** So many places behind a failure are tried: 1 s apart at first, then ever farther, over a minute in all. */
const mostTries = 11;

/** A decoder works ahead of what is shown, so it fails up to this long before the damage; and now and then just behind. */
const aheadS = 1;
const behindS = 0.25;

function stepOf(tries: number): number {
  return tries <= 6 ? 1 : 2 ** (tries - 6);
}

/** damageAt finds the damage that an instant of a file, in seconds, lies in; null where it can be played as far as is known. */
export function damageAt(damage: readonly Damage[], clip: Clip, seconds: number): Damage | null {
  return damage.find((d) => d.clip === clip && seconds >= d.from && seconds < d.to) ?? null;
}

/**
 * moreDamage adds a failure at an instant of a file. A failure at a known
 * stretch makes it longer: where the decoder came from before it, at its
 * beginning; else, and where the element waited behind it, at its end.
 */
export function moreDamage(damage: readonly Damage[], clip: Clip, seconds: number, waiting: Damage | null): Damage[] {
  const known = waiting ?? damage.find((d) => d.clip === clip && seconds > d.from - aheadS && seconds < d.to + behindS);
  if (known === undefined) return [...damage, longer({ clip, from: seconds, to: seconds, tries: 0, rest: false })];
  const changed = waiting === null && seconds < known.from ? { ...known, from: seconds } : longer(known);
  return damage.map((d) => (d === known ? changed : d));
}

/** longer sets the next try, or gives the rest of the file up. */
function longer(damage: Damage): Damage {
  const { clip } = damage;
  const length = (clip.endMs - clip.startMs) / 1000;
  const tries = damage.tries + 1;
  const to = damage.to + stepOf(tries);
  return tries > mostTries || to >= length ? { ...damage, tries, to: length, rest: true } : { ...damage, tries, to };
}

/** spansOf gives a channel's damage in the interview's time, in order. */
export function spansOf(channel: string, damage: readonly Damage[]): DamagedSpan[] {
  return damage
    .map(({ clip, from, to }) => ({ channel, startMs: Math.round(clip.startMs + from * 1000), endMs: Math.round(clip.startMs + to * 1000) }))
    .sort((a, b) => a.startMs - b.startMs);
}
