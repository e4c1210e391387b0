export default function Room({ id }: { id: string }) {
  return <>{id}</>;
}
