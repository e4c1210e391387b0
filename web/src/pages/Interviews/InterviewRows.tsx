import { Anchor, Badge, Box, Group, Paper, Stack, Table, Text } from "@mantine/core";
import type { MouseEvent } from "react";
import { Link, useLocation } from "wouter";

import { StateBadge } from "@/components/StateBadge";
import type { InterviewSummary } from "@/gen/api";
import { count, list } from "@/lib/list";
import { dateTime, span } from "@/lib/time";
import classes from "./InterviewRows.module.css";

/** InterviewRows is a table on a desk and cards on a phone. */
export function InterviewRows({ rows }: { rows: readonly InterviewSummary[] }) {
  return (
    <>
      <Paper withBorder visibleFrom="sm" style={{ overflow: "hidden" }}>
        <Table layout="fixed" verticalSpacing="sm" horizontalSpacing="md" highlightOnHover aria-label="Interviews">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Candidate</Table.Th>
              <Table.Th w={220}>Time</Table.Th>
              <Table.Th>Interviewers</Table.Th>
              <Table.Th w={110}>State</Table.Th>
              <Table.Th w={140}>Findings</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{rows.map((row) => <Row key={row.interview.id} row={row} />)}</Table.Tbody>
        </Table>
      </Paper>
      <Stack hiddenFrom="sm" gap="sm">{rows.map((row) => <Card key={row.interview.id} row={row} />)}</Stack>
    </>
  );
}

function Row({ row }: { row: InterviewSummary }) {
  const [, navigate] = useLocation();
  const { interview } = row;
  const href = `/interviews/${interview.id}`;
  const names = list(row.interviewer_names).join(", ");
  return (
    // The name is the link, for the keyboard; the whole row answers a pointer.
    <Table.Tr className={classes.row} onClick={() => navigate(href)}>
      <Table.Td>
        <Anchor component={Link} href={href} dir="auto" ta="left" fw={600} c="inherit" className="truncate" display="block" title={interview.candidate_name}
          onClick={(event: MouseEvent) => event.stopPropagation()}>{interview.candidate_name}</Anchor>
        <Text size="sm" c="dimmed" className="truncate" title={interview.role}>{interview.role}</Text>
      </Table.Td>
      <Table.Td className="tabular">
        <Text size="sm">{dateTime(interview.scheduled_ms)}</Text>
        {row.recorded_ms > 0 && <Text size="xs" c="dimmed">recorded {span(row.recorded_ms)}</Text>}
      </Table.Td>
      <Table.Td><Text size="sm" className="truncate" title={names}>{names}</Text></Table.Td>
      <Table.Td><StateBadge state={interview.state} /></Table.Td>
      <Table.Td><FindingCounts row={row} /></Table.Td>
    </Table.Tr>
  );
}

function Card({ row }: { row: InterviewSummary }) {
  const { interview } = row;
  return (
    <Paper withBorder p="md" component={Link} href={`/interviews/${interview.id}`} className={classes.card}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Box style={{ minWidth: 0 }}>
          <Text dir="auto" ta="left" fw={600} className="truncate" title={interview.candidate_name}>{interview.candidate_name}</Text>
          <Text size="sm" c="dimmed" className="truncate" title={interview.role}>{interview.role}</Text>
        </Box>
        <StateBadge state={interview.state} />
      </Group>
      <Group justify="space-between" mt="sm">
        <Text size="sm" className="tabular">{dateTime(interview.scheduled_ms)}</Text>
        <FindingCounts row={row} />
      </Group>
    </Paper>
  );
}

function FindingCounts({ row }: { row: InterviewSummary }) {
  if (row.interview.state === "cancelled") return <Text size="sm" c="dimmed" aria-label="no findings">–</Text>;
  if (row.interview.state === "planned") return <Text size="sm" c="dimmed" aria-label="no findings yet">–</Text>;
  if (row.unreviewed > 0) {
    return <Badge variant="outline" color="accent" tt="none" fw={600} className="tabular" title={`${count(row.findings, "finding")} in all`}>{row.unreviewed} to review</Badge>;
  }
  return <Text size="sm" c="dimmed">{row.findings === 0 ? "None" : `${row.findings} reviewed`}</Text>;
}
