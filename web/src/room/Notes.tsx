import { Button, Group, Kbd, Stack, Text, Textarea } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconMessageQuestion, IconMessageReply, IconPencil } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { type Call, useRoomState } from "@/hooks/useCall";
import { clock } from "@/lib/time";
import classes from "./room.module.css";

/** NoteList shows notes and question marks in order of time. */
export function NoteList({ call }: { call: Call }) {
  const { annotations, questions, people, you } = useRoomState(call);
  const name = (id: string) => (id === you?.id ? "You" : people.find((p) => p.id === id)?.name ?? "Somebody");
  const rows = [
    ...annotations.map((a) => ({ key: `a${a.seq}`, at: a.at_ms, by: a.by, text: a.text, mark: false })),
    ...questions.map((q) => ({ key: `q${q.seq}`, at: q.at_ms, by: q.by, text: q.phase === "asked" ? "Question asked" : "Answer begins", mark: true })),
  ].sort((a, b) => a.at - b.at);
  if (rows.length === 0) {
    return <Text size="sm" c="dimmed">No notes yet. Press <Kbd>N</Kbd> at the moment that matters; the time of the key press is kept.</Text>;
  }
  return (
    <Stack component="ol" gap={0} p={0} m={0} style={{ listStyle: "none" }} aria-label="Notes and questions">
      {rows.map((row) => (
        <li key={row.key} className={classes.row}>
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <Text size="xs" c="dimmed" className="tabular" style={{ flex: "none", paddingTop: 2 }}>{clock(row.at)}</Text>
            <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} fs={row.mark ? "italic" : undefined}>
              {row.text} <Text span size="xs" c="dimmed" fs="normal">{name(row.by)}</Text>
            </Text>
          </Group>
        </li>
      ))}
    </Stack>
  );
}

/** Composer takes notes and marks with one key each: N note, Q question asked, A answer begins. */
export function Composer({ call }: { call: Call }) {
  const { startedMS } = useRoomState(call);
  const [draft, setDraft] = useState<{ atMS: number | null } | null>(null);
  const [text, setText] = useState("");
  const [marked, setMarked] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const started = startedMS !== 0;

  const open = () => setDraft((was) => was ?? { atMS: call.room.now() });
  const close = () => {
    setDraft(null);
    setText("");
  };
  const save = () => {
    const trimmed = text.trim();
    if (trimmed !== "" && draft !== null) call.room.annotate(trimmed.slice(0, 2000), draft.atMS);
    close();
  };
  const mark = (phase: "asked" | "answer") => {
    const at = call.room.now();
    if (at === null) return;
    call.room.question(phase);
    setMarked(`${phase === "asked" ? "Question asked" : "Answer begins"} at ${clock(at)}`);
  };
  useHotkeys([["n", open], ["q", () => mark("asked")], ["a", () => mark("answer")]]);
  useEffect(() => { if (draft !== null) field.current?.focus(); }, [draft]);

  return (
    <Stack gap="xs" className={classes.composer}>
      {draft === null
        ? (
          <Group gap={6} grow wrap="nowrap">
            <Mark name="Note (N)" text="Note" icon={<IconPencil size={14} />} onClick={open} />
            <Mark name="Question asked (Q)" text="Question" icon={<IconMessageQuestion size={14} />} disabled={!started} onClick={() => mark("asked")} />
            <Mark name="Answer begins (A)" text="Answer" icon={<IconMessageReply size={14} />} disabled={!started} onClick={() => mark("answer")} />
          </Group>
        )
        : (
          <>
            <Textarea ref={field} label={`Note at ${draft.atMS === null ? "the start" : clock(draft.atMS)}`} value={text} maxLength={2000}
              description="Enter saves, Shift+Enter starts a new line, Escape gives up" autosize minRows={2} maxRows={6}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Escape") close();
                if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
                event.preventDefault();
                save();
              }} />
            <Group gap="xs" justify="flex-end">
              <Button size="xs" variant="default" onClick={close}>Cancel</Button>
              <Button size="xs" onClick={save} disabled={text.trim() === ""}>Save note</Button>
            </Group>
          </>
        )}
      <Text size="xs" c="dimmed" role="status" mih={18}>{marked}</Text>
    </Stack>
  );
}

/** Mark is one of the buttons that have a key. */
function Mark({ name, text, icon, disabled = false, onClick }: { name: string; text: string; icon: ReactNode; disabled?: boolean; onClick: () => void }) {
  return (
    <Button variant="default" size="xs" px={8} aria-label={name} title={name} disabled={disabled} leftSection={icon} onClick={onClick}>{text}</Button>
  );
}
