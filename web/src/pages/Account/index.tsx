import { Alert, Button, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { get, post } from "@/api/client";
import { keys } from "@/api/queries";
import { notifyDone } from "@/components/notify";
import { PageHeader } from "@/components/PageHeader";
import { Failure, PageLoading } from "@/components/states";
import type { OwnAccount } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import { type FormErrors, formErrors } from "@/lib/form";
import { SecondFactor } from "./SecondFactor";

/** Account is where somebody looks after their own password and second factor. */
export default function Account() {
  const { me } = useAuth();
  const cache = useQueryClient();
  const account = useQuery({ queryKey: keys.account, queryFn: ({ signal }) => get<OwnAccount>("/api/account", signal) });
  if (account.isPending) return <PageLoading label="Loading your account" />;
  if (account.isError) return <Failure error={account.error} title="Your account could not be loaded" retry={() => void account.refetch()} />;
  const changed = () => {
    void cache.invalidateQueries({ queryKey: keys.account });
    void cache.invalidateQueries({ queryKey: keys.me });
  };
  const { user } = account.data;
  return (
    <>
      <PageHeader title="Your account" lead={`${user.name}, ${user.email}`} />
      {me?.must_enrol === true && (
        <Alert variant="light" color="yellow" mb="lg" role="status" title="Set up your second factor first">
          An administrator requires one of your account. Until it is set up, nothing else can be opened.
        </Alert>
      )}
      <Stack gap="lg" maw={620}>
        <SecondFactor account={account.data} onChanged={changed} />
        <Password />
      </Stack>
    </>
  );
}

function Password() {
  const [present, setPresent] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      await post<undefined>("/api/account/password", { present, password });
      setPresent("");
      setPassword("");
      notifyDone("Your password was changed. Other browsers are signed out.");
    } catch (error) {
      setErrors(formErrors(error, ["present", "password"]));
    }
    setBusy(false);
  };
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5" mb="md">Password</Title>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
          <PasswordInput label="Present password" autoComplete="current-password" value={present} error={errors.present}
            visibilityToggleButtonProps={{ "aria-label": "Show password" }} onChange={(event) => setPresent(event.currentTarget.value)} />
          <PasswordInput label="New password" autoComplete="new-password" value={password} error={errors.password} description="At least 12 characters, for example four random words."
            visibilityToggleButtonProps={{ "aria-label": "Show password" }} onChange={(event) => setPassword(event.currentTarget.value)} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">This signs you out in other browsers.</Text>
            <Button type="submit" loading={busy} disabled={present === "" || password === ""}>Change password</Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
