import { Button, Checkbox, List, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";

import type { Lobby as LobbyInfo } from "@/gen/api";
import type { Consent } from "@/gen/evidence";
import { type Call, useLocalState, useRoomState } from "@/hooks/useCall";
import { dateTime } from "@/lib/time";
import { type Answers, ConsentForm } from "@/room/ConsentForm";
import { type ConsentText, keptFor, type Terms, who } from "@/room/consents";
import { Banners } from "@/room/Banners";
import { DeviceCheck } from "@/room/DeviceCheck";
import { Frame } from "@/room/Frame";
import { NetworkCheck } from "@/room/NetworkCheck";
import classes from "@/room/room.module.css";
import { Blocked } from "@/room/Blocked";

interface Props {
  call: Call;
  lobby: LobbyInfo;
  terms: Terms;
  texts: readonly ConsentText[];
}

/** titlesOf lists what is measured and no consent below is about: facts about page, devices and network, or all else. */
function titlesOf(kinds: Terms["kinds"], texts: Props["texts"], facts: boolean): string {
  return kinds.filter(({ kind, consent }) => !texts.some((text) => text.consent === consent) && /^(stream|client|network)\./.test(kind) === facts)
    .map((k) => k.title.toLowerCase()).join("; ");
}

const subjects: Partial<Record<Consent, string>> = { face: "your face", gaze: "where your eyes point", speech: "when you speak and pause" };

/** subjectsOf names what is measured with a consent; each consent lists it in full. */
function subjectsOf(kinds: Terms["kinds"], texts: Props["texts"]): string {
  const measured = texts.filter(({ consent }) => kinds.some((kind) => kind.consent === consent)).flatMap(({ consent }) => subjects[consent] ?? []);
  return new Intl.ListFormat("en-GB").format(measured);
}

/** Lobby tells the candidate what happens, checks devices and network, and asks for the consents. */
export function Lobby({ call, lobby, terms, texts }: Props) {
  const { you, ice } = useRoomState(call);
  const { camera, microphone } = useLocalState(call);
  const [without, setWithout] = useState(false);
  const answers: Answers = you?.consents ?? {};
  const ready = camera.track !== null || microphone.track !== null || without;

  const missing: string[] = [];
  if (texts.some(({ consent }) => answers[consent] === undefined)) missing.push("Answer each of the consents.");
  if (!ready) missing.push("Turn on your camera and microphone, or tick that you join without them.");
  if (terms.policy === "refuse" && answers.recording === false) {
    missing.push("This interview cannot be held without a recording. Agree to it, or ask your contact for another way.");
  }
  return (
    <Frame wide>
      <Stack gap={4} mb="lg">
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>{lobby.candidate_name}, welcome to your interview</Title>
        <Text c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {lobby.role}, {dateTime(lobby.scheduled_ms)}
          {(lobby.interviewer_names ?? []).length > 0 && `, with ${(lobby.interviewer_names ?? []).join(", ")}`}
        </Text>
      </Stack>
      <Banners call={call} devices={false} />
      <div className={classes.lobby}>
        <Stack gap="lg">
          <section className={classes.card} aria-labelledby="what-happens">
            <Title order={2} size="h4" id="what-happens" mb="xs">What happens in this interview</Title>
            <List size="sm" spacing={6}>
              <List.Item><b>Recorded:</b> your camera, your microphone and any screen you share, if you agree.</List.Item>
              <List.Item>
                <b>Measured:</b> {subjectsOf(terms.kinds, texts) === "" ? "" : `${subjectsOf(terms.kinds, texts)}, each only if you agree to it below, where it is listed in full. `}
                {titlesOf(terms.kinds, texts, false) !== "" && `Without asking: ${titlesOf(terms.kinds, texts, false)}. `}
                People look at each; no software decides about you.
              </List.Item>
              {titlesOf(terms.kinds, texts, true) !== "" && (
                <List.Item>
                  <b>Noted of this page, your devices and the network:</b> {titlesOf(terms.kinds, texts, true)}. What you copy, what else is on your
                  screen and which sites you visit are not read.
                </List.Item>
              )}
              <List.Item><b>Kept:</b> {keptFor(terms)}, on the server of {who(terms.operator)}.</List.Item>
              <List.Item><b>Written down:</b> when you join and leave, your answers below, when you mute, and which devices you use.</List.Item>
            </List>
          </section>
          <section className={classes.card} aria-labelledby="your-consents">
            <Title order={2} size="h4" id="your-consents">Your consents</Title>
            <Text size="sm" c="dimmed">Each is separate, and kept as soon as you give it. You can change it here, and withdraw it at any time during the interview.</Text>
            <ConsentForm call={call} texts={texts} answers={answers} />
          </section>
        </Stack>
        <Stack gap="lg" className={classes.aside}>
          <section className={classes.card} aria-labelledby="your-devices">
            <Title order={2} size="h4" id="your-devices" mb="sm">Camera and microphone</Title>
            <DeviceCheck call={call} />
          </section>
          {/* What comes and goes stands below the button, which keeps its place. */}
          <Button size="md" disabled={missing.length > 0} onClick={() => call.room.enter()}>Continue</Button>
          <Blocked reasons={missing} />
          {camera.track === null && microphone.track === null && (
            <Checkbox label="Join without camera and microphone" checked={without} onChange={(event) => setWithout(event.currentTarget.checked)} />
          )}
          <section className={classes.card} aria-labelledby="your-network">
            <Title order={2} size="h4" id="your-network" mb="sm">Network</Title>
            <NetworkCheck ice={ice} />
          </section>
        </Stack>
      </div>
    </Frame>
  );
}
