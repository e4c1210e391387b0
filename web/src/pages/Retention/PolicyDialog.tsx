import { Alert, Button, Checkbox, Group, Modal, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { put } from "@/api/client";
import { keys } from "@/api/queries";
import type { RecordPart } from "@/gen/evidence";
import type { Outcome } from "@/gen/interview";
import type { Action, Origin, Policy } from "@/gen/retention";
import { useFocusInvalid } from "@/hooks/useFocusInvalid";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { actionLabels, originLabels, outcomeChoices, parts, partWords } from "@/lib/retention";

interface Props {
  policy: Policy | null; // null adds one
  taken: readonly string[]; // identifiers that exist
  onClose: () => void;
}

const choices = <T extends string>(labels: Readonly<Record<T, string>>) => (Object.keys(labels) as T[]).map((value) => ({ value, label: labels[value] }));

/** identifier makes an identifier out of a name, which is not one that exists. */
function identifier(name: string, taken: readonly string[]): string {
  const base = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 30) || "policy";
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** PolicyDialog adds a retention policy or changes one. */
export function PolicyDialog({ policy, taken, onClose }: Props) {
  const cache = useQueryClient();
  const [draft, setDraft] = useState<Policy>(policy ?? { id: "", name: "", rule: "", action: "delete", parts: ["recording"], role: "", outcome: "" as Outcome, origin: "ended", days: 365, active: true });
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const form = useFocusInvalid(errors);
  const change = (part: Partial<Policy>) => setDraft({ ...draft, ...part });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      const id = policy?.id ?? identifier(draft.name, taken);
      await put<Policy>(`/api/retention/policies/${id}`, { ...draft, id });
      await cache.invalidateQueries({ queryKey: keys.retention });
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["name", "rule", "action", "parts", "role", "outcome", "origin", "days"]));
      setBusy(false);
    }
  };
  const setAction = (action: Action) => change({ action, origin: action === "request" ? "requested" : draft.origin === "requested" ? "ended" : draft.origin });
  const origins = choices<Origin>(originLabels).filter(({ value }) => (value === "requested") === (draft.action === "request"));
  return (
    <Modal opened onClose={onClose} title={policy === null ? "Add policy" : "Change policy"} closeButtonProps={{ "aria-label": "Close" }}>
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
          <TextInput label="Name" data-autofocus value={draft.name} error={errors.name} onChange={(event) => change({ name: event.currentTarget.value })} />
          <TextInput label="Rule" description="The law, contract or promise that it comes from." value={draft.rule} error={errors.rule} onChange={(event) => change({ rule: event.currentTarget.value })} />
          <Select label="What it asks for" data={choices<Action>(actionLabels)} value={draft.action} error={errors.action} allowDeselect={false}
            onChange={(value) => setAction((value ?? "delete") as Action)} />
          <Group grow align="flex-start">
            <NumberInput label="Days" min={0} max={36525} allowDecimal={false} value={draft.days} error={errors.days} onChange={(value) => change({ days: Number(value) || 0 })} />
            <Select label="Counted from" data={origins} value={draft.origin} error={errors.origin} allowDeselect={false} onChange={(value) => change({ origin: (value ?? "ended") as Origin })} />
          </Group>
          <Checkbox.Group label="Parts of the record" value={[...list(draft.parts)]} error={errors.parts} onChange={(value) => change({ parts: value as RecordPart[] })}>
            <Stack gap={6} mt="xs">{parts.map((part) => <Checkbox key={part} value={part} label={partWords[part]} />)}</Stack>
          </Checkbox.Group>
          <TextInput label="Only for the position" description="Empty: for every one." value={draft.role} error={errors.role} onChange={(event) => change({ role: event.currentTarget.value })} />
          <Select label="Only with the outcome" placeholder="Every one" clearable data={[...outcomeChoices]} value={draft.outcome === "" ? null : draft.outcome} error={errors.outcome}
            onChange={(value) => change({ outcome: (value ?? "") as Outcome })} />
          <Switch label="In force" checked={draft.active} onChange={(event) => change({ active: event.currentTarget.checked })} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={busy}>Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
