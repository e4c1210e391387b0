import { Accordion, Loader, Stack, Switch, Text } from "@mantine/core";

import { useServerInfo } from "@/api/queries";
import { Failure } from "@/components/states";
import type { Kind, KindInfo } from "@/gen/evidence";
import { grouped } from "@/lib/groups";
import { list } from "@/lib/list";

interface Props {
  off: readonly Kind[];
  onChange: (off: readonly Kind[]) => void;
}

/**
 * Measurements has a switch for each kind that the server measures, group by
 * group. The groups are closed: most interviews measure everything, and the
 * button that ends the form should be in sight.
 */
export function Measurements({ off, onChange }: Props) {
  const server = useServerInfo();
  if (server.isPending) return <Loader size="sm" aria-label="Loading measurements" />;
  if (server.isError) return <Failure error={server.error} retry={() => void server.refetch()} />;
  return (
    <Accordion multiple variant="default" chevronPosition="left" transitionDuration={0} role="group" aria-label="Measurements"
      defaultValue={[]} styles={{ content: { paddingInline: 0 } }}>
      {grouped(list(server.data.kinds), (info) => info.kind).map(({ group, members }) => (
        <Accordion.Item key={group.id} value={group.id}>
          <Accordion.Control px={0}>
            <Text size="sm" fw={500} component="span">{group.title}</Text>
            <Text size="sm" c="dimmed" component="span" ml="xs">{howMany(members, off)}</Text>
          </Accordion.Control>
          <Accordion.Panel>
            <Stack gap="sm">
              {members.map((info) => (
                <Switch key={info.kind} label={info.title} description={info.description} checked={!off.includes(info.kind)}
                  onChange={(event) => onChange(event.currentTarget.checked ? off.filter((kind) => kind !== info.kind) : [...off, info.kind])} />
              ))}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

/** howMany says how much of a group is measured. */
function howMany(members: readonly KindInfo[], off: readonly Kind[]): string {
  const on = members.filter((info) => !off.includes(info.kind)).length;
  if (on === members.length) return `all ${members.length} on`;
  return on === 0 ? "off" : `${on} of ${members.length} on`;
}
