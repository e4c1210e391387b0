import { useEffect, useRef } from "react";

import type { FormErrors } from "@/lib/form";

/** useFocusInvalid gives the form's ref; after an error the first wrong field has the focus. */
export function useFocusInvalid(errors: FormErrors) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (Object.keys(errors).length === 0) return;
    const field = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    if (field != null) field.focus();
    // An error of the form as a whole stands at its top.
    else form.current?.scrollIntoView({ block: "nearest" });
  }, [errors]);
  return form;
}
