// Package speech measures conversation: where there is speech on a
// participant's own track, who has the turn, how long an answer lets wait, and
// how long it pauses. It takes blocks of sound with their interview time and
// knows nothing of tracks, processes or pictures.
//
// The way of the data: VAD gives a probability of speech for every 32 ms of a
// track, Voice makes of it spans in which a participant speaks, is silent, or
// could not be heard, Dialogue puts the spans of all participants side by side
// and finds turns, responses and answers, and Baseline compares those with the
// same person's earlier ones.
//
// Silence is only what was heard as such. Where packets are missing, where a
// microphone is muted or was just changed, nothing is known, and every figure
// says for how much of its time that was so.
package speech

import "bonafide/server/evidence"

// State says what is known of a voice over a span of time.
type State uint8

// The states of a voice.
const (
	Unheard  State = iota // nothing is known; a Reason says why
	Silent                // sound arrived and held no speech
	Speaking              // speech
)

// String names a state.
func (s State) String() string {
	switch s {
	case Silent:
		return "silent"
	case Speaking:
		return "speaking"
	}
	return "unheard"
}

// Span is a stretch of one state. Times are interview time in milliseconds;
// the end is not part of it.
type Span struct {
	StartMS int64
	EndMS   int64
	State   State
	Reason  evidence.Reason // with Unheard
}

// Side is one of the two sides of an interview. All who ask are one side: for
// the candidate it does not matter who of them spoke.
type Side uint8

// The sides.
const (
	Candidate Side = iota
	Asker
)

// Turn is a time in which one side has the floor, with its pauses. Turns of
// the two sides may overlap.
type Turn struct {
	Side    Side
	StartMS int64
	EndMS   int64
	// Speech are the stretches of speech in it, in order.
	Speech []Span
}

// SpokenMS is the time of the turn that is speech.
func (t Turn) SpokenMS() (ms int64) {
	for _, s := range t.Speech {
		ms += s.EndMS - s.StartMS
	}
	return ms
}
