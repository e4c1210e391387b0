import { Alert, Button, Loader } from "@mantine/core";
import { Link } from "wouter";

import { useReview, useServerInfo } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import { list } from "@/lib/list";
import { dateTime, span } from "@/lib/time";
import { durationOf } from "@/review/clips";
import { Workspace } from "./Workspace";

/** Review plays an interview back beside everything that was noticed in it. */
export default function Review({ id }: { id: string }) {
  const review = useReview(id);
  const server = useServerInfo();
  if (review.isPending || server.isPending) return <PageLoading label="Loading review" />;
  if (review.isError) return <Failure error={review.error} title="This review could not be opened" retry={() => void review.refetch()} />;
  if (server.isError) return <Failure error={server.error} retry={() => void server.refetch()} />;
  const { interview, ready } = review.data;
  const durationMs = durationOf(review.data);
  const lead = `${interview.role} · ${interview.started_ms > 0 ? `${dateTime(interview.started_ms)} · ${span(durationMs)}` : interview.state === "cancelled" ? "cancelled" : "not held yet"}`;
  return (
    <>
      <PageHeader title={interview.candidate_name} lead={lead} back={{ href: `/interviews/${id}`, label: "Interview" }} />
      {interview.state === "live" && (
        <Alert variant="light" mb="md" role="status" title="This interview is still running">
          What has been recorded so far becomes complete when it has ended. This page then updates by itself.
        </Alert>
      )}
      {interview.state === "ended" && !ready && (
        <Alert variant="light" mb="md" role="status" icon={<Loader size={16} />} title="The recordings are being finished">
          This takes a few seconds. This page updates by itself.
        </Alert>
      )}
      {durationMs === 0
        ? <Empty title={interview.state === "cancelled" ? "There is nothing to review" : "There is nothing to review yet"} action={<Button component={Link} variant="default" href={`/interviews/${id}`}>To the interview</Button>}>
            {interview.state === "cancelled" ? "This interview was cancelled before it began." : "An interview can be reviewed when the candidate was admitted and the call has ended."}
          </Empty>
        : <Workspace key={id} review={review.data} kinds={list(server.data.kinds)} durationMs={durationMs} />}
    </>
  );
}
