import { Text } from "@mantine/core";
import { useEffect, useState } from "react";

import type { Call } from "@/hooks/useCall";
import { type CallStats, readStats, summarize, type Totals } from "@/rtc/stats";

/** CallFigures shows what the connections carry now. */
export function CallFigures({ call }: { call: Call }) {
  const [stats, setStats] = useState<CallStats | null>(null);
  useEffect(() => {
    let totals: Totals | null = null;
    let gone = false;
    const read = async () => {
      const all = await readStats(call.room.connections());
      if (gone) return;
      const next = summarize(all, totals, Date.now());
      totals = next.totals;
      setStats(next.stats);
    };
    const again = () => { read().catch(() => undefined); }; // a connection that closes meanwhile has no figures
    again();
    const timer = setInterval(again, 2_000);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [call]);
  if (stats === null) return null;
  const picture = stats.width === 0 ? "no picture" : `${stats.width}×${stats.height} at ${stats.framesPerSecond} per second`;
  return (
    <Text size="xs" c="dimmed" mt="sm" className="tabular">
      Sending {stats.sendKbps} kbit/s ({picture}), receiving {stats.receiveKbps} kbit/s, {stats.lossPercent} % lost
      {stats.rttMS === null ? "" : `, round trip ${stats.rttMS} ms`}.
    </Text>
  );
}
