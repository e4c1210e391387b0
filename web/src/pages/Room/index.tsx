import { Button, Group } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "wouter";

import { get } from "@/api/client";
import { keys, useServerInfo } from "@/api/queries";
import { SaveReceipt } from "@/components/SaveReceipt";
import { Failure, PageLoading } from "@/components/states";
import type { Receipt, ServerInfo } from "@/gen/api";
import { type Call, useCall, useRoomState } from "@/hooks/useCall";
import { consentTexts } from "@/room/consents";
import { Frame } from "@/room/Frame";
import { Gate } from "@/room/Gate";
import { InterviewerCall } from "./InterviewerCall";
import { Lobby } from "./Lobby";
import { remembersObserving } from "./observing";

/** Room is the interviewer's and the observer's page of an interview. */
export default function Room({ id }: { id: string }) {
  // An observer who reloads the page must not come back as an interviewer.
  const [observe] = useState(() => remembersObserving(id));
  const call = useCall({ interview: id, observe });
  // Taken apart here and not in the function below: a query renders again only
  // for what was read while its component rendered.
  const { data: server, error, refetch } = useServerInfo();
  const cache = useQueryClient();
  const stale = () => void cache.invalidateQueries({ queryKey: keys.interview(id) });
  const base = `/interviews/${encodeURIComponent(id)}`;
  const after = (again: boolean, reason: string) => (
    <Group>
      {!again && reason !== "cancelled" && <Button component={Link} href={`${base}/review`} onClick={stale}>Review</Button>}
      <Button component={Link} href={base} variant="default" onClick={stale}>Interview details</Button>
      <Button component={Link} href="/" variant="default">All interviews</Button>
    </Group>
  );
  const back = <Button component={Link} href={base} variant="default">Interview details</Button>;
  return (
    <Gate call={call} after={after} back={back} receipt={<SaveReceipt load={() => get<Receipt>(`/api${base}/receipt`)} />}>
      {(joined) => {
        if (error !== null) return <Frame><Failure error={error} retry={() => void refetch()} /></Frame>;
        return server === undefined ? <Frame><PageLoading /></Frame> : <Stages call={joined} id={id} server={server} />;
      }}
    </Gate>
  );
}

function Stages({ call, id, server }: { call: Call; id: string; server: ServerInfo }) {
  const { stage, you } = useRoomState(call);
  const kinds = useMemo(() => server.kinds ?? [], [server.kinds]);
  const texts = useMemo(
    () => consentTexts(you?.role ?? "interviewer", { operator: server.operator, keepDays: server.keep_days, policy: server.policy, kinds }),
    [you?.role, server, kinds],
  );
  if (stage === "room") return <InterviewerCall call={call} kinds={kinds} texts={texts} />;
  return <Lobby call={call} id={id} texts={texts} />;
}
