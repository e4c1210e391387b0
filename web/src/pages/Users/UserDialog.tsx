import { Alert, Button, Checkbox, Group, Modal, PasswordInput, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { del, patch, post } from "@/api/client";
import { keys } from "@/api/queries";
import type { User, UserRequest } from "@/gen/api";
import type { Role } from "@/gen/auth";
import { useFocusInvalid } from "@/hooks/useFocusInvalid";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";

const roles: readonly { role: Role; label: string; description: string }[] = [
  { role: "interviewer", label: "Interviewer", description: "Plans and hosts interviews, reviews their own." },
  { role: "reviewer", label: "Reviewer", description: "Reads every interview and decides on findings." },
  { role: "auditor", label: "Auditor", description: "Reads every interview and the evidence log, and changes nothing." },
  { role: "admin", label: "Admin", description: "Does all of that (hosts only their own interviews) and manages accounts." },
];

interface Props {
  user: User | null; // null adds an account
  self: boolean; // an administrator must not lock themselves out
  onClose: () => void;
}

/** UserDialog adds an account or changes one. It sends only what was changed. */
export function UserDialog({ user, self, onClose }: Props) {
  const cache = useQueryClient();
  const [name, setName] = useState(user?.name ?? "");
  const [email, setEmail] = useState(user?.email ?? "");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(user === null ? ["interviewer"] : list(user.roles));
  const [active, setActive] = useState(user?.active ?? true);
  const [required, setRequired] = useState(user?.second_required ?? false);
  const [reset, setReset] = useState(false);
  const [errors, setErrors] = useState<FormErrors>({});
  const form = useFocusInvalid(errors);
  const [busy, setBusy] = useState(false);

  const body = (): UserRequest => {
    const picked = roles.map(({ role }) => role).filter((role) => chosen.includes(role));
    if (user === null) return { name: name.trim(), email: email.trim(), password, roles: picked };
    const changed: UserRequest = {};
    if (name.trim() !== user.name) changed.name = name.trim();
    if (email.trim() !== user.email) changed.email = email.trim();
    if (password !== "") changed.password = password;
    if (picked.join() !== roles.map(({ role }) => role).filter((role) => list(user.roles).includes(role)).join()) changed.roles = picked;
    if (active !== user.active) changed.active = active;
    if (required !== user.second_required) changed.second_required = required;
    return changed;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      if (user === null) await post<User>("/api/users", body());
      else {
        if (reset) await del(`/api/users/${user.id}/second`);
        await patch<User>(`/api/users/${user.id}`, body());
      }
      await cache.invalidateQueries({ queryKey: keys.users });
      await cache.invalidateQueries({ queryKey: keys.people });
      if (self) await cache.invalidateQueries({ queryKey: keys.me });
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["name", "email", "password", "roles"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={user === null ? "Add account" : `Change ${user.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
          <TextInput label="Name" data-autofocus value={name} error={errors.name} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label="Email" type="email" autoComplete="off" value={email} error={errors.email} onChange={(event) => setEmail(event.currentTarget.value)} />
          <PasswordInput label={user === null ? "Password" : "New password"} autoComplete="new-password" value={password} error={errors.password}
            description={user === null ? "At least 12 characters. Hand it over by a safe way; only an administrator can change it." : "Empty keeps the present one. A new one signs the account out everywhere."}
            visibilityToggleButtonProps={{ "aria-label": "Show password" }} onChange={(event) => setPassword(event.currentTarget.value)} />
          <Checkbox.Group label="Roles" value={[...chosen]} error={errors.roles} onChange={setChosen}>
            <Stack gap="xs" mt="xs">
              {roles.map(({ role, label, description }) => (
                <Checkbox key={role} value={role} label={label} description={description} disabled={self && role === "admin"} />
              ))}
            </Stack>
          </Checkbox.Group>
          {user !== null && (
            <Switch label="Second factor required" description="Without one, the account can only set one up." checked={required} onChange={(event) => setRequired(event.currentTarget.checked)} />
          )}
          {user !== null && user.second_factor && !self && (
            <Checkbox label="Take the present second factor away" description="For somebody who lost their phone. They are signed out and set up another." checked={reset}
              onChange={(event) => setReset(event.currentTarget.checked)} />
          )}
          {user !== null && (
            <Switch label="Active" description={self ? "You cannot deactivate the account that you use." : "A deactivated account is signed out and cannot sign in. What it did stays in the log."}
              checked={active} disabled={self} onChange={(event) => setActive(event.currentTarget.checked)} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={busy}>{user === null ? "Add account" : "Save"}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
