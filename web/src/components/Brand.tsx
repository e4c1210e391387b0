import { Group, Text } from "@mantine/core";

/** Brand is the mark and the name. */
export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/icon.svg" alt="" width={26} height={26} />
      <Text fw={650} size="lg" lts="-0.01em">Bonafide</Text>
    </Group>
  );
}
