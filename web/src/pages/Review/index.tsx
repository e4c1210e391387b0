export default function Review({ id }: { id: string }) {
  return <>{id}</>;
}
