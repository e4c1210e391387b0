import { Alert, Button, Group, Modal, Radio, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "@/api/client";
import { keys } from "@/api/queries";
import type { RecordRequest } from "@/gen/api";
import { type FormErrors, formErrors } from "@/lib/form";
import { list } from "@/lib/list";
import { partWords } from "@/lib/retention";

/** AnswerDialog fulfils a request for deletion, which deletes for good, or refuses it with a reason. */
export function AnswerDialog({ request, onClose }: { request: RecordRequest; onClose: () => void }) {
  const cache = useQueryClient();
  const [choice, setChoice] = useState("");
  const [answer, setAnswer] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setErrors({});
    try {
      await post(`/api/retention/requests/${request.id}/answer`, { fulfil: choice === "fulfil", answer });
      await cache.invalidateQueries({ queryKey: keys.retention });
      await cache.invalidateQueries({ queryKey: keys.interview(request.interview) });
      onClose();
    } catch (error) {
      setErrors(formErrors(error, ["answer"]));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Answer the request" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        {errors[""] !== undefined && <Alert role="alert" color="red" variant="light">{errors[""]}</Alert>}
        <Text size="sm">{request.candidate} asks for the deletion of: {list(request.parts).map((part) => partWords[part].toLowerCase()).join(", ")}.</Text>
        {request.held && <Alert color="orange" variant="light">The record is on legal hold. It can only be refused until the hold is released.</Alert>}
        <Radio.Group value={choice} onChange={setChoice} label="Your answer">
          <Stack gap="xs" mt="xs">
            <Radio value="fulfil" label="Delete what was asked for" description="For good: from every backup too, once its newest key store is taken." disabled={request.held} />
            <Radio value="refuse" label="Refuse" description="With a reason, such as a rule that wants it kept." />
          </Stack>
        </Radio.Group>
        <Textarea label="Words to the candidate" autosize minRows={2} value={answer} error={errors.answer}
          description={choice === "refuse" ? "Why it is refused." : "May be empty."} onChange={(event) => setAnswer(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button color={choice === "fulfil" ? "red" : undefined} disabled={choice === ""} loading={busy} onClick={() => void send()}>
            {choice === "fulfil" ? "Delete for good" : "Send answer"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
