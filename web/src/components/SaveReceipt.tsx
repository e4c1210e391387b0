import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
import { useState } from "react";

import { messageOf } from "@/api/client";
import type { Receipt } from "@/gen/api";

interface Props {
  /** Asks the server for the receipt; it is not ready in the first moments after the end. */
  load: () => Promise<Receipt>;
}

/** The longest wait for a receipt, and the pause between two questions, in ms. */
const patience = 20_000;
const pause = 500;

/**
 * SaveReceipt saves the signed checkpoint that closed an interview's record:
 * who keeps it can prove later whether the record was changed since.
 */
export function SaveReceipt({ load }: Props) {
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState("");
  const save = async () => {
    setBusy(true);
    setError("");
    try {
      const receipt = await ready(load);
      download(receipt.file, receipt.text);
      setSaved(true);
    } catch (problem) {
      setError(messageOf(problem));
    }
    setBusy(false);
  };
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">The receipt is a small text file. Whoever keeps it can prove later whether the record of this interview was changed.</Text>
      {error !== "" && <Alert role="alert" color="red" variant="light">{error}</Alert>}
      <Group>
        <Button variant="default" loading={busy} leftSection={<IconReceipt size={16} stroke={1.6} />} onClick={() => void save()}>
          {saved ? "Save the receipt again" : "Save receipt"}
        </Button>
      </Group>
    </Stack>
  );
}

async function ready(load: () => Promise<Receipt>): Promise<Receipt> {
  const until = Date.now() + patience;
  for (;;) {
    const receipt = await load();
    if (receipt.ready) return receipt;
    if (Date.now() > until) throw new Error("The record is still being closed. Try again in a minute.");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
