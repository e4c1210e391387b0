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
  return (
    <>
      <PageHeader title={`Edit: ${interview.candidate_name}`} back={{ href: `/interviews/${id}`, label: "Interview" }} />
      <Fields id={id} start={fromInterview(interview)} />
    </>
  );
}
