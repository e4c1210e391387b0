import { Alert, Button, Checkbox, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";

import { messageOf, post } from "@/api/client";
import type { CandidateDeletion, CandidateRecord } from "@/gen/api";
import { list } from "@/lib/list";
import { partWords } from "@/lib/retention";
import { dateTime } from "@/lib/time";
import classes from "@/room/room.module.css";

interface Props {
  record: CandidateRecord;
  secret: string;
  onTold: (record: CandidateRecord) => void;
}

/** Deletion lets the candidate ask for parts of the record to be deleted, and shows what became of it. */
export function Deletion({ record, secret, onTold }: Props) {
  const requests = list(record.requests);
  const open = requests.some((request) => request.state === "open");
  return (
    <section className={classes.card} aria-labelledby="deletion">
      <Title order={2} size="h4" id="deletion" mb="xs">Ask for deletion</Title>
      <Stack gap="sm">
        {requests.map((request) => <Asked key={request.created_ms} request={request} />)}
        {!open && <Ask record={record} secret={secret} onTold={onTold} />}
      </Stack>
    </section>
  );
}

function Asked({ request }: { request: CandidateDeletion }) {
  const what = list(request.parts).map((part) => partWords[part]).join(", ");
  const became = request.state === "open" ? `To be answered by ${dateTime(request.due_ms)}.`
    : `${request.state === "fulfilled" ? "Done" : "Refused"} on ${dateTime(request.closed_ms)}.`;
  return (
    <Alert variant="light" color={request.state === "refused" ? "yellow" : undefined} title={`You asked on ${dateTime(request.created_ms)}`}>
      <Text size="sm">{what}. {became}</Text>
      {request.answer !== "" && <Text size="sm" mt={4} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{request.answer}</Text>}
    </Alert>
  );
}

function Ask({ record, secret, onTold }: Props) {
  const there = list(record.parts).filter((part) => part.count > 0);
  const [chosen, setChosen] = useState<string[]>([]);
  const [text, setText] = useState("");
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    setFailure("");
    try {
      onTold(await post<CandidateRecord>("/api/candidate/deletions", { link: secret, parts: chosen, text }));
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };
  if (there.length === 0) return <Text size="sm" c="dimmed">There is nothing left to delete.</Text>;
  return (
    <>
      <Text size="sm" c="dimmed">
        Choose what should be deleted. An administrator answers within a set time. Some of it may have to be kept by law; then you are told why. The log
        keeps that something was deleted, and when, but nothing of what it was.
      </Text>
      {failure !== "" && <Alert role="alert" color="red" variant="light">{failure}</Alert>}
      <Checkbox.Group value={chosen} onChange={setChosen} label="What should be deleted">
        <Stack gap="xs" mt="xs">{there.map((part) => <Checkbox key={part.part} value={part.part} label={part.title} description={part.description} />)}</Stack>
      </Checkbox.Group>
      <Textarea label="A word to it, if you like" autosize minRows={2} maxRows={6} maxLength={2000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group justify="flex-end"><Button variant="default" disabled={chosen.length === 0} loading={busy} onClick={() => void ask()}>Ask for deletion</Button></Group>
    </>
  );
}
