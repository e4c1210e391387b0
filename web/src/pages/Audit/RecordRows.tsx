import { Anchor, Badge, Group, Paper, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { StateBadge } from "@/components/StateBadge";
import type { FoundRecord, RecordHit } from "@/gen/api";
import { entryTitles } from "@/lib/entries";
import { count, list } from "@/lib/list";
import { checkWords, outcomeWords } from "@/lib/records";
import { dateTime, preciseClock } from "@/lib/time";

/** RecordRows is a table on a desk and cards on a phone. */
export function RecordRows({ rows }: { rows: readonly FoundRecord[] }) {
  return (
    <>
      <Paper withBorder visibleFrom="sm" style={{ overflow: "hidden" }}>
        <Table layout="fixed" verticalSpacing="sm" horizontalSpacing="md" aria-label="Records">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Candidate</Table.Th>
              <Table.Th w={200}>Time</Table.Th>
              <Table.Th>Interviewers</Table.Th>
              <Table.Th w={130}>Findings</Table.Th>
              <Table.Th w={210}>Record</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{rows.map((row) => <Row key={row.summary.interview.id} row={row} />)}</Table.Tbody>
        </Table>
      </Paper>
      <Stack hiddenFrom="sm" gap="sm">{rows.map((row) => <Card key={row.summary.interview.id} row={row} />)}</Stack>
    </>
  );
}

function Row({ row }: { row: FoundRecord }) {
  const names = list(row.summary.interviewer_names).join(", ");
  return (
    <Table.Tr style={{ verticalAlign: "top" }} data-record={row.summary.interview.id}>
      <Table.Td><Who row={row} /><Hits hits={list(row.hits)} /></Table.Td>
      <Table.Td><Text size="sm" className="tabular">{dateTime(row.summary.interview.scheduled_ms)}</Text></Table.Td>
      <Table.Td><Text size="sm" className="truncate" title={names}>{names}</Text></Table.Td>
      <Table.Td><Counts row={row} /></Table.Td>
      <Table.Td><Standing row={row} /></Table.Td>
    </Table.Tr>
  );
}

function Card({ row }: { row: FoundRecord }) {
  return (
    <Paper withBorder p="md" data-record={row.summary.interview.id}>
      <Who row={row} />
      <Text size="sm" className="tabular" mt={4}>{dateTime(row.summary.interview.scheduled_ms)}</Text>
      <Text size="sm" c="dimmed" mb="xs" style={{ overflowWrap: "anywhere" }}>{list(row.summary.interviewer_names).join(", ")}</Text>
      <Standing row={row}><Counts row={row} /></Standing>
      <Hits hits={list(row.hits)} />
    </Paper>
  );
}

function Who({ row }: { row: FoundRecord }) {
  const { id, candidate_name, role } = row.summary.interview;
  return (
    <>
      <Anchor component={Link} href={`/interviews/${id}`} fw={600} c="inherit" className="truncate" display="block" title={candidate_name}>{candidate_name}</Anchor>
      <Text size="sm" c="dimmed" className="truncate" title={role}>{role}</Text>
    </>
  );
}

function Counts({ row }: { row: FoundRecord }) {
  const { interview, findings, unreviewed } = row.summary;
  // Before the call nothing was measured, which is not the same as nothing found.
  if (interview.state === "cancelled") return <Text size="sm" c="dimmed">Not held</Text>;
  if (interview.state === "planned") return <Text size="sm" c="dimmed">Not held yet</Text>;
  return (
    <Text size="sm" component="div">
      {findings === 0 ? "No findings" : count(findings, "finding")}
      {unreviewed > 0 && <Text size="xs" c="dimmed">{unreviewed} undecided</Text>}
    </Text>
  );
}

/** Standing says what was decided, what keeps the record, and whether it was verified. */
function Standing({ row, children }: { row: FoundRecord; children?: ReactNode }) {
  return (
    <Stack gap={4} align="flex-start">
      <Group gap={6}>
        <StateBadge state={row.summary.interview.state} />
        {row.outcome !== "" && <Badge variant="outline" color="gray" tt="none" fw={500}>{outcomeWords[row.outcome] ?? row.outcome}</Badge>}
        {row.held && <Badge variant="light" color="yellow" tt="none" fw={600}>On hold</Badge>}
        {row.check === "differs" && <Badge variant="light" color="red" tt="none" fw={600}>{checkWords.differs}</Badge>}
      </Group>
      {children}
      <Text size="xs" c="dimmed" className="tabular">
        {row.check === "unchecked" ? checkWords.unchecked : `${row.check === "holds" ? checkWords.holds : "Verified"}, ${dateTime(row.checked_ms)}`}
      </Text>
      {row.due_ms > 0 && <Text size="xs" c="dimmed" className="tabular">Something is deleted {dateTime(row.due_ms)}</Text>}
    </Stack>
  );
}

/** Hits shows the texts that a search found. */
function Hits({ hits }: { hits: readonly RecordHit[] }) {
  if (hits.length === 0) return null;
  return (
    <Stack gap={4} mt="xs" role="list" aria-label="Texts found">
      {hits.map((hit) => (
        <Text key={hit.seq} size="sm" role="listitem" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
          <Text span size="xs" c="dimmed">{entryTitles[hit.kind]}{hit.at_ms !== undefined && hit.at_ms !== null ? ` at ${preciseClock(hit.at_ms)}` : ""}: </Text>{hit.text}
        </Text>
      ))}
    </Stack>
  );
}
