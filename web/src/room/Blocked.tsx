import { List } from "@mantine/core";

import type { Call } from "@/hooks/useCall";
import type { Answers } from "./ConsentForm";
import type { ConsentText } from "./consents";

/** changedAnswers are the consents whose answer the server does not have yet. */
export function changedAnswers(texts: readonly ConsentText[], known: Answers, answers: Answers): { text: ConsentText; granted: boolean }[] {
  return texts.flatMap((text) => {
    const granted = answers[text.consent];
    return granted === undefined || granted === known[text.consent] ? [] : [{ text, granted }];
  });
}

/** sendAnswers tells the server of new answers, each with the hash of the text that was shown. */
export function sendAnswers(call: Call, texts: readonly ConsentText[], known: Answers, answers: Answers): void {
  for (const { text, granted } of changedAnswers(texts, known, answers)) {
    call.room.setConsent(text.consent, granted, text.shown);
  }
}

/** Blocked lists what is still to do before going on. */
export function Blocked({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <List size="sm" spacing={4} c="dimmed" role="status" aria-label="Still to do">
      {reasons.map((reason) => <List.Item key={reason}>{reason}</List.Item>)}
    </List>
  );
}
