import { Button, Group, Text, Textarea } from "@mantine/core";
import type { KeyboardEvent } from "react";

import type { Decision } from "@/gen/evidence";
import { decisionWords } from "@/lib/words";
import { type Draft, noteNeeded } from "./useDraft";

const actions: readonly { decision: Decision; label: string; meaning: string }[] = [
  { decision: "confirmed", label: "Confirm", meaning: "It happened as measured" },
  { decision: "explained", label: "Explain", meaning: "It happened, and has an innocent reason" },
  { decision: "dismissed", label: "Dismiss", meaning: "It did not happen, or says nothing" },
];

/** DecisionForm takes a person's decision. It goes into the log for good; a later one counts more. */
export function DecisionForm({ draft, decided, open }: { draft: Draft; decided: boolean; open: boolean }) {
  const { armed } = draft;
  if (open) return <Text size="sm" c="dimmed">It is still going on. You can decide when it has ended.</Text>;
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") draft.field.current?.blur();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || armed === null) return;
    event.preventDefault();
    void draft.save(armed);
  };
  const hint = armed === null ? "Needed to explain or dismiss. It is kept with the decision."
    : `Enter saves it as “${decisionWords[armed].toLowerCase()}”${noteNeeded(armed) ? "" : "; the note may stay empty"}.`;
  return (
    <div>
      <Textarea ref={draft.field} label={decided ? "Note on a new decision" : "Note"} description={hint} autosize minRows={2} maxRows={6} maxLength={2000}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={draft.note} error={draft.failure === "" ? undefined : draft.failure} onKeyDown={press} onChange={(event) => draft.setNote(event.currentTarget.value)} />
      <Group gap="xs" mt="xs" grow>
        {actions.map(({ decision, label, meaning }) => (
          <Button key={decision} size="xs" variant={armed === decision ? "filled" : "default"} title={meaning} loading={draft.busy && armed === decision}
            disabled={draft.busy} onClick={() => void draft.save(decision)}>{label}</Button>
        ))}
      </Group>
    </div>
  );
}
