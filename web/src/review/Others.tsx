import { Alert, Anchor, Button, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";

import { useMatches } from "@/api/queries";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { MatchCell, Matches, MatchGap, MatchRound } from "@/gen/api";
import type { Interview } from "@/gen/interview";
import { documentNotice } from "@/lib/cards";
import { list } from "@/lib/list";
import { dateTime } from "@/lib/time";
import { cellWords, gapWords, percent, ratesWords, verdictOn } from "./matches";
import { MatchQuestion } from "./MatchQuestion";
import classes from "./Others.module.css";
import { Thumb } from "./Thumb";

interface Props {
  interview: Interview;
  mayJudge: boolean;
}

/** Others compares the candidate's face with other interviews, when a person asks for it. */
export function Others({ interview, mayJudge }: Props) {
  const [asked, setAsked] = useState(false);
  const matches = useMatches(interview.id, asked);
  if (interview.state !== "ended") {
    return <Empty title="Not during an interview">Faces are compared with other interviews only when this one has ended.</Empty>;
  }
  if (!asked) {
    return (
      <Empty title="Compare with other interviews" action={<Button size="xs" onClick={() => setAsked(true)}>Compare</Button>}>
        The candidate's face is compared with interviews under the same name, and looked for under other names, as far as candidates agreed to that.
        That you asked is kept in the evidence log.
      </Empty>
    );
  }
  if (matches.isPending) return <PageLoading label="Comparing" />;
  if (matches.isError) return <Failure error={matches.error} title="The comparison failed" retry={() => void matches.refetch()} />;
  return <Compared data={matches.data} interview={interview} mayJudge={mayJudge} />;
}

function Compared({ data, interview, mayJudge }: Props & { data: Matches }) {
  const { probe, why, search } = data;
  if (probe === null) return <Nothing why={why} />;
  const found = list(search.found);
  const verdicts = list(data.verdicts);
  return (
    <Stack gap="md">
      <section aria-label="Under the same name">
        <Text size="sm" fw={600}>Under the same name</Text>
        <Text size="xs" c="dimmed" mb={6}>
          {probe.from === "enrolled" ? "The face enrolled in this interview" : "The portrait of the document shown in this interview"} (mean
          of {probe.frames} {probe.frames === 1 ? "picture" : "pictures"}) against each. The name alone tells that it is one candidate; two people may share it.
        </Text>
        <Rounds rounds={list(data.rounds)} />
        <Text size="xs" c="dimmed" mt={6}>
          Cosine similarity. {ratesWords(data.rates)} Portraits of documents come from what was held up to the camera. {documentNotice}
        </Text>
      </section>
      <section aria-label="Under another name">
        <Text size="sm" fw={600} mb={4}>Under another name</Text>
        {search.too_large && (
          <Alert variant="light" color="yellow" mb="xs" title="There are too many faces for this model">
            A search over {search.compared} faces is expected to find {search.expected.toFixed(2)} other people by chance. What it finds says little.
          </Alert>
        )}
        {!search.ran
          ? <Text size="xs" c="dimmed">Not searched: this needs a face that was enrolled in this interview.</Text>
          : found.length === 0
            ? <Text size="xs" c="dimmed">None of {search.compared} {search.compared === 1 ? "face" : "faces"} reached {search.threshold.toFixed(3)}. Of pairs of one person {percent(data.rates.search_missed)} do not reach it either.</Text>
            : (
              <Stack gap="sm">
                {found.map((one) => (
                  <MatchQuestion key={one.face.template} interview={interview.id} candidate={interview.candidate_name} probe={probe} found={one} search={search}
                    verdict={verdictOn(verdicts, one.face.template)} mayJudge={mayJudge} />
                ))}
              </Stack>
            )}
      </section>
    </Stack>
  );
}

function Nothing({ why }: { why: MatchGap }) {
  const consent = why === "no_consent" || why === "not_asked";
  return (
    <Empty title={consent ? "No consent to this" : "There is no face template of this interview"}>
      {consent
        ? "The candidate was not asked, or did not agree, to keep a face template. That is their right and says nothing about them."
        : why === "deleted" ? "It was deleted. Unless an administrator changed that, face templates go as soon as an outcome is entered for their interview."
        : why === "not_kept" ? "Too few good pictures of the face were seen, face measurements were not agreed to, or the analysis was not running."
        : `${gapWords[why]}.`}
    </Empty>
  );
}

function Rounds({ rounds }: { rounds: readonly MatchRound[] }) {
  return (
    <div className={classes.scroll}>
      <Table withTableBorder verticalSpacing={6} horizontalSpacing="xs" fz="xs" layout="fixed" miw={300}>
        <Table.Thead><Table.Tr><Table.Th>Enrolled face</Table.Th><Table.Th>Portrait on the ID</Table.Th><Table.Th>Profile picture</Table.Th></Table.Tr></Table.Thead>
        {rounds.map((round) => (
          <Table.Tbody key={round.interview}>
            <Table.Tr className={classes.round}>
              <Table.Th colSpan={3} scope="rowgroup">
                {round.this ? "This one" : <Anchor component={Link} href={`/interviews/${round.interview}`} fz="xs">{round.role}</Anchor>}
                <Text span size="xs" c="dimmed">, {dateTime(round.scheduled_ms)}</Text>
              </Table.Th>
            </Table.Tr>
            <Table.Tr className={classes.cells}>
              <Table.Td><Cell round={round} cell={round.enrolled} /></Table.Td>
              <Table.Td><Cell round={round} cell={round.document} /></Table.Td>
              <Table.Td><Cell round={round} cell={round.picture} /></Table.Td>
            </Table.Tr>
          </Table.Tbody>
        ))}
      </Table>
    </div>
  );
}

function Cell({ round, cell }: { round: MatchRound; cell: MatchCell }) {
  const { main, detail } = cellWords(cell);
  return (
    <>
      {cell.still !== "" && <Thumb interview={round.interview} still={cell.still} alt="Face" missing="" />}
      <Text size="xs" c={cell.result === "" ? "dimmed" : undefined} className="tabular">{main}</Text>
      {detail !== "" && <Text size="xs" c="dimmed" className="tabular">{detail}</Text>}
    </>
  );
}
