import { Stack, Text, Title } from "@mantine/core";

import { Frame } from "./Frame";

/** IncompleteLink is what a candidate reads whose link lost its secret on the way. */
export function IncompleteLink() {
  return (
    <Frame>
      <Stack mt="xl">
        <Title order={1} size="h2">This link is not complete</Title>
        <Text>Open the whole link from your invitation. If it was broken over two lines, copy both parts into the address bar.</Text>
      </Stack>
    </Frame>
  );
}
