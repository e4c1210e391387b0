import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { Redirect } from "wouter";

import { useServerInfo } from "@/api/queries";
import { CenteredCard } from "@/components/CenteredCard";
import { Failure, PageLoading } from "@/components/states";
import { useAuth } from "@/hooks/useAuth";
import { useFocusInvalid } from "@/hooks/useFocusInvalid";
import { type FormErrors, formErrors } from "@/lib/form";

const empty = { token: "", name: "", email: "", password: "" };

/** Setup makes the first account of a new server. */
export default function Setup() {
  const { me, setUp } = useAuth();
  const server = useServerInfo();
  const [values, setValues] = useState(empty);
  const [errors, setErrors] = useState<FormErrors>({});
  const form = useFocusInvalid(errors);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = "Set up · Bonafide";
  }, []);
  if (me !== null) return <Redirect to="/" replace />;
  if (server.isPending) return <PageLoading />;
  if (server.isError) {
    return <CenteredCard title="Set up Bonafide"><Failure error={server.error} retry={() => void server.refetch()} /></CenteredCard>;
  }
  if (!server.data.setup_needed) return <Redirect to="/sign-in" replace />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      await setUp({ ...values, token: values.token.trim(), email: values.email.trim() });
    } catch (error) {
      setErrors(formErrors(error, Object.keys(empty)));
      setBusy(false);
    }
  };
  const field = (name: keyof typeof empty) => ({
    name,
    required: true,
    withAsterisk: false,
    value: values[name],
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const value = event.currentTarget.value;
      setValues((old) => ({ ...old, [name]: value }));
    },
  });
  return (
    <CenteredCard title="Set up Bonafide" lead="This server has no accounts yet. Create the first one: an administrator.">
      <form ref={form} onSubmit={(event) => void submit(event)}>
        <Stack>
          {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
          <TextInput label="Set-up token" description="Printed on the server's console when it started. It works once."
            autoComplete="off" spellCheck={false} autoFocus {...field("token")} />
          <TextInput label="Your name" autoComplete="name" {...field("name")} />
          <TextInput label="Email" type="email" autoComplete="username" {...field("email")} />
          <PasswordInput label="Password" autoComplete="new-password" description="At least 12 characters. Several words are easier to keep in mind."
            visibilityToggleButtonProps={{ "aria-label": "Show password" }} {...field("password")} />
          <Button type="submit" loading={busy} mt="xs" fullWidth>Create account</Button>
        </Stack>
      </form>
    </CenteredCard>
  );
}
