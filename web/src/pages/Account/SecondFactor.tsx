import { Alert, Button, Code, Group, Image, Paper, PasswordInput, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { post } from "@/api/client";
import { CopyField } from "@/components/CopyField";
import type { OwnAccount, RecoveryCodes, SecondBegun } from "@/gen/api";
import { type FormErrors, formErrors } from "@/lib/form";

interface Props {
  account: OwnAccount;
  onChanged: () => void;
}

/** SecondFactor sets up codes of an authenticator app, and takes them away. */
export function SecondFactor({ account, onChanged }: Props) {
  const [begun, setBegun] = useState<SecondBegun | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const { second_factor, second_required } = account.user;
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5">Second factor</Title>
      <Text size="sm" c="dimmed" mt={4} mb="md">A code from an app on your phone, asked for beside the password whenever you sign in. A stolen password alone then opens nothing.</Text>
      {codes !== null && <Codes codes={codes} onDone={() => setCodes(null)} />}
      {codes === null && second_factor && (
        <Stack gap="sm">
          <Text size="sm"><b>On.</b> {account.recovery_left} of 10 recovery codes are left.{second_required && " An administrator requires it."}</Text>
          {!second_required && <Ask action="Remove second factor" onSubmit={async (present) => {
            await post<undefined>("/api/account/second/remove", { present });
            onChanged();
          }} />}
        </Stack>
      )}
      {codes === null && !second_factor && begun === null && (
        <Ask action="Set up second factor" onSubmit={async (present) => setBegun(await post<SecondBegun>("/api/account/second", { present }))} />
      )}
      {codes === null && !second_factor && begun !== null && (
        <Confirm begun={begun} onConfirmed={(list) => {
          setBegun(null);
          setCodes(list);
          onChanged();
        }} />
      )}
    </Paper>
  );
}

/** Ask wants the password again before a change that a stranger at the screen must not make. */
function Ask({ action, onSubmit }: { action: string; onSubmit: (present: string) => Promise<void> }) {
  const [present, setPresent] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      await onSubmit(present);
    } catch (error) {
      setErrors(formErrors(error, ["present"]));
    }
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <PasswordInput label="Your password" autoComplete="current-password" value={present} error={errors.present}
          visibilityToggleButtonProps={{ "aria-label": "Show password" }} onChange={(event) => setPresent(event.currentTarget.value)} />
        <Group justify="flex-end"><Button type="submit" variant="default" loading={busy} disabled={present === ""}>{action}</Button></Group>
      </Stack>
    </form>
  );
}

function Confirm({ begun, onConfirmed }: { begun: SecondBegun; onConfirmed: (codes: readonly string[]) => void }) {
  const [code, setCode] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      onConfirmed((await post<RecoveryCodes>("/api/account/second/confirm", { code })).codes ?? []);
    } catch (error) {
      setErrors(formErrors(error, ["code"]));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Text size="sm">1. Scan this with an authenticator app, or type the key into it.</Text>
        <Image src={`data:image/svg+xml,${encodeURIComponent(begun.qr)}`} w={200} h={200} alt="QR code with the key for the authenticator app" />
        <CopyField label="Key" value={begun.secret} />
        <TextInput label="2. Enter the six digits that it shows" autoComplete="one-time-code" inputMode="numeric" value={code} error={errors.code} onChange={(event) => setCode(event.currentTarget.value)} />
        <Group justify="flex-end"><Button type="submit" loading={busy} disabled={code.trim() === ""}>Turn on</Button></Group>
      </Stack>
    </form>
  );
}

function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <Alert variant="light" title="Keep these recovery codes now">
      <Stack gap="sm">
        <Text size="sm">Each signs you in once if your phone is lost. They are not shown again; keep them apart from your password.</Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">{codes.map((code) => <Code key={code} fz="sm">{code}</Code>)}</SimpleGrid>
        <Group justify="flex-end"><Button size="xs" onClick={onDone}>I have kept them</Button></Group>
      </Stack>
    </Alert>
  );
}
