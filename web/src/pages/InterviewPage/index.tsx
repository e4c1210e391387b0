export default function InterviewPage({ id }: { id: string }) {
  return <>{id}</>;
}
