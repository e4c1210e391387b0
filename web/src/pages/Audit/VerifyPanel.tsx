import { Alert, Button, Group, List, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconShieldCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { messageOf, post } from "@/api/client";
import { keys, useVerification } from "@/api/queries";
import { notifyError } from "@/components/notify";
import { Failure } from "@/components/states";
import type { Verification } from "@/gen/api";
import { count, list } from "@/lib/list";
import { instant } from "@/lib/time";

/** VerifyPanel compares the log and every file with what was signed and logged, and shows how far it is. */
export function VerifyPanel() {
  const cache = useQueryClient();
  const verification = useVerification();
  const status = verification.data;
  const state = status?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "running" && state !== "running") void cache.invalidateQueries({ queryKey: keys.records });
    before.current = state;
  }, [state, cache]);
  const start = () => {
    post<Verification>("/api/verification", { interview: "" })
      .then((started) => cache.setQueryData(keys.verification, started))
      .catch((error: unknown) => notifyError("The verification did not begin", messageOf(error)));
  };
  if (verification.isError) return <Failure error={verification.error} title="The verification could not be asked" retry={() => void verification.refetch()} />;
  return (
    <Paper withBorder p="md" mb="md">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ flex: "1 1 260px", minWidth: 0 }} aria-live="polite">{status !== undefined && <Found status={status} />}</div>
        <Button variant="default" leftSection={<IconShieldCheck size={16} stroke={1.6} />} loading={state === "running"} disabled={status === undefined} onClick={start}>Verify now</Button>
      </Group>
    </Paper>
  );
}

function Found({ status }: { status: Verification }) {
  const faults = list(status.faults);
  switch (status.state) {
    case "running": {
      const part = status.total > 0 ? Math.min(100, (100 * status.done) / status.total) : 0;
      const what = status.phase === "log" ? "Reading the log" : "Reading recordings and pictures";
      return (
        <Stack gap={6}>
          <Text size="sm" className="tabular">{what}: {Math.floor(part)} %</Text>
          <Progress value={part} aria-label={what} />
        </Stack>
      );
    }
    case "failed":
      return <Text size="sm" c="red" role="alert">{status.error}</Text>;
    case "done":
      return (
        <Stack gap={6}>
          <Text size="sm">
            <b>{faults.length === 0 ? "Everything is as it was logged" : `${count(faults.length + status.unnamed, "fault")} found`}</b>
            {`: ${count(status.entries, "entry", "entries")}, ${count(status.files, "file")}${status.gone > 0 ? `, ${status.gone} deleted with an entry that says so` : ""}. `}
            <Text span size="sm" c="dimmed" className="tabular">{instant(status.finished_ms)}</Text>
          </Text>
          {faults.length > 0 && (
            <Alert color="red" variant="light" role="alert">
              <List size="sm" spacing={4}>
                {faults.slice(0, 10).map((fault) => <List.Item key={fault} style={{ overflowWrap: "anywhere" }}>{fault}</List.Item>)}
                {faults.length + status.unnamed > 10 && <List.Item>and {faults.length + status.unnamed - 10} more; the records that they are about are found by “Differs from the log”</List.Item>}
              </List>
            </Alert>
          )}
          <Worth />
        </Stack>
      );
    default:
      return (
        <>
          <Text size="sm">Nothing was verified since the server started. What was found before stands with each record.</Text>
          <Worth />
        </>
      );
  }
}

function Worth() {
  return <Text size="xs" c="dimmed">This is the server examining itself. To depend on nobody here, export a record and check it with the verifier.</Text>;
}
