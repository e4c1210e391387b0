import { Anchor, Badge, Button, Group, Paper, Stack, Switch, Table, Text, Title } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";

import { messageOf, put } from "@/api/client";
import { keys, useRetention } from "@/api/queries";
import { notifyError } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { RecordHold, RecordRequest, Retention as Answer, UpcomingDeletion } from "@/gen/api";
import type { Policy } from "@/gen/retention";
import { useAuth } from "@/hooks/useAuth";
import { count, list } from "@/lib/list";
import { actionLabels, originLabels, outcomeLabel, partWords } from "@/lib/retention";
import { dateTime } from "@/lib/time";
import { AnswerDialog } from "./AnswerDialog";
import { PolicyDialog } from "./PolicyDialog";

/** Retention shows what goes when and why: requests, what goes next, holds, and the policies that decide it. */
export default function Retention() {
  const { can } = useAuth();
  if (!can("retention.manage")) return <Empty page title="Your account may not manage retention">Administrators may. Why a record still exists stands on its interview's page.</Empty>;
  return <Loaded />;
}

function Loaded() {
  const retention = useRetention();
  if (retention.isPending) return <PageLoading label="Loading retention" />;
  if (retention.isError) return <Failure error={retention.error} retry={() => void retention.refetch()} />;
  const data = retention.data;
  return (
    <>
      <PageHeader title="Retention" lead="What is kept, why, and when it goes" />
      <Stack gap="lg">
        <Requests all={list(data.requests)} now={data.swept_ms} />
        <Upcoming all={list(data.upcoming)} />
        <Holds all={list(data.holds)} />
        <Policies data={data} />
      </Stack>
    </>
  );
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }} component="section" aria-label={title}>
      <Group justify="space-between" mb="md">
        <Title order={2} size="h5">{title}</Title>
        {action}
      </Group>
      {children}
    </Paper>
  );
}

const None = ({ children }: { children: ReactNode }) => <Text size="sm" c="dimmed">{children}</Text>;

function To({ id, name }: { id: string; name: string }) {
  return <Anchor component={Link} href={`/interviews/${id}`} fw={600} size="sm" className="truncate" title={name} display="block">{name}</Anchor>;
}

