import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { Link } from "wouter";

import { useTemplates } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import { DefaultTemplate, type Template } from "@/gen/interview";
import { useAuth } from "@/hooks/useAuth";
import { cardTitles } from "@/lib/cards";
import { count, list } from "@/lib/list";
import { Editor } from "./Editor";

/** Templates lists the run-sheets that candidates get, by role; with an identifier it edits one, with "new" it adds one. */
export default function Templates({ id }: { id?: string }) {
  const { can } = useAuth();
  const templates = useTemplates(can("interview.create"));
  if (!can("template.edit")) return <Empty page title="Your account may not edit run-sheets">Ask an administrator.</Empty>;
  if (templates.isPending) return <PageLoading label="Loading run-sheets" />;
  if (templates.isError) return <Failure error={templates.error} retry={() => void templates.refetch()} />;
  const all = list(templates.data.templates);
  const limits = templates.data.limits ?? {};
  if (id === undefined) return <Listed templates={all} />;
  const chosen = id === "new" ? { id: "", name: "", roles: [], cards: [] } : all.find((template) => template.id === id);
  if (chosen === undefined) return <Empty title="There is no such run-sheet" action={<Button component={Link} href="/run-sheets" variant="default">All run-sheets</Button>} />;
  return (
    <>
      <PageHeader title={id === "new" ? "New run-sheet" : chosen.name} back={{ href: "/run-sheets", label: "Run-sheets" }}
        lead="Every candidate for a role gets the same cards. Their order is drawn at random for each interview, and the log keeps it." />
      <Editor key={id} template={chosen} limits={limits} />
    </>
  );
}

function Listed({ templates }: { templates: readonly Template[] }) {
  return (
    <>
      <PageHeader title="Run-sheets" lead="What candidates are asked to do in front of the camera, the same for everybody in a role.">
        <Button component={Link} href="/run-sheets/new" leftSection={<IconPlus size={16} />}>New run-sheet</Button>
      </PageHeader>
      <Stack gap="sm">
        {templates.map((template) => <TemplateRow key={template.id} template={template} />)}
      </Stack>
    </>
  );
}

function TemplateRow({ template }: { template: Template }) {
  const cards = list(template.cards);
  const kinds = [...new Set(cards.map((card) => cardTitles[card.kind]))];
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0, flex: "1 1 260px" }}>
          <Text fw={600} className="truncate" title={template.name}>{template.name}</Text>
          <Text size="sm" c="dimmed">{count(cards.length, "card")}: {kinds.join(", ")}</Text>
          <Group gap={6} mt={6}>
            {template.id === DefaultTemplate && <Badge variant="light" tt="none" fw={500}>All other roles</Badge>}
            {list(template.roles).map((role) => <Badge key={role} variant="outline" color="gray" tt="none" fw={500} maw={260} title={role}>{role}</Badge>)}
          </Group>
        </div>
        <Button component={Link} href={`/run-sheets/${encodeURIComponent(template.id)}`} size="xs" variant="default" leftSection={<IconPencil size={14} stroke={1.6} />}
          aria-label={`Edit ${template.name}`}>Edit</Button>
      </Group>
    </Paper>
  );
}
