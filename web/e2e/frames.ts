// When pictures of somebody are presented on a page.

declare global {
  interface Window {
    framesAt: number[]; // Unix ms at which pictures were presented
  }
}

/** Notes when pictures of somebody are presented, whichever element shows them; runs in the page. */
export function watchFrames(label: string): void {
  window.framesAt = [];
  let watched: Element | null = null;
  const next = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback((now) => {
      window.framesAt.push(performance.timeOrigin + now);
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
