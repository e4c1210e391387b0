import { Anchor, Button, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { ApiError, post } from "@/api/client";
import { useServerInfo } from "@/api/queries";
import { SaveReceipt } from "@/components/SaveReceipt";
import { Failure, PageLoading } from "@/components/states";
import type { Lobby as LobbyInfo, Receipt, ServerInfo } from "@/gen/api";
import { type Call, useCall, useRoomState } from "@/hooks/useCall";
import { useLinkSecret } from "@/hooks/useLinkSecret";
import { consentTexts, keptFor, type Terms } from "@/room/consents";
import { Frame } from "@/room/Frame";
import { Gate } from "@/room/Gate";
import { IncompleteLink } from "@/room/IncompleteLink";
import { ending } from "@/room/words";
import { CandidateCall } from "./CandidateCall";
import { Lobby } from "./Lobby";
import { Waiting } from "./Waiting";

/** Join is the candidate's page: the link's secret is the fragment of its address, which browsers never send. */
export default function Join() {
  const secret = useLinkSecret();
  if (secret === "") return <IncompleteLink />;
  return <Invited key={secret} secret={secret} />;
}

function Invited({ secret }: { secret: string }) {
  const call = useCall({ link: secret });
  const lobby = useQuery({ queryKey: ["lobby", secret], queryFn: () => post<LobbyInfo>("/api/lobby", { link: secret }), staleTime: Infinity });
  const server = useServerInfo();
  // Read here and not in the function below: a query renders again only for
  // what was read while its component rendered.
  const [invitation, info] = [lobby.data, server.data];
  // A page on which nobody joins must not keep the camera's light on.
  const closed = lobby.error !== null || invitation?.state === "ended";
  useEffect(() => { if (closed) call?.local.reset(); }, [closed, call]);
  if (lobby.error instanceof ApiError && lobby.error.code === "cancelled") return <NotHeld secret={secret} />;
  if (lobby.error !== null || server.error !== null) {
    return (
      <Frame>
        <Stack gap="md" mt="xl">
          <Title order={1} size="h2">You cannot join</Title>
          <Failure error={lobby.error ?? server.error} title=""
            retry={() => {
              void lobby.refetch();
              void server.refetch();
              call?.room.restart();
            }} />
        </Stack>
      </Frame>
    );
  }
  if (invitation?.state === "ended") return <Over secret={secret} />;
  return (
    <Gate call={call} receipt={<SaveReceipt load={() => post<Receipt>("/api/lobby/receipt", { link: secret })} />}
      after={(_, reason) => info !== undefined && <Afterwards reason={reason} kept={keptFor(terms(info))} secret={secret} />}>
      {(joined) => (invitation === undefined || info === undefined
        ? <Frame><PageLoading label="Loading the interview" /></Frame>
        : <Stages call={joined} lobby={invitation} terms={terms(info)} />)}
    </Gate>
  );
}

/** Afterwards says what becomes of what was recorded, and where the candidate can see that. */
function Afterwards({ reason, kept, secret }: { reason: string; kept: string; secret: string }) {
  if (reason === "cancelled") return <Cancelled secret={secret} />;
  const ended = reason === "hangup" || reason === "timeout";
  return (
    <Text c="dimmed">What was recorded is kept {kept}.
      {ended && <>{" "}You can close this page. The link that you were sent now leads to <Anchor href={`/record#${secret}`}>your own page</Anchor>: what
        is kept, until when, and who looked at it.</>}
      {reason === "removed" && <>{" "}You can close this page. Once the interview has ended, the link that you were sent leads to your own page: what is
        kept, until when, and who looked at it.</>}</Text>
  );
}

/** NotHeld is what a link leads to whose interview was cancelled. */
function NotHeld({ secret }: { secret: string }) {
  const { title, text } = ending("cancelled");
  return (
    <Frame>
      <Stack gap="md" mt="xl">
        <Title order={1} size="h2">{title}</Title>
        <Text>{text}</Text>
        <Cancelled secret={secret} />
      </Stack>
    </Frame>
  );
}

/** Cancelled says whom to ask, and where the candidate sees what is kept of an interview that was cancelled. */
function Cancelled({ secret }: { secret: string }) {
  return (
    <>
      <Text>The person who invited you can tell you more.</Text>
      <Text c="dimmed">There is no recording. What is kept of you, such as your answers to the consents, and until when, is
        on <Anchor href={`/record#${secret}`}>your own page</Anchor>, where you can also ask for its deletion.</Text>
    </>
  );
}

/** Over is what a link leads to that is opened after the end: there is nothing to join, but a record. */
function Over({ secret }: { secret: string }) {
  return (
    <Frame>
      <Stack gap="md" mt="xl" align="flex-start">
        <Title order={1} size="h2">The interview has ended</Title>
        <Text>There is nothing to join any more. What is kept of it, until when, and who looked at it, is on your own page.</Text>
        <Button component="a" href={`/record#${secret}`}>See your record</Button>
        <SaveReceipt load={() => post<Receipt>("/api/lobby/receipt", { link: secret })} />
      </Stack>
    </Frame>
  );
}

function terms(server: ServerInfo): Terms {
  return { operator: server.operator, keepDays: server.keep_days, policy: server.policy, kinds: server.kinds ?? [] };
}

function Stages({ call, lobby, terms: given }: { call: Call; lobby: LobbyInfo; terms: Terms }) {
  const { stage } = useRoomState(call);
  const off = lobby.kinds_off;
  // What is switched off for this interview must not be announced as measured.
  const own = useMemo(() => ({ ...given, kinds: given.kinds.filter((k) => !(off ?? []).includes(k.kind)) }), [given, off]);
  const texts = useMemo(() => consentTexts("candidate", own), [own]);
  switch (stage) {
    case "lobby": return <Lobby call={call} lobby={lobby} terms={own} texts={texts} />;
    case "waiting": return <Waiting call={call} lobby={lobby} />;
    case "room": return <CandidateCall call={call} texts={texts} />;
  }
}

