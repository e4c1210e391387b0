import { Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useState } from "react";

import { type Call, useRoomState } from "@/hooks/useCall";
import type { ConsentText } from "./consents";
import { ControlButton } from "./ControlButton";

/** ConsentMenu withdraws each consent in mid-call, or gives it after all. It takes effect at once. */
export function ConsentMenu({ call, texts }: { call: Call; texts: readonly ConsentText[] }) {
  const { you } = useRoomState(call);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <ControlButton name="Consents" text="Consents" icon={<IconShieldCheck size={18} stroke={1.6} />} onClick={() => setOpened(true)} />
      <Modal opened={opened} onClose={() => setOpened(false)} title="Your consents" closeButtonProps={{ "aria-label": "Close" }}>
        <Stack>
          <Text size="sm">Switch off what you no longer agree to. It stops at once; what was kept before stays, and the log says when you withdrew.</Text>
          {texts.map(({ consent, title, text, otherwise, shown }) => (
            <Switch key={consent} label={title} description={`${text} ${otherwise}`} checked={you?.consents?.[consent] ?? false}
              onChange={(event) => call.room.setConsent(consent, event.currentTarget.checked, shown)} />
          ))}
          <Group justify="flex-end"><Button variant="default" onClick={() => setOpened(false)}>Done</Button></Group>
        </Stack>
      </Modal>
    </>
  );
}
