package analysis

import (
	"bonafide/server/evidence"
	"bonafide/server/speech"
	"bonafide/vision"
)

// SoundRate is the rate of the sound that detectors get, in values per second:
// what models of speech are made for.
const SoundRate = 16000

// SceneReading is one reading of an interview, for detectors of wider scope.
// Exactly one of the pointers is set. Readings come in the order of AtMS. A
// reading that arrived too late for that is given with the AtMS of the newest
// one before it, and tells its true time within.
type SceneReading struct {
	AtMS int64
	// Participant is whose reading it is, Role "candidate", "interviewer" or
	// "observer". Faces are always the candidate's.
	Participant string
	Role        string

	Sound *SoundReading
	Faces *FaceReading
	Fact  *evidence.FactPayload
	// Stream is a second of one of the candidate's streams.
	Stream *StreamReading
	Mark   *MarkReading
}

// SoundReading is a short run of sound of one microphone, 20 ms as a rule, or
// the reason why there is none to measure: told four times a second then.
// Between readings nothing is left out: what neither was heard nor can be
// explained is covered by a reading with a Reason.
type SoundReading struct {
	AtMS   int64  // interview time of the first value
	Source string // "microphone"
	// PCM is mono sound, -1 to 1, at SoundRate. It is the reader's own. It is nil
	// where nothing was heard: see Reason, Muted and LengthMS.
	PCM []float32
	// LengthMS is how much time the reading speaks for.
	LengthMS int64
	// Lost tells that PCM is silence put in for packets that are missing: it
	// says nothing about whether somebody spoke.
	Lost bool
	// DTX tells that the sender found nothing to send: its own voice detection
	// heard silence (discontinuous transmission). PCM is then silence.
	DTX bool
	// Muted tells that the participant switched the microphone off.
	Muted bool
	// DeviceChanged marks the first reading after the microphone was changed:
	// levels before and after cannot be compared.
	DeviceChanged bool
	// Reason is set where it cannot be told what was said: packet_loss (nothing
	// arrived), disconnected, overload, new_device (about a change of the
	// microphone), or no_consent (the participant's own
	// consent to speech measurements).
	Reason evidence.Reason

	// Speech is what became sure of this voice with this reading: it lags behind
	// by up to a second. Frames are what it rests on, up to now. Both are empty
	// unless a detector names the model that finds speech among its Models.
	Speech []speech.Span
	Frames []speech.Frame
}

// Heard tells that PCM is sound of which the sender knew.
func (s *SoundReading) Heard() bool { return s.Reason == "" && !s.Lost && !s.Muted && s.PCM != nil }

// MarkReading is an interviewer's question mark, or the begin of a soft question
// of the run-sheet.
type MarkReading struct {
	AtMS  int64
	Phase evidence.QuestionPhase // "" with Soft
	Soft  bool
}

// kept is what of a reading of faces may outlive its picture.
func (r FaceReading) kept() FaceReading {
	return FaceReading{
		AtMS: r.AtMS, Detected: r.Detected, Faces: append([]vision.Face(nil), r.Faces...), Main: r.Main, Gaze: r.Gaze, Reason: r.Reason,
		Late: r.Late, PerSecond: r.PerSecond, Width: r.Width, Height: r.Height,
	}
}
