import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";

interface Props {
  title: string;
  lead?: ReactNode;
  back?: { href: string; label: string };
  children?: ReactNode; // actions on the right
}

/** PageHeader is the title of a page, the way back, and its actions. It names the tab too. */
export function PageHeader({ title, lead, back, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Bonafide`;
  }, [title]);
  return (
    <Stack gap={4} mb="lg">
      {back !== undefined && (
        <Anchor component={Link} href={back.href} size="sm" c="dimmed" w="fit-content">
          <Group gap={2} wrap="nowrap"><IconChevronLeft size={15} />{back.label}</Group>
        </Anchor>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} style={{ minWidth: 0, flex: "1 1 240px" }}>
          <Title order={1} size="h2" dir="auto" ta="left" className="truncate" title={title}>{title}</Title>
          {lead !== undefined && <Text component="div" size="sm" c="dimmed">{lead}</Text>}
        </Stack>
        {children !== undefined && <Group gap="xs">{children}</Group>}
      </Group>
    </Stack>
  );
}
