import { Alert, Button, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { del, messageOf, post } from "@/api/client";
import { keys } from "@/api/queries";
import { Confirm } from "@/components/Confirm";
import { CopyField } from "@/components/CopyField";
import type { InterviewDetail, LinkCreated } from "@/gen/api";
import type { Link } from "@/gen/interview";
import { list } from "@/lib/list";
import { dateTime } from "@/lib/time";

const lifetimes = [
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
];

/** Links makes, shows and revokes the candidate's links. A secret is shown once, when it is made. */
export function Links({ detail }: { detail: InterviewDetail }) {
  const cache = useQueryClient();
  const id = detail.interview.id;
  const over = detail.interview.state === "ended" || detail.interview.state === "cancelled";
  const [hours, setHours] = useState("72");
  const [created, setCreated] = useState<LinkCreated | null>(null);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const [revoking, setRevoking] = useState<Link | null>(null);
  const links = [...list(detail.links)].sort((a, b) => b.created_ms - a.created_ms);

  const create = async () => {
    setBusy(true);
    setFailure("");
    try {
      setCreated(await post<LinkCreated>(`/api/interviews/${id}/links`, { valid_hours: Number(hours) }));
      await cache.invalidateQueries({ queryKey: keys.interview(id) });
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const revoke = async (link: Link) => {
    await del(`/api/interviews/${id}/links/${link.id}`);
    if (created?.link.id === link.id) setCreated(null);
    await cache.invalidateQueries({ queryKey: keys.interview(id) });
  };
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }}>
      <Title order={2} size="h5">Candidate link</Title>
      <Text size="sm" c="dimmed" mt={4} mb="md">
        {over
          ? "The candidate's links now lead to a page about their own record, until they are revoked: what is kept, until when, and who looked at it."
          : "Whoever has it can enter this interview's waiting room as the candidate. No account is needed."}
      </Text>
      <Stack>
        {failure !== "" && <Alert role="alert" color="red" variant="light">{failure}</Alert>}
        {created !== null && (
          <Alert variant="light" title="Copy it now, and send it to the candidate">
            <Stack gap="xs">
              <Text size="sm">The link itself is not kept here, so it cannot be shown again. You can always make another.</Text>
              <CopyField label="Candidate link" value={created.url} />
              {onlyHere(created.url) && (
                <Text size="sm" fw={600}>
                  It works on this computer alone, because you opened this page under {new URL(created.url).hostname}. Open it under the server's own
                  address, and make the link there.
                </Text>
              )}
            </Stack>
          </Alert>
        )}
        <Group align="flex-end" gap="xs">
          {/* After the end a link shows the record for as long as that is kept. */}
          {!over && (
            <Select label="Valid for" data={lifetimes} value={hours} allowDeselect={false} onChange={(value) => setHours(value ?? "72")} w={140} />
          )}
          <Button variant={links.some(isValid) ? "default" : "filled"} loading={busy} onClick={() => void create()}>Create link</Button>
        </Group>
        {links.map((link) => <LinkRow key={link.id} link={link} over={over} onRevoke={() => setRevoking(link)} />)}
      </Stack>
      <Confirm opened={revoking !== null} title="Revoke this link?" action="Revoke link" onClose={() => setRevoking(null)}
        text={detail.interview.state === "live"
          ? "It stops working at once for whoever has it. It does not end the running call: a candidate who is in the room stays, but cannot come back after a reload or a lost connection. To end their part, use “Send out” beside their name in the room."
          : over
            ? "It stops working at once for whoever has it. The candidate can then no longer see with it what is kept of them."
            : "It stops working at once for whoever has it. A candidate who is in the waiting room already stays; you need not admit them."}
        onConfirm={async () => {
          if (revoking !== null) await revoke(revoking);
        }} />
    </Paper>
  );
}

/** onlyHere tells of an address that no other computer can open. */
function onlyHere(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}

function isValid(link: Link): boolean {
  return link.revoked_ms === 0 && link.expires_ms > Date.now();
}

function LinkRow({ link, over, onRevoke }: { link: Link; over: boolean; onRevoke: () => void }) {
  // After the end a link shows the candidate their record, however old it is.
  const works = over ? link.revoked_ms === 0 : isValid(link);
  const state = link.revoked_ms > 0 ? `Revoked ${dateTime(link.revoked_ms)}`
    : over ? "Shows the record" : isValid(link) ? `Valid until ${dateTime(link.expires_ms)}` : `Expired ${dateTime(link.expires_ms)}`;
  return (
    <Group justify="space-between" wrap="nowrap" data-link={link.id}>
      <div>
        <Text size="sm" className="tabular" c={works ? undefined : "dimmed"}>{state}</Text>
        <Text size="xs" c="dimmed" className="tabular">Created {dateTime(link.created_ms)}</Text>
      </div>
      {works && (
        <Button size="xs" variant="subtle" color="red" onClick={onRevoke} aria-label={`Revoke the link created ${dateTime(link.created_ms)}`}>Revoke</Button>
      )}
    </Group>
  );
}
