// When pictures of somebody are presented on a page.

/** What is known of a picture that was presented; times are Unix ms. */
interface Frame {
  at: number; // handed to the page
  shown: number; // on the screen, as the browser expects
  arrived: number; // its last packet
  covered: boolean; // something else was in front of it
}

declare global {
  interface Window {
    framesSeen: Frame[]; // in the order in which they were presented
  }
}

/** Notes when pictures of somebody are presented, whichever element shows them; runs in the page. */
export function watchFrames(label: string): void {
  window.framesSeen = [];
  let watched: Element | null = null;
  const next = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback((now, { expectedDisplayTime, receiveTime }) => {
      const { left, top, width, height } = video.getBoundingClientRect();
      window.framesSeen.push({
        at: performance.timeOrigin + now, shown: performance.timeOrigin + expectedDisplayTime, arrived: performance.timeOrigin + (receiveTime ?? 0),
        covered: document.elementFromPoint(left + width / 2, top + height / 2) !== video,
      });
      next(video);
    });
  };
  setInterval(() => {
    const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`);
    if (video === null || video === watched) return;
    watched = video;
    next(video);
  }, 20);
}

/**
 * When, after an instant, the picture began that then ran for steady ms without
 * a pause of so many; 0 for not yet. Runs in the page. What was on its way
 * before an outage is shown after it and stops again, and does not count.
 */
export function runningSince({ after, steady, pause }: { after: number; steady: number; pause: number }): number {
  let since = 0;
  let last = -Infinity;
  for (const { at: t } of window.framesSeen.filter(({ at }) => at > after)) {
    if (t - last > pause) since = t;
    last = t;
    if (t - since >= steady) return since;
  }
  return 0;
}
