import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconFileZip, IconShieldCheck } from "@tabler/icons-react";

import { get } from "@/api/client";
import { SaveReceipt } from "@/components/SaveReceipt";
import type { Receipt } from "@/gen/api";

/** RecordCard offers what an ended interview leaves: the whole record, and the receipt that it can be held against. */
export function RecordCard({ id, mayExport }: { id: string; mayExport: boolean }) {
  const base = `/api/interviews/${encodeURIComponent(id)}`;
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5" mb="md">Record</Title>
      <Stack gap="lg">
        {mayExport && (
          <Stack gap="xs">
            <Text size="sm" c="dimmed">
              Everything that was kept, in one file: recordings, stills, log entries with their proofs, and a report that opens offline.
              The verify program checks it without this server. Each export is written to the log.
            </Text>
            <Group>
              <Button component="a" href={`${base}/bundle`} download variant="default" leftSection={<IconFileZip size={16} stroke={1.6} />}>Export record</Button>
              <Button component="a" href="/verify.html" download variant="subtle" leftSection={<IconShieldCheck size={16} stroke={1.6} />}>Get the verifier</Button>
            </Group>
          </Stack>
        )}
        <SaveReceipt load={() => get<Receipt>(`${base}/receipt`)} />
      </Stack>
    </Paper>
  );
}
