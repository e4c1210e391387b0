import { Button, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";

import type { CandidateView } from "@/gen/api";
import { folded, openedWords, spansWords } from "@/lib/access";
import { list } from "@/lib/list";
import { dateTime } from "@/lib/time";
import classes from "@/room/room.module.css";

const shortList = 10;

const roleWords: Readonly<Record<string, string>> = { interviewer: "an interviewer", reviewer: "a reviewer", auditor: "an auditor", admin: "an administrator" };

/** Views lists who saw the record: by their role, or by name where the operator allows it. */
export function Views({ views }: { views: readonly CandidateView[] }) {
  const [whole, setWhole] = useState(false);
  const lines = folded(views, whoWords);
  return (
    <section className={classes.card} aria-labelledby="views">
      <Title order={2} size="h4" id="views" mb="xs">Who looked at it</Title>
      {views.length === 0 && <Text size="sm" c="dimmed">Nobody so far.</Text>}
      <Stack gap="xs" role="list" aria-label="Who looked at it">
        {(whole ? lines : lines.slice(0, shortList)).map(({ line: view, times }, i) => (
          <div key={`${view.wall_ms} ${i}`} role="listitem">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>{whoWords(view)} {didWords(view, times)}</Text>
            <Text size="xs" c="dimmed" className="tabular">{dateTime(view.wall_ms)}</Text>
          </div>
        ))}
      </Stack>
      {lines.length > shortList && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setWhole(!whole)}>{whole ? "Show fewer" : `Show all ${lines.length}`}</Button>
      )}
    </section>
  );
}

function whoWords({ you, command, by, roles }: CandidateView): string {
  if (you) return "You";
  if (command) return "The operator, by command,";
  if (by !== "") return by;
  const words = list(roles).map((role) => roleWords[role] ?? role).join(" and ");
  return words === "" ? "An account without a role" : words.charAt(0).toUpperCase() + words.slice(1);
}

function didWords({ you, kind, what, spans }: CandidateView, times: number): string {
  if (you) return "opened this page";
  if (kind === "export") return "exported the whole record";
  if (kind === "access.played") return `played ${spansWords(list(spans))}`;
  return openedWords(what, times);
}
