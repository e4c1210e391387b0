package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// recently is for how long a sign of life, a loss or a drop explains that
// pictures are missing.
const recently = time.Second

// sourceState is what is known of a source besides its pictures.
type sourceState struct {
	muted        bool
	disconnected bool
	absent       bool // there never was a track of it
	hasSound     bool // another source of the participant is known to send all the time
	lastPicture  time.Duration
	lastPacket   time.Duration
	lastSound    time.Duration
	lastDrop     time.Duration   // a picture by us, since measuring was late
	lastRefused  time.Duration   // a packet by us, before it was decoded
	lost         evidence.Reason // a hole that is known from elsewhere
}

// never is a time before all others.
const never = -time.Hour

func newSourceState(start time.Duration) sourceState {
	return sourceState{lastPicture: start, lastPacket: never, lastSound: never, lastDrop: never, lastRefused: never}
}

// picture notes a picture.
func (s *sourceState) picture(at time.Duration) { s.lastPicture = max(s.lastPicture, at) }

// silent tells whether the absence of pictures at this instant is a reading,
// and the reason if it can not be told whether pictures are being sent.
func (s *sourceState) silent(at, after time.Duration) (bool, evidence.Reason) {
	switch {
	case s.muted:
		return true, ""
	case s.absent:
		return true, evidence.ReasonCameraOff
	case s.disconnected:
		return true, evidence.ReasonDisconnected
	case at-s.lastPicture < after:
		return false, ""
	case s.lost != "":
		return true, s.lost
	case at-s.lastRefused < recently:
		return true, evidence.ReasonOverload
	case at-s.lastPacket < recently && s.lastPacket > s.lastPicture:
		return true, evidence.ReasonLoss // sent, and could not be decoded
	case s.hasSound && at-s.lastSound >= after:
		return true, evidence.ReasonLoss // the sound stopped too: the link, not the camera
	}
	return true, ""
}

// overloaded tells whether we dropped something since the given time.
func (s *sourceState) overloaded(since time.Duration) bool {
	return max(s.lastDrop, s.lastRefused) >= since
}

// damage is the reason for a damaged picture: packets were lost on the way, or
// refused by us.
func (s *sourceState) damage(at time.Duration) evidence.Reason {
	if at-s.lastRefused < 2*recently {
		return evidence.ReasonOverload
	}
	return evidence.ReasonDamaged
}

// SetMuted tells that the participant switched the source off or on.
func (p *Pipeline) SetMuted(muted bool, at time.Duration) error {
	return p.event(at, func() { p.state.muted = muted })
}

// SetConnected tells whether the participant has a track of this source. A
// pipeline begins connected.
func (p *Pipeline) SetConnected(connected bool, at time.Duration) error {
	return p.event(at, func() {
		if connected && p.state.disconnected {
			p.state.lastPicture = max(p.state.lastPicture, at) // pictures are expected from now on
		}
		p.state.disconnected = !connected
		p.state.absent = p.state.absent && !connected
	})
}

// SetAbsent tells that the participant never had a track of this source. It
// holds until SetConnected tells of one.
func (p *Pipeline) SetAbsent(at time.Duration) error {
	return p.event(at, func() { p.state.disconnected, p.state.absent = true, true })
}

// SetLost tells of a hole in the source that is known from elsewhere, with the
// reason, and of its end ("").
func (p *Pipeline) SetLost(why evidence.Reason, at time.Duration) error {
	return p.event(at, func() { p.state.lost = why })
}

// event changes the state at an instant and reads the source at once.
func (p *Pipeline) event(at time.Duration, change func()) error {
	at = max(at, p.now)
	if err := p.Advance(at); err != nil {
		return err
	}
	change()
	if p.state.muted || p.state.disconnected {
		return p.tick(at)
	}
	return nil
}

// Packet tells that a packet of the source arrived, whether or not a picture
// comes of it.
func (p *Pipeline) Packet(at time.Duration) { p.state.lastPacket = max(p.state.lastPacket, at) }

// Sound tells that the participant's microphone sent something: the link is
// alive. Once it was heard, a pause of both is the link's and not the camera's.
func (p *Pipeline) Sound(at time.Duration) {
	p.state.hasSound, p.state.lastSound = true, max(p.state.lastSound, at)
}

// SoundEnds tells that the microphone may be silent on purpose from now on.
func (p *Pipeline) SoundEnds() { p.state.hasSound = false }

// Dropped tells that a picture of this time was dropped because analysis was
// late. It may not have been due, and it shows that the camera is on.
func (p *Pipeline) Dropped(at time.Duration) {
	p.state.lastDrop = max(p.state.lastDrop, at)
	p.state.picture(at)
}

// PacketsDropped tells that n packets of the source were dropped before they
// were decoded, the last at this time.
func (p *Pipeline) PacketsDropped(n int, at time.Duration) {
	p.stats.Packets += n
	p.state.lastRefused = max(p.state.lastRefused, at)
}
