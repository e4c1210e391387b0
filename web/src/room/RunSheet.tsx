import { ActionIcon, Badge, Button, Group, Menu, Progress, Stack, Text, Textarea } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { daylightWords, StepDetails } from "@/components/StepDetails";
import { VerdictForm } from "@/components/VerdictForm";
import type { DeviationReason, RunCard, RunSheet as Sheet, Step } from "@/gen/evidence";
import type { Cards } from "@/gen/signaling";
import { type Call, useNow, useRoomState } from "@/hooks/useCall";
import {
  type CardState, changeWords, departureOf, endWords, hintWords, stateOf, stepsOf, titleOf, verdictWords,
} from "@/lib/cards";
import { list } from "@/lib/list";
import { clock } from "@/lib/time";
import { AddDialog, ReasonDialog } from "./ReasonDialog";
import classes from "./RunSheet.module.css";

/** RunSheet is the interviewer's panel of cards: what is next, what is on, what was measured and judged. */
export function RunSheet({ call }: { call: Call }) {
  const { cards, you, startedMS } = useRoomState(call);
  if (cards === null) return <Text size="sm" c="dimmed">The run-sheet is not known yet.</Text>;
  return <Known call={call} cards={cards} hosts={you?.role === "interviewer"} begun={startedMS !== 0} />;
}

/** Asking is a departure whose reason is being asked for. */
type Asking = { what: "start"; card: RunCard; side: string } | { what: "skip"; card: RunCard } | { what: "add" } | null;

function Known({ call, cards, hosts, begun }: { call: Call; cards: Cards; hosts: boolean; begun: boolean }) {
  const { sheet, next } = cards;
  const [asking, setAsking] = useState<Asking>(null);
  const all = list(sheet.cards);
  const on = list(sheet.steps).find((step) => (step.ended ?? "") === "");
  const start = (card: RunCard, side = "") => {
    const asked = card.kind === "show_id" && side === "" ? "front" : side;
    if (departureOf(sheet, card, next, asked) !== null) setAsking({ what: "start", card, side: asked });
    else call.room.startCard({ card: card.card, side: asked });
  };
  const upcoming = all.find((card) => card.card === next);
  useHotkeys([["s", () => {
    if (!hosts || !begun || asking !== null) return;
    if (on !== undefined) call.room.stopCard(on.step);
    else if (upcoming !== undefined) start(upcoming);
  }]]);
  const judged = all.filter((card) => stateOf(sheet, card) === "done").length;
  return (
    <section aria-label="Run-sheet">
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={8}>
        <Text size="sm" fw={600} className="truncate" title={sheet.template_name}>{sheet.template_name === "" ? "Run-sheet" : sheet.template_name}</Text>
        {all.length > 0 && <Text size="xs" c="dimmed" className="tabular" style={{ flex: "none" }}>{judged} of {all.length} done</Text>}
      </Group>
      {all.length === 0 && <Text size="sm" c="dimmed">No cards were drawn before this call.</Text>}
      {!begun && all.length > 0 && <Text size="xs" c="dimmed" mb={8}>In the order that was drawn for this interview. Cards can be started when the candidate is in the room.</Text>}
      {cards.daylight !== undefined && all.some((card) => card.kind === "window_view") && (
        <Text size="xs" c="dimmed" mb={8}>View outside: {daylightWords(cards.daylight)}</Text>
      )}
      {on !== undefined && <OnNow key={on.step} call={call} step={on} card={all.find((card) => card.card === on.card)} hosts={hosts} />}
      <ol className={classes.list} aria-label="Cards">
        {all.map((card, i) => (
          <CardRow key={card.card} call={call} sheet={sheet} card={card} number={i + 1} hosts={hosts} next={card.card === next}
            startable={hosts && begun && on === undefined} onStart={start} onSkip={() => setAsking({ what: "skip", card })} />
        ))}
      </ol>
      <Deviations sheet={sheet} />
      {hosts && begun && (
        <Button mt="sm" size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setAsking({ what: "add" })}>Add a card</Button>
      )}
      <Dialogs call={call} asking={asking} onClose={() => setAsking(null)} />
    </section>
  );
}

function Dialogs({ call, asking, onClose }: { call: Call; asking: Asking; onClose: () => void }) {
  if (asking === null) return null;
  if (asking.what === "add") {
    return <AddDialog onClose={onClose} onAdd={(kind, question, { reason, note }) => call.room.addCard({ kind, question, reason, note })} />;
  }
  const { card } = asking;
  if (asking.what === "skip") {
    return (
      <ReasonDialog title={`Leave out “${titleOf(card)}”?`} action="Leave out" onClose={onClose}
        text="Other candidates for this role get this card, so the log says why this one does not."
        onConfirm={({ reason, note }) => call.room.skipCard({ card: card.card, reason, note })} />
    );
  }
  return (
    <ReasonDialog title={`Start “${titleOf(card)}” now?`} action="Start" onClose={onClose}
      text="It was done before, or another card comes first in the order that was drawn. The log says why."
      onConfirm={({ reason, note }: { reason: DeviationReason; note: string }) => call.room.startCard({ card: card.card, side: asking.side, reason, note })} />
  );
}

