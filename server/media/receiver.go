package media

import (
	"fmt"
	"strings"
	"time"

	"github.com/pion/rtp"
)

// ReceiverConfig sets a Receiver. The zero value means the defaults.
type ReceiverConfig struct {
	// MaxDelay is how long a missing packet is waited for; default 300 ms,
	// several round trips of retransmission requests.
	MaxDelay time.Duration
	// MaxPackets bounds the packets held while waiting; default 1024.
	MaxPackets int
	// SilenceAfter is how long nothing may be sent before it is a gap. The
	// default is 500 ms for a camera, 300 ms for sound, and 5 s for a shared
	// screen, which browsers send only when it changes.
	SilenceAfter time.Duration
	// WaitKeyFrame withholds the pictures after a loss, and those at the
	// start, until a key frame: they cannot be shown undamaged. The gap then
	// lasts until that key frame.
	WaitKeyFrame bool
}

// Receiver turns one track's packets into samples with their interview time
// and finds the holes. One goroutine owns it.
type Receiver struct {
	track Track
	cfg   ReceiverConfig
	video bool
	jit   *jitter
	pc    *ParticipantClock
	clock *TrackClock
	mutes muteLog
	ready []Sample // flushed before a restart
	gaps  []Gap

	began     bool          // some sample was made, withheld or not
	lastEnd   time.Duration // interview time up to which media was given out
	lastAt    time.Duration
	interval  time.Duration // usual distance between pictures
	lastSize  int           // bytes of the last sample
	waiting   bool          // for a key frame
	missing   int           // packets lost since the last sample given out
	withheld  int           // samples not given out since
	ourDrops  int           // of which we dropped some ourselves
	restarted bool          // numbering began anew: loss cannot be counted
}

// NewReceiver makes the receiver of a track of a participant whose tracks
// share the clock. The track must be video/VP8 or audio/opus.
func NewReceiver(t Track, clock *ParticipantClock, cfg ReceiverConfig) (*Receiver, error) {
	video := strings.EqualFold(t.MimeType, "video/VP8")
	if !video && !strings.EqualFold(t.MimeType, "audio/opus") {
		return nil, fmt.Errorf("track %q: MIME type is %q, must be video/VP8 or audio/opus", t.ID, t.MimeType)
	}
	if t.ClockRate == 0 {
		return nil, fmt.Errorf("track %q: clock rate is 0 Hz, must be 90000 for VP8 and 48000 for Opus", t.ID)
	}
	if cfg.MaxDelay <= 0 {
		cfg.MaxDelay = 300 * time.Millisecond
	}
	if cfg.MaxPackets <= 0 {
		cfg.MaxPackets = 1024
	}
	if cfg.SilenceAfter <= 0 {
		switch {
		case t.Source == SourceScreen:
			cfg.SilenceAfter = 5 * time.Second
		case video:
			cfg.SilenceAfter = 500 * time.Millisecond
		default:
			cfg.SilenceAfter = 300 * time.Millisecond
		}
	}
	return &Receiver{
		track: t, cfg: cfg, video: video, pc: clock, clock: clock.Track(t.ClockRate),
		jit: newJitter(video, cfg.MaxDelay, cfg.MaxPackets), waiting: video && cfg.WaitKeyFrame,
	}, nil
}

// Push takes a packet that arrived at the given interview time, and with it the
// payload, which the caller no longer touches (a Sink copies it before).
func (r *Receiver) Push(p *rtp.Packet, arrival time.Duration) {
	switch r.jit.push(p, arrival) {
	case stray:
		return
	case restart:
		r.restart(p, arrival)
		r.jit.push(p, arrival)
	}
	if len(p.Payload) > 0 {
		r.clock.Observe(p.Timestamp, arrival)
	}
}

// restart makes room for a new sequence: what is left of the old one is given
// out first, on the old clock.
func (r *Receiver) restart(p *rtp.Packet, arrival time.Duration) {
	r.jit.ended = true
	for {
		s, ok := r.next(arrival)
		if !ok {
			break
		}
		r.ready = append(r.ready, s)
	}
	held := r.jit.reset()
	r.clock.Close()
	r.clock = r.pc.Track(r.track.ClockRate)
	r.restarted, r.waiting = true, r.video && r.cfg.WaitKeyFrame
	if held != nil && held.SSRC == p.SSRC && held.PayloadType == p.PayloadType {
		r.jit.push(held, arrival)
		r.clock.Observe(held.Timestamp, arrival)
	}
}

// SenderReport takes the mapping of an RTCP sender report.
func (r *Receiver) SenderReport(rtpTime uint32, ntp time.Time) {
	r.clock.SenderReport(rtpTime, ntp)
}

// SetMuted tells that the publisher muted or unmuted the track at the given
// interview time.
func (r *Receiver) SetMuted(muted bool, at time.Duration) {
	if r.mutes.muted && !muted {
		r.clock.Resync()
	}
	r.mutes.set(muted, at)
}

// Muted tells whether the track is muted now.
func (r *Receiver) Muted() bool { return r.mutes.muted }

