package analysis

import (
	"bonafide/server/evidence"
	"bonafide/server/speech"
)

// talk keeps an interview's dialogue for one detector: who speaks, the question
// marks, and what the candidate's network adds to a wait.
type talk struct {
	dialogue *speech.Dialogue
	looked   int64 // when the dialogue was evaluated last
}

func newTalk() *talk { return &talk{dialogue: speech.NewDialogue()} }

// lookEvery is how often a dialogue is evaluated, in ms.
const lookEvery = 1000

// take takes any reading of an interview. due tells, about once a second, that
// the dialogue is to be evaluated.
func (t *talk) take(r SceneReading) (due bool) {
	switch {
	case r.Sound != nil && (r.Role == roleCandidate || r.Role == roleInterviewer):
		side := speech.Asker
		if r.Role == roleCandidate {
			side = speech.Candidate
		}
		t.dialogue.Join(r.Participant, side, r.Sound.AtMS)
		t.dialogue.Hear(r.Participant, r.Sound.Speech)
	case r.Mark != nil && !r.Mark.Soft:
		t.dialogue.Mark(speech.Mark{AtMS: r.Mark.AtMS, Phase: r.Mark.Phase})
	case r.Fact != nil && r.Role == roleCandidate && r.Fact.Fact == evidence.FactNetwork:
		t.dialogue.SetDelay(speech.Delay{RoundTripMS: r.Fact.RTTMS, BufferMS: r.Fact.PlayoutMS, Known: r.Fact.RTTMS > 0})
	}
	if r.AtMS-t.looked < lookEvery {
		return false
	}
	t.looked = r.AtMS
	return true
}

// Answering tells whether the candidate had the floor at an instant of interview
// time, and whether that is known. It is asked for times a second or two back.
func (t *talk) Answering(atMS int64) (answering, known bool) { return t.dialogue.Answering(atMS) }
