import { Badge, Group, NativeSelect, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { Empty } from "@/components/states";
import type { ReviewData } from "@/gen/api";
import { preciseClock, span } from "@/lib/time";
import { decisionWords, severityWords } from "@/lib/words";
import { FindingDetail } from "./FindingDetail";
import classes from "./FindingList.module.css";
import { isFact, type Item, type KindLane, type Order } from "./lanes";
import type { SyncedPlayer } from "./player";
import type { Draft } from "./useDraft";

/** Filter says which findings are listed. */
export type Filter = "open" | "all";

interface Props {
  review: ReviewData;
  items: readonly Item[]; // as listed: filtered and in order
  all: readonly Item[];
  lanes: readonly KindLane[];
  filter: Filter;
  order: Order;
  selected: string | null;
  draft: Draft;
  player: SyncedPlayer;
  onFilter: (filter: Filter) => void;
  onOrder: (order: Order) => void;
  onSelect: (item: Item) => void;
}

/** FindingList lists the findings, and below them the facts; the selected one is open below its row. */
export function FindingList({ review, items, all, lanes, filter, order, selected, draft, player, onFilter, onOrder, onSelect }: Props) {
  const open = all.filter((item) => item.decision === null).length;
  const facts = items.filter(isFact);
  const seen = items.filter((item) => !isFact(item));
  const row = (item: Item) => (
    <Row key={item.finding.id} review={review} item={item} lane={lanes.find((lane) => lane.info.kind === item.finding.kind)}
      open={item.finding.id === selected} draft={draft} player={player} onSelect={onSelect} />
  );
  return (
    <section aria-label="Findings" className={classes.list}>
      <Group justify="space-between" p="sm" gap="xs" className={classes.head}>
        <SegmentedControl size="xs" value={filter} onChange={(value) => onFilter(value === "open" ? "open" : "all")} aria-label="Show findings"
          data={[{ value: "all", label: `All (${all.length})` }, { value: "open", label: `To review (${open})` }]} />
        <NativeSelect size="xs" aria-label="Order" value={order} onChange={(event) => onOrder(event.currentTarget.value === "severity" ? "severity" : "time")}
          data={[{ value: "time", label: "By time" }, { value: "severity", label: "By severity" }]} />
      </Group>
      {all.length === 0 && (
        <Empty title="No findings">Look at the coverage in the timeline: it says over which time each kind was measured at all.</Empty>
      )}
      {all.length > 0 && items.length === 0 && <Empty title="All findings are reviewed">Choose “All” to read or change the decisions.</Empty>}
      {seen.length > 0 && <Stack gap={0} role="list">{seen.map(row)}</Stack>}
      {facts.length > 0 && (
        <>
          <Text size="xs" c="dimmed" px="sm" py={8} className={classes.section}>
            <Text span inherit fw={600}>Connection and device.</Text> Facts that the browser and the network told, for the record.
          </Text>
          <Stack gap={0} role="list" aria-label="Connection and device">{facts.map(row)}</Stack>
        </>
      )}
    </section>
  );
}

interface RowProps {
  review: ReviewData;
  item: Item;
  lane: KindLane | undefined;
  open: boolean;
  draft: Draft;
  player: SyncedPlayer;
  onSelect: (item: Item) => void;
}

function Row({ review, item, lane, open, draft, player, onSelect }: RowProps) {
  const { finding, title, decision } = item;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  return (
    <div ref={row} role="listitem" className={classes.row} data-finding={finding.id} data-kind={finding.kind} data-open={open}
      data-start-ms={finding.start_ms} data-end-ms={finding.end_ms} data-decision={decision ?? ""}>
      <button type="button" className={classes.summary} aria-expanded={open} onClick={() => onSelect(item)}>
        <span className={classes.dot} data-severity={finding.severity} title={severityWords[finding.severity]} />
        <span className={classes.what}>
          <Text size="sm" fw={600} className="truncate" title={title}>{title}</Text>
          <Text size="xs" c="dimmed" className="tabular">
            {preciseClock(finding.start_ms)} – {preciseClock(finding.end_ms)} · {span(finding.end_ms - finding.start_ms)} · {severityWords[finding.severity]}
          </Text>
        </span>
        {decision === null
          ? <Badge variant="outline" color="accent" size="sm" tt="none" fw={600}>To review</Badge>
          : <Badge variant="light" color="gray" size="sm" tt="none" fw={600} leftSection={<IconCheck size={11} />}>{decisionWords[decision]}</Badge>}
      </button>
      {open && lane !== undefined && <FindingDetail review={review} item={item} lane={lane} draft={draft} player={player} />}
    </div>
  );
}
