import { Alert, Button, Group, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { post } from "@/api/client";
import type { Outcome } from "@/gen/interview";
import { type FormErrors, formErrors } from "@/lib/form";
import { outcomeChoices } from "@/lib/retention";

interface Props {
  base: string;
  outcome: Outcome;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** OutcomeDialog keeps what people decided about the interview as a whole; retention counts from it. */
export function OutcomeDialog({ base, outcome, onDone, onClose }: Props) {
  const [chosen, setChosen] = useState<string | null>(outcome === "" ? null : outcome);
  const [note, setNote] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setErrors({});
    try {
      await post(`${base}/outcome`, { outcome: chosen ?? "", note });
      await onDone();
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["outcome", "note"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Outcome of the interview" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Text size="sm">What people decided. It is kept in the log, and policies of retention count from it.</Text>
        <Select label="Outcome" data={[...outcomeChoices]} value={chosen} error={errors.outcome} onChange={setChosen} />
        <Textarea label="Note" description="May be empty." autosize minRows={2} value={note} error={errors.note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button loading={busy} disabled={chosen === null} onClick={() => void submit()}>Save</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
