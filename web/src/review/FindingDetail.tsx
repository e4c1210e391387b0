import { Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { ReviewData } from "@/gen/api";
import type { Finding, Measure } from "@/gen/evidence";
import { useAuth } from "@/hooks/useAuth";
import { list } from "@/lib/list";
import { dateTime, preciseClock } from "@/lib/time";
import { compareWords, decisionWords } from "@/lib/words";
import { durationOf } from "./clips";
import { DecisionForm } from "./DecisionForm";
import { FindingPlots } from "./FindingPlots";
import classes from "./FindingList.module.css";
import { coverageSentence, type Item, type KindLane, percent } from "./lanes";
import type { SyncedPlayer } from "./player";
import type { Draft } from "./useDraft";

interface Props {
  review: ReviewData;
  item: Item;
  lane: KindLane;
  draft: Draft;
  player: SyncedPlayer;
}

/** FindingDetail shows all that a finding rests on, what it cannot tell, and the decisions on it. */
export function FindingDetail({ review, item, lane, draft, player }: Props) {
  const { can } = useAuth();
  const { finding } = item;
  const decisions = list(review.reviews).filter((decision) => decision.finding === finding.id);
  const answers = list(review.answers).filter((answer) => answer.finding === finding.id);
  return (
    <Stack gap="sm" className={classes.detail}>
      <Stills interview={review.interview.id} finding={finding} title={item.title} />
      <Text size="sm">{lane.info.description}</Text>
      <FindingPlots interview={review.interview.id} finding={finding} series={review.series} durationMs={durationOf(review)} player={player} />
      <Values finding={finding} />
      <Part title="What this cannot tell"><Text size="sm">{lane.info.limits}</Text></Part>
      <Part title="Coverage of this kind"><Text size="sm" className="tabular">{coverageSentence(lane.coverage)}</Text></Part>
      {answers.length > 0 && (
        <Part title="The candidate's own words">
          {answers.map((answer) => (
            <Text key={answer.seq} size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {answer.text === "" ? "(deleted)" : answer.text} <Text span size="xs" c="dimmed" className="tabular">{dateTime(answer.wall_ms)}</Text>
            </Text>
          ))}
        </Part>
      )}
      {decisions.length > 0 && (
        <Part title="Decisions">
          <ul className={classes.decisions}>
            {decisions.map((decision) => (
              <li key={decision.seq}>
                <Text size="sm">{decisionWords[decision.decision]} by {decision.by} <Text span size="xs" c="dimmed" className="tabular">{dateTime(decision.wall_ms)}</Text></Text>
                {decision.note !== "" && <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>{decision.note}</Text>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {can("finding.review") && <div className={classes.decide}><DecisionForm draft={draft} decided={item.decision !== null} open={finding.open} /></div>}
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed" mb={2}>{title}</Text>
      {children}
    </div>
  );
}

function Stills({ interview, finding, title }: { interview: string; finding: Finding; title: string }) {
  const stills = list(finding.stills);
  if (stills.length === 0) return null;
  return (
    <div className={classes.stills}>
      {stills.map((still) => (
        <figure key={still.sha256}>
          <img className={classes.still} loading="lazy" width={still.width} height={still.height} alt={`${title}: still at ${preciseClock(still.at_ms)}`}
            src={`/api/interviews/${encodeURIComponent(interview)}/stills/${still.sha256}`} />
          <Text component="figcaption" size="xs" c="dimmed" className="tabular">Still at {preciseClock(still.at_ms)}</Text>
        </figure>
      ))}
    </div>
  );
}

/** number writes a measure with as many digits as matter. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function threshold(measure: Measure): string {
  if (measure.compare === undefined || measure.compare === "") return "–";
  return `${compareWords[measure.compare] ?? measure.compare} ${number(measure.threshold ?? 0)}`;
}

function Values({ finding }: { finding: Finding }) {
  return (
    <Table fz="xs" verticalSpacing={4} horizontalSpacing={6} className="tabular" aria-label="What was measured">
      <Table.Thead>
        <Table.Tr><Table.Th pl={0}>Measured</Table.Th><Table.Th>Value</Table.Th><Table.Th>Threshold</Table.Th></Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {list(finding.values).map((measure) => (
          <Table.Tr key={measure.name}>
            <Table.Td pl={0}>{measure.name}</Table.Td>
            <Table.Td>{number(measure.value)}{measure.unit !== undefined && measure.unit !== "" && ` ${measure.unit}`}</Table.Td>
            <Table.Td>{threshold(measure)}</Table.Td>
          </Table.Tr>
        ))}
        <Table.Tr><Table.Td pl={0}>Signal quality</Table.Td><Table.Td>{percent(finding.quality)}</Table.Td><Table.Td>–</Table.Td></Table.Tr>
        <Table.Tr><Table.Td pl={0}>Observations</Table.Td><Table.Td>{finding.samples}</Table.Td><Table.Td>–</Table.Td></Table.Tr>
        {list(finding.models).map((model) => (
          <Table.Tr key={model.sha256}>
            <Table.Td pl={0}>Model</Table.Td>
            <Table.Td colSpan={2} title={`SHA-256 ${model.sha256}`}>{model.name} <Text span size="xs" c="dimmed" ff="monospace">{model.sha256.slice(0, 12)}</Text></Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
