import { Table, Text } from "@mantine/core";

import type { LogEntry } from "@/gen/api";
import { entrySummary, entryTitles, type Names, partText } from "@/lib/entries";
import { instant, preciseClock } from "@/lib/time";
import classes from "./Log.module.css";

const actors: Readonly<Record<string, string>> = { system: "The server", command: "A command on the server" };

interface Props {
  line: LogEntry;
  names: Names;
  timed: boolean; // of an interview, which has a time of its own
}

/** EntryRow is one entry: a sentence for reading, and the entry itself beneath it. */
export function EntryRow({ line, names, timed }: Props) {
  const { entry, by } = line;
  const summary = entrySummary(line, names);
  const part = partText(line, names);
  const known = by !== "" ? by : names.people.get(entry.actor.id ?? "");
  return (
    <Table.Tr data-entry={entry.seq} data-kind={entry.kind}>
      <Table.Td className={`tabular ${classes.narrow}`} data-label="No.">{entry.seq}</Table.Td>
      <Table.Td className={`tabular ${classes.narrow}`} data-label="Time">{instant(entry.wall_ms)}</Table.Td>
      {timed && (
        <Table.Td className={`tabular ${classes.narrow}`} data-label="In the interview">{entry.at_ms === undefined ? "–" : preciseClock(entry.at_ms)}</Table.Td>
      )}
      <Table.Td className={classes.what}>
        <Text size="sm" fw={600} component="span">{entryTitles[entry.kind]}</Text>
        {summary !== "" && <Text size="sm" component="span">: {summary}</Text>}
        {part !== null && <Text size="sm" className={classes.part}>{part}</Text>}
        <details>
          <summary className={classes.more}>Entry as written</summary>
          <pre className={classes.raw}>{JSON.stringify(entry, null, 2)}</pre>
        </details>
      </Table.Td>
      <Table.Td data-label="By" className={classes.by}>{known ?? actors[entry.actor.type] ?? `${entry.actor.type} ${(entry.actor.id ?? "").slice(0, 8)}`}</Table.Td>
    </Table.Tr>
  );
}
