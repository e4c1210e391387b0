import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { useServerInfo } from "@/api/queries";
import type { InterviewDetail } from "@/gen/api";
import { list } from "@/lib/list";
import { dateTime, localZone, span } from "@/lib/time";

/** Details lists what was planned. */
export function Details({ detail }: { detail: InterviewDetail }) {
  const { interview } = detail;
  const server = useServerInfo();
  const kinds = list(server.data?.kinds);
  const off = list(interview.kinds_off).map((kind) => kinds.find((info) => info.kind === kind)?.title ?? kind);
  // Two zones may show the same time; that is said once.
  const elsewhere = interview.time_zone !== "" && interview.time_zone !== localZone()
    && dateTime(interview.scheduled_ms, interview.time_zone) !== dateTime(interview.scheduled_ms);
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5" mb="md">Details</Title>
      <Stack component="dl" gap="sm" m={0}>
        <Item name="Role">{interview.role}</Item>
        <Item name="Time">
          <span className="tabular">{dateTime(interview.scheduled_ms)}</span>
          {elsewhere && <Text size="sm" c="dimmed" className="tabular">{dateTime(interview.scheduled_ms, interview.time_zone)} for the candidate</Text>}
        </Item>
        <Item name="Claimed place">{interview.place === "" ? "Not stated" : interview.place}</Item>
        <Item name="Claimed time zone">{interview.time_zone === "" ? "Not stated" : interview.time_zone.replaceAll("_", " ")}</Item>
        <Item name="Interviewers">{list(detail.interviewer_names).join(", ")}</Item>
        <Item name="Measurements switched off">{off.length === 0 ? "None" : off.join(", ")}</Item>
        {interview.started_ms > 0 && (
          <Item name="Held">
            <span className="tabular">
              {dateTime(interview.started_ms)}
              {interview.ended_ms > 0 && `, for ${span(interview.ended_ms - interview.started_ms)}`}
            </span>
          </Item>
        )}
      </Stack>
    </Paper>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">{name}</Text>
      <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>{children}</Text>
    </div>
  );
}
