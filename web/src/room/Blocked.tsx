import { List } from "@mantine/core";

/** Blocked lists what is still to do before going on. */
export function Blocked({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <List size="sm" spacing={4} c="dimmed" role="status" aria-label="Still to do">
      {reasons.map((reason) => <List.Item key={reason}>{reason}</List.Item>)}
    </List>
  );
}
