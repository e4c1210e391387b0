import { Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { post } from "@/api/client";
import { SaveReceipt } from "@/components/SaveReceipt";
import { Failure, PageLoading } from "@/components/states";
import type { CandidateRecord, Receipt } from "@/gen/api";
import { useLinkSecret } from "@/hooks/useLinkSecret";
import { list } from "@/lib/list";
import { dateTime, span } from "@/lib/time";
import { who } from "@/room/consents";
import { Frame } from "@/room/Frame";
import { IncompleteLink } from "@/room/IncompleteLink";
import classes from "@/room/room.module.css";
import { Answers } from "./Answers";
import { Consents } from "./Consents";
import { Deletion } from "./Deletion";
import { Kept } from "./Kept";
import { Views } from "./Views";

/** Candidate is what a candidate sees of their own record, later: the link's secret is the fragment of its address. */
export default function Candidate() {
  const secret = useLinkSecret();
  useEffect(() => {
    document.title = "Your interview · Bonafide";
  }, []);
  if (secret === "") return <IncompleteLink />;
  return <Own key={secret} secret={secret} />;
}

function Own({ secret }: { secret: string }) {
  const cache = useQueryClient();
  const key = ["candidate", secret];
  const record = useQuery({ queryKey: key, queryFn: () => post<CandidateRecord>("/api/candidate", { link: secret }), staleTime: Infinity });
  if (record.isPending) return <Frame><PageLoading label="Loading your record" /></Frame>;
  if (record.isError) return <Frame><Failure error={record.error} title="Your record cannot be shown" retry={() => void record.refetch()} /></Frame>;
  const told = (changed: CandidateRecord) => cache.setQueryData(key, changed);
  const own = record.data;
  return (
    <Frame wide>
      <Stack gap={4} mb="lg">
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>What is kept of your interview</Title>
        <Text c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {own.candidate_name}, {own.role}, {dateTime(own.started_ms > 0 ? own.started_ms : own.scheduled_ms)}
          {own.started_ms > 0 && own.ended_ms > 0 && `, for ${span(own.ended_ms - own.started_ms)}`}
        </Text>
        {own.state === "cancelled" && (
          <Text size="sm">It was cancelled on {dateTime(own.ended_ms)} and did not take place.</Text>
        )}
        <Text size="sm">
          What is kept lies on the server of {who(own.operator)}. People look at it and decide; no software decides about you. Whoever has this link can
          see this page, so keep it to yourself.
        </Text>
      </Stack>
      <div className={classes.lobby}>
        <Stack gap="lg">
          <Kept record={own} />
          <Answers record={own} secret={secret} onTold={told} />
          <Deletion record={own} secret={secret} onTold={told} />
        </Stack>
        <Stack gap="lg">
          <Views views={list(own.views)} />
          <Consents consents={list(own.consents)} />
          <section className={classes.card} aria-labelledby="proof">
            <Title order={2} size="h4" id="proof" mb="xs">Proof</Title>
            <SaveReceipt load={() => post<Receipt>("/api/lobby/receipt", { link: secret })} />
          </section>
        </Stack>
      </div>
    </Frame>
  );
}
