import { type CSSProperties, useEffect, useRef } from "react";

import classes from "./room.module.css";

interface Props {
  track: MediaStreamTrack;
  label: string;
  mirrored?: boolean;
  style?: CSSProperties;
}

/** Video shows a track. It never makes a sound; Voice does. */
export function Video({ track, label, mirrored = false, style }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = new MediaStream([track]);
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video ref={element} autoPlay playsInline muted aria-label={label} style={style}
      className={mirrored ? `${classes.video} ${classes.mirrored}` : classes.video} />
  );
}

/** Voice plays a track. onBlocked is called where the browser wants a click first. */
export function Voice({ track, onBlocked, retry }: { track: MediaStreamTrack; onBlocked: () => void; retry: number }) {
  const element = useRef<HTMLAudioElement>(null);
  const blocked = useRef(onBlocked);
  blocked.current = onBlocked;
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
    return () => {
      audio.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    element.current?.play().catch((error: unknown) => {
      // A newer track interrupts play() with AbortError; only a refusal needs a click.
      if (error instanceof DOMException && error.name === "NotAllowedError") blocked.current();
    });
  }, [track, retry]);
  return <audio ref={element} autoPlay />;
}
