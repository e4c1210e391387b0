import { useEffect, useRef } from "react";

import { type Command, commandOf } from "./keys";

function isTyping(target: Element): boolean {
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLElement && target.isContentEditable);
}

/** useReviewKeys hands the page's keys to the handler, unless somebody types or a dialog is open. */
export function useReviewKeys(handle: (command: Command) => void) {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.defaultPrevented || target.closest("[role=dialog], [role=listbox], [role=menu]") !== null) return;
      // The seek bar's own arrow keys would move it by a tenth of a second.
      if (event.key.startsWith("Arrow") && target instanceof HTMLInputElement && !("ownArrows" in target.dataset)) return;
      const command = commandOf({
        key: event.key,
        modified: event.ctrlKey || event.altKey || event.metaKey,
        typing: isTyping(target),
        onControl: target.matches("button, a, input, [role=button]") && target.matches(":focus-visible"),
      });
      if (command === null) return;
      event.preventDefault();
      latest.current(command);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
