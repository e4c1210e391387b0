import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { post } from "@/api/client";
import type { PartFate } from "@/gen/api";
import { type FormErrors, formErrors } from "@/lib/form";
import { partWords } from "@/lib/retention";
import { dateTime } from "@/lib/time";

interface Props {
  base: string;
  name: string; // of the candidate, to be typed
  parts: readonly PartFate[]; // that exist, or of which reasons are left
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** DeletePartsDialog deletes parts of a record for good, once the candidate's name was typed. */
export function DeletePartsDialog({ base, name, parts, onDone, onClose }: Props) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [confirm, setConfirm] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const kept = parts.filter((part) => chosen.includes(part.part) && part.keep_ms > Date.now());
  const submit = async () => {
    setBusy(true);
    setErrors({});
    try {
      await post(`${base}/deletions`, { parts: chosen, reason, confirm });
      await onDone();
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["parts", "reason", "confirm"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Delete parts of this record" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Text size="sm">Deleted parts cannot be brought back, not from a backup either. A signed entry of the log says what went, when and why; the proof of everything else stays.</Text>
        <Checkbox.Group label="Parts" value={chosen} error={errors.parts} onChange={setChosen}>
          <Stack gap={6} mt="xs">{parts.map((part) => <Checkbox key={part.part} value={part.part} label={part.exists ? partWords[part.part] : `${partWords[part.part]}: reasons of earlier deletions`} />)}</Stack>
        </Checkbox.Group>
        {kept.length > 0 && (
          <Alert color="orange" variant="light" title="A rule wants this kept">
            {kept.map((part) => `${partWords[part.part]} until ${dateTime(part.keep_ms)}`).join("; ")}. Deleting earlier is your decision.
          </Alert>
        )}
        <Textarea label="Reason" description="It stays with the log, and goes into every copy of the record." autosize minRows={2} value={reason} error={errors.reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <TextInput label={`Type “${name}” to confirm`} autoComplete="off" value={confirm} error={errors.confirm} onChange={(event) => setConfirm(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button color="red" loading={busy} disabled={chosen.length === 0 || confirm.trim() !== name} onClick={() => void submit()}>Delete for good</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
