// A value with listeners: how React sees what lives outside of it.

/** Holds immutable snapshots and tells listeners when there is a new one. */
export class Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  /** The present snapshot. */
  readonly get = (): T => this.value;

  /** Calls a function after every change, until the returned one is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Replaces the snapshot. */
  set(next: T): void {
    if (next === this.value) return;
    this.value = next;
    for (const listener of [...this.listeners]) listener();
  }

  /** Replaces some fields of the snapshot. */
  patch(part: Partial<T>): void {
    this.set({ ...this.value, ...part });
  }
}
