import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { messageOf } from "@/api/client";

interface Props {
  opened: boolean;
  title: string;
  text: string;
  action: string; // the button's label: a verb
  onClose: () => void;
  onConfirm: () => Promise<void>;
}

/** Confirm asks before something that cannot be taken back, and shows why it failed. */
export function Confirm({ opened, title, text, action, onClose, onConfirm }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const close = () => {
    setFailure("");
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setFailure("");
    try {
      await onConfirm();
      close();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <Text size="sm">{text}</Text>
        {failure !== "" && <Text size="sm" c="red" role="alert">{failure}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>Cancel</Button>
          <Button color="red" loading={busy} onClick={() => void confirm()}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
