import { Group, Radio, Stack, Text } from "@mantine/core";

import type { Consent } from "@/gen/evidence";
import type { ConsentText } from "./consents";
import classes from "./room.module.css";

/** Answers are the consents that were answered so far. */
export type Answers = Partial<Record<Consent, boolean>>;

interface Props {
  texts: readonly ConsentText[];
  answers: Answers;
  onAnswer: (text: ConsentText, granted: boolean) => void;
}

/** ConsentForm asks for each consent on its own; none is answered beforehand. */
export function ConsentForm({ texts, answers, onAnswer }: Props) {
  return (
    <Stack gap={0}>
      {texts.map((asked) => {
        const { consent, title, text, otherwise } = asked;
        const answer = answers[consent];
        return (
          <div key={consent} className={classes.row}>
            <Radio.Group label={title} description={<ConsentWords text={text} otherwise={otherwise} />}
              inputWrapperOrder={["label", "description", "input"]} styles={{ label: { fontWeight: 600 } }}
              value={answer === undefined ? "" : answer ? "yes" : "no"} onChange={(value) => onAnswer(asked, value === "yes")}>
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
