import { Button, Checkbox, Group, Menu, Text } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";

import type { KindInfo } from "@/gen/evidence";
import { type Call, useRoomState } from "@/hooks/useCall";
import { grouped } from "@/lib/groups";

/** KindMenu switches measurements off and on for this interview, for everybody. */
export function KindMenu({ call, kinds }: { call: Call; kinds: readonly KindInfo[] }) {
  const { interview, you } = useRoomState(call);
  if (you?.role !== "interviewer") return null;
  const off = interview?.kinds_off ?? [];
  const set = (kind: KindInfo["kind"], measured: boolean) => {
    call.room.setKindsOff(measured ? off.filter((k) => k !== kind) : [...off, kind]);
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={320}>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" style={{ flex: "none" }} leftSection={<IconAdjustments size={14} stroke={1.6} />}>Choose measurements</Button>
      </Menu.Target>
      <Menu.Dropdown mah="min(70vh, 560px)" style={{ overflowY: "auto" }}>
        <Text size="xs" c="dimmed" px="sm" py={6}>
          What is measured in this interview at all. Switch off what would be unfair to this candidate: it then stops for everybody, and the log
          says so. Not to see a kind yourself, hide it in the list instead.
        </Text>
        {grouped(kinds, (k) => k.kind).map(({ group, members }) => (
          <div key={group.id} role="group" aria-label={group.title}>
            <Menu.Label>{group.title}</Menu.Label>
            {members.map((k) => (
              <Group key={k.kind} px="sm" py={6}>
                <Checkbox label={k.title} checked={!off.includes(k.kind)} onChange={(event) => set(k.kind, event.currentTarget.checked)} />
              </Group>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
