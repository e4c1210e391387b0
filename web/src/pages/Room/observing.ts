// Whether this tab observes an interview, kept over reloads.

const keyOf = (interview: string) => `bonafide.observe.${interview}`;

/** remembersObserving says whether this tab chose to observe. */
export function remembersObserving(interview: string): boolean {
  return window.sessionStorage.getItem(keyOf(interview)) === "yes";
}

/** rememberObserving keeps the choice. */
export function rememberObserving(interview: string, observe: boolean): void {
  window.sessionStorage.setItem(keyOf(interview), observe ? "yes" : "no");
}
