import { Alert, Button, Grid, Stack } from "@mantine/core";
import { IconDoorEnter, IconListDetails, IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "wouter";

import { useInterview } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { StateBadge } from "@/components/StateBadge";
import { Failure, PageLoading } from "@/components/states";
import type { InterviewDetail } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import { list } from "@/lib/list";
import { Access } from "./Access";
import { Details } from "./Details";
import { Links } from "./Links";
import { Participants } from "./Participants";
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
  return (
    <>
      <PageHeader title={interview.candidate_name} back={{ href: "/", label: "Interviews" }} lead={<StateBadge state={interview.state} />}>
        {change && interview.state === "planned" && (
          <Button component={Link} href={`${base}/edit`} variant="default" leftSection={<IconPencil size={16} stroke={1.6} />}>Edit</Button>
        )}
        {can("log.read") && (
          <Button component={Link} href={`${base}/log`} variant="default" leftSection={<IconListDetails size={16} stroke={1.6} />}>Evidence log</Button>
        )}
        {interview.state !== "planned" && (
          <Button component={Link} href={`${base}/review`} variant={review ? "filled" : "default"} leftSection={<IconPlayerPlay size={16} stroke={1.6} />}>Review</Button>
        )}
        {can("interview.host") && own && interview.state !== "ended" && (
          <Button component={Link} href={`${base}/room`} leftSection={<IconDoorEnter size={16} stroke={1.6} />}>Enter room</Button>
        )}
      </PageHeader>
      {interview.state === "live" && (
        <Alert variant="light" mb="lg" role="status" title="This interview is running">Its clock started when the candidate was admitted.</Alert>
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
            {interview.state === "ended" && <RetentionCard interview={interview} />}
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}