function Requests({ all, now }: { all: readonly RecordRequest[]; now: number }) {
  const [answering, setAnswering] = useState<RecordRequest | null>(null);
  return (
    <Section title="Requests for deletion">
      {all.length === 0 && <None>Nobody has asked for anything to be deleted. Candidates ask on their own page; wishes by letter are entered on the interview's page.</None>}
      <Stack gap="md">
        {all.map((request) => (
          <Group key={request.id} justify="space-between" align="flex-start" gap="sm">
            <div style={{ minWidth: 0, flex: "1 1 260px" }}>
              <To id={request.interview} name={request.candidate} />
              <Text size="sm">{list(request.parts).map((part) => partWords[part]).join(", ")}</Text>
              <Text size="sm" c="dimmed">
                Asked {dateTime(request.created_ms)}
                {request.state === "open" ? `, to be answered by ${dateTime(request.due_ms)}` : `, ${request.state} ${dateTime(request.closed_ms)} by ${request.closed_by}`}
              </Text>
              {request.text !== "" && <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>“{request.text}”</Text>}
              {request.answer !== "" && <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>Answer: {request.answer}</Text>}
            </div>
            <Group gap="xs">
              {request.state === "open" && request.due_ms < now && <Badge color="red" variant="light" tt="none">Overdue</Badge>}
              {request.state === "open" && request.held && <Badge color="orange" variant="light" tt="none">On hold</Badge>}
              {request.state === "open"
                ? <Button size="xs" variant="default" onClick={() => setAnswering(request)}>Answer</Button>
                : <Badge color="gray" variant="outline" tt="capitalize" fw={500}>{request.state}</Badge>}
            </Group>
          </Group>
        ))}
      </Stack>
      {answering !== null && <AnswerDialog request={answering} onClose={() => setAnswering(null)} />}
    </Section>
  );
}

function Upcoming({ all }: { all: readonly UpcomingDeletion[] }) {
  return (
    <Section title="What goes next">
      {all.length === 0 ? <None>No policy deletes anything for now. What is on legal hold is not counted here.</None> : (
        <>
          <Table visibleFrom="sm" aria-label="What goes next">
            <Table.Thead><Table.Tr><Table.Th>Goes on</Table.Th><Table.Th>Record</Table.Th><Table.Th>Part</Table.Th><Table.Th>Policy</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {all.map((one) => (
                <Table.Tr key={`${one.interview} ${one.part}`}>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>{dateTime(one.due_ms)}</Table.Td>
                  <Table.Td maw={220}><To id={one.interview} name={one.candidate} /></Table.Td>
                  <Table.Td>{partWords[one.part]}</Table.Td>
                  <Table.Td>{one.policy}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Stack hiddenFrom="sm" gap="md">
            {all.map((one) => (
              <div key={`${one.interview} ${one.part}`}>
                <To id={one.interview} name={one.candidate} />
                <Text size="sm">{partWords[one.part]}: {dateTime(one.due_ms)}</Text>
                <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{one.policy}</Text>
              </div>
            ))}
          </Stack>
        </>
      )}
    </Section>
  );
}

function Holds({ all }: { all: readonly RecordHold[] }) {
  return (
    <Section title="Legal holds">
      {all.length === 0 && <None>No record is on hold. A hold is placed on the interview's page, and wins over every deletion.</None>}
      <Stack gap="md">
        {all.map((hold) => (
          <div key={hold.id}>
            <To id={hold.interview} name={hold.candidate} />
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>{hold.reason}</Text>
            <Text size="sm" c="dimmed">Since {dateTime(hold.created_ms)}, by {hold.owner}</Text>
          </div>
        ))}
      </Stack>
    </Section>
  );
}

function Policies({ data }: { data: Answer }) {
  const [editing, setEditing] = useState<Policy | "new" | null>(null);
  const all = list(data.policies);
  return (
    <Section title="Policies" action={<Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>Add policy</Button>}>
      <Text size="sm" c="dimmed" mb="md">
        What a policy keeps is not deleted by another. The rules that they name are a beginning; which of them bind you is for you to find out.
      </Text>
      {all.some((policy) => policy.id === "bipa-purpose" && policy.active) && (
        <Text size="sm" mb="md">
          Face templates go as soon as an outcome is entered for their interview. A candidate's later rounds can then not be compared with it. To compare
          rounds, switch “Face templates, once decided” off or give it more days: templates then stay until another policy, or the candidate, ends that.
        </Text>
      )}
      <Stack gap="md">{all.map((policy) => <PolicyRow key={policy.id} policy={policy} onEdit={() => setEditing(policy)} />)}</Stack>
      {editing !== null && <PolicyDialog policy={editing === "new" ? null : editing} taken={all.map(({ id }) => id)} onClose={() => setEditing(null)} />}
    </Section>
  );
}

function PolicyRow({ policy, onEdit }: { policy: Policy; onEdit: () => void }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const toggle = async (active: boolean) => {
    setBusy(true);
    try {
      await put(`/api/retention/policies/${policy.id}`, { ...policy, active });
      await cache.invalidateQueries({ queryKey: keys.retention });
    } catch (error) {
      notifyError("The policy was not changed", messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div style={{ minWidth: 0, flex: "1 1 260px", opacity: policy.active ? 1 : 0.65 }}>
        <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>{policy.name}</Text>
        <Text size="sm">
          {actionLabels[policy.action]} {count(policy.days, "day")} from {originLabels[policy.origin]}: {list(policy.parts).map((part) => partWords[part].toLowerCase()).join(", ")}
        </Text>
        {(policy.role !== "" || policy.outcome !== "") && (
          <Text size="sm">Only for: {[policy.role, policy.outcome === "" ? "" : outcomeLabel(policy.outcome)].filter((one) => one !== "").join(", ")}</Text>
        )}
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{policy.rule}</Text>
      </div>
      <Group gap="sm">
        <Switch checked={policy.active} disabled={busy} aria-label={`${policy.name} is in force`} onChange={(event) => void toggle(event.currentTarget.checked)} />
        <Button size="xs" variant="default" leftSection={<IconPencil size={14} stroke={1.6} />} aria-label={`Change ${policy.name}`} onClick={onEdit}>Change</Button>
      </Group>
    </Group>
  );
}
