// Which kinds this person hides from their own view of one interview's room,
// kept in this tab over reloads. They are measured and logged all the same.

import { useState } from "react";

import type { Kind } from "@/gen/evidence";

type Storage = Pick<globalThis.Storage, "getItem" | "setItem">;

const keyOf = (interview: string) => `bonafide.hidden.${interview}`;

/** readHidden reads the hidden kinds of an interview; none where nothing that makes sense is kept. */
export function readHidden(storage: Storage, interview: string): Kind[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(keyOf(interview)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((kind): kind is Kind => typeof kind === "string") : [];
  } catch {
    return []; // somebody else's text under our key
  }
}

/** writeHidden keeps them. */
export function writeHidden(storage: Storage, interview: string, hidden: readonly Kind[]): void {
  storage.setItem(keyOf(interview), JSON.stringify(hidden));
}

/** Hidden is what a person hides from their view, and how to change it. */
export interface Hidden {
  kinds: readonly Kind[];
  hide(kind: Kind): void;
  show(kind: Kind): void;
  showAll(): void;
}

/** useHidden keeps the hidden kinds of an interview. */
export function useHidden(interview: string): Hidden {
  const [kinds, setKinds] = useState(() => readHidden(window.sessionStorage, interview));
  const set = (next: Kind[]) => {
    setKinds(next);
    writeHidden(window.sessionStorage, interview, next);
  };
  return {
    kinds,
    hide: (kind) => set([...kinds.filter((k) => k !== kind), kind]),
    show: (kind) => set(kinds.filter((k) => k !== kind)),
    showAll: () => set([]),
  };
}
