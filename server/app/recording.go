package app

import (
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/recorder"
	"bonafide/server/signaling"
)

// recordingEvents turn what happens to recordings into entries and messages
// to the room. The recorder calls them from its own goroutines.
func (a *App) recordingEvents() recorder.Events {
	return recorder.Events{
		SegmentStarted: func(s evidence.Segment) {
			a.journal.add(entry(s.Interview, s.StartMS, evidence.EntryRecordingStarted,
				evidence.RecordingPayload{Participant: s.Participant, Stream: s.Stream, N: s.N}), nil)
		},
		SegmentFinished: func(s evidence.Segment) {
			a.journal.add(entry(s.Interview, s.EndMS, evidence.EntryRecordingSegment, s), nil)
		},
		Gap: func(t media.Track, g media.Gap) {
			a.journal.add(entry(t.Interview, g.To.Milliseconds(), evidence.EntryMediaGap, evidence.Gap{
				Participant: t.Participant, Source: string(t.Source),
				StartMS: g.From.Milliseconds(), EndMS: g.To.Milliseconds(),
				Packets: g.Packets, Cause: string(g.Cause),
			}), nil)
		},
		Failed: func(f recorder.Failure) {
			s := f.Segment
			a.log.Error("recording failed", "interview", s.Interview, "participant", s.Participant, "stream", s.Stream, "err", f.Err)
			a.hub.SendNotice(s.Interview, signaling.Notice{Level: "error", Code: "recording_failed", Text: recordingFailure(f.Code)})
			a.journal.add(entry(s.Interview, s.EndMS, evidence.EntryRecordingFailed,
				evidence.RecordingPayload{Participant: s.Participant, Stream: s.Stream, N: s.N, Error: f.Code}), nil)
		},
		Health: func(h recorder.Health) {
			// Media that is on disk is at most FlushEvery old; the room shows how long ago that was.
			ago := int64(-1)
			if h.LastFlushMS > 0 {
				ago = max(0, h.AtMS-h.LastFlushMS)
			}
			a.hub.SendRecording(h.Interview, signaling.RecordingHealth{Participant: h.Participant, Stream: h.Stream,
				Bytes: h.Bytes, LastFlushMS: ago, Gaps: h.Gaps, Failed: h.Failed})
		},
	}
}

func recordingFailure(code string) string {
	if code == "disk_full" {
		return "The disk is full: nothing is being recorded. The call goes on; recording starts again by itself when there is room."
	}
	return "The recording could not be written. The call goes on; recording is tried again by itself."
}

// entry is an entry by the system at an instant of an interview.
func entry(interviewID string, atMS int64, kind evidence.EntryKind, payload any) evidence.NewEntry {
	return evidence.NewEntry{Interview: interviewID, AtMS: evidence.At(atMS), Actor: evidence.System, Kind: kind, Payload: payload}
}
