// How loud a track is, for meters.

/** Loudness in dBFS below which a meter shows nothing. */
export const floorDBFS = -60;

/** RMS of samples (-1 to 1) in dBFS, not below the floor. */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  if (sum === 0 || samples.length === 0) return floorDBFS;
  return Math.max(floorDBFS, 10 * Math.log10(sum / samples.length));
}

/** A level on a meter from 0 to 1. */
export function meter(level: number): number {
  return Math.min(1, Math.max(0, 1 - level / floorDBFS));
}

/** Measures a track's loudness ten times a second until the returned function is called. */
export function watchLevel(track: MediaStreamTrack, onLevel: (dbfs: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // A page that was not touched yet starts with sound processing suspended.
    if (context.state === "suspended") context.resume().catch(() => undefined);
    analyser.getFloatTimeDomainData(samples);
    onLevel(dbfs(samples));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close().catch(() => undefined);
  };
}
