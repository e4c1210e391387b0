import { Box, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

import { Brand } from "./Brand";
import { ColorSchemeSwitch } from "./ColorSchemeSwitch";

/** CenteredCard frames the pages before sign-in. */
export function CenteredCard({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const heading = useId();
  return (
    <Box mih="100vh" p="md" style={{ display: "grid", placeItems: "center" }}>
      <Stack w="100%" maw={420} gap="lg">
        <Group justify="space-between">
          <Brand />
          <ColorSchemeSwitch />
        </Group>
        <Paper component="main" withBorder p={{ base: "lg", sm: "xl" }} aria-labelledby={heading}>
          <Stack gap="lg">
            <Stack gap={6}>
              <Title order={1} size="h3" id={heading}>{title}</Title>
              {lead !== undefined && <Text size="sm" c="dimmed">{lead}</Text>}
            </Stack>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Box>
  );
}
