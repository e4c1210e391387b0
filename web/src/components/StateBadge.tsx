import { Badge } from "@mantine/core";

import type { State } from "@/gen/interview";

const looks: Record<State, { label: string; color: string; variant: string }> = {
  planned: { label: "Planned", color: "gray", variant: "light" },
  live: { label: "Live", color: "accent", variant: "filled" },
  ended: { label: "Ended", color: "accent", variant: "light" },
  cancelled: { label: "Cancelled", color: "gray", variant: "outline" },
};

/** StateBadge says where an interview stands. */
export function StateBadge({ state }: { state: State }) {
  const look = looks[state];
  return <Badge color={look.color} variant={look.variant} tt="none" fw={600} style={{ flexShrink: 0 }}>{look.label}</Badge>;
}
