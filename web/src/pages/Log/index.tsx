import { Text } from "@mantine/core";
import { useMemo } from "react";

import { useInterview, useServerInfo } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Failure, PageLoading } from "@/components/states";
import type { InterviewDetail } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import type { Names } from "@/lib/entries";
import { byKey, list } from "@/lib/list";
import { Entries, NotAllowed } from "./Entries";

/** Log is the evidence log of one interview, entry by entry, as it was written. */
export default function Log({ id }: { id: string }) {
  const { can } = useAuth();
  const detail = useInterview(id, can("log.read"));
  if (!can("log.read")) return <NotAllowed />;
  if (detail.isPending) return <PageLoading label="Loading log" />;
  if (detail.isError) return <Failure error={detail.error} title="This log could not be opened" retry={() => void detail.refetch()} />;
  return <Loaded detail={detail.data} />;
}

function Loaded({ detail }: { detail: InterviewDetail }) {
  const { id, candidate_name, interviewers } = detail.interview;
  const server = useServerInfo();
  const names = useMemo((): Names => ({
    people: new Map([
      ...list(interviewers).map((user, i) => [user, list(detail.interviewer_names)[i] ?? user] as const),
      ...list(detail.participants).map((person) => [person.id, person.name] as const),
    ]),
    kinds: byKey(list(server.data?.kinds), (info) => info.kind),
  }), [detail, interviewers, server.data]);
  return (
    <>
      <PageHeader title={`Evidence log: ${candidate_name}`} back={{ href: `/interviews/${id}`, label: "Interview" }} />
      <Text size="sm" c="dimmed" mb="md">
        The log is one for the whole server, so the numbers of an interview's entries have holes. Whether nothing was changed is not shown
        by this page: export the record on the interview's page, and check it with the verify program.
      </Text>
      <Entries id={id} names={names} />
    </>
  );
}
