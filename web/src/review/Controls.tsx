import { ActionIcon, Group, NativeSelect, Text, Tooltip } from "@mantine/core";
import {
  IconHelp, IconPlayerPauseFilled, IconPlayerPlayFilled, IconPlayerSkipBack, IconPlayerSkipForward, IconRewindBackward5, IconRewindForward5,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

import { clock, preciseClock } from "@/lib/time";
import type { SyncedPlayer } from "./player";
import classes from "./Player.module.css";
import { Range } from "./Range";
import { usePlayerValue } from "./usePlayer";

interface Props {
  player: SyncedPlayer;
  durationMs: number;
  onStep: (step: 1 | -1) => void; // to the next or previous finding
  onHelp: () => void;
}

const rates = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** Controls has the seek bar and the buttons below it. */
export function Controls({ player, durationMs, onStep, onHelp }: Props) {
  const playing = usePlayerValue(player, (s) => s.playing);
  const holding = usePlayerValue(player, (s) => s.playing && s.holding);
  const rate = usePlayerValue(player, (s) => s.rate);
  const jump = (ms: number) => player.seek(player.getSnapshot().timeMs + ms);
  return (
    <div>
      <SeekBar player={player} durationMs={durationMs} />
      <div className={classes.controls}>
        <Group gap={4} wrap="nowrap">
          <Control label="Previous finding (k)" onClick={() => onStep(-1)}><IconPlayerSkipBack size={18} stroke={1.6} /></Control>
          <Control label="Back 5 seconds (←)" onClick={() => jump(-5_000)}><IconRewindBackward5 size={19} stroke={1.6} /></Control>
          <Tooltip label={playing ? "Pause (space)" : "Play (space)"}>
            <ActionIcon size={40} radius="xl" aria-label={playing ? "Pause" : "Play"} data-holding={holding || undefined} onClick={() => player.toggle()}>
              {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
            </ActionIcon>
          </Tooltip>
          <Control label="Forward 5 seconds (→)" onClick={() => jump(5_000)}><IconRewindForward5 size={19} stroke={1.6} /></Control>
          <Control label="Next finding (j)" onClick={() => onStep(1)}><IconPlayerSkipForward size={18} stroke={1.6} /></Control>
        </Group>
        <Clock player={player} durationMs={durationMs} />
        <Group gap={4} ml="auto" wrap="nowrap">
          <NativeSelect size="xs" aria-label="Speed" value={String(rate)} onChange={(event) => player.setRate(Number(event.currentTarget.value))}
            data={rates.map((value) => ({ value: String(value), label: `${value}×` }))} />
          <Control label="Keyboard help (?)" onClick={onHelp}><IconHelp size={19} stroke={1.6} /></Control>
        </Group>
      </div>
    </div>
  );
}

function Control({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label.replace(/ \(.*\)$/, "")} onClick={onClick}>{children}</ActionIcon>
    </Tooltip>
  );
}

function Clock({ player, durationMs }: { player: SyncedPlayer; durationMs: number }) {
  const now = usePlayerValue(player, (s) => preciseClock(s.timeMs));
  return <Text size="sm" className="tabular">{now} <Text span size="sm" c="dimmed">/ {clock(durationMs)}</Text></Text>;
}

function SeekBar({ player, durationMs }: { player: SyncedPlayer; durationMs: number }) {
  const at = usePlayerValue(player, (s) => Math.round(s.timeMs / 100) * 100);
  return (
    <Range label="Position" text={clock(at)} value={at} max={Math.max(durationMs, 1)} step={100} wide ownArrows onChange={(ms) => player.seek(ms)} />
  );
}
