package analysis

import (
	"math"

	"bonafide/server/evidence"
)

// When somebody who asks is taken to speak: the level of 20 ms of sound lies
// voiceAbove dB over the microphone's own quiet, and above voiceLeast dB below
// full scale. Typing or a door count too; then reading is not looked for, which
// is the harmless mistake.
const (
	voiceAbove, voiceLeast = 12.0, -50.0
	// voiceHangMS bridges the gaps between words, and knownMS is how long a
	// microphone's last word about itself counts.
	voiceHangMS, knownMS = 700, 1000
	// quietRise is by how many dB a second the estimate of the quiet rises while
	// it is louder: a room that became noisy is the new quiet after some seconds.
	quietRise = 1.5
)

// listener tells from the sound of those who ask when the candidate listens.
// The candidate's own sound is not needed: who talks while asked a question
// is still being asked.
type listener struct {
	askers map[string]*asker
	order  []*asker
}

// asker is one microphone of an interviewer or observer.
type asker struct {
	quiet   float64 // dB below full scale
	begun   bool
	spokeMS int64 // the newest sound of speech; -1 before
	heardMS int64 // up to which it is known whether it speaks; -1 before
}

// Hear takes sound; marks say nothing that sound does not.
func (l *listener) Hear(in SceneReading) {
	s := in.Sound
	if s == nil || in.Role == roleCandidate {
		return
	}
	a := l.askers[in.Participant]
	if a == nil {
		if l.askers == nil {
			l.askers = map[string]*asker{}
		}
		a = &asker{spokeMS: -1, heardMS: -1}
		l.askers[in.Participant], l.order = a, append(l.order, a)
	}
	end := s.AtMS + s.LengthMS
	switch {
	case s.Muted || s.DTX || s.Reason == evidence.ReasonDisconnected:
		a.heardMS = max(a.heardMS, end) // silent for sure
	case s.Heard():
		a.heardMS = max(a.heardMS, end)
		if a.speaks(level(s.PCM), float64(s.LengthMS)/1000) {
			a.spokeMS = end
		}
	}
}

// speaks compares a level with the quiet, which follows the lowest levels.
func (a *asker) speaks(db, seconds float64) bool {
	if !a.begun || db < a.quiet {
		a.quiet, a.begun = max(db, -90), true
	} else {
		a.quiet = min(a.quiet+quietRise*seconds, db)
	}
	return db > max(a.quiet+voiceAbove, voiceLeast)
}

// level is the root mean square in dB below full scale; -100 at most silence.
func level(pcm []float32) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return -100
	}
	return max(10*math.Log10(sum/float64(len(pcm))), -100)
}

// Answering is false while somebody who asks speaks. It is known where nobody
// is unheard, and somebody who asks is there at all.
func (l *listener) Answering(atMS int64) (answers, known bool) {
	known = len(l.order) > 0
	for _, a := range l.order {
		if a.spokeMS >= 0 && atMS-a.spokeMS <= voiceHangMS {
			return false, true
		}
		if atMS-a.heardMS > knownMS {
			known = false
		}
	}
	return true, known
}
