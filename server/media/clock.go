package media

import (
	"sync"
	"time"
)

// Limits of the clock. The two that are not plain choices rest on Chromium on
// a loopback link: its sender reports agree with arrival within 5 ms, and come
// every 0.2 s for video and every 5 s for audio.
const (
	slewShare     = 20                     // an offset moves by at most 1/20 of the media time that passes
	hardStep      = time.Second            // an offset wrong by more is set, not slewed
	reportStep    = 100 * time.Millisecond // sender reports that disagree by more: the sender's NTP clock was set
	reportTrust   = 2 * time.Second        // reports that put a track further from its arrival are not believed
	stallHole     = 500 * time.Millisecond // arrival pause after which a stopped RTP clock is looked for
	stallResidual = 300 * time.Millisecond // lateness that a stopped RTP clock must show
	stallWatch    = 300 * time.Millisecond // for how long the lateness must stay the same
	stallSpread   = 50 * time.Millisecond  // what "the same" means
)

// ParticipantClock maps one participant's RTP clocks to interview time. All
// tracks of the participant share it, so that sound and pictures that were
// captured together get the same time: sender reports put every track on the
// sender's NTP clock, and the smallest delay seen between that clock and the
// arrivals puts the sender on ours. Until a track's first report arrives its
// own smallest delay stands in. It is safe for concurrent use.
type ParticipantClock struct {
	mu     sync.Mutex
	tracks map[*TrackClock]struct{}
	ntp0   time.Time // reference that keeps NTP times small
	delay  minFilter // arrival - sender's NTP time, over all tracks with reports
}

// NewParticipantClock makes a clock without tracks.
func NewParticipantClock() *ParticipantClock {
	return &ParticipantClock{tracks: map[*TrackClock]struct{}{}}
}

// TrackClock is the clock of one track.
type TrackClock struct {
	c    *ParticipantClock
	rate int64 // RTP ticks per second

	seen bool
	ext  int64     // unwrapped RTP time of the newest packet or report
	own  minFilter // arrival - media time

	reports int           // sender reports behind k
	k       time.Duration // sender's NTP time - media time

	placed    bool
	off       time.Duration // interview time = media time + off
	lastMedia time.Duration
	lastOut   time.Duration

	heard       bool
	lastArrival time.Duration
	resync      bool // after a pause that was announced
	watching    bool // after a pause that was not
	watchFrom   time.Duration
	rMin, rMax  time.Duration
}

// Track adds a track whose RTP clock ticks rate times a second.
func (c *ParticipantClock) Track(rate uint32) *TrackClock {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &TrackClock{c: c, rate: int64(max(rate, 1))}
	c.tracks[t] = struct{}{}
	return t
}

// Close takes the track off its participant's clock. When the last one goes,
// what was learnt of the sender's clock goes too: the participant may return
// with another device.
func (t *TrackClock) Close() {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	delete(t.c.tracks, t)
	if len(t.c.tracks) == 0 {
		t.c.delay = minFilter{}
	}
}

// Observe notes that a packet with this RTP time arrived at this interview
// time. It is called once for each packet, as it arrives.
func (t *TrackClock) Observe(rtpTime uint32, arrival time.Duration) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	media := t.media(rtpTime)
	t.own.add(arrival, arrival-media)
	t.stall(media, arrival)
	consistent := !t.placed || abs(arrival-media-t.off) < stallHole
	if t.reports > 0 && consistent {
		t.c.delay.add(arrival, arrival-media-t.k)
	}
	t.heard, t.lastArrival = true, arrival
}

// Resync tells that the sender paused and goes on now: if its RTP clock stood
// still meanwhile, the next packet sets the offset anew.
func (t *TrackClock) Resync() {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	t.resync = true
}

// SenderReport takes an RTCP sender report. Reports without a time are ignored.
func (t *TrackClock) SenderReport(rtpTime uint32, ntp time.Time) {
	if ntp.IsZero() {
		return
	}
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if t.c.ntp0.IsZero() {
		t.c.ntp0 = ntp
	}
	k := ntp.Sub(t.c.ntp0) - t.media(rtpTime)
	diff := k - t.k
	switch {
	case t.reports == 0:
		t.k = k
	case abs(diff) > reportStep:
		// The sender's clock was set. That moves all its tracks alike and
		// says nothing about when anything was captured.
		for o := range t.c.tracks {
			o.k += diff
		}
		t.c.delay.shift(-diff)
	default:
		t.k += diff / time.Duration(min(t.reports+1, 8))
	}
	t.reports++
}

// At gives the interview time of a sample. It is called in the order of the
// samples, never runs backwards, and is never negative.
func (t *TrackClock) At(rtpTime uint32) time.Duration {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	media := t.media(rtpTime)
	if target, ok := t.target(); ok {
		diff := target - t.off
		step := max(media-t.lastMedia, 0) / slewShare
		if !t.placed || abs(diff) > hardStep {
			t.off = target
		} else {
			t.off += min(max(diff, -step), step)
		}
		t.placed = true
	}
	t.lastMedia = max(t.lastMedia, media)
	t.lastOut = max(t.lastOut, media+t.off, 0)
	return t.lastOut
}

// target is the offset to move to.
func (t *TrackClock) target() (time.Duration, bool) {
	own, ok := t.own.min()
	if d, known := t.c.delay.min(); known && t.reports > 0 {
		aligned := t.k + d
		if !ok || abs(aligned-own) < reportTrust {
			return aligned, true
		}
	}
	return own, ok
}

// stall finds an RTP clock that stood still during a pause: all packets after
// the pause are then late by the same time. Packets that were held up by the
// network are late too, but catch up, and are left alone.
func (t *TrackClock) stall(media, arrival time.Duration) {
	if !t.placed || !t.heard {
		return
	}
	late := arrival - media - t.off
	if t.resync {
		t.resync = false
		if abs(late) > stallResidual {
			t.restart(media, arrival)
		}
		return
	}
	if arrival-t.lastArrival > stallHole && late > stallResidual {
		t.watching, t.watchFrom, t.rMin, t.rMax = true, arrival, late, late
	}
	if !t.watching {
		return
	}
	t.rMin, t.rMax = min(t.rMin, late), max(t.rMax, late)
	switch {
	case late <= stallResidual:
		t.watching = false
	case arrival-t.watchFrom < stallWatch:
	case t.rMax-t.rMin <= stallSpread:
		t.restart(media, arrival)
	default:
		t.watchFrom, t.rMin, t.rMax = arrival, late, late
	}
}

// restart places the track by this packet's arrival and forgets its reports.
func (t *TrackClock) restart(media, arrival time.Duration) {
	t.own = minFilter{}
	t.own.add(arrival, arrival-media)
	t.off, t.reports, t.watching = arrival-media, 0, false
}

// media unwraps an RTP time and gives it as a duration.
func (t *TrackClock) media(rtpTime uint32) time.Duration {
	if !t.seen {
		t.seen, t.ext = true, int64(rtpTime)
	}
	ext := t.ext + int64(int32(rtpTime-uint32(t.ext)))
	t.ext = max(t.ext, ext)
	return time.Duration(ext/t.rate)*time.Second + time.Duration(ext%t.rate)*time.Second/time.Duration(t.rate)
}

func abs(d time.Duration) time.Duration {
	return max(d, -d)
}
