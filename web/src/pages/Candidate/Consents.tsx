import { Stack, Text, Title } from "@mantine/core";

import type { CandidateConsent } from "@/gen/api";
import { dateTime } from "@/lib/time";
import { consentTitle } from "@/room/consents";
import classes from "@/room/room.module.css";

/** Consents is the candidate's copy of what they were asked and what they answered. */
export function Consents({ consents }: { consents: readonly CandidateConsent[] }) {
  return (
    <section className={classes.card} aria-labelledby="consents">
      <Title order={2} size="h4" id="consents" mb="xs">Your answers to the consents</Title>
      {consents.length === 0 && <Text size="sm" c="dimmed">None was answered.</Text>}
      <Stack gap="sm">
        {consents.map((consent) => (
          <details key={`${consent.consent} ${consent.wall_ms}`}>
            <summary style={{ cursor: "pointer" }}>
              <Text span size="sm"><b>{consentTitle(consent.consent)}</b>: {consent.granted ? "you agreed" : "you did not agree"}, <span className="tabular">{dateTime(consent.wall_ms)}</span></Text>
            </summary>
            <Text size="sm" c="dimmed" mt={4} style={{ whiteSpace: "pre-wrap" }}>{consent.text === "" ? "The words that were shown are no longer kept." : consent.text}</Text>
          </details>
        ))}
      </Stack>
    </section>
  );
}
