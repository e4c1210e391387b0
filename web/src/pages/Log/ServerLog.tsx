import { Text } from "@mantine/core";
import { useMemo } from "react";

import { useLog } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import type { LogEntry } from "@/gen/api";
import type { UserPayload } from "@/gen/evidence";
import { useAuth } from "@/hooks/useAuth";
import type { Names } from "@/lib/entries";
import { list } from "@/lib/list";
import { Entries, NotAllowed } from "./Entries";

/** ServerLog holds the entries that belong to no interview: sign-ins, accounts, starts of the server, its key. */
export default function ServerLog() {
  const { can } = useAuth();
  return can("log.read") ? <Loaded /> : <NotAllowed />;
}

/** named gives the accounts that an entry names: who acted, and who was added or renamed. */
function named({ entry, by, part }: LogEntry): [string, string][] {
  const all: [string, string][] = by === "" ? [] : [[entry.actor.id ?? "", by]];
  if ((entry.kind === "user.created" || entry.kind === "user.changed") && typeof part === "object" && part !== null && "name" in part) {
    all.push([(entry.payload as UserPayload).user, String(part.name)]);
  }
  return all;
}

function Loaded() {
  const { data } = useLog("");
  const names = useMemo((): Names => ({
    people: new Map((data?.pages ?? []).flatMap((page) => list(page.entries)).flatMap(named)),
    kinds: new Map(),
  }), [data]);
  return (
    <>
      <PageHeader title="Server log" />
      <Text size="sm" c="dimmed" mb="md">
        The entries of the evidence log that belong to no interview: sign-ins, accounts, starts and stops of the server, its key. Those of
        an interview are on its own page. The operator checks the whole log with “bonafide verify-log”.
      </Text>
      <Entries id="" names={names} />
    </>
  );
}
