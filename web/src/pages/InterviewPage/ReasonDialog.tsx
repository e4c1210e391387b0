import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { type FormErrors, formErrors } from "@/lib/form";

interface Props {
  title: string;
  text: string;
  action: string; // the button's label: a verb
  back?: string; // the label of the button that does nothing
  send: (reason: string) => Promise<unknown>;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** ReasonDialog asks for the reason of a step that the log keeps. */
export function ReasonDialog({ title, text, action, back = "Cancel", send, onDone, onClose }: Props) {
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setErrors({});
    try {
      await send(reason);
      await onDone();
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["reason"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Text size="sm">{text}</Text>
        <Textarea label="Reason" data-autofocus autosize minRows={2} value={reason} error={errors.reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{back}</Button>
          <Button loading={busy} onClick={() => void submit()}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
