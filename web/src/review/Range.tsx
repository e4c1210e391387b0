import type { CSSProperties } from "react";

import classes from "./Player.module.css";

interface Props {
  label: string;
  value: number;
  max: number;
  step: number;
  text?: string; // the value in words
  wide?: boolean;
  ownArrows?: boolean; // the page's arrow keys act instead of the range's
  onChange: (value: number) => void;
}

/** Range is a slider from 0 to max. */
export function Range({ label, value, max, step, text, wide = false, ownArrows = false, onChange }: Props) {
  // React's types know no custom properties.
  const style = { "--share": max > 0 ? value / max : 0 } as CSSProperties;
  return (
    <input type="range" className={wide ? `${classes.range} ${classes.seek}` : classes.range} style={style} aria-label={label} aria-valuetext={text}
      min={0} max={max} step={step} value={value} data-own-arrows={ownArrows || undefined} onChange={(event) => onChange(Number(event.currentTarget.value))} />
  );
}