/** OnNow is the step that goes on: time left, live guidance, and the ways to end it. */
function OnNow({ call, step, card, hosts }: { call: Call; step: Step; card: RunCard | undefined; hosts: boolean }) {
  const { hint } = useRoomState(call);
  useNow(250);
  const gone = Math.max(0, (call.room.now() ?? step.start_ms) - step.start_ms);
  const left = Math.max(0, Math.ceil((step.limit_ms - gone) / 1000));
  const words = hint?.step === step.step ? hintWords(hint.hint) : "";
  const [cannot, setCannot] = useState(false);
  return (
    <div className={classes.on} role="group" aria-label="Card that is on" data-step={step.step}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={600} className={classes.title}>{titleOf(card ?? { kind: step.kind })}{step.side === "back" && " (back)"}</Text>
        <Text size="sm" className="tabular" role="timer" aria-label="Time left">{left} s</Text>
      </Group>
      <Progress value={Math.min(100, (gone / step.limit_ms) * 100)} size={4} my={8} aria-hidden />
      {step.shown.phrase !== undefined && <Text size="sm">“{step.shown.phrase}”</Text>}
      {step.shown.daylight !== undefined && <Text size="xs" c="dimmed">{daylightWords(step.shown.daylight)}</Text>}
      {step.kind !== "question" && (
        <Text size="xs" c="dimmed" role="status">
          {words === "" ? "The candidate sees what to do." : `The candidate is told: “${words}”`}
          {hint?.step === step.step && hint.wanted > 0 && ` (${hint.kept} of ${hint.wanted} pictures)`}
        </Text>
      )}
      {hosts && (
        <Group gap={6} mt={8} grow>
          <Button size="compact-sm" onClick={() => call.room.stopCard(step.step)} aria-keyshortcuts="S">Stop (S)</Button>
          <Button size="compact-sm" variant="default" onClick={() => setCannot(!cannot)} aria-expanded={cannot}>Cannot comply</Button>
        </Group>
      )}
      {hosts && cannot && <Why onSay={(why) => call.room.cannotComply(step.step, why)} onBack={() => setCannot(false)} />}
    </div>
  );
}

/** Why asks the interviewer why the candidate cannot do what the card asks for. */
function Why({ onSay, onBack }: { onSay: (why: string) => void; onBack: () => void }) {
  const [why, setWhy] = useState("");
  return (
    <Stack gap={6} mt={8}>
      <Textarea size="xs" label="Why can they not do it?" description="It is kept with the step." autosize minRows={1} maxRows={4} maxLength={500}
        value={why} onChange={(event) => setWhy(event.currentTarget.value)} autoFocus />
      <Group gap={6}>
        <Button size="compact-sm" disabled={why.trim() === ""} onClick={() => onSay(why.trim())}>End the card</Button>
        <Button size="compact-sm" variant="default" onClick={onBack}>Back</Button>
      </Group>
    </Stack>
  );
}

const stateWords: Readonly<Record<CardState, string>> = { open: "", on: "On", verdict: "Your verdict", done: "Done", skipped: "Left out" };

interface RowProps {
  call: Call;
  sheet: Sheet;
  card: RunCard;
  number: number;
  next: boolean;
  hosts: boolean;
  startable: boolean;
  onStart: (card: RunCard, side?: string) => void;
  onSkip: () => void;
}

