import { Alert, Button, Group, MultiSelect, Paper, Select, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { Link, useLocation } from "wouter";

import { post, put } from "@/api/client";
import { keys, usePeople } from "@/api/queries";
import type { InterviewDetail } from "@/gen/api";
import { MaxInterviewers } from "@/gen/interview";
import { useFocusInvalid } from "@/hooks/useFocusInvalid";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { dateTime, fromInputValue, localZone, timeZones, zoneOffset } from "@/lib/time";
import { Measurements } from "./Measurements";
import { PlaceInput } from "./PlaceInput";
import { RunSheetOfRole } from "./RunSheetOfRole";
import { incomplete, toRequest, type Values } from "./values";

const hour = 3_600_000;
const shown = ["candidate_name", "role", "scheduled_ms", "place", "time_zone", "interviewers", "kinds_off"];

/** Fields is the form itself; with an identifier it changes that interview. */
export function Fields({ id, start }: { id?: string; start: Values }) {
  const [, navigate] = useLocation();
  const cache = useQueryClient();
  const [values, setValues] = useState(start);
  const [errors, setErrors] = useState<FormErrors>({});
  const form = useFocusInvalid(errors);
  const [busy, setBusy] = useState(false);
  const set = <K extends keyof Values>(name: K, value: Values[K]) => setValues((old) => ({ ...old, [name]: value }));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const empty = incomplete(values);
    setErrors(empty);
    if (Object.keys(empty).length > 0) return;
    setBusy(true);
    try {
      const body = toRequest(values);
      const saved = id === undefined
        ? await post<InterviewDetail>("/api/interviews", body)
        : await put<InterviewDetail>(`/api/interviews/${id}`, body);
      await cache.invalidateQueries({ queryKey: keys.interviews });
      await cache.invalidateQueries({ queryKey: keys.interview(saved.interview.id) });
      navigate(`/interviews/${saved.interview.id}`, { replace: true }); // "back" must not lead to a form that was sent
    } catch (error) {
      setErrors(formErrors(error, shown));
      setBusy(false);
    }
  };
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
      <Stack maw={720}>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Section title="Candidate">
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput label="Candidate name" required maxLength={200} autoFocus={id === undefined} value={values.candidate_name}
              error={errors.candidate_name} onChange={(event) => set("candidate_name", event.currentTarget.value)} />
            <TextInput label="Role" description="The position interviewed for" required maxLength={200} inputWrapperOrder={["label", "input", "description", "error"]}
              value={values.role} error={errors.role} onChange={(event) => set("role", event.currentTarget.value)} />
            <PlaceInput value={values.place} error={errors.place}
              onChange={(place, zone) => setValues((old) => ({ ...old, place, time_zone: zone ?? old.time_zone }))} />
            <ZoneSelect value={values.time_zone} error={errors.time_zone} scheduled={values.scheduled} onChange={(zone) => set("time_zone", zone)} />
          </SimpleGrid>
        </Section>
        <Section title="Meeting">
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <ScheduleInput values={values} error={errors.scheduled_ms} onChange={(text) => set("scheduled", text)} />
            <PeopleSelect value={values.interviewers} error={errors.interviewers} onChange={(people) => set("interviewers", people)} />
          </SimpleGrid>
        </Section>
        <Section title="Run-sheet"><RunSheetOfRole role={values.role} /></Section>
        <Section title="Measurements" lead="Switch one off as an accommodation. The evidence then says “not run” for it, never that nothing was found.">
          <Measurements off={values.kinds_off} onChange={(off) => set("kinds_off", off)} />
          {errors.kinds_off !== undefined && <Text size="sm" c="red" role="alert">{errors.kinds_off}</Text>}
        </Section>
        <Group justify="flex-end">
          <Button variant="default" component={Link} href={id === undefined ? "/" : `/interviews/${id}`}>Cancel</Button>
          <Button type="submit" loading={busy}>{id === undefined ? "Create interview" : "Save"}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5">{title}</Title>
      {lead !== undefined && <Text size="sm" c="dimmed" mt={4}>{lead}</Text>}
      <Stack mt="md">{children}</Stack>
    </Paper>
  );
}

function ScheduleInput({ values, error, onChange }: { values: Values; error: string | undefined; onChange: (text: string) => void }) {
  const at = fromInputValue(values.scheduled);
  const there = at !== null && values.time_zone !== null && values.time_zone !== localZone()
    ? `For the candidate: ${dateTime(at, values.time_zone)}` : `In your time zone, ${localZone()}`;
  // Not an error: an interview may begin late, or be entered afterwards.
  const past = at !== null && at < Date.now() - hour;
  return (
    <TextInput label="Date and time" type="datetime-local" required description={past ? `${there}. This time has passed.` : there} error={error}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={values.scheduled} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}

interface ZoneProps {
  value: string | null;
  scheduled: string;
  error: string | undefined;
  onChange: (zone: string | null) => void;
}

function ZoneSelect({ value, scheduled, error, onChange }: ZoneProps) {
  const zones = useMemo(timeZones, []);
  const at = fromInputValue(scheduled);
  return (
    <Select label="Claimed time zone" placeholder="Search, e.g. Lisbon" searchable clearable limit={200} nothingFoundMessage="No time zone of that name"
      description={value !== null && at !== null ? zoneOffset(at, value) : undefined} inputWrapperOrder={["label", "input", "description", "error"]}
      data={zones.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }))}
      clearButtonProps={{ "aria-label": "Clear time zone" }} value={value} error={error} onChange={onChange} />
  );
}

interface PeopleProps {
  value: readonly string[];
  error: string | undefined;
  onChange: (people: string[]) => void;
}

function PeopleSelect({ value, error, onChange }: PeopleProps) {
  const people = usePeople();
  const data = list(people.data).map((person) => ({ value: person.id, label: person.name }));
  // Someone who is chosen but can host no longer stays visible by identifier.
  const gone = value.filter((id) => !data.some((person) => person.value === id)).map((id) => ({ value: id, label: `Former account ${id.slice(0, 6)}` }));
  return (
    <MultiSelect label="Interviewers" required searchable maxValues={MaxInterviewers} nothingFoundMessage="No account of that name may host"
      description={`At most ${MaxInterviewers}, observers included`} inputWrapperOrder={["label", "input", "description", "error"]}
      data={people.isPending ? [] : [...data, ...gone]} value={people.isPending ? [] : [...value]} disabled={people.isPending}
      error={error ?? (people.isError ? "The list of accounts could not be loaded. Reload the page." : undefined)} onChange={onChange} />
  );
}
