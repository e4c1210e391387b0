import { useState } from "react";

import classes from "./Thumb.module.css";

interface Props {
  interview: string;
  still: string; // SHA-256; "" without
  alt: string;
  missing: string; // what stands there without a picture
  large?: boolean;
}

/** Thumb is a small picture of a face; where there is none, or it was deleted, it says so. */
export function Thumb({ interview, still, alt, missing, large = false }: Props) {
  const [gone, setGone] = useState("");
  const size = large ? classes.large : classes.small;
  if (still === "" || gone === still) return <span className={`${classes.none} ${size}`}>{still === "" ? missing : "Picture deleted"}</span>;
  return <img className={`${classes.picture} ${size}`} loading="lazy" alt={alt} onError={() => setGone(still)} src={`/api/interviews/${encodeURIComponent(interview)}/stills/${still}`} />;
}
