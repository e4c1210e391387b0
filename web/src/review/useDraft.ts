import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useRef, useState } from "react";

import { messageOf, post } from "@/api/client";
import { keys } from "@/api/queries";
import type { Review, ReviewRequest } from "@/gen/api";
import type { Decision } from "@/gen/evidence";

/** Draft is the decision that is being written on the selected finding. */
export interface Draft {
  note: string;
  armed: Decision | null; // what Enter in the note saves
  failure: string;
  busy: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  setNote: (note: string) => void;
  arm: (decision: Decision) => void;
  save: (decision: Decision) => Promise<void>;
  clear: () => void;
}

/** noteNeeded says whether a decision may not go without a reason. */
export function noteNeeded(decision: Decision): boolean {
  return decision !== "confirmed";
}

/** useDraft keeps the draft and sends it. A decision is an entry of the log: it is added, never changed. */
export function useDraft(interview: string, finding: string | null): Draft {
  const cache = useQueryClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const [note, setNote] = useState("");
  const [armed, setArmed] = useState<Decision | null>(null);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  const clear = () => {
    setNote("");
    setArmed(null);
    setFailure("");
  };
  const arm = (decision: Decision) => {
    setArmed(decision);
    setFailure("");
    field.current?.focus();
  };
  const save = async (decision: Decision) => {
    if (finding === null || busy) return;
    if (noteNeeded(decision) && note.trim() === "") {
      setArmed(decision);
      setFailure("Say why: this decision needs a note.");
      field.current?.focus();
      return;
    }
    setBusy(true);
    try {
      const body: ReviewRequest = { finding, decision, note: note.trim() };
      await post<Review>(`/api/interviews/${encodeURIComponent(interview)}/reviews`, body);
      await Promise.all([
        cache.invalidateQueries({ queryKey: keys.review(interview) }),
        cache.invalidateQueries({ queryKey: keys.interviews }),
      ]);
      clear();
      field.current?.blur();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { note, armed, failure, busy, field, setNote, arm, save, clear };
}
