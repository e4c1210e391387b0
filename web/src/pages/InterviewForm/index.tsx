export default function InterviewForm({ id }: { id?: string }) {
  return <>{id}</>;
}
