import { Button, Group, Paper, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useServerInfo } from "@/api/queries";
import type { RecordQuery } from "@/gen/api";
import { list } from "@/lib/list";
import { checkWords, dayAfter, dayOf, dayStart, noQuery, outcomeWords, toParams } from "@/lib/records";

interface Props {
  query: RecordQuery;
  onChange: (query: RecordQuery) => void;
}

const choices = (words: Readonly<Record<string, string>>) => Object.entries(words).map(([value, label]) => ({ value, label }));
const states = choices({ planned: "Planned", live: "Live", ended: "Ended", cancelled: "Cancelled" });
const holds = choices({ held: "On hold", free: "Not on hold" });

const chosen = ["from", "to", "state", "outcome", "kind", "hold", "check", "due"] as const;

/** Filters holds the criteria. What is typed is searched for after a short pause. */
export function Filters({ query, onChange }: Props) {
  const server = useServerInfo();
  const kinds = list(server.data?.kinds).map(({ kind, title }) => ({ value: kind, label: title }));
  // A phone shows the criteria that are typed; the others stay in the way of what was found.
  const [more, setMore] = useState(() => chosen.some((name) => query[name] !== noQuery[name]));
  const rest = more ? undefined : "xs";
  const set = (part: Partial<RecordQuery>) => onChange({ ...query, ...part });
  const choose = (label: string, name: "state" | "outcome" | "kind" | "hold" | "check", data: { value: string; label: string }[]) => (
    <Select visibleFrom={rest} label={label} placeholder="Any" data={data} value={query[name] === "" ? null : query[name]} clearable searchable={name === "kind"}
      clearButtonProps={{ "aria-label": `Any ${label.toLowerCase()}` }} onChange={(value) => set({ [name]: value ?? "" })} />
  );
  return (
    <Paper withBorder p="md" mb="md" component="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
        <Typed label="Candidate" placeholder="Name or identifier" value={query.person} onChange={(person) => set({ person })} />
        <Typed label="Role" placeholder="Position" value={query.role} onChange={(role) => set({ role })} />
        <Typed label="Interviewer" placeholder="Name" value={query.interviewer} onChange={(interviewer) => set({ interviewer })} />
        <Typed label="Notes and decisions" placeholder="Words, or “a phrase” in quotes" value={query.text} onChange={(text) => set({ text })} />
        <TextInput visibleFrom={rest} label="From" type="date" value={dayOf(query.from)} onChange={(event) => set({ from: dayStart(event.currentTarget.value) })} />
        <TextInput visibleFrom={rest} label="To" type="date" value={dayOf(query.to === 0 ? 0 : query.to - 1)} onChange={(event) => set({ to: dayAfter(event.currentTarget.value) })} />
        {choose("State", "state", states)}
        {choose("Outcome", "outcome", choices(outcomeWords))}
        {choose("Finding", "kind", kinds)}
        {choose("Legal hold", "hold", holds)}
        {choose("Last verification", "check", choices(checkWords))}
        <TextInput visibleFrom={rest} label="Something is deleted by" type="date" value={dayOf(query.due === 0 ? 0 : query.due - 1)} onChange={(event) => set({ due: dayAfter(event.currentTarget.value) })} />
      </SimpleGrid>
      <Button hiddenFrom="xs" variant="subtle" size="compact-sm" mt="sm" aria-expanded={more} onClick={() => setMore(!more)}>{more ? "Fewer criteria" : "More criteria"}</Button>
      {toParams(query).size > 0 && (
        <Group justify="flex-end" mt="sm"><Button variant="subtle" size="compact-sm" onClick={() => onChange(noQuery)}>Clear all</Button></Group>
      )}
    </Paper>
  );
}

interface TypedProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

function Typed({ label, placeholder, value, onChange }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback((text: string) => onChange(text), 300);
  // The address may change by other ways: "back", a saved search, "Clear all".
  useEffect(() => setTyped((old) => (old.trim() === value ? old : value)), [value]);
  return (
    <TextInput label={label} placeholder={placeholder} type="search" leftSection={<IconSearch size={14} stroke={1.6} />} value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }} />
  );
}
