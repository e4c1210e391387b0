package speech

import (
	"time"

	"bonafide/server/evidence"
)

// VoiceConfig sets how probabilities become spans. Zero fields mean defaults,
// which are those of the model's own project for cutting speech out of sound.
type VoiceConfig struct {
	// On is the probability at which speech begins, Off the one below which it
	// may end: 0.5 and 0.35.
	On, Off float64
	// MinSpeech is the shortest speech, default 250 ms; MinSilence the shortest
	// silence that ends it, default 100 ms.
	MinSpeech, MinSilence time.Duration
	// Bridge is the longest time of missing sound that keeps the state before
	// it, default 200 ms: no word fits into it.
	Bridge time.Duration
}

func (c VoiceConfig) defaults() VoiceConfig {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if c.On <= 0 {
		c.On = 0.5
	}
	if c.Off <= 0 {
		c.Off = c.On - 0.15
	}
	set(&c.MinSpeech, 250*time.Millisecond)
	set(&c.MinSilence, 100*time.Millisecond)
	set(&c.Bridge, 200*time.Millisecond)
	return c
}

// The model is late at both edges of speech, since it waits to be sure: against
// labelled sentences a begin by 30 to 60 ms and an end by 90 to 120 ms, the
// more the louder the noise (TestEvalVAD). The edges are moved back by so much.
const (
	beginLate = 40
	endLate   = 90
)

// Voice makes spans out of one track's frames. The spans cover the time from
// the first frame or hole on without gaps; none is given out before it is sure,
// so they lag behind by a quarter of a second. One goroutine owns it.
type Voice struct {
	cfg VoiceConfig

	begun bool
	done  int64 // everything before is given out
	end   int64 // after the newest frame
	state State // of what comes after done

	// turning is where the state may have changed, -1 if it has not.
	turning int64
	missing int64 // since when sound is missing, -1 if it is not

	out []Span
}

// NewVoice makes a voice that nothing is known of.
func NewVoice(cfg VoiceConfig) *Voice {
	return &Voice{cfg: cfg.defaults(), turning: -1, missing: -1}
}

// Add takes the next frame.
func (v *Voice) Add(f Frame) {
	at := f.At.Milliseconds()
	end := (f.At + FrameLen).Milliseconds()
	if !v.begun {
		v.begun, v.done, v.end = true, at, at
	}
	if at > v.end+1 {
		v.hole(at, evidence.ReasonLoss)
	}
	if end <= v.end {
		return
	}
	from := v.end
	v.end = end
	if f.Missing > 0.5 {
		if v.missing < 0 {
			v.missing = from
		}
		if v.state == Unheard || v.end-v.missing > v.cfg.Bridge.Milliseconds() {
			v.unheard(v.missing, evidence.ReasonLoss)
		}
		return
	}
	v.missing = -1
	if v.state == Unheard {
		v.give(from)
		v.state, v.turning = Silent, -1
	}
	v.turn(f.Prob, from)
}

// turn moves between silence and speech.
func (v *Voice) turn(prob float64, from int64) {
	other := prob >= v.cfg.On
	wait := v.cfg.MinSpeech
	if v.state == Speaking {
		other = prob < v.cfg.Off
		wait = v.cfg.MinSilence
		if prob >= v.cfg.On {
			v.turning = -1
		}
	} else if prob < v.cfg.Off {
		v.turning = -1
	}
	if other && v.turning < 0 {
		v.turning = from
	}
	if v.turning >= 0 && v.end-v.turning >= wait.Milliseconds() {
		if v.state == Speaking {
			v.give(v.turning - endLate)
		} else {
			v.give(v.turning - beginLate)
		}
		v.state = Silent + Speaking - v.state
		v.turning = -1
	}
}

// Unheard tells that nothing is known of the voice up to this time, and why:
// the microphone is muted, not connected, or was changed, or packets are lost.
// Times before the newest frame are ignored.
func (v *Voice) Unheard(to time.Duration, why evidence.Reason) {
	ms := to.Milliseconds()
	if !v.begun {
		v.begun, v.done, v.end = true, 0, 0
		v.state, v.out = Unheard, nil
	}
	if ms > v.end {
		v.hole(ms, why)
	}
}

// hole goes over time without frames.
func (v *Voice) hole(to int64, why evidence.Reason) {
	from := v.end
	if v.missing >= 0 {
		from = v.missing
	}
	v.end = to
	if why == evidence.ReasonLoss && v.state != Unheard && to-from <= v.cfg.Bridge.Milliseconds() {
		if v.missing < 0 {
			v.missing = from
		}
		return
	}
	v.unheard(from, why)
}

// unheard ends what was known at the given time.
func (v *Voice) unheard(from int64, why evidence.Reason) {
	v.give(max(from, v.done))
	v.state, v.turning, v.missing = Unheard, -1, -1
	v.append(Span{v.done, v.end, Unheard, why})
	v.done = v.end
}

// give gives out the state up to a time.
func (v *Voice) give(to int64) {
	if to > v.done && v.state != Unheard {
		v.append(Span{v.done, to, v.state, ""})
	}
	v.done = max(v.done, to)
}

// append adds a span, to the one before if that is the same.
func (v *Voice) append(s Span) {
	if s.EndMS <= s.StartMS {
		return
	}
	if n := len(v.out); n > 0 {
		if l := &v.out[n-1]; l.State == s.State && l.Reason == s.Reason && l.EndMS == s.StartMS {
			l.EndMS = s.EndMS
			return
		}
	}
	v.out = append(v.out, s)
}

// Take gives the spans that became sure since the last call.
func (v *Voice) Take() []Span {
	// What the state has been up to now is sure as far as no change is pending.
	if v.begun && v.state != Unheard {
		sure := v.end
		if v.turning >= 0 {
			sure = min(sure, v.turning)
		}
		if v.missing >= 0 {
			sure = min(sure, v.missing)
		}
		v.give(sure - max(beginLate, endLate))
	}
	out := v.out
	v.out = nil
	return out
}

// Finish ends the voice: what is pending stays as it was.
func (v *Voice) Finish() []Span {
	v.turning = -1
	if v.missing >= 0 {
		v.unheard(v.missing, evidence.ReasonLoss)
	}
	v.give(v.end)
	return v.Take()
}
