import { Button, Center, Paper, Table, Text } from "@mantine/core";
import { useMemo } from "react";

import { useInterview, useLog, useServerInfo } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { InterviewDetail, LogEntry } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import type { Names } from "@/lib/entries";
import { byKey, count, list } from "@/lib/list";
import { EntryRow } from "./EntryRow";
import classes from "./Log.module.css";

/** Log is the evidence log of one interview, entry by entry, as it was written. */
export default function Log({ id }: { id: string }) {
  const { can } = useAuth();
  const detail = useInterview(id, can("log.read"));
  if (!can("log.read")) return <Empty title="Your account may not read the evidence log">Auditors and administrators may.</Empty>;
  if (detail.isPending) return <PageLoading label="Loading log" />;
  if (detail.isError) return <Failure error={detail.error} title="This log could not be opened" retry={() => void detail.refetch()} />;
  return <Loaded detail={detail.data} />;
}

function Loaded({ detail }: { detail: InterviewDetail }) {
  const { id, candidate_name } = detail.interview;
  const log = useLog(id);
  const server = useServerInfo();
  const names = useMemo((): Names => ({
    people: new Map(list(detail.participants).map((person) => [person.id, person.name])),
    kinds: byKey(list(server.data?.kinds), (info) => info.kind),
  }), [detail.participants, server.data]);
  const entries = useMemo(() => (log.data?.pages ?? []).flatMap((page) => list(page.entries)), [log.data]);
  return (
    <>
      <PageHeader title={`Evidence log: ${candidate_name}`} back={{ href: `/interviews/${id}`, label: "Interview" }}
        lead={log.isSuccess ? `${count(entries.length, "entry", "entries")}${log.hasNextPage ? " so far" : ""}, oldest first` : " "} />
      <Text size="sm" c="dimmed" mb="md">
        The log is one for the whole server, so the numbers of an interview's entries have holes. Whether nothing was changed is not shown
        by this page: export the record on the interview's page, and check it with the verify program.
      </Text>
      {log.isPending && <PageLoading label="Loading log" />}
      {log.isError && <Failure error={log.error} title="The log could not be read" retry={() => void log.refetch()} />}
      {log.isSuccess && entries.length === 0 && <Paper withBorder><Empty title="No entries yet" /></Paper>}
      {entries.length > 0 && <Entries entries={entries} names={names} />}
      {log.hasNextPage && (
        <Center mt="lg"><Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>Show more entries</Button></Center>
      )}
    </>
  );
}

function Entries({ entries, names }: { entries: readonly LogEntry[]; names: Names }) {
  return (
    <Paper withBorder className={classes.sheet}>
      <Table fz="sm" verticalSpacing={6} horizontalSpacing="sm" className={classes.table} aria-label="Entries">
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.narrow}>No.</Table.Th>
            <Table.Th className={classes.narrow}>Time</Table.Th>
            <Table.Th className={classes.narrow}>In the interview</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>By</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{entries.map((line) => <EntryRow key={line.entry.seq} line={line} names={names} />)}</Table.Tbody>
      </Table>
    </Paper>
  );
}
