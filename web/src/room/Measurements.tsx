import { ActionIcon, Button, Collapse, Group, Stack, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconEyeOff, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";

import type { CoverageState, Finding, KindInfo, Severity } from "@/gen/evidence";
import { type Call, useRoomState } from "@/hooks/useCall";
import { type Group as Subject, grouped } from "@/lib/groups";
import { count } from "@/lib/list";
import { clock, span } from "@/lib/time";
import { EnrolledFace } from "./EnrolledFace";
import type { Hidden } from "./hidden";
import { KindMenu } from "./KindMenu";
import classes from "./room.module.css";
import { coverageText, groupByKind, type KindGroup } from "./words";

const colours: Record<Severity, string> = { info: "var(--bf-info)", notice: "var(--bf-notice)", attention: "var(--bf-attention)" };
const coverageColours: Record<CoverageState, string> = {
  measured: "var(--bf-ok)", not_measurable: "var(--bf-notice)", not_run: "var(--bf-info)",
};

/** How many findings of a kind are listed before the rest is folded away. */
const shown = 3;

interface Props {
  call: Call;
  kinds: readonly KindInfo[];
  hidden: Hidden;
}

/** One kind with all that the room knows of it. */
interface Entry extends KindGroup {
  info: KindInfo;
  off: boolean;
}

/**
 * Measurements lists each kind, group by group: whether it is being measured,
 * and what was found. Nothing opens, closes or changes places by itself.
 */
export function Measurements({ call, kinds, hidden }: Props) {
  const { findings, coverage, interview, startedMS } = useRoomState(call);
  const off = interview?.kinds_off ?? [];
  const entries = groupByKind(kinds.map((k) => k.kind), findings, coverage).flatMap((group): Entry[] => {
    const info = kinds.find((k) => k.kind === group.kind);
    return info === undefined ? [] : [{ ...group, info, off: off.includes(group.kind) }];
  });
  return (
    <section aria-labelledby="measurements">
      <Text id="measurements" size="sm" c="dimmed">Measured on the candidate&apos;s picture, sound and page. What it means is for people to judge.</Text>
      <Group justify="flex-end" mb={4}><KindMenu call={call} kinds={kinds} /></Group>
      {hidden.kinds.length > 0 && (
        <Group justify="space-between" gap="xs" mb="xs" wrap="nowrap">
          <Text size="xs" c="dimmed">You hide {count(hidden.kinds.length, "kind")} here. They are still measured and logged.</Text>
          <Button variant="subtle" size="compact-xs" style={{ flex: "none" }} onClick={hidden.showAll}>Show all</Button>
        </Group>
      )}
      <EnrolledFace call={call} />
      {grouped(entries, (entry) => entry.kind).map(({ group, members }) => (
        <KindGroupRows key={group.id} subject={group} entries={members} started={startedMS !== 0} hidden={hidden} />
      ))}
    </section>
  );
}

interface GroupProps {
  subject: Subject;
  entries: readonly Entry[];
  started: boolean;
  hidden: Hidden;
}

function KindGroupRows({ subject, entries, started, hidden }: GroupProps) {
  const [open, setOpen] = useState(!subject.facts);
  const seen = entries.filter((entry) => !hidden.kinds.includes(entry.kind));
  const unseen = entries.filter((entry) => hidden.kinds.includes(entry.kind));
  const found = seen.reduce((sum, entry) => sum + entry.findings.length, 0);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div role="group" aria-label={subject.title} className={classes.subject}>
      <UnstyledButton className={classes.subjectHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={15} stroke={1.8} />
        <Text fw={600} size="sm" className="truncate" style={{ flex: 1 }}>{subject.title}</Text>
        <Text size="xs" c="dimmed" className="tabular" style={{ flex: "none" }}>
          {found === 0 ? "" : count(found, subject.facts ? "fact" : "finding")}{unseen.length > 0 && `${found === 0 ? "" : ", "}${unseen.length} hidden`}
        </Text>
      </UnstyledButton>
      <Collapse expanded={open} transitionDuration={0}>
        {subject.facts && <Text size="xs" c="dimmed" pl={22} pb={4}>Facts that the browser and the network tell, for the record.</Text>}
        {seen.map((entry) => <KindRow key={entry.kind} entry={entry} started={started} onHide={() => hidden.hide(entry.kind)} />)}
        {unseen.map(({ info }) => (
          <div key={info.kind} className={classes.kind} data-kind={info.kind} data-hidden>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" c="dimmed" className="truncate" title={info.title}>{info.title}</Text>
              <Button variant="subtle" color="gray" size="compact-xs" style={{ flex: "none" }} aria-label={`Show again: ${info.title}`} onClick={() => hidden.show(info.kind)}>
                Show again
              </Button>
            </Group>
          </div>
        ))}
      </Collapse>
    </div>
  );
}

function KindRow({ entry, started, onHide }: { entry: Entry; started: boolean; onHide: () => void }) {
  const [all, setAll] = useState(false);
  const { info, off, coverage, findings, totalMS } = entry;
  const state = off ? "not_run" : coverage?.state;
  const text = off ? "Not run: switched off for this interview" : started ? coverageText(coverage) : "Begins when the candidate is admitted";
  const listed = all ? findings : findings.slice(0, shown);
  const quiet = findings.length === 0 && state === "measured" && started;
  return (
    <div className={classes.kind} data-kind={info.kind}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={2} wrap="nowrap" style={{ minWidth: 0 }}>
          <Text size="sm" fw={findings.length > 0 ? 600 : undefined} className="truncate" title={info.title}>{info.title}</Text>
          <Tooltip label={`${info.description} ${info.limits}`} events={{ hover: true, focus: true, touch: true }}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`About: ${info.title}`}><IconInfoCircle size={14} stroke={1.6} /></ActionIcon>
          </Tooltip>
          <Tooltip label="Hide from your view of this room. It is still measured and logged." events={{ hover: true, focus: true, touch: false }}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Hide: ${info.title}`} onClick={onHide}><IconEyeOff size={14} stroke={1.6} /></ActionIcon>
          </Tooltip>
        </Group>
        <Text size={quiet ? "xs" : "sm"} className="tabular" c={findings.length === 0 ? "dimmed" : undefined} style={{ flex: "none" }}>
          {findings.length > 0 ? `${findings.length} · ${span(totalMS)}` : quiet ? "Measured: none" : "–"}
        </Text>
      </Group>
      {!quiet && (
        <Group gap={6} wrap="nowrap">
          <span className={classes.dot} style={{ width: 7, height: 7, background: state === undefined ? "var(--bf-info)" : coverageColours[state] }} />
          <Text size="xs" c="dimmed">{text}</Text>
        </Group>
      )}
      {listed.length > 0 && (
        <Stack component="ul" gap={2} mt={4} pl={0} m={0} style={{ listStyle: "none" }} aria-label={`Findings: ${info.title}`}>
          {listed.map((f) => <FindingLine key={f.id} finding={f} />)}
        </Stack>
      )}
      {findings.length > shown && (
        <Button variant="subtle" size="compact-xs" mt={2} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${findings.length}`}
        </Button>
      )}
    </div>
  );
}

function FindingLine({ finding }: { finding: Finding }) {
  const { start_ms, end_ms, open, severity, values } = finding;
  const measured = (values ?? []).filter((v) => (v.compare ?? "") !== "").slice(0, 1)
    .map((v) => `${v.name} ${Number(v.value.toFixed(2))} (${v.compare === "<=" ? "≤" : "≥"} ${v.threshold ?? 0})`).join("");
  return (
    <Group component="li" gap={8} wrap="nowrap">
      <span style={{ width: 3, alignSelf: "stretch", borderRadius: 2, background: colours[severity], flex: "none" }} />
      <Text size="xs" className="tabular" style={{ flex: "none" }}>
        {open ? `since ${clock(start_ms)}` : `${clock(start_ms)}–${clock(end_ms)}`}, {span(end_ms - start_ms)}
      </Text>
      <Text size="xs" c="dimmed" className="truncate" title={measured}>{measured}</Text>
    </Group>
  );
}
