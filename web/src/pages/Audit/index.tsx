import { Button, Group, Menu, Pagination, Paper, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useSearchParams } from "wouter";

import { useRecords } from "@/api/queries";
import { PageHeader } from "@/components/PageHeader";
import { Empty, Failure, PageLoading } from "@/components/states";
import type { RecordList, RecordQuery } from "@/gen/api";
import { useAuth } from "@/hooks/useAuth";
import { list } from "@/lib/list";
import { fromParams, toParams } from "@/lib/records";
import { Filters } from "./Filters";
import { RecordRows } from "./RecordRows";
import { SavedSearches } from "./SavedSearches";
import { VerifyPanel } from "./VerifyPanel";

const pageSize = 25;

/** Audit finds records by everything that is known of them, saves lists, and verifies. */
export default function Audit() {
  const { can } = useAuth();
  if (!can("record.search")) return <Empty page title="Your account may not search all records">Reviewers, auditors and administrators may.</Empty>;
  return <Loaded mayVerify={can("record.verify")} />;
}

function Loaded({ mayVerify }: { mayVerify: boolean }) {
  // The search lives in the address, so that "back" finds it again and it can be sent to somebody.
  const [params, setParams] = useSearchParams();
  const query = fromParams(params);
  const search = toParams(query).toString();
  const page = Math.max(1, Number.parseInt(params.get("page") ?? "1", 10) || 1);
  const records = useRecords(search, pageSize, (page - 1) * pageSize);
  const total = records.data?.total ?? 0;
  const change = (next: RecordQuery) => setParams(toParams(next), { replace: true });
  const turn = (n: number) => {
    const next = toParams(query);
    if (n > 1) next.set("page", String(n));
    setParams(next);
  };
  return (
    <>
      <PageHeader title="Records" lead={records.isSuccess ? found(records.data) : " "}>
        <SavedSearches query={query} onChoose={change} />
        <SaveList search={search} />
      </PageHeader>
      {mayVerify && <VerifyPanel />}
      <Filters query={query} onChange={change} />
      {records.isPending && <PageLoading label="Searching" />}
      {records.isError && <Failure error={records.error} title="The search failed" retry={() => void records.refetch()} />}
      {records.isSuccess && total === 0 && (
        <Paper withBorder>
          {search === ""
            ? <Empty title="No records yet">They appear with the first interview that is planned.</Empty>
            : <Empty title="No record fits" action={<Button variant="default" onClick={() => setParams(new URLSearchParams())}>Show all</Button>}>Every criterion must fit. Leave one out, or spell it another way.</Empty>}
        </Paper>
      )}
      {records.isSuccess && total > 0 && <RecordRows rows={list(records.data.records)} />}
      {total > pageSize && (
        <Group justify="center" mt="lg">
          <Pagination total={Math.ceil(total / pageSize)} value={page} onChange={turn} getItemProps={(n) => ({ "aria-label": `Page ${n}` })}
            getControlProps={(control) => ({ "aria-label": control === "next" ? "Next page" : "Previous page" })} />
        </Group>
      )}
    </>
  );
}

function found({ total, more }: RecordList): string {
  const n = total.toLocaleString("en-GB");
  return more ? `more than ${n} records` : `${n} ${total === 1 ? "record" : "records"}`;
}

/** SaveList saves all that the search finds as a file; the log keeps that it was saved. */
function SaveList({ search }: { search: string }) {
  const href = (format: string) => `/api/records/file?format=${format}${search === "" ? "" : `&${search}`}`;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.6} />}>Save list</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label><Text size="xs">All records found. The log keeps that you saved them.</Text></Menu.Label>
        <Menu.Item component="a" href={href("csv")} download>As CSV, for spreadsheets</Menu.Item>
        <Menu.Item component="a" href={href("json")} download>As JSON, for programs</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
