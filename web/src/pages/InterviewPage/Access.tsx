import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";

import { useAccess } from "@/api/queries";
import { Failure, PageLoading } from "@/components/states";
import type { AccessLine } from "@/gen/api";
import type { Participant } from "@/gen/interview";
import { accessWords, folded, spansWords } from "@/lib/access";
import { list } from "@/lib/list";
import { instant } from "@/lib/time";

const shortList = 8;

/** Access lists who saw what of this interview, from the entries of the log. */
export function Access({ id, people }: { id: string; people: readonly Participant[] | null }) {
  const access = useAccess(id);
  const [whole, setWhole] = useState(false);
  const lines = folded(list(access.data?.lines), (line) => `${line.actor} ${line.by}`);
  const names = new Map(list(people).map((person) => [person.id, person.name]));
  const played = list(access.data?.played);
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5">Who saw this record</Title>
      <Text size="sm" c="dimmed" mt={4} mb="md">Every visit, every second played and every export is an entry of the log. A visit is one line however long it lasts.</Text>
      {access.isPending && <PageLoading label="Loading who saw this record" />}
      {access.isError && <Failure error={access.error} retry={() => void access.refetch()} />}
      {access.isSuccess && lines.length === 0 && <Text size="sm" c="dimmed">Nobody has looked at it yet.</Text>}
      {played.length > 0 && (
        <Stack gap={2} mb="md" role="list" aria-label="Played in all">
          {played.map((person) => (
            <Text key={person.by} size="sm" role="listitem" style={{ overflowWrap: "anywhere" }}><b>{person.by}</b> played {spansWords(list(person.spans))}</Text>
          ))}
        </Stack>
      )}
      <Stack gap="xs" role="list" aria-label="Visits">
        {(whole ? lines : lines.slice(0, shortList)).map(({ line, times }) => <Line key={line.seq} line={line} words={accessWords(line, times, names)} />)}
      </Stack>
      {lines.length > shortList && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setWhole(!whole)}>{whole ? "Show fewer" : `Show all ${lines.length}`}</Button>
      )}
    </Paper>
  );
}

function Line({ line, words }: { line: AccessLine; words: string }) {
  const who = line.by !== "" ? line.by : line.actor === "command" ? "The operator, by command" : line.actor === "participant" ? "The candidate" : "Unknown";
  const roles = list(line.roles).join(", ");
  return (
    <div role="listitem" data-access={line.kind}>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <b>{who}</b>{roles !== "" && <Text span size="sm" c="dimmed"> ({roles})</Text>}: {words}
      </Text>
      <Text size="xs" c="dimmed" className="tabular">{instant(line.wall_ms)}</Text>
    </div>
  );
}
