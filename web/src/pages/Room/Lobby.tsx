import { Anchor, Button, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { Link } from "wouter";

import { type Call, useRoomState } from "@/hooks/useCall";
import { dateTime, zoneOffset } from "@/lib/time";
import { Blocked } from "@/room/Blocked";
import { type Answers, ConsentForm } from "@/room/ConsentForm";
import type { ConsentText } from "@/room/consents";
import { Banners } from "@/room/Banners";
import { DeviceCheck } from "@/room/DeviceCheck";
import { Frame } from "@/room/Frame";
import { NetworkCheck } from "@/room/NetworkCheck";
import classes from "@/room/room.module.css";
import { rememberObserving } from "./observing";

/** Lobby is where an interviewer checks devices, answers for themselves, and enters. */
export function Lobby({ call, id, texts }: { call: Call; id: string; texts: readonly ConsentText[] }) {
  const { you, ice, interview, people } = useRoomState(call);
  const observer = you?.role === "observer";
  const answers: Answers = you?.consents ?? {};
  const missing = texts.some(({ consent }) => answers[consent] === undefined) ? ["Answer each of the consents."] : [];
  const waiting = people.find((p) => p.role === "candidate" && p.stage === "waiting");
  return (
    <Frame wide>
      <Stack gap={4} mb="lg">
        <Anchor component={Link} href={`/interviews/${encodeURIComponent(id)}`} size="sm">Interview details</Anchor>
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>{interview?.candidate_name ?? ""}</Title>
        <Text c="dimmed">
          {interview === null ? "" : `${interview.role}, ${dateTime(interview.scheduled_ms)}`}
          {interview !== null && interview.time_zone !== "" && ` (candidate: ${interview.time_zone}, ${zoneOffset(interview.scheduled_ms, interview.time_zone)})`}
        </Text>
      </Stack>
      <Banners call={call} devices={false} />
      <div className={classes.lobby}>
        <Stack gap="lg">
          <section className={classes.card} aria-labelledby="take-part">
            <Title order={2} size="h4" id="take-part" mb="xs">How you take part</Title>
            <SegmentedControl fullWidth aria-label="How you take part" value={observer ? "observe" : "host"}
              data={[{ value: "host", label: "Interview" }, { value: "observe", label: "Observe" }]}
              onChange={(value) => {
                rememberObserving(id, value === "observe");
                call.room.restart({ observe: value === "observe" });
              }} />
            <Text size="sm" c="dimmed" mt="xs">
              {observer
                ? "You see and hear everybody. You send neither picture nor sound, and everybody sees that you observe."
                : "You are seen and heard, admit the candidate, take notes and end the interview."}
            </Text>
          </section>
          <section className={classes.card} aria-labelledby="your-consents">
            <Title order={2} size="h4" id="your-consents">Your consents</Title>
            <Text size="sm" c="dimmed">Everybody in a room is asked. Each answer is kept as soon as you give it; you can withdraw it during the interview.</Text>
            <ConsentForm call={call} texts={texts} answers={answers} />
          </section>
        </Stack>
        <Stack gap="lg" className={classes.aside}>
          {!observer && (
            <section className={classes.card} aria-labelledby="your-devices">
              <Title order={2} size="h4" id="your-devices" mb="sm">Camera and microphone</Title>
              <DeviceCheck call={call} />
            </section>
          )}
          {/* What comes and goes stands below the button, which keeps its place. */}
          <Button size="md" disabled={missing.length > 0} onClick={() => call.room.enter()}>Enter room</Button>
          {waiting !== undefined && <Text role="status" fw={600} style={{ overflowWrap: "anywhere" }}>{waiting.name} is in the waiting room.</Text>}
          <Blocked reasons={missing} />
          <section className={classes.card} aria-labelledby="your-network">
            <Title order={2} size="h4" id="your-network" mb="sm">Network</Title>
            <NetworkCheck ice={ice} />
          </section>
        </Stack>
      </div>
    </Frame>
  );
}
