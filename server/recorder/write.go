package recorder

import (
	"errors"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/webm"
)

// write puts one sample into the file, which it begins if there is none. After
// a failure samples are lost until it is time to try again.
func (s *session) write(l *slot, smp media.Sample) {
	if s.failed != "" && s.seg == nil && smp.At < s.retryAt {
		l.lose(smp.At)
		return
	}
	if l.needKey && !smp.KeyFrame {
		l.lose(smp.At) // nothing could be shown of it in this file
		return
	}
	t := l.track
	if smp.Width > 0 {
		t.Width, t.Height = smp.Width, smp.Height
		l.track = t
	}
	if s.seg == nil {
		if err := s.start(smp.At, t); err != nil {
			s.fail(err, smp.At)
			l.lose(smp.At)
			return
		}
	}
	block := webm.Block{Track: t.Number, At: max(smp.At-s.seg.start, 0), Key: smp.KeyFrame, Data: smp.Data}
	if err := s.seg.write(t, block); err != nil {
		s.fail(err, smp.At)
		l.lose(smp.At)
		return
	}
	l.needKey = false
	s.announce()
	if l.failing {
		l.failing = false
		s.gaps(l, []media.Gap{{From: l.failedAt, To: smp.At, Packets: l.failCount, Cause: media.CauseWrite}})
	}
}

// lose notes a sample that could not be written.
func (l *slot) lose(at time.Duration) {
	if !l.failing {
		l.failing, l.failedAt, l.failCount = true, at, 0
	}
	l.failCount++
}

// start begins a file.
func (s *session) start(at time.Duration, first webm.Track) error {
	seg, err := s.openSegment(at, first)
	s.health.N = seg.info.N
	if err != nil {
		return err
	}
	s.seg, seg.flushed = seg, at
	return nil
}

// announce tells of a file once something was written to it, which is also when
// a failure is over.
func (s *session) announce() {
	if s.seg.w.Blocks() > 1 {
		return
	}
	if s.failed != "" {
		s.log.Info("recording goes on", "file", s.seg.info.File)
		s.failed = ""
	}
	if s.rec.events.SegmentStarted != nil {
		s.rec.events.SegmentStarted(s.seg.info)
	}
}

// fail ends the file after an error, tells of it once, and sets the time for
// the next attempt.
func (s *session) fail(err error, at time.Duration) {
	first := s.failed == ""
	s.failed, s.retryAt = failureCode(err), at+s.rec.cfg.RetryAfter
	info := evidence.Segment{Interview: s.key.interview, Participant: s.key.participant, Stream: s.key.stream, N: s.health.N, StartMS: at.Milliseconds(), EndMS: at.Milliseconds()}
	if s.seg != nil {
		info = s.seg.info
	}
	if first {
		s.log.Error("recording failed", "code", s.failed, "file", info.File, "err", err)
		if s.rec.events.Failed != nil {
			s.rec.events.Failed(Failure{Segment: info, Code: s.failed, Err: err})
		}
	}
	s.closeSegment()
	for _, l := range s.slots {
		if l != nil {
			l.needKey = true
		}
	}
}

// closeSegment finishes the file, if there is one, and tells of it.
func (s *session) closeSegment() {
	seg := s.seg
	if seg == nil {
		return
	}
	s.seg = nil
	if seg.w.Blocks() == 0 {
		// It holds nothing and was never told of.
		if err := errors.Join(seg.file.Close(), s.rec.root.Remove(seg.info.File)); err != nil {
			s.log.Error("removing an empty recording", "file", seg.info.File, "err", err)
		}
		return
	}
	err := seg.finish(s.rec.root, s.rec.cfg.Vault)
	s.stored += seg.info.Bytes
	if err != nil {
		s.log.Error("finishing a recording", "file", seg.info.File, "err", err)
	}
	if err != nil && s.failed == "" {
		s.failed = failureCode(err)
		if s.rec.events.Failed != nil {
			s.rec.events.Failed(Failure{Segment: seg.info, Code: s.failed, Err: err})
		}
	}
	if seg.info.SHA256 != "" && s.rec.events.SegmentFinished != nil {
		s.rec.events.SegmentFinished(seg.info)
	}
}

// end takes what is left of all tracks and finishes the file.
func (s *session) end(now time.Duration) {
	for _, l := range s.slots {
		if !l.away() {
			s.leave(l.sink, now)
		}
	}
	s.rec.remember(s.key, s.slots)
	s.release(now + time.Hour)
	for _, l := range s.slots {
		if l != nil && l.failing {
			s.gaps(l, []media.Gap{{From: l.failedAt, To: max(now, l.failedAt), Packets: l.failCount, Cause: media.CauseWrite}})
		}
	}
	s.closeSegment()
	s.tellHealth(now)
}
