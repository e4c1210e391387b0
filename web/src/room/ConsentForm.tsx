import { Group, Radio, Stack, Text } from "@mantine/core";

import type { Consent } from "@/gen/evidence";
import type { Call } from "@/hooks/useCall";
import type { ConsentText } from "./consents";
import classes from "./room.module.css";

/** Answers are the consents that were answered so far. */
export type Answers = Partial<Record<Consent, boolean>>;

interface Props {
  call: Call;
  texts: readonly ConsentText[];
  answers: Answers;
}

/** ConsentForm asks for each consent on its own; none is answered beforehand. Each answer is sent as it is given: a reload does not lose it. */
export function ConsentForm({ call, texts, answers }: Props) {
  return (
    <Stack gap={0}>
      {texts.map(({ consent, title, text, otherwise, shown }) => {
        const answer = answers[consent];
        return (
          <div key={consent} className={classes.row}>
            <Radio.Group label={title} description={<ConsentWords text={text} otherwise={otherwise} />}
              inputWrapperOrder={["label", "description", "input"]} styles={{ label: { fontWeight: 600 } }}
              value={answer === undefined ? "" : answer ? "yes" : "no"} onChange={(value) => call.room.setConsent(consent, value === "yes", shown)}>
              <Group gap="lg" mt="xs">
                <Radio value="yes" label="I agree" />
                <Radio value="no" label="I do not agree" />
              </Group>
            </Radio.Group>
          </div>
        );
      })}
    </Stack>
  );
}

function ConsentWords({ text, otherwise }: { text: string; otherwise: string }) {
  return (
    <>
      <Text component="span" size="sm" display="block" c="var(--mantine-color-text)">{text}</Text>
      <Text component="span" size="sm" display="block" mt={4}>{otherwise}</Text>
    </>
  );
}