function CardRow({ call, sheet, card, number, next, hosts, startable, onStart, onSkip }: RowProps) {
  const state = stateOf(sheet, card);
  const steps = stepsOf(sheet, card.card).filter((step) => (step.ended ?? "") !== "");
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = opened ?? state === "verdict";
  return (
    <li className={classes.card} data-card={card.card} data-kind={card.kind} data-state={state} data-next={next}>
      <Group gap={8} wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed" className="tabular" w={18} style={{ flex: "none", paddingTop: 2 }}>{number}</Text>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text size="sm" className={classes.title} c={state === "skipped" ? "dimmed" : undefined}>{titleOf(card)}</Text>
          <Text size="xs" c="dimmed" className="tabular">
            {card.required ? "required" : "optional"} · {Math.round(card.limit_ms / 1000)} s{card.added === true && " · added"}
          </Text>
        </div>
        {state !== "open" && <Badge size="sm" tt="none" fw={600} style={{ flex: "none" }} variant={state === "verdict" ? "filled" : "light"} color={state === "done" || state === "skipped" ? "gray" : "accent"}>{stateWords[state]}</Badge>}
        {startable && state === "open" && <Button size="compact-sm" style={{ flex: "none" }} variant={next ? "filled" : "default"} aria-label={`Start ${titleOf(card)}`} onClick={() => onStart(card)}>Start{next ? " (S)" : ""}</Button>}
        {hosts && state !== "on" && (
          <RowMenu card={card} state={state} steps={steps} startable={startable} open={open} onStart={onStart} onSkip={onSkip} onToggle={() => setOpened(!open)} />
        )}
      </Group>
      {open && steps.map((step) => <Judged key={step.step} call={call} step={step} many={steps.length > 1} hosts={hosts} />)}
      {!open && steps.length > 0 && <Summary steps={steps} />}
    </li>
  );
}

interface MenuProps extends Pick<RowProps, "card" | "startable" | "onStart" | "onSkip"> {
  state: CardState;
  steps: readonly Step[];
  open: boolean;
  onToggle: () => void;
}

function RowMenu({ card, state, steps, startable, open, onStart, onSkip, onToggle }: MenuProps) {
  const sides = new Set(steps.map((step) => step.side));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" style={{ flex: "none" }} aria-label={`More about ${titleOf(card)}`}><IconDots size={16} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {steps.length > 0 && <Menu.Item onClick={onToggle}>{open ? "Hide details" : "Show details"}</Menu.Item>}
        {steps.length > 0 && card.kind === "show_id" && !sides.has("back") && <Menu.Item disabled={!startable} onClick={() => onStart(card, "back")}>Show the back</Menu.Item>}
        {steps.length > 0 && <Menu.Item disabled={!startable} onClick={() => onStart(card)}>{card.kind === "show_id" ? "Another document, or again" : "Repeat"}</Menu.Item>}
        {state === "skipped" && <Menu.Item disabled={!startable} onClick={() => onStart(card)}>Start after all</Menu.Item>}
        {state === "open" && <Menu.Item disabled={!startable} onClick={onSkip}>Leave out</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function Summary({ steps }: { steps: readonly Step[] }) {
  const words = steps.flatMap((step) => (step.verdict === undefined ? [] : [verdictWords[step.verdict.verdict]]));
  return words.length === 0 ? null : <Text size="xs" c="dimmed" pl={26}>Your verdict: {words.join(", ").toLowerCase()}</Text>;
}

/** Judged is an ended step: what was measured, and the interviewer's own verdict. */
function Judged({ call, step, many, hosts }: { call: Call; step: Step; many: boolean; hosts: boolean }) {
  const { interview, people, you, cards } = useRoomState(call);
  const [again, setAgain] = useState(false);
  const { verdict } = step;
  const by = (id: string) => (id === you?.id ? "you" : people.find((p) => p.id === id)?.name ?? "somebody");
  return (
    <Stack gap={8} className={classes.details} data-step={step.step}>
      <Text size="xs" c="dimmed" className="tabular">
        {many && `Attempt ${step.attempt}${step.side === "back" ? " (back)" : ""}: `}{clock(step.start_ms)} to {clock(step.end_ms)}, {endWords[step.ended ?? "stopped"]}
      </Text>
      {step.kind !== "question" && <StepDetails interview={interview?.id ?? ""} step={step} rates={cards?.rates ?? null} />}
      {verdict !== undefined && !again && (
        <Group gap={6} wrap="nowrap" justify="space-between" align="flex-start">
          <Text size="xs" style={{ overflowWrap: "anywhere" }}>
            <strong>{verdictWords[verdict.verdict]}</strong> by {by(verdict.by)}{verdict.note !== "" && `: ${verdict.note}`}
          </Text>
          {hosts && <Button size="compact-xs" variant="subtle" style={{ flex: "none" }} onClick={() => setAgain(true)}>Change</Button>}
        </Group>
      )}
      {hosts && (verdict === undefined || again) && (
        <VerdictForm key={step.step} step={step} onDone={() => setAgain(false)} onSave={(value, note) => call.room.giveVerdict({ step: step.step, verdict: value, note })} />
      )}
      {!hosts && verdict === undefined && <Text size="xs" c="dimmed">No verdict yet.</Text>}
    </Stack>
  );
}

function Deviations({ sheet }: { sheet: Sheet }) {
  const all = list(sheet.deviations);
  if (all.length === 0) return null;
  return <Text size="xs" c="dimmed" mt="sm">Departures so far: {all.map((d) => changeWords[d.change].toLowerCase()).join(", ")}.</Text>;
}

