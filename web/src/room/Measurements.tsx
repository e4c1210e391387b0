import { ActionIcon, Button, Checkbox, Group, Menu, Stack, Text, Tooltip } from "@mantine/core";
import { IconAdjustments, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";

import type { CoverageState, Finding, KindInfo, Severity } from "@/gen/evidence";
import { type Call, useRoomState } from "@/hooks/useCall";
import { clock, span } from "@/lib/time";
import { EnrolledFace } from "./EnrolledFace";
import classes from "./room.module.css";
import { coverageText, groupByKind, type KindGroup } from "./words";

const colours: Record<Severity, string> = { info: "var(--bf-info)", notice: "var(--bf-notice)", attention: "var(--bf-attention)" };
const coverageColours: Record<CoverageState, string> = {
  measured: "var(--bf-ok)", not_measurable: "var(--bf-notice)", not_run: "var(--bf-info)",
};

/** How many findings of a kind are listed before the rest is folded away. */
const shown = 3;

/** Measurements lists each kind, whether it is being measured, and what was found. Rows stay where they are. */
export function Measurements({ call, kinds }: { call: Call; kinds: readonly KindInfo[] }) {
  const { findings, coverage, interview, startedMS } = useRoomState(call);
  const off = interview?.kinds_off ?? [];
  const groups = groupByKind(kinds.map((k) => k.kind), findings, coverage);
  return (
    <section aria-labelledby="measurements">
      <Group justify="space-between" wrap="nowrap">
        <Text id="measurements" size="sm" c="dimmed">Measured on the candidate's picture. What it means is for people to judge.</Text>
        <KindMenu call={call} kinds={kinds} />
      </Group>
      <EnrolledFace call={call} />
      {groups.map((group) => {
        const info = kinds.find((k) => k.kind === group.kind);
        return info !== undefined && (
          <KindRow key={group.kind} group={group} info={info} off={off.includes(group.kind)} started={startedMS !== 0} />
        );
      })}
    </section>
  );
}

function KindRow({ group, info, off, started }: { group: KindGroup; info: KindInfo; off: boolean; started: boolean }) {
  const [all, setAll] = useState(false);
  const { coverage, findings, totalMS } = group;
  const state = off ? "not_run" : coverage?.state;
  const text = off ? "Not run: switched off for this interview" : started ? coverageText(coverage) : "Begins when the candidate is admitted";
  const listed = all ? findings : findings.slice(0, shown);
  return (
    <div className={classes.row} data-kind={info.kind}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" className="truncate" title={info.title}>{info.title}</Text>
          <Tooltip label={`${info.description} ${info.limits}`} events={{ hover: true, focus: true, touch: true }}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`About: ${info.title}`}><IconInfoCircle size={14} stroke={1.6} /></ActionIcon>
          </Tooltip>
        </Group>
        <Text size="sm" className="tabular" c={findings.length === 0 ? "dimmed" : undefined} style={{ flex: "none" }}>
          {findings.length === 0 ? (state === "measured" && started ? "None" : "–") : `${findings.length} · ${span(totalMS)}`}
        </Text>
      </Group>
      <Group gap={6} wrap="nowrap">
        <span className={classes.dot} style={{ width: 7, height: 7, background: state === undefined ? "var(--bf-info)" : coverageColours[state] }} />
        <Text size="xs" c="dimmed">{text}</Text>
      </Group>
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

/** KindMenu switches measurements off and on for this interview. */
function KindMenu({ call, kinds }: { call: Call; kinds: readonly KindInfo[] }) {
  const { interview, you } = useRoomState(call);
  if (you?.role !== "interviewer") return null;
  const off = interview?.kinds_off ?? [];
  const set = (kind: KindInfo["kind"], measured: boolean) => {
    call.room.setKindsOff(measured ? off.filter((k) => k !== kind) : [...off, kind]);
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={300}>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" style={{ flex: "none" }} leftSection={<IconAdjustments size={14} stroke={1.6} />}>Choose</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Measured in this interview. Switch off what would be unfair to this candidate; the log says so.</Menu.Label>
        {kinds.map((k) => (
          <Group key={k.kind} px="sm" py={6}>
            <Checkbox label={k.title} checked={!off.includes(k.kind)} onChange={(event) => set(k.kind, event.currentTarget.checked)} />
          </Group>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
