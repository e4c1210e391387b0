import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { post } from "@/api/client";
import { keys } from "@/api/queries";
import { Empty } from "@/components/states";
import { StepDetails } from "@/components/StepDetails";
import { VerdictForm } from "@/components/VerdictForm";
import type { ReviewData } from "@/gen/api";
import type { RunSheet as Sheet, Step } from "@/gen/evidence";
import { useAuth } from "@/hooks/useAuth";
import { cardTitles, changeWords, deviationReasons, endWords, outcomeWords, titleOf, verdictWords } from "@/lib/cards";
import { list } from "@/lib/list";
import { clock, dateTime, preciseClock, span } from "@/lib/time";
import classes from "./RunSheet.module.css";
import { notTaken } from "./steps";

interface Props {
  review: ReviewData;
  selected: string | null;
  onSelect: (step: Step | null) => void;
  onPlay: (step: Step) => void;
}

/** RunSheet lists what was asked of the candidate, what was measured of it, and how people judged it. */
export function RunSheet({ review, selected, onSelect, onPlay }: Props) {
  const sheet = review.run_sheet;
  const steps = list(sheet.steps);
  const open = notTaken(sheet);
  return (
    <section aria-label="Run-sheet" className={classes.sheet}>
      <div className={classes.head}>
        <Text size="sm" fw={600} className="truncate" title={sheet.template_name}>{sheet.template_name === "" ? "Run-sheet" : sheet.template_name}</Text>
        <Text size="xs" c="dimmed">
          {list(sheet.cards).length === 0 ? "No cards were drawn before this call." : `In the order that was drawn before the call (entry ${sheet.drawn_seq} of the log).`}
          {" "}The automatic check says whether what was asked for was seen, and nothing about the person.
        </Text>
      </div>
      {steps.length === 0 && <Empty title="No card was begun" />}
      <Stack gap={0} role="list" aria-label="Steps">
        {steps.map((step) => (
          <StepRow key={step.step} review={review} step={step} open={step.step === selected} onSelect={() => onSelect(step.step === selected ? null : step)} onPlay={() => onPlay(step)} />
        ))}
      </Stack>
      {(open.length > 0 || list(sheet.deviations).length > 0) && <Rest sheet={sheet} />}
    </section>
  );
}

interface RowProps {
  review: ReviewData;
  step: Step;
  open: boolean;
  onSelect: () => void;
  onPlay: () => void;
}

function StepRow({ review, step, open, onSelect, onPlay }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const { result, verdict } = step;
  const title = titleOf({ kind: step.kind, question: step.shown.question });
  return (
    <div ref={row} role="listitem" className={classes.row} data-step={step.step} data-kind={step.kind} data-open={open}
      data-outcome={result?.outcome ?? ""} data-verdict={verdict?.verdict ?? ""} data-start-ms={step.start_ms} data-end-ms={step.end_ms}>
      <button type="button" className={classes.summary} aria-expanded={open} onClick={onSelect}>
        <span className={classes.what}>
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{title}{step.side === "back" && " (back)"}{step.attempt > 1 && `, attempt ${step.attempt}`}</Text>
          <Text size="xs" c="dimmed" className="tabular">
            {preciseClock(step.start_ms)}{step.end_ms > 0 && ` · ${span(step.end_ms - step.start_ms)} · ${endWords[step.ended ?? "stopped"]}`}
            {step.kind !== "question" && ` · check: ${result === undefined ? "no result" : outcomeWords[result.outcome]}`}
          </Text>
        </span>
        {verdict === undefined
          ? <Badge variant="outline" color="accent" size="sm" tt="none" fw={600} style={{ flex: "none" }}>No verdict</Badge>
          : <Badge variant="light" color="gray" size="sm" tt="none" fw={600} style={{ flex: "none" }}>{verdictWords[verdict.verdict]}</Badge>}
      </button>
      {open && <Detail review={review} step={step} onPlay={onPlay} />}
    </div>
  );
}

function Detail({ review, step, onPlay }: Pick<RowProps, "review" | "step" | "onPlay">) {
  const { me, can } = useAuth();
  const cache = useQueryClient();
  const { interview } = review;
  // The server's rule: those who may host the interview judge its steps.
  const hosts = can("interview.host") && me !== null && (interview.created_by === me.user.id || list(interview.interviewers).includes(me.user.id));
  const { verdict } = step;
  return (
    <Stack gap="sm" className={classes.detail}>
      <Group><Button size="compact-sm" variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={onPlay}>Play with 5 s on either side</Button></Group>
      {step.kind !== "question" && <StepDetails interview={interview.id} step={step} rates={review.check_rates} />}
      {verdict !== undefined && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          <strong>{verdictWords[verdict.verdict]}</strong> by {verdict.by === "" ? "somebody whose name was deleted" : verdict.by}, <Text span size="xs" c="dimmed" className="tabular">{dateTime(verdict.wall_ms)}</Text>
          {verdict.note !== "" && <><br />{verdict.note}</>}
        </Text>
      )}
      {hosts && interview.state === "ended" && step.ended !== undefined && (
        <VerdictForm key={step.step} step={step} onSave={async (value, note) => {
          await post(`/api/interviews/${encodeURIComponent(interview.id)}/verdicts`, { step: step.step, verdict: value, note });
          await cache.invalidateQueries({ queryKey: keys.review(interview.id) });
        }} />
      )}
    </Stack>
  );
}

/** Rest is what was not begun, and every departure with its reason. */
function Rest({ sheet }: { sheet: Sheet }) {
  const name = (card: string, kind: Step["kind"]) => {
    const known = list(sheet.cards).find((one) => one.card === card);
    return known === undefined ? cardTitles[kind] : titleOf(known);
  };
  const deviations = list(sheet.deviations);
  const said = new Set(deviations.map((d) => d.card));
  return (
    <ul className={classes.rest} aria-label="Departures">
      {deviations.map((d, i) => (
        <li key={i} data-change={d.change}>
          {changeWords[d.change]}: {name(d.card, d.kind)} ({deviationReasons[d.reason].toLowerCase()}{(d.text ?? "") === "" ? "" : `: ${d.text}`}), {clock(d.at_ms)}
        </li>
      ))}
      {notTaken(sheet).filter((card) => !said.has(card.card)).map((card) => <li key={card.card}>Not begun: {titleOf(card)} ({card.required ? "required" : "optional"})</li>)}
    </ul>
  );
}
