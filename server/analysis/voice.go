package analysis

import (
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// The roles that detectors of wider scope tell apart.
const (
	roleCandidate   = "candidate"
	roleInterviewer = "interviewer"
)

// soundHole is how long nothing may be heard of a microphone before that is a
// reading of its own; packets come every 20 ms, 60 ms at most.
const soundHole = 300 * time.Millisecond

// How much sound about a change of microphone says nothing: before it is told,
// since the page tells when the new one already sends; after it, since the
// browser sets its level and takes the echo and noise of the new room out anew.
const (
	deviceBefore = 500 * time.Millisecond
	deviceAfter  = time.Second
)

// voice is one participant's microphone: its state at the time up to which
// readings were given out.
type voice struct {
	participant, role string

	muted     bool
	connected bool
	changed   bool          // the device was, and no sound has been given since
	unknown   bool          // whose sound it is is not known
	absent    bool          // the newest reading was that there is no sound
	until     time.Duration // up to which sound was given out, or its absence explained
	dropped   time.Duration // by us, last
	settles   time.Duration // up to when the sound is that of a change of device
}

// voice finds or makes a participant's microphone.
func (p *ScenePipeline) voice(participant, role string) *voice {
	v := p.voices[participant]
	if v == nil {
		v = &voice{participant: participant, role: role, until: p.now, dropped: never, settles: never}
		p.voices[participant] = v
		p.order = append(p.order, v)
	}
	return v
}

// roleOf is a participant's role, as far as it is known.
func (p *ScenePipeline) roleOf(participant string) string {
	switch v := p.voices[participant]; {
	case participant == p.candidate:
		return roleCandidate
	case v != nil:
		return v.role
	}
	return roleInterviewer
}

// OpenVoice tells that a participant's microphone can be heard from this time
// on, as far as the gate allows it.
func (p *ScenePipeline) OpenVoice(participant, role string, at time.Duration) error {
	return p.change(participant, role, at, func(v *voice) { v.connected = true })
}

// CloseVoice tells that it ended.
func (p *ScenePipeline) CloseVoice(participant, role string, at time.Duration) error {
	return p.change(participant, role, at, func(v *voice) { v.connected, v.muted = false, false })
}

// UnknownVoice tells that there is sound, of which it is not known whose it is:
// nothing can be measured on it.
func (p *ScenePipeline) UnknownVoice(participant, role string, at time.Duration) error {
	return p.change(participant, role, at, func(v *voice) { v.connected, v.unknown = true, true })
}

// MuteVoice tells that it was switched off or on by hand.
func (p *ScenePipeline) MuteVoice(participant, role string, muted bool, at time.Duration) error {
	return p.change(participant, role, at, func(v *voice) { v.muted = muted })
}

// DropVoice tells that we dropped some of its sound.
func (p *ScenePipeline) DropVoice(participant, role string, at time.Duration) error {
	p.stats.SoundDropped++
	return p.change(participant, role, at, func(v *voice) { v.dropped = at })
}

// change is made when its time has come.
func (p *ScenePipeline) change(participant, role string, at time.Duration, do func(*voice)) error {
	return p.later(waiting{at: at, do: func() error {
		v := p.voice(participant, role)
		before := *v
		do(v)
		if v.muted == before.muted && v.connected == before.connected {
			return nil
		}
		v.until = max(v.until, at)
		if !v.muted && v.connected {
			return nil // what is heard says it
		}
		return p.give(v.reading(p, at, 0))
	}})
}

// Sound takes a run of sound that was heard, or put in where packets are
// missing (lost), or that the sender found nothing in (dtx).
func (p *ScenePipeline) Sound(participant, role string, at time.Duration, pcm []float32, lost, dtx bool) error {
	return p.Add(SceneReading{AtMS: at.Milliseconds(), Participant: participant, Role: role, Sound: &SoundReading{
		AtMS: at.Milliseconds(), Source: string(media.SourceMicrophone), PCM: pcm, LengthMS: int64(len(pcm)) * 1000 / SoundRate,
		Lost: lost, DTX: dtx,
	}})
}

// isMicrophone tells that a fact is about somebody's microphone.
func isMicrophone(f *evidence.FactPayload) bool {
	return f != nil && f.Fact == evidence.FactDevice && f.Source == string(media.SourceMicrophone)
}

// changing makes the sound about a change of microphone unheard: a hole or a
// crackle in it is nobody's silence or word.
func (p *ScenePipeline) changing(participant string, at time.Duration) error {
	return p.later(waiting{at: at - deviceBefore, do: func() error {
		if v := p.voices[participant]; v != nil {
			v.settles = max(v.settles, at+deviceAfter)
		}
		return nil
	}})
}

// take notes what a reading says of the microphone. It is false for sound that
// must not be measured.
func (v *voice) take(p *ScenePipeline, r *SceneReading) bool {
	if isMicrophone(r.Fact) {
		v.changed = true
	}
	s := r.Sound
	if s == nil || s.PCM == nil {
		return true
	}
	if !p.gate.hears(v.participant) || v.muted || v.unknown {
		return false // what a muted microphone may still send is not measured
	}
	if from := v.until.Milliseconds(); s.AtMS < from && (s.Lost || s.DTX) {
		cut := min((from-s.AtMS)*SoundRate/1000, int64(len(s.PCM)))
		if s.PCM = s.PCM[cut:]; len(s.PCM) == 0 {
			return false // explained already
		}
		s.AtMS, s.LengthMS = from, int64(len(s.PCM))*1000/SoundRate
	}
	p.stats.Sounds++
	s.DeviceChanged, v.changed = v.changed, false
	switch {
	case time.Duration(s.AtMS)*time.Millisecond < v.settles:
		s.Reason = evidence.ReasonDevice
	case s.Lost && p.now-v.dropped < 2*recently:
		s.Reason = evidence.ReasonOverload
	}
	v.until, v.absent = max(v.until, time.Duration(s.AtMS+s.LengthMS)*time.Millisecond), false
	return true
}

// silent is the reading of a microphone from which nothing was heard.
func (v *voice) silent(p *ScenePipeline, at time.Duration) (SceneReading, bool) {
	gone := !v.connected || v.muted || v.unknown || !p.gate.hears(v.participant)
	if !gone && !v.absent && at-v.until < soundHole || at <= v.until {
		return SceneReading{}, false
	}
	return v.reading(p, at, at-v.until), true
}

// reading tells that a microphone gave nothing for the time before an instant,
// and why.
func (v *voice) reading(p *ScenePipeline, at, length time.Duration) SceneReading {
	s := &SoundReading{AtMS: (at - length).Milliseconds(), LengthMS: length.Milliseconds(), Source: string(media.SourceMicrophone)}
	switch {
	case !v.connected:
		s.Reason = evidence.ReasonDisconnected
	case v.unknown:
		s.Reason = evidence.ReasonNotAvailable
	case !p.gate.hears(v.participant):
		s.Reason = evidence.ReasonNoConsent
	case v.muted:
		s.Muted = true
	case at-length < v.settles:
		s.Reason = evidence.ReasonDevice
	case at-v.dropped < 2*recently:
		s.Reason = evidence.ReasonOverload
	default:
		s.Reason = evidence.ReasonLoss
	}
	v.until, v.absent = max(v.until, at), true
	return SceneReading{AtMS: at.Milliseconds(), Participant: v.participant, Role: v.role, Sound: s}
}
