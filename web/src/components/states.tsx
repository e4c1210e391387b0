import { Alert, Button, Center, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconRefresh } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";

import { messageOf } from "@/api/client";

/** PageLoading fills a page whose content is on its way. */
export function PageLoading({ label = "Loading" }: { label?: string }) {
  return (
    <Center mih={240} role="status" aria-label={label}>
      <Loader size="sm" />
    </Center>
  );
}

/** Failure shows an error as a sentence, with a way to try again. */
export function Failure({ error, title = "This could not be loaded", retry }: { error: unknown; title?: string; retry?: () => void }) {
  return (
    <Alert role="alert" color="red" variant="light" title={title} icon={<IconAlertCircle size={18} />}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{messageOf(error)}</Text>
        {retry !== undefined && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>Try again</Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Empty says that there is nothing yet, and what to do about it. With page it is all that a page shows, and names it. */
export function Empty({ title, page = false, children, action }: { title: string; page?: boolean; children?: ReactNode; action?: ReactNode }) {
  useEffect(() => {
    if (page) document.title = `${title} · Bonafide`;
  }, [page, title]);
  return (
    <Center mih={200} p="lg">
      <Stack gap="xs" align="center" maw={420}>
        <Text component={page ? "h1" : "p"} fw={600} m={0} ta="center">{title}</Text>
        {children !== undefined && <Text size="sm" c="dimmed" ta="center">{children}</Text>}
        {action !== undefined && <Group mt="xs">{action}</Group>}
      </Stack>
    </Center>
  );
}
