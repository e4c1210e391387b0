import { Alert, List, Stack, Text, Title } from "@mantine/core";

import type { CandidatePart, CandidateRecord } from "@/gen/api";
import { count, list } from "@/lib/list";
import { dateTime, span } from "@/lib/time";
import classes from "@/room/room.module.css";

/** Kept lists the parts of the record: what exists, until when and why, and what was deleted. */
export function Kept({ record }: { record: CandidateRecord }) {
  const parts = list(record.parts);
  return (
    <section className={classes.card} aria-labelledby="kept">
      <Title order={2} size="h4" id="kept" mb="xs">What is kept, and until when</Title>
      {record.held && (
        <Alert variant="light" color="yellow" mb="sm" title="Nothing is deleted at the moment">
          The record is on legal hold: it has to be kept until the hold is released.
        </Alert>
      )}
      {parts.length === 0 && <Text size="sm" c="dimmed">Nothing is kept of this interview.</Text>}
      <Stack gap="md">{parts.map((part) => <Part key={part.part} part={part} />)}</Stack>
    </section>
  );
}

function Part({ part }: { part: CandidatePart }) {
  const gone = part.count === 0 && part.deleted_ms > 0;
  const unit = part.part === "recording" ? "file" : part.part === "text" ? "text" : "item";
  return (
    <div data-part={part.part}>
      <Text size="sm" fw={600}>{part.title}</Text>
      <Text size="sm" c="dimmed">{part.description}</Text>
      {gone
        ? <Text size="sm">Deleted on {dateTime(part.deleted_ms)}.</Text>
        : (
          <>
            <Text size="sm">
              {count(part.count, unit)}{part.length_ms > 0 && `, ${span(part.length_ms)} of you`}
              {part.due_ms > 0 ? `; will be deleted on ${dateTime(part.due_ms)}.` : "; no date of deletion is set."}
            </Text>
            <List size="xs" c="dimmed" spacing={2}>{list(part.why).map((why) => <List.Item key={why}>{why}</List.Item>)}</List>
          </>
        )}
    </div>
  );
}
