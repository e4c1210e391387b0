import { Alert, Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconGavel, IconLock, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "@/api/client";
import { keys, useRecordRetention } from "@/api/queries";
import { Failure, PageLoading } from "@/components/states";
import type { PartFate, RecordHold, RecordRetention } from "@/gen/api";
import type { Interview } from "@/gen/interview";
import { useAuth } from "@/hooks/useAuth";
import { count, list } from "@/lib/list";
import { outcomeLabel, partWords, reasonLabels } from "@/lib/retention";
import { dateTime } from "@/lib/time";
import { DeletePartsDialog } from "./DeletePartsDialog";
import { OutcomeDialog } from "./OutcomeDialog";
import { ReasonDialog } from "./ReasonDialog";

/** RetentionCard says why each part of a record still exists, until when, and what was deleted; administrators hold and delete here. */
export function RetentionCard({ interview }: { interview: Interview }) {
  const retention = useRecordRetention(interview.id);
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }} component="section" aria-label="Retention">
      <Title order={2} size="h5" mb="md">Why this still exists</Title>
      {retention.isPending && <PageLoading label="Loading retention" />}
      {retention.isError && <Failure error={retention.error} retry={() => void retention.refetch()} />}
      {retention.isSuccess && <Loaded interview={interview} data={retention.data} />}
    </Paper>
  );
}

type Open = "hold" | "delete" | "outcome" | RecordHold | null;

function Loaded({ interview, data }: { interview: Interview; data: RecordRetention }) {
  const { can } = useAuth();
  const cache = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const base = `/api/interviews/${encodeURIComponent(interview.id)}`;
  const changed = async () => {
    await cache.invalidateQueries({ queryKey: keys.recordRetention(interview.id) });
    await cache.invalidateQueries({ queryKey: keys.interview(interview.id) });
    await cache.invalidateQueries({ queryKey: keys.retention });
  };
  const holding = list(data.holds).filter((hold) => hold.released_ms === 0);
  const waiting = list(data.requests).filter((request) => request.state === "open");
  const manage = can("retention.manage");
  const deletable = list(data.parts).filter((part) => part.exists || part.reasons > 0);
  return (
    <Stack gap="md">
      {(interview.state === "ended" || interview.state === "cancelled") && (
        <Group justify="space-between" gap="xs">
          <Text size="sm">Outcome: <b>{outcomeLabel(data.outcome)}</b>{data.decided_ms > 0 && `, entered ${dateTime(data.decided_ms)}`}</Text>
          {can("interview.decide") && <Button size="xs" variant="default" onClick={() => setOpen("outcome")}>{data.outcome === "" ? "Enter outcome" : "Change"}</Button>}
        </Group>
      )}
      {holding.map((hold) => (
        <Alert key={hold.id} color="orange" variant="light" icon={<IconLock size={18} />} title="On legal hold">
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>{hold.reason}</Text>
          <Text size="sm" c="dimmed">Since {dateTime(hold.created_ms)}, by {hold.owner}</Text>
          {manage && <Button mt="xs" size="xs" variant="default" onClick={() => setOpen(hold)}>Release</Button>}
        </Alert>
      ))}
      {waiting.map((request) => (
        <Alert key={request.id} variant="light" title="Deletion was asked for">
          {list(request.parts).map((part) => partWords[part]).join(", ")}; to be answered by {dateTime(request.due_ms)}.
        </Alert>
      ))}
      {list(data.parts).map((part) => <Part key={part.part} part={part} names={data} />)}
      {manage && interview.state !== "live" && (
        <Group>
          <Button size="xs" variant="default" leftSection={<IconGavel size={14} stroke={1.6} />} onClick={() => setOpen("hold")}>Place hold</Button>
          <Button size="xs" variant="default" color="red" leftSection={<IconTrash size={14} stroke={1.6} />} disabled={holding.length > 0 || deletable.length === 0} onClick={() => setOpen("delete")}>
            Delete parts
          </Button>
        </Group>
      )}
      {open === "outcome" && <OutcomeDialog base={base} outcome={data.outcome} onDone={changed} onClose={() => setOpen(null)} />}
      {open === "delete" && <DeletePartsDialog base={base} name={interview.candidate_name} parts={deletable} onDone={changed} onClose={() => setOpen(null)} />}
      {open === "hold" && (
        <ReasonDialog title="Place a legal hold" action="Place hold" text="Nothing of this record is deleted, by anybody or any policy, until the hold is released. It stands in your name."
          send={(reason) => post(`${base}/holds`, { reason })} onDone={changed} onClose={() => setOpen(null)} />
      )}
      {open !== null && typeof open === "object" && (
        <ReasonDialog title="Release the hold" action="Release" text="What is due by policy goes with the next daily sweep."
          send={(reason) => post(`${base}/holds/${open.id}/release`, { reason })} onDone={changed} onClose={() => setOpen(null)} />
      )}
    </Stack>
  );
}

function Part({ part, names }: { part: PartFate; names: RecordRetention }) {
  const deleted = list(part.deleted).at(-1);
  if (!part.exists && deleted === undefined) return null; // it never was
  const policy = (id: string) => list(names.policies).find((one) => one.id === id)?.name ?? id;
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>{partWords[part.part]}</Text>
        {part.exists
          ? <Badge variant="light" tt="none" fw={500} color={part.held ? "orange" : undefined}>{part.held ? "Held" : part.due_ms > 0 ? `Until ${dateTime(part.due_ms)}` : "Kept"}</Badge>
          : <Badge variant="outline" tt="none" fw={500} color="gray">Deleted</Badge>}
      </Group>
      {part.exists && (
        <Text size="sm" c="dimmed">{[part.files > 0 ? count(part.files, "file") : "", part.texts > 0 ? count(part.texts, part.part === "text" ? "text" : "item") : ""].filter((one) => one !== "").join(", ")}</Text>
      )}
      {list(part.why).map((why) => <Text key={why} size="sm">{why}</Text>)}
      {deleted !== undefined && (
        <Text size="sm" c="dimmed">
          {part.exists ? "What was there before was deleted" : "Deleted"} {dateTime(deleted.wall_ms)}, {reasonLabels[deleted.reason]}
          {deleted.policy !== "" && ` (${policy(deleted.policy)})`}: entry {deleted.seq} of the log.
        </Text>
      )}
      {part.reasons > 0 && (
        <Text size="sm" c="dimmed">{count(part.reasons, "reason")} for holding or deleting {part.reasons === 1 ? "stays" : "stay"} with the log, and can be deleted with the notes and names.</Text>
      )}
    </div>
  );
}
