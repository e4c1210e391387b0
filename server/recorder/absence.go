package recorder

import (
	"maps"
	"time"

	"bonafide/server/evidence"
)

// absence says up to when there is media of each slot of a camera stream, so
// that the next recording of it can tell of the hole.
type absence [2]struct {
	left bool // without muting before
	at   time.Duration
}

// Resume tells of a segment that an earlier run of the program recorded in an
// interview that goes on: the time from its end until the participant is
// recorded again is a gap. Call it before the first Sink.
func (r *Recorder) Resume(s evidence.Segment) {
	if s.Stream != StreamCamera {
		return // a screen is shared anew, not on
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := key{s.Interview, s.Participant, s.Stream}
	a, end := r.away[k], time.Duration(s.EndMS)*time.Millisecond
	for i, has := range [2]bool{s.HasVideo, s.HasAudio} {
		if has && end > a[i].at {
			a[i].left, a[i].at = true, end
		}
	}
	r.away[k] = a
}

// remember notes where the media of a session ended.
func (r *Recorder) remember(k key, slots [2]*slot) {
	if k.stream != StreamCamera {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.away[k]
	for i, l := range slots {
		if l != nil {
			a[i].left, a[i].at = l.left, l.leftAt
		}
	}
	r.away[k] = a
}

// since gives where the media of a slot ended before this session.
func (r *Recorder) since(k key, i int) (at time.Duration, left bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.away[k]
	return a[i].at, a[i].left
}

func (r *Recorder) forget(match func(key) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.away, func(k key, _ absence) bool { return match(k) })
}
