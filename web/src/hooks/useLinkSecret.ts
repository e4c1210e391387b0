import { useSyncExternalStore } from "react";

/** useLinkSecret is the secret of a candidate's link: the fragment of its address, which browsers never send. */
export function useLinkSecret(): string {
  return useSyncExternalStore(onHash, readSecret);
}

/** Pasting another link over this one changes the fragment and loads nothing. */
function onHash(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

function readSecret(): string {
  return window.location.hash.slice(1);
}
