import { Button, Center, Group, Paper, SegmentedControl, Table, Text } from "@mantine/core";
import { useMemo, useState } from "react";

import { useLog, useNewest } from "@/api/queries";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { LogEntry } from "@/gen/api";
import type { Names } from "@/lib/entries";
import { count, list } from "@/lib/list";
import { EntryRow } from "./EntryRow";
import classes from "./Log.module.css";

/** NotAllowed is what everybody else reads. */
export function NotAllowed() {
  return <Empty page title="Your account may not read the evidence log">Auditors and administrators may.</Empty>;
}

const orders = [
  { value: "all", label: "From the beginning" },
  { value: "newest", label: "Newest, as they come" },
];

/** Entries lists the log of an interview, or of none where id is "": from the beginning, or the newest as it grows. */
export function Entries({ id, names }: { id: string; names: Names }) {
  const [shown, setShown] = useState("all");
  return (
    <>
      <SegmentedControl size="xs" mb="sm" data={orders} value={shown} onChange={setShown} aria-label="Which entries are shown" />
      {shown === "all" ? <All id={id} names={names} /> : <Newest id={id} names={names} />}
    </>
  );
}

function Newest({ id, names }: { id: string; names: Names }) {
  const log = useNewest(id, true);
  const entries = useMemo(() => [...list(log.data?.entries)].reverse(), [log.data]);
  if (log.isPending) return <PageLoading label="Loading log" />;
  if (log.isError && entries.length === 0) return <Failure error={log.error} title="The log could not be read" retry={() => void log.refetch()} />;
  if (entries.length === 0) return <Paper withBorder><Empty title="No entries yet" /></Paper>;
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">{log.isError ? "The server cannot be reached; these are the last that were read." : `The last ${count(entries.length, "entry", "entries")}, newest first`}</Text>
      <Sheet id={id} entries={entries} names={names} />
    </>
  );
}

function All({ id, names }: { id: string; names: Names }) {
  const log = useLog(id);
  const entries = useMemo(() => (log.data?.pages ?? []).flatMap((page) => list(page.entries)), [log.data]);
  if (log.isPending) return <PageLoading label="Loading log" />;
  if (log.isError && entries.length === 0) return <Failure error={log.error} title="The log could not be read" retry={() => void log.refetch()} />;
  if (entries.length === 0) return <Paper withBorder><Empty title="No entries yet" /></Paper>;
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed" role="status">{count(entries.length, "entry", "entries")}{log.hasNextPage ? " so far" : ""}, oldest first</Text>
        <Button variant="subtle" size="compact-sm" loading={log.isRefetching} onClick={() => void log.refetch()}>Read again</Button>
      </Group>
      <Sheet id={id} entries={entries} names={names} />
      {log.isFetchNextPageError && <Failure error={log.error} title="The next entries could not be read" />}
      {log.hasNextPage && (
        <Center mt="lg"><Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>Show more entries</Button></Center>
      )}
    </>
  );
}

/** Sheet is the table of entries. */
function Sheet({ id, entries, names }: { id: string; entries: readonly LogEntry[]; names: Names }) {
  return (
    <Paper withBorder className={classes.sheet}>
      <Table fz="sm" verticalSpacing={6} horizontalSpacing="sm" className={classes.table} aria-label="Entries">
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.narrow}>No.</Table.Th>
            <Table.Th className={classes.narrow}>Time</Table.Th>
            {id !== "" && <Table.Th className={classes.narrow}>In the interview</Table.Th>}
            <Table.Th>What</Table.Th>
            <Table.Th>By</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{entries.map((line) => <EntryRow key={line.entry.seq} line={line} names={names} timed={id !== ""} />)}</Table.Tbody>
      </Table>
    </Paper>
  );
}
