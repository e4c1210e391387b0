import { Alert, Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { useState } from "react";

import { messageOf, post } from "@/api/client";
import type { CandidateFinding, CandidateRecord } from "@/gen/api";
import type { Decision } from "@/gen/evidence";
import { list } from "@/lib/list";
import { clock, dateTime } from "@/lib/time";
import { compareWords, decisionWords } from "@/lib/words";
import classes from "@/room/room.module.css";

interface Props {
  record: CandidateRecord;
  secret: string;
  onTold: (record: CandidateRecord) => void;
}

/** Answers shows what was found, where the operator allows it, and takes the candidate's own words. */
export function Answers({ record, secret, onTold }: Props) {
  const findings = list(record.findings);
  const about = (finding: string) => list(record.answers).filter((answer) => answer.finding === finding);
  const answers = (finding: string) => about(finding).map((answer) => (
    <Text key={answer.seq} size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      <b>You, {dateTime(answer.wall_ms)}:</b> {answer.text === "" ? "(deleted)" : answer.text}
    </Text>
  ));
  return (
    <section className={classes.card} aria-labelledby="answers">
      <Title order={2} size="h4" id="answers" mb="xs">{record.findings_shown ? "What was measured, and your answer" : "Your own words"}</Title>
      {record.findings_shown && (
        <Text size="sm" c="dimmed" mb="sm">
          Findings are measurements about the picture and the sound, never a judgement. Each has innocent causes; tell yours, and whoever reviews the interview
          reads it beside the finding.
        </Text>
      )}
      {record.findings_shown && findings.length === 0 && <Text size="sm" mb="sm">Nothing was found.</Text>}
      <Stack gap="lg">
        {findings.map((finding) => (
          <div key={finding.id} data-finding={finding.id}>
            <Measured finding={finding} />
            {answers(finding.id)}
            <Write secret={secret} finding={finding.id} label={`Your answer to “${finding.title}” at ${clock(finding.start_ms)}`} onTold={onTold} />
          </div>
        ))}
        <div>
          {record.findings_shown && <Text size="sm" fw={600}>About the interview as a whole</Text>}
          {!record.findings_shown && <Text size="sm" c="dimmed" mb="xs">What you write here is kept with the record, and is shown to whoever reviews the interview.</Text>}
          {answers("")}
          <Write secret={secret} finding="" label="About the interview as a whole" onTold={onTold} />
        </div>
      </Stack>
    </section>
  );
}

function Measured({ finding }: { finding: CandidateFinding }) {
  return (
    <>
      <Text size="sm" fw={600}>{finding.title}, <span className="tabular">{clock(finding.start_ms)} to {clock(finding.end_ms)}</span></Text>
      <Text size="sm">{finding.description} {finding.limits}</Text>
      <Text size="xs" c="dimmed" className="tabular">
        {list(finding.values).map((v) => `${v.name} ${round(v.value)}${v.unit === undefined ? "" : ` ${v.unit}`}${v.compare === undefined || v.compare === "" ? "" : ` (threshold: ${compareWords[v.compare] ?? v.compare} ${round(v.threshold ?? 0)})`}`).join("; ")}
        {finding.decision !== "" && ` · A reviewer decided: ${decisionWords[finding.decision as Decision]}`}
      </Text>
    </>
  );
}

const round = (value: number) => Number(value.toPrecision(3)).toString();

function Write({ secret, finding, label, onTold }: { secret: string; finding: string; label: string; onTold: (record: CandidateRecord) => void }) {
  const [text, setText] = useState("");
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setFailure("");
    try {
      onTold(await post<CandidateRecord>("/api/candidate/answers", { link: secret, finding, text }));
      setText("");
    } catch (error) {
      setFailure(messageOf(error));
    }
    setBusy(false);
  };
  return (
    <Stack gap="xs" mt="xs">
      {failure !== "" && <Alert role="alert" color="red" variant="light">{failure}</Alert>}
      <Textarea aria-label={label} placeholder="In your own words" autosize minRows={2} maxRows={8} maxLength={2000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {text.trim() !== "" && (
        <Group justify="space-between">
          <Text size="xs" c="dimmed">It cannot be changed once it is sent.</Text>
          <Button size="xs" loading={busy} onClick={() => void send()}>Send</Button>
        </Group>
      )}
    </Stack>
  );
}