// Dropped tells that n packets were dropped by ourselves before the one that is
// pushed next.
func (r *Receiver) Dropped(n int) { r.jit.drops += n }

// Pop gives the next sample that is complete at the given interview time. It
// is called until it gives false, after every Push and a few times a second
// besides, since holes are given up by time.
func (r *Receiver) Pop(now time.Duration) (Sample, bool) {
	if len(r.ready) > 0 {
		s := r.ready[0]
		r.ready = r.ready[1:]
		return s, true
	}
	return r.next(now)
}

// Flush ends the stream: Pop then gives what is left without waiting.
func (r *Receiver) Flush() { r.jit.ended = true }

// Close takes the track off the participant's clock.
func (r *Receiver) Close() { r.clock.Close() }

// NeedsKeyFrame tells that pictures are withheld until a key frame arrives.
func (r *Receiver) NeedsKeyFrame() bool { return r.waiting }

// Late and duplicate packets so far, neither of which yields anything.
func (r *Receiver) Late() (late, duplicates int) { return r.jit.late, r.jit.copies }

// TakeGaps gives the gaps that ended since the last call.
func (r *Receiver) TakeGaps() []Gap {
	g := r.gaps
	r.gaps = nil
	return g
}

// End adds the last gap of a track that ended at the given interview time
// after having sent nothing for too long. It gives the time up to which the
// track is accounted for, as media or as a gap; ok is false if there was
// neither. It is called once, after the last Pop.
func (r *Receiver) End(at time.Duration) (until time.Duration, ok bool) {
	if !r.began {
		return 0, false
	}
	if before := len(r.gaps); r.note(r.lastEnd, at, r.missing) > before {
		r.lastEnd = max(r.lastEnd, at)
	}
	return r.lastEnd, true
}

// next takes the next frame out of the jitter buffer that may be given out.
func (r *Receiver) next(now time.Duration) (Sample, bool) {
	for {
		f, ok := r.jit.pop(now)
		if !ok {
			return Sample{}, false
		}
		s := Sample{Data: f.data, RTPTime: f.rtpTime, Arrival: f.arrival, KeyFrame: !r.video}
		if r.video {
			s.Width, s.Height, s.KeyFrame = VP8KeyFrame(f.data)
		} else {
			s.Duration = OpusDuration(f.data)
		}
		s.At = r.clock.At(f.rtpTime)
		if r.began && s.At < r.lastAt {
			s.At = r.lastAt // a new sequence may be placed a little early
		}
		if !r.began {
			r.began, r.lastEnd, r.lastAt = true, s.At, s.At
		}
		r.missing += f.lost
		r.ourDrops += f.ours
		if f.lost > 0 && r.video && r.cfg.WaitKeyFrame {
			r.waiting = true
		}
		if r.waiting && !s.KeyFrame {
			r.withheld++
			continue
		}
		r.waiting = false
		s.LostBefore = r.missing
		r.finish(s)
		return s, true
	}
}

// finish accounts for a sample that is given out.
func (r *Receiver) finish(s Sample) {
	if s.LostBefore > 0 || r.restarted || !r.quiet(s) {
		r.note(r.lastEnd, s.At, s.LostBefore)
	}
	if r.video {
		if d := s.At - r.lastAt; s.LostBefore == 0 && d > 0 && d < r.cfg.SilenceAfter {
			r.interval += (d - r.interval) / 8
		}
		r.lastEnd = s.At + r.interval
	} else {
		r.lastEnd = s.At + s.Duration
	}
	r.lastAt, r.lastSize = s.At, len(s.Data)
	r.missing, r.withheld, r.ourDrops, r.restarted = 0, 0, 0, false
	r.mutes.forget(r.lastEnd)
}

// quiet tells that an Opus sender was in discontinuous transmission before s:
// libopus announces that with a packet of one or two bytes and sends comfort
// noise every 400 ms.
func (r *Receiver) quiet(s Sample) bool {
	return !r.video && r.lastSize > 0 && r.lastSize <= 2 && s.At-r.lastEnd < time.Second
}

// note adds the parts of [from, to] that are a gap: any part where packets are
// missing, and parts longer than the threshold where nothing was sent or
// nothing could be shown, except while the track was muted and while a camera
// starts after that. It gives the number
// of gaps there are then.
func (r *Receiver) note(from, to time.Duration, missing int) int {
	cause := CauseSilence
	switch {
	case missing > 0 && r.ourDrops > 0:
		cause = CauseQueue
	case missing > 0 || r.withheld > 0:
		cause = CauseLoss
	}
	if missing > 0 && from >= to {
		r.gaps = append(r.gaps, Gap{From: to, To: to, Packets: missing, Cause: cause})
	}
	for _, part := range r.mutes.outside(from, to) {
		if r.video && cause == CauseSilence && r.mutes.starting(part) {
			continue
		}
		if missing > 0 || part.to-part.from >= r.cfg.SilenceAfter {
			r.gaps = append(r.gaps, Gap{From: part.from, To: part.to, Packets: missing, Cause: cause})
		}
	}
	return len(r.gaps)
}
