import { Anchor, Text, Title } from "@mantine/core";

import type { ReviewData } from "@/gen/api";
import { list } from "@/lib/list";
import { clock, dateTime } from "@/lib/time";
import type { SyncedPlayer } from "./player";
import classes from "./Notes.module.css";

/** Notes lists what people wrote and marked during the call; a time goes there. */
export function Notes({ review, player }: { review: ReviewData; player: SyncedPlayer }) {
  const rows = [
    ...list(review.annotations).map((note) => ({ seq: note.seq, at: note.at_ms, by: note.by, text: note.text, mark: false })),
    ...list(review.questions).map((q) => ({ seq: q.seq, at: q.at_ms, by: q.by, text: q.phase === "asked" ? "Question asked" : "Answer begins", mark: true })),
  ].sort((a, b) => a.at - b.at || a.seq - b.seq);
  const whole = list(review.answers).filter((answer) => answer.finding === "");
  return (
    <section aria-label="Notes and questions" className={classes.notes}>
      <Title order={2} size="h6">Notes and questions</Title>
      {rows.length === 0 && <Text size="sm" c="dimmed" mt={6}>None were made during the call.</Text>}
      <ul className={classes.rows}>
        {rows.map((row) => (
          <li key={row.seq} className={classes.row}>
            <Anchor component="button" type="button" size="sm" className="tabular" aria-label={`Go to ${clock(row.at)}`} onClick={() => player.seek(row.at)}>{clock(row.at)}</Anchor>
            <Text size="sm" c={row.mark ? "dimmed" : undefined} style={{ overflowWrap: "anywhere" }}>{row.text}</Text>
            <Text size="xs" c="dimmed" className="truncate" title={row.by}>{row.by}</Text>
          </li>
        ))}
      </ul>
      {whole.length > 0 && <Title order={2} size="h6" mt="sm">The candidate on the interview as a whole</Title>}
      {whole.map((answer) => (
        <Text key={answer.seq} size="sm" mt={6} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {answer.text === "" ? "(deleted)" : answer.text} <Text span size="xs" c="dimmed" className="tabular">{dateTime(answer.wall_ms)}</Text>
        </Text>
      ))}
    </section>
  );
}
