import { ActionIcon, Alert, Button, Group, Modal, Popover, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { del, messageOf, post } from "@/api/client";
import { keys, useSearches } from "@/api/queries";
import { notifyError } from "@/components/notify";
import type { RecordQuery, SavedSearch } from "@/gen/api";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { toParams } from "@/lib/records";

/** SavedSearches lists the person's own searches, keeps the present one, and forgets one. */
export function SavedSearches({ query, onChoose }: { query: RecordQuery; onChoose: (query: RecordQuery) => void }) {
  const cache = useQueryClient();
  const searches = useSearches();
  const [opened, setOpened] = useState(false);
  const [naming, setNaming] = useState(false);
  const saved = list(searches.data);
  const forget = (search: SavedSearch) => {
    del(`/api/searches/${search.id}`)
      .then(() => cache.invalidateQueries({ queryKey: keys.searches }))
      .catch((error: unknown) => notifyError("The search is still there", messageOf(error)));
  };
  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={300} trapFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} stroke={1.6} />} onClick={() => setOpened(!opened)}>Saved searches</Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs">
            {saved.length === 0 && <Text size="sm" c="dimmed">{searches.isError ? messageOf(searches.error) : "You have not saved a search yet."}</Text>}
            {saved.map((search) => (
              <Group key={search.id} gap={4} wrap="nowrap" justify="space-between">
                <Button variant="subtle" size="compact-sm" justify="flex-start" style={{ minWidth: 0, flex: 1 }} title={search.name}
                  onClick={() => {
                    onChoose(search.query);
                    setOpened(false);
                  }}>{search.name}</Button>
                <ActionIcon variant="subtle" color="gray" aria-label={`Delete the search ${search.name}`} onClick={() => forget(search)}><IconTrash size={15} /></ActionIcon>
              </Group>
            ))}
            <Button variant="light" size="xs" disabled={toParams(query).size === 0} onClick={() => {
              setOpened(false);
              setNaming(true);
            }}>Save this search</Button>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {naming && <NameSearch query={query} onClose={() => setNaming(false)} />}
    </>
  );
}

function NameSearch({ query, onClose }: { query: RecordQuery; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await post<SavedSearch>("/api/searches", { name, query });
      await cache.invalidateQueries({ queryKey: keys.searches });
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["name"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Save this search" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack>
          {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
          <TextInput label="Name" data-autofocus value={name} error={errors.name} onChange={(event) => setName(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={busy}>Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
