import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { useUsers } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { User } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import { count, list } from "@/lib/list";
import { UserDialog } from "./UserDialog";

/** Users lets an administrator add, change and deactivate accounts. */
export default function Users() {
  const { me, can } = useAuth();
  if (!can("user.manage")) return <Empty page title="Your account may not manage accounts">Ask an administrator.</Empty>;
  return <Loaded me={me?.user.id ?? ""} />;
}

function Loaded({ me }: { me: string }) {
  const users = useUsers();
  const [editing, setEditing] = useState<User | "new" | null>(null);
  return (
    <>
      <PageHeader title="Accounts" lead={users.isSuccess ? count(list(users.data).length, "account") : " "}>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>Add account</Button>
      </PageHeader>
      {users.isPending && <PageLoading label="Loading accounts" />}
      {users.isError && <Failure error={users.error} retry={() => void users.refetch()} />}
      <Stack gap="sm">
        {list(users.data).map((user) => <UserCard key={user.id} user={user} me={me} onEdit={() => setEditing(user)} />)}
      </Stack>
      {editing !== null && (
        <UserDialog key={editing === "new" ? "new" : editing.id} user={editing === "new" ? null : editing} self={editing !== "new" && editing.id === me}
          onClose={() => setEditing(null)} />
      )}
    </>
  );
}

function UserCard({ user, me, onEdit }: { user: User; me: string; onEdit: () => void }) {
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0, flex: "1 1 220px", opacity: user.active ? 1 : 0.65 }}>
          <Text fw={600} className="truncate" title={user.name}>{user.name}{user.id === me && " (you)"}</Text>
          <Text size="sm" c="dimmed" className="truncate" title={user.email}>{user.email}</Text>
        </div>
        <Group gap={6}>
          {!user.active && <Badge color="gray" variant="outline" tt="none" fw={500}>Deactivated</Badge>}
          {user.second_factor && <Badge color="gray" variant="light" tt="none" fw={500}>Second factor</Badge>}
          {user.second_required && !user.second_factor && <Badge color="yellow" variant="light" tt="none" fw={500}>Second factor missing</Badge>}
          {list(user.roles).map((role) => <Badge key={role} variant="light" tt="capitalize" fw={500}>{role}</Badge>)}
        </Group>
        <Button size="xs" variant="default" leftSection={<IconPencil size={14} stroke={1.6} />} aria-label={`Change ${user.name}`} onClick={onEdit}>Change</Button>
      </Group>
    </Paper>
  );
}
