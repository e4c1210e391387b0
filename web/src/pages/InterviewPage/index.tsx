import { Alert, Button, Grid, Stack, Text } from "@mantine/core";
import { IconCalendarX, IconDoorEnter, IconListDetails, IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { post } from "@/api/client";
import { keys, useInterview } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { StateBadge } from "@/components/StateBadge";
import { Failure, PageLoading } from "@/components/states";
import type { InterviewDetail } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import { list } from "@/lib/list";
import { dateTime } from "@/lib/time";
import { Access } from "./Access";
import { Details } from "./Details";
import { Links } from "./Links";
import { Participants } from "./Participants";
import { ReasonDialog } from "./ReasonDialog";
import { RecordCard } from "./RecordCard";
import { RetentionCard } from "./RetentionCard";

/** InterviewPage is one interview: its details, the candidate's link, and the way to the room and the review. */
export default function InterviewPage({ id }: { id: string }) {
  const detail = useInterview(id);
  if (detail.isPending) return <PageLoading />;
  if (detail.isError) return <Failure error={detail.error} title="This interview could not be opened" retry={() => void detail.refetch()} />;
  return <Loaded detail={detail.data} />;
}

function Loaded({ detail }: { detail: InterviewDetail }) {
  const { me, can } = useAuth();
  const { interview } = detail;
  // The server's rules: rooms are for one's own interviews; an administrator may change any.
  const own = me !== null && (interview.created_by === me.user.id || list(interview.interviewers).includes(me.user.id));
  const change = can("interview.create") && (own || can("user.manage"));
  const base = `/interviews/${interview.id}`;
  const review = interview.state === "ended";
  const over = review || interview.state === "cancelled";
  const cache = useQueryClient();
  const [cancelling, setCancelling] = useState(false);
  return (
    <>
      <PageHeader title={interview.candidate_name} back={{ href: "/", label: "Interviews" }} lead={<StateBadge state={interview.state} />}>
        {change && interview.state === "planned" && (
          <Button component={Link} href={`${base}/edit`} variant="default" leftSection={<IconPencil size={16} stroke={1.6} />}>Edit</Button>
        )}
        {change && can("interview.cancel") && interview.state === "planned" && (
          <Button variant="default" leftSection={<IconCalendarX size={16} stroke={1.6} />} onClick={() => setCancelling(true)}>Cancel interview</Button>
        )}
        {can("log.read") && (
          <Button component={Link} href={`${base}/log`} variant="default" leftSection={<IconListDetails size={16} stroke={1.6} />}>Evidence log</Button>
        )}
        {interview.state !== "planned" && interview.state !== "cancelled" && (
          <Button component={Link} href={`${base}/review`} variant={review ? "filled" : "default"} leftSection={<IconPlayerPlay size={16} stroke={1.6} />}>Review</Button>
        )}
        {can("interview.host") && own && !over && (
          <Button component={Link} href={`${base}/room`} leftSection={<IconDoorEnter size={16} stroke={1.6} />}>Enter room</Button>
        )}
      </PageHeader>
      {interview.state === "live" && (
        <Alert variant="light" mb="lg" role="status" title="This interview is running">Its clock started when the candidate was admitted.</Alert>
      )}
      {interview.state === "cancelled" && (
        <Alert variant="light" color="gray" mb="lg" role="status" title="This interview was cancelled">
          {detail.cancelled !== null && (
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {detail.cancelled.by === "" ? "Cancelled" : `By ${detail.cancelled.by}`}, {dateTime(detail.cancelled.wall_ms)}: {detail.cancelled.reason === "" ? "the reason was deleted." : detail.cancelled.reason}
            </Text>
          )}
          <Text size="sm" c="dimmed">Whoever opens a candidate's link that was not revoked is told that it will not take place.</Text>
        </Alert>
      )}
      {cancelling && (
        <ReasonDialog title="Cancel this interview?" action="Cancel interview" back="Keep it"
          text="It cannot be held any more. The candidate's links then say that it was cancelled, without the reason, so tell them yourself too; and they lead to what is kept of them. This cannot be undone; a new interview can always be planned."
          send={(reason) => post(`/api${base}/cancel`, { reason })} onClose={() => setCancelling(false)}
          onDone={async () => {
            await Promise.all([cache.invalidateQueries({ queryKey: keys.interview(interview.id) }), cache.invalidateQueries({ queryKey: keys.interviews })]);
          }} />
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {change && <Links detail={detail} />}
            <Participants people={detail.participants} />
            {can("access.read") && <Access id={interview.id} people={detail.participants} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Details detail={detail} />
            {interview.state === "ended" && interview.started_ms > 0 && <RecordCard id={interview.id} mayExport={can("record.export")} />}
            {over && <RetentionCard interview={interview} />}
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}
