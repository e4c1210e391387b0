import { ActionIcon, Alert, Button, Checkbox, Group, Menu, NumberInput, Paper, Stack, TagsInput, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";

import { del, post, put } from "@/api/client";
import { keys } from "@/api/queries";
import { Confirm } from "@/components/Confirm";
import type { CardKind } from "@/gen/evidence";
import { DefaultTemplate, MaxCards, MaxLimitS, MaxQuestion, MinLimitS, type Template, type TemplateCard } from "@/gen/interview";
import { useFocusInvalid } from "@/hooks/useFocusInvalid";
import { cardTitles } from "@/lib/cards";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { incomplete, newCard } from "./deck";

interface Props {
  template: Template;
  limits: Partial<Record<CardKind, number>>;
}

/** Editor changes one run-sheet: its name, its roles and its deck of cards. */
export function Editor({ template, limits }: Props) {
  const [, navigate] = useLocation();
  const cache = useQueryClient();
  const [name, setName] = useState(template.name);
  const [roles, setRoles] = useState<string[]>([...list(template.roles)]);
  const [cards, setCards] = useState<readonly TemplateCard[]>(list(template.cards));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const form = useFocusInvalid(errors);
  const standard = template.id === DefaultTemplate;

  const change = (id: string, part: Partial<TemplateCard>) => setCards((old) => old.map((card) => (card.id === id ? { ...card, ...part } : card)));
  const done = async () => {
    await cache.invalidateQueries({ queryKey: keys.templates });
    navigate("/run-sheets");
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const empty = incomplete(name, standard ? ["any"] : roles, cards);
    setErrors(empty);
    if (Object.keys(empty).length > 0) return;
    setBusy(true);
    try {
      const body = { name: name.trim(), roles, cards };
      if (template.id === "") await post<Template>("/api/templates", body);
      else await put<Template>(`/api/templates/${encodeURIComponent(template.id)}`, body);
      await done();
    } catch (error) {
      setErrors(formErrors(error, ["name", "roles", "cards"]));
      setBusy(false);
    }
  };
  return (
    <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
      <Stack maw={720}>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Paper withBorder p={{ base: "md", sm: "lg" }}>
          <Stack>
            <TextInput label="Name" required maxLength={200} value={name} error={errors.name} onChange={(event) => setName(event.currentTarget.value)} />
            <TagsInput label="Roles" required={!standard} value={roles} error={errors.roles} onChange={setRoles} maxLength={200}
              description={standard ? "This one is for every role that no other run-sheet names." : "As in the interview's form; upper and lower case do not matter. Enter adds one."}
              inputWrapperOrder={["label", "input", "description", "error"]} />
          </Stack>
        </Paper>
        <Paper withBorder p={{ base: "md", sm: "lg" }}>
          <Group justify="space-between" mb="sm">
            <Title order={2} size="h5">Cards</Title>
            <AddMenu disabled={cards.length >= MaxCards} onAdd={(kind) => setCards((old) => [...old, newCard(old, kind, limits[kind] ?? 30)])} />
          </Group>
          <Text size="sm" c="dimmed" mb="sm">A required card that was not reached is noted in the log; leaving out any card wants a reason.</Text>
          {errors.cards !== undefined && <Alert role="alert" color="red" variant="light" mb="sm">{errors.cards}</Alert>}
          {cards.length === 0 && <Text size="sm" c="dimmed">No cards yet.</Text>}
          <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }} aria-label="Cards">
            {cards.map((card) => <CardRow key={card.id} card={card} onChange={(part) => change(card.id, part)} onRemove={() => setCards((old) => old.filter((one) => one.id !== card.id))} />)}
          </Stack>
        </Paper>
        <Group justify="space-between">
          {template.id !== "" ? <Button variant="subtle" color="red" onClick={() => setDeleting(true)}>{standard ? "Back to the built-in" : "Delete"}</Button> : <span />}
          <Group>
            <Button variant="default" component={Link} href="/run-sheets">Cancel</Button>
            <Button type="submit" loading={busy}>Save</Button>
          </Group>
        </Group>
      </Stack>
      <Confirm opened={deleting} title={standard ? "Take the built-in run-sheet?" : `Delete “${template.name}”?`} action={standard ? "Take the built-in" : "Delete"} onClose={() => setDeleting(false)}
        text={standard ? "What was changed in the standard run-sheet is lost." : "Its roles get the standard run-sheet from then on."}
        onConfirm={async () => {
          await del(`/api/templates/${encodeURIComponent(template.id)}`);
          await done();
        }} />
    </form>
  );
}

function AddMenu({ disabled, onAdd }: { disabled: boolean; onAdd: (kind: CardKind) => void }) {
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target><Button size="xs" variant="default" disabled={disabled} leftSection={<IconPlus size={14} />}>Add a card</Button></Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(cardTitles) as CardKind[]).map((kind) => <Menu.Item key={kind} onClick={() => onAdd(kind)}>{cardTitles[kind]}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}

interface RowProps {
  card: TemplateCard;
  onChange: (part: Partial<TemplateCard>) => void;
  onRemove: () => void;
}

function CardRow({ card, onChange, onRemove }: RowProps) {
  const title = cardTitles[card.kind];
  return (
    <li style={{ padding: "10px 0", borderTop: "1px solid var(--mantine-color-default-border)" }}>
      <Group gap="sm" align="flex-start">
        <div style={{ flex: "1 1 240px", minWidth: 0 }}>
          <Text size="sm" fw={600}>{title}</Text>
          {card.kind === "question" && (
            <Textarea mt={4} aria-label="Question" placeholder="What the interviewer asks. The candidate does not see it." autosize minRows={1} maxRows={5} maxLength={MaxQuestion}
              value={card.question} onChange={(event) => onChange({ question: event.currentTarget.value })} />
          )}
        </div>
        <Group gap="sm" wrap="nowrap">
          <Checkbox label="Required" checked={card.required} onChange={(event) => onChange({ required: event.currentTarget.checked })} />
          <NumberInput size="xs" w={84} aria-label={`Seconds for ${title}`} suffix=" s" min={MinLimitS} max={MaxLimitS} allowDecimal={false} value={card.limit_s}
            onChange={(value) => onChange({ limit_s: Number(value) || 0 })} />
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${title}`} onClick={onRemove}><IconTrash size={16} /></ActionIcon>
        </Group>
      </Group>
    </li>
  );
}
