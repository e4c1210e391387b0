import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import type { Step, Verdict } from "@/gen/evidence";
import { cardTitles, verdictsFor, verdictWords } from "@/lib/cards";

interface Props {
  step: Step;
  /** Keeps the verdict; false or a rejection says that it could not be sent. */
  onSave: (verdict: Verdict, note: string) => Promise<void> | void;
  onDone?: () => void;
}

/** VerdictForm takes the interviewer's own judgement, beside what was measured. Documents want a note. */
export function VerdictForm({ step, onSave, onDone }: Props) {
  const [note, setNote] = useState(step.verdict?.note ?? "");
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const document = step.kind === "show_id";
  const save = async (verdict: Verdict) => {
    if (document && note.trim() === "") {
      setFailure("Say in a few words what you compared and saw.");
      return;
    }
    setFailure("");
    setBusy(true);
    try {
      await onSave(verdict, note.trim());
      onDone?.();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap={6} role="group" aria-label={`Your verdict: ${cardTitles[step.kind]}`}>
      <Text size="xs" fw={600}>Your verdict</Text>
      <Textarea size="xs" aria-label={document ? "Note (required)" : "Note"} placeholder={document ? "What you compared and saw (required)" : "Note, if there is something to say"}
        value={note} maxLength={2000} autosize minRows={1} maxRows={5} error={failure === "" ? undefined : failure}
        onChange={(event) => setNote(event.currentTarget.value)} />
      <Group gap={6} grow preventGrowOverflow={false}>
        {verdictsFor(step.kind).map((verdict) => (
          <Button key={verdict} size="compact-sm" px={4} loading={busy} variant={step.verdict?.verdict === verdict ? "light" : "default"}
            onClick={() => void save(verdict)}>{verdictWords[verdict]}</Button>
        ))}
      </Group>
    </Stack>
  );
}
