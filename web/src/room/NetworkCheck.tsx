import { Button, Group, Loader, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";

import { judge, probe, type Verdict } from "@/rtc/probe";
import classes from "./room.module.css";

const colours: Record<Verdict["level"], string> = { good: "var(--bf-ok)", fair: "var(--bf-notice)", poor: "var(--bf-attention)" };

/** NetworkCheck measures the way to the server and says what to expect. */
export function NetworkCheck({ ice }: { ice: RTCIceServer[] }) {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [busy, setBusy] = useState(false);
  const check = useCallback(async () => {
    setBusy(true);
    try {
      setVerdict(judge(await probe(ice)));
    } catch {
      setVerdict({ level: "poor", text: "This browser cannot make media connections. Use a current version of Chrome, Edge, Firefox or Safari." });
    } finally {
      setBusy(false);
    }
  }, [ice]);
  useEffect(() => { void check(); }, [check]);
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" role="status" aria-label="Network check">
      {busy
        ? <><Loader size={14} mt={3} /><Text size="sm" c="dimmed">Checking the network</Text></>
        : verdict !== null && (
          <>
            <span className={classes.dot} style={{ background: colours[verdict.level], marginTop: 6 }} />
            <Text size="sm" flex={1}>{verdict.text}</Text>
            <Button size="compact-xs" variant="subtle" leftSection={<IconRefresh size={12} />} onClick={() => void check()}>Check again</Button>
          </>
        )}
    </Group>
  );
}
