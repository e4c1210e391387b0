/** list turns the null that stands for an empty list on the wire into one. */
export function list<T>(value: readonly T[] | null | undefined): readonly T[] {
  return value ?? [];
}

/** byKey indexes a list; of two with the same key the last wins. */
export function byKey<T>(values: readonly T[], key: (value: T) => string): Map<string, T> {
  return new Map(values.map((value) => [key(value), value]));
}

/** count says "1 finding", "2 findings". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
