import { Button } from "@mantine/core";
import { Link } from "wouter";

import { useInterview } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import { useAuth } from "@/hooks/useAuth";
import { Fields } from "./Fields";
import { blank, fromInterview } from "./values";

/** InterviewForm plans a new interview, or changes the one with the identifier. */
export default function InterviewForm({ id }: { id?: string }) {
  const { me, can } = useAuth();
  const known = useInterview(id ?? "", id !== undefined);
  if (!can("interview.create")) {
    return <Empty page title="Your account may not plan interviews">Ask an administrator for the role "interviewer".</Empty>;
  }
  if (id === undefined) {
    return (
      <>
        <PageHeader title="New interview" back={{ href: "/", label: "Interviews" }} />
        <Fields start={blank(me?.user.id ?? "", Date.now())} />
      </>
    );
  }
  if (known.isPending) return <PageLoading />;
  if (known.isError) return <Failure error={known.error} retry={() => void known.refetch()} />;
  const { interview } = known.data;
  if (interview.state === "ended" || interview.state === "cancelled") {
    return (
      <Empty page title={`This interview ${interview.state === "ended" ? "has ended" : "was cancelled"}`}
        action={<Button component={Link} variant="default" href={`/interviews/${id}`}>To the interview</Button>}>
        What was planned is part of its record and is not changed any more.
      </Empty>
    );
  }
  return (
    <>
      <PageHeader title={`Edit: ${interview.candidate_name}`} back={{ href: `/interviews/${id}`, label: "Interview" }} />
      <Fields id={id} start={fromInterview(interview)} />
    </>
  );
}
