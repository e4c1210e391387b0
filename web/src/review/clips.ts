import type { ReviewData } from "@/gen/api";
import type { Segment } from "@/gen/evidence";
import type { Participant } from "@/gen/interview";
import { list } from "@/lib/list";

/** Clip is one segment of a recording as the player needs it. Its file begins at startMs of interview time. */
export interface Clip {
  url: string;
  startMs: number;
  endMs: number;
  hasVideo: boolean;
}

/** Track is all that was recorded of one participant's stream, in order of time. */
export interface Track {
  id: string; // participant/stream
  participant: Participant;
  stream: string; // "camera" or "screen"
  clips: readonly Clip[];
}

function clipOf(interview: string, segment: Segment): Clip {
  const file = segment.file.slice(segment.file.lastIndexOf("/") + 1);
  return {
    url: `/api/interviews/${encodeURIComponent(interview)}/media/${encodeURIComponent(file)}`,
    startMs: segment.start_ms,
    endMs: segment.end_ms,
    hasVideo: segment.has_video,
  };
}

const roleOrder = { candidate: 0, interviewer: 1, observer: 2 } as const;

/**
 * tracksOf gathers the segments by participant and stream: the candidate
 * first, cameras before screens. People without a recording have no track.
 */
export function tracksOf(review: ReviewData): Track[] {
  const segments = [...list(review.segments)].sort((a, b) => a.start_ms - b.start_ms || a.n - b.n);
  const people = [...list(review.participants)].sort((a, b) => roleOrder[a.role] - roleOrder[b.role]);
  const tracks: Track[] = [];
  for (const stream of ["camera", "screen"]) {
    for (const participant of people) {
      const clips = segments
        .filter((segment) => segment.participant === participant.id && segment.stream === stream && segment.end_ms > segment.start_ms)
        .map((segment) => clipOf(review.interview.id, segment));
      if (clips.length > 0) tracks.push({ id: `${participant.id}/${stream}`, participant, stream, clips });
    }
  }
  return tracks;
}

/**
 * clipAt finds the clip that plays at an instant; null in a hole. Where two
 * overlap, as after a reload that came back before the old socket was given
 * up, the later one is what was live.
 */
export function clipAt(clips: readonly Clip[], atMs: number): Clip | null {
  for (let i = clips.length - 1; i >= 0; i--) {
    const clip = clips[i];
    if (clip !== undefined && atMs >= clip.startMs && atMs < clip.endMs) return clip;
  }
  return null;
}

/** clipSoon finds the first clip that begins within aheadMs from now; null where none does. */
export function clipSoon(clips: readonly Clip[], atMs: number, aheadMs: number): Clip | null {
  return clips.find((clip) => clip.startMs > atMs && clip.startMs <= atMs + aheadMs) ?? null;
}

/** durationOf is how long the review lasts: as the server says, but never shorter than what was recorded. */
export function durationOf(review: ReviewData): number {
  return Math.max(review.duration_ms, ...list(review.segments).map((segment) => segment.end_ms), 0);
}
