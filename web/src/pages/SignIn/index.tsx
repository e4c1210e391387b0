import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { Redirect, useSearch } from "wouter";

import { ApiError, messageOf } from "@/api/client";
import { useServerInfo } from "@/api/queries";
import { CenteredCard } from "@/components/CenteredCard";
import { PageLoading } from "@/components/states";
import { useAuth } from "@/hooks/useAuth";
import { safeNext } from "@/lib/form";

// Why a sign-in with the identity provider did not work.
const failures: Readonly<Record<string, string>> = {
  oidc_down: "The identity provider cannot be reached at the moment. Try again, or sign in with your password.",
  oidc_failed: "The identity provider did not confirm who you are. Try again.",
  oidc_unverified: "The identity provider has not verified your e-mail address.",
  oidc_unknown: "Nobody here has the e-mail address that the identity provider names. Ask an administrator for an account.",
  deactivated: "This account is deactivated. Ask an administrator.",
};

/** SignIn is the page with which every session begins. */
export default function SignIn() {
  const { me, loading, signIn } = useAuth();
  const server = useServerInfo();
  const search = useSearch();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [second, setSecond] = useState(false); // the account asks for a code too
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(() => failures[new URLSearchParams(search).get("failed") ?? ""] ?? "");

  useEffect(() => {
    document.title = "Sign in · Bonafide";
  }, []);
  if (loading) return <PageLoading />;
  if (me !== null) return <Redirect to={safeNext(search)} replace />;
  if (server.data?.setup_needed) return <Redirect to="/setup" replace />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure("");
    try {
      await signIn({ email: email.trim(), password, code });
    } catch (error) {
      const wanted = error instanceof ApiError && error.code === "second_factor";
      // The first question for the code is not a failure.
      if (!wanted || second) setFailure(messageOf(error));
      if (wanted) setSecond(true);
      setBusy(false);
    }
  };
  return (
    <CenteredCard title="Sign in" lead="For interviewers, reviewers and auditors. Candidates use the link they were sent.">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          {failure !== "" && <Alert role="alert" color="red" variant="light">{failure}</Alert>}
          <TextInput label="Email" type="email" name="email" autoComplete="username" required withAsterisk={false} autoFocus
            value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
          <PasswordInput label="Password" name="password" autoComplete="current-password" required withAsterisk={false}
            value={password} onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": "Show password" }} />
          {second && (
            <TextInput label="Code" name="code" autoComplete="one-time-code" inputMode="text" required withAsterisk={false} autoFocus
              description="The six digits that your authenticator app shows, or a recovery code" value={code} onChange={(event) => setCode(event.currentTarget.value)} />
          )}
          <Button type="submit" loading={busy} mt="xs" fullWidth>Sign in</Button>
          {server.data?.oidc === true && <Button component="a" href="/api/oidc" variant="default" fullWidth>Sign in with your organisation</Button>}
        </Stack>
      </form>
    </CenteredCard>
  );
}
