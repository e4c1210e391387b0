import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { ColorSchemeSwitch } from "@/components/ColorSchemeSwitch";
import { type Call, useNow, useRoomState } from "@/hooks/useCall";
import { clock } from "@/lib/time";
import { interviewTime } from "@/rtc/state";
import classes from "./room.module.css";

/** CallHeader names the interview and shows its clock; the recording indicator is its child. */
export function CallHeader({ call, children }: { call: Call; children: ReactNode }) {
  const state = useRoomState(call);
  const now = useNow(500);
  const at = interviewTime(state, now);
  const title = state.interview === null ? "" : `${state.interview.candidate_name} · ${state.interview.role}`;
  return (
    <header className={classes.header}>
      <img className={classes.mark} src="/icon.svg" alt="" width={24} height={24} />
      <Text component="h1" dir="auto" ta="left" fw={600} className="truncate" title={title} flex="0 1 auto" miw={60}>{title}</Text>
      <Text className="tabular" c="dimmed" size="sm" aria-label="Interview time" style={{ flex: "none" }} visibleFrom={at === null ? "sm" : undefined}>{at === null ? "Not begun" : clock(at)}</Text>
      <Group ml="auto" gap="sm" wrap="nowrap" className={classes.headerEnd}>
        {children}
        <ColorSchemeSwitch />
      </Group>
    </header>
  );
}
