import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { CardKind, DeviationReason } from "@/gen/evidence";
import { cardTitles, deviationReasons } from "@/lib/cards";

/** Departing is what a departure from the run-sheet is told with. */
export interface Departing {
  reason: DeviationReason;
  note: string;
}

/** reasons are those that a person may give; one is the server's alone. */
const reasons = (Object.keys(deviationReasons) as DeviationReason[]).filter((reason) => reason !== "interview_ended");

interface Props {
  title: string;
  text: string;
  action: string;
  onClose: () => void;
  onConfirm: (departing: Departing) => void;
  children?: React.ReactNode;
  /** What is still missing of the rest; "" for nothing. */
  missing?: string;
}

/** ReasonDialog asks why the run-sheet is departed from; the log keeps it. */
export function ReasonDialog({ title, text, action, onClose, onConfirm, children, missing = "" }: Props) {
  const [reason, setReason] = useState<DeviationReason | "">("");
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason === "" || missing !== "") {
      setTried(true);
      return;
    }
    onConfirm({ reason, note: note.trim() });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">{text}</Text>
          {children}
          {tried && missing !== "" && <Text size="sm" c="red" role="alert">{missing}</Text>}
          <NativeSelect label="Reason" value={reason} error={tried && reason === "" ? "Choose a reason." : undefined}
            data={[{ value: "", label: "Choose…" }, ...reasons.map((value) => ({ value, label: deviationReasons[value] }))]}
            onChange={(event) => setReason(event.currentTarget.value as DeviationReason | "")} />
          <Textarea label="Note" description="If there is more to say. It is kept with the reason." autosize minRows={1} maxRows={4} maxLength={2000}
            value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit">{action}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface AddProps {
  onClose: () => void;
  onAdd: (kind: CardKind, question: string, departing: Departing) => void;
}

/** AddDialog adds a card that the template does not have. */
export function AddDialog({ onClose, onAdd }: AddProps) {
  const [kind, setKind] = useState<CardKind>("question");
  const [question, setQuestion] = useState("");
  const asks = kind === "question";
  return (
    <ReasonDialog title="Add a card" text="Other candidates for this role do not get it, so the log says that it was added." action="Add card" onClose={onClose}
      missing={asks && question.trim() === "" ? "Write the question." : ""} onConfirm={(departing) => onAdd(kind, asks ? question.trim() : "", departing)}>
      <NativeSelect label="Card" value={kind} data={(Object.keys(cardTitles) as CardKind[]).map((value) => ({ value, label: cardTitles[value] }))}
        onChange={(event) => setKind(event.currentTarget.value as CardKind)} />
      {asks && <TextInput label="Question" required maxLength={500} value={question} onChange={(event) => setQuestion(event.currentTarget.value)} />}
    </ReasonDialog>
  );
}
