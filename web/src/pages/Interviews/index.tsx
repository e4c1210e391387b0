import { Button, Group, Pagination, Paper, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { useInterviews } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import { useAuth } from "@/hooks/useAuth";
import { count, list } from "@/lib/list";
import { InterviewRows } from "./InterviewRows";

const pageSize = 20;

const states = [
  { value: "", label: "All" },
  { value: "planned", label: "Planned" },
  { value: "live", label: "Live" },
  { value: "ended", label: "Ended" },
  { value: "cancelled", label: "Cancelled" },
];

/** Interviews lists what the account may read. The filter lives in the address, so that "back" finds it again. */
export default function Interviews() {
  const { can } = useAuth();
  const [params, setParams] = useSearchParams();
  const state = params.get("state") ?? "";
  const q = params.get("q") ?? "";
  const page = Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1);
  const interviews = useInterviews({ state, q, limit: pageSize, offset: (page - 1) * pageSize });

  const change = (name: string, value: string) => {
    setParams((old) => {
      const changed = new URLSearchParams(old);
      if (name !== "page") changed.delete("page");
      if (value === "") changed.delete(name);
      else changed.set(name, value);
      return changed;
    }, { replace: true });
  };
  const [typed, setTyped] = useState(q);
  const search = useDebouncedCallback((text: string) => change("q", text.trim()), 250);

  const create = can("interview.create") && (
    <Button component={Link} href="/interviews/new" leftSection={<IconPlus size={16} />}>New interview</Button>
  );
  const filtered = state !== "" || q !== "";
  const total = interviews.data?.total ?? 0;
  return (
    <>
      <PageHeader title="Interviews" lead={interviews.isSuccess ? count(total, "interview") : " "}>{create}</PageHeader>
      <Group mb="md" gap="sm" justify="space-between">
        <SegmentedControl size="sm" data={states} value={state} onChange={(value) => change("state", value)} aria-label="Show interviews that are" />
        <TextInput aria-label="Search by candidate or role" placeholder="Candidate or role" type="search"
          leftSection={<IconSearch size={16} stroke={1.6} />} w={{ base: "100%", xs: 280 }} value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }} />
      </Group>
      {interviews.isPending && <PageLoading label="Loading interviews" />}
      {interviews.isError && <Failure error={interviews.error} retry={() => void interviews.refetch()} />}
      {interviews.isSuccess && total === 0 && (
        <Paper withBorder>
          {filtered
            ? <Empty title="No interview matches">Change the search or the state, or show all.</Empty>
            : <Empty title="No interviews yet" action={create || undefined}>
                Plan one, send the candidate its link, and meet here. It is recorded and ready for review afterwards.
              </Empty>}
        </Paper>
      )}
      {interviews.isSuccess && total > 0 && <InterviewRows rows={list(interviews.data.interviews)} />}
      {total > pageSize && (
        <Group justify="center" mt="lg">
          <Pagination total={Math.ceil(total / pageSize)} value={page} onChange={(n) => change("page", n === 1 ? "" : String(n))}
            getItemProps={(n) => ({ "aria-label": `Page ${n}` })}
            getControlProps={(control) => ({ "aria-label": control === "next" ? "Next page" : "Previous page" })} />
        </Group>
      )}
    </>
  );
}
