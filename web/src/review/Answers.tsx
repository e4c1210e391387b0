import { Loader, Table, Text, UnstyledButton } from "@mantine/core";

import { useSeries } from "@/api/queries";
import { Empty } from "@/components/states";
import type { SeriesPayload } from "@/gen/evidence";
import { list } from "@/lib/list";
import { clock } from "@/lib/time";
import { reasonWords } from "@/lib/words";
import { type Answer, answerSeries, answersOf, seconds, type Usual, usualOf } from "./answers";
import classes from "./RunSheet.module.css";
import { namesOf } from "./series";

interface Props {
  interview: string;
  run: string;
  series: readonly SeriesPayload[] | null;
  onSeek: (ms: number) => void;
}

/** Answers lists the candidate's answers with the wait before each and the pauses within, as plain numbers. */
export function Answers({ interview, run, series, onSeek }: Props) {
  const known = namesOf(series, run).filter((name) => (answerSeries as readonly string[]).includes(name));
  const data = useSeries(interview, { names: known, run });
  if (known.length === 0) {
    return <Empty title="No answers were measured">That takes the consent of the candidate and of those who ask, and sound of both.</Empty>;
  }
  if (data.isPending) return <Loader size="sm" />;
  if (data.isError) return <Text size="sm" c="dimmed">The answers could not be loaded.</Text>;
  const lines = list(data.data.lines);
  const answers = answersOf(lines);
  if (answers.length === 0) return <Empty title="These readings were deleted" />;
  return (
    <section aria-label="Answers" className={classes.sheet}>
      <div className={classes.head}>
        <Text size="sm">Waits: {usualText(usualOf(lines, "speech.latency"))}</Text>
        <Text size="sm">Pauses: {usualText(usualOf(lines, "speech.longest_pause"))}</Text>
        <Text size="xs" c="dimmed" mt={4}>
          The wait is the time from the end of the interviewers’ speech to the beginning of the answer, with the network’s delay taken out where it is known; it is negative where both spoke at once.
          Long waits and pauses have many causes.
        </Text>
      </div>
      <Table.ScrollContainer minWidth={330}>
        <Table verticalSpacing={6} horizontalSpacing={10} fz="sm" className="tabular">
          <Table.Thead>
            <Table.Tr><Table.Th>At</Table.Th><Table.Th ta="right">Wait</Table.Th><Table.Th ta="right">Longest pause</Table.Th><Table.Th ta="right">In pauses</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>{answers.map((answer) => <Row key={answer.atMs} answer={answer} onSeek={onSeek} />)}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Row({ answer, onSeek }: { answer: Answer; onSeek: (ms: number) => void }) {
  return (
    <Table.Tr data-answer={answer.atMs}>
      <Table.Td>
        <UnstyledButton fz="sm" td="underline" onClick={() => onSeek(answer.questionMs ?? answer.atMs)} aria-label={`Play from the question at ${clock(answer.questionMs ?? answer.atMs)}`}>
          {clock(answer.atMs)}
        </UnstyledButton>
        {answer.baseline && <Text size="xs" c="dimmed">baseline</Text>}
        {answer.marked && <Text size="xs" c="dimmed">marked</Text>}
      </Table.Td>
      <Table.Td ta="right">{answer.waitS === null ? <Text span size="xs" c="dimmed">not measurable{answer.reason !== null && `: ${reasonWords[answer.reason]}`}</Text> : seconds(answer.waitS)}</Table.Td>
      <Table.Td ta="right">{answer.pauseS === null ? "–" : seconds(answer.pauseS)}</Table.Td>
      <Table.Td ta="right">{answer.silence === null ? "–" : `${Math.round(answer.silence * 100)} %`}</Table.Td>
    </Table.Tr>
  );
}

/** usualText says what the candidate's values are compared with. */
function usualText(usual: Usual | null): string {
  if (usual === null) return "no baseline, so none is compared";
  return `usual for this person ${seconds(usual.medianS)}; more than ${seconds(usual.limitS)} is a finding`;
}
