package speech

import (
	"slices"

	"bonafide/server/evidence"
)

const (
	// minPauseMS: shorter silences within a turn are the closures of stops, not
	// pauses (180 to 250 ms is the usual limit in studies of conversation).
	minPauseMS = 200
	// earlyMS: an answer that begins earlier before the question's end is not
	// taken as an answer to it.
	earlyMS = 2000
	// unheardMS of a wait may be missing on either side: no word fits into it.
	unheardMS = 200
	// markLagMS: a question mark is pressed by hand, up to so long after what
	// it marks, and not more than markLeadMS before it.
	markLagMS  = 3000
	markLeadMS = 1000
)

// Mark is an interviewer's question mark.
type Mark struct {
	AtMS  int64
	Phase evidence.QuestionPhase
}

// Delay is what the network adds between a question's end as the candidate
// hears it and as the server does, and between the answer's begin and its
// arrival.
type Delay struct {
	RoundTripMS float64 // between the candidate and the server
	BufferMS    float64 // of the jitter buffer in the candidate's browser
	Known       bool    // false: nothing is subtracted
}

// TotalMS is what is subtracted from a wait.
func (d Delay) TotalMS() float64 {
	if !d.Known {
		return 0
	}
	return max(d.RoundTripMS, 0) + max(d.BufferMS, 0)
}

// Response is a candidate's wait before answering.
//
// Both tracks carry the server's interview time: the instant at which their
// sound reached the server at the track's smallest delay. How long the
// question took from the interviewer to the server does not matter, for it is
// over when the server has it. From there it goes to the candidate, waits in
// the jitter buffer there, is heard, and the answer comes back. So what the
// candidate let wait is the time between the two at the server, less one
// round trip between the candidate and the server and the jitter buffer.
type Response struct {
	QuestionStartMS int64
	QuestionEndMS   int64
	AnswerStartMS   int64
	// WaitMS is the time between the question's end and the answer's begin,
	// network delay taken out; negative where the answer began before.
	WaitMS float64
	Delay  Delay
	Marked bool // a question mark says that this was a question
	// Reason is set where the wait could not be measured; WaitMS is 0 then.
	Reason evidence.Reason
}

// Answer is a whole turn of the candidate.
type Answer struct {
	Response
	EndMS int64
	// Pauses are the silences of 200 ms and more within it in which the sound
	// arrived and nobody spoke.
	Pauses []Span
	// SilenceRatio is the share of pauses in the time that was heard, 0 to 1.
	SilenceRatio float64
	// HeardRatio is the share of the turn over which the voice was heard.
	HeardRatio float64
}

// Longest is the longest pause; of length 0 where there is none.
func (a Answer) Longest() (out Span) {
	for _, p := range a.Pauses {
		if p.EndMS-p.StartMS > out.EndMS-out.StartMS {
			out = p
		}
	}
	return out
}

// hearing is what is known of both sides up to one instant.
type hearing struct {
	speech  [2][]Span // by Side, each in order of time
	unheard [2][]Span
	marks   []Mark
	upTo    int64
}

// exchange is a turn of the askers with the candidate's next one.
type exchange struct {
	Answer
	turnMS int64 // where the candidate's turn begins; marks do not move it
	begun  bool  // what there is of the answer will stay its begin
	ended  bool  // the askers have the floor again
}

// exchanges finds all exchanges in what was heard. An answer counts as begun
// when it cannot become a backchannel any more.
func (h hearing) exchanges() (out []exchange) {
	turns := Turns(h.speech[Candidate], h.speech[Asker])
	for i := 0; i+1 < len(turns); i++ {
		ask, answer := turns[i], turns[i+1]
		if ask.Side != Asker {
			continue
		}
		r, ok := h.response(ask, answer)
		if !ok {
			continue
		}
		e := exchange{Answer: h.answer(answer, r), turnMS: answer.StartMS}
		e.begun = h.settled(answer)
		if i+2 < len(turns) {
			e.ended = e.begun && h.settled(turns[i+2])
		}
		out = append(out, e)
	}
	return out
}

// settled tells that a turn stays one whatever comes.
func (h hearing) settled(t Turn) bool {
	return t.SpokenMS() >= minTurnMS || h.upTo >= t.EndMS+aroundMS
}

// response measures the wait between two turns; false where the second is no
// answer to the first.
func (h hearing) response(ask, answer Turn) (Response, bool) {
	r := Response{QuestionStartMS: ask.StartMS, QuestionEndMS: ask.EndMS, AnswerStartMS: answer.StartMS}
	h.correct(&r, ask, answer)
	if ask.SpokenMS() < minTurnMS && !r.Marked {
		return r, false
	}
	if r.AnswerStartMS < r.QuestionEndMS-earlyMS || answer.EndMS < r.QuestionEndMS {
		return r, false
	}
	from, to := min(r.QuestionEndMS, r.AnswerStartMS), max(r.QuestionEndMS, r.AnswerStartMS)
	for _, side := range []Side{Candidate, Asker} {
		if ms, first := within(h.unheard[side], from-unheardMS, to); ms > unheardMS {
			r.Reason = first.Reason
			return r, true
		}
	}
	r.WaitMS = float64(r.AnswerStartMS - r.QuestionEndMS)
	return r, true
}

// correct moves a wait's ends by the interviewer's marks, to the speech next to
// them. "Asked" says that what the interviewer said after it was not the
// question, "answer" that what the candidate said before was not the answer.
func (h hearing) correct(r *Response, ask, answer Turn) {
	for _, m := range h.marks {
		switch m.Phase {
		case evidence.QuestionAsked:
			if m.AtMS < ask.StartMS || m.AtMS > answer.StartMS+markLagMS {
				continue
			}
			r.Marked = true
			for _, s := range ask.Speech {
				if s.EndMS <= m.AtMS+markLeadMS {
					r.QuestionEndMS = s.EndMS
				}
			}
		case evidence.QuestionAnswer:
			if m.AtMS < answer.StartMS-markLeadMS || m.AtMS > answer.EndMS+markLagMS {
				continue
			}
			r.Marked = true
			r.AnswerStartMS = marked(answer, r.QuestionEndMS, m.AtMS)
		}
	}
}

// marked is where the answer begins that a mark stands for: of the speech that
// began shortly before the mark, that after the longest silence.
func marked(answer Turn, silentSinceMS, markMS int64) int64 {
	begin, longest := answer.StartMS, int64(-1)
	for _, s := range answer.Speech {
		silence := s.StartMS - silentSinceMS
		if s.StartMS >= markMS-markLagMS && s.StartMS <= markMS+markLeadMS && silence > longest {
			begin, longest = s.StartMS, silence
		}
		silentSinceMS = s.EndMS
	}
	return begin
}

// answer measures a turn of the candidate.
func (h hearing) answer(t Turn, r Response) Answer {
	a := Answer{Response: r, EndMS: t.EndMS}
	silent := int64(0)
	speech := union(slices.Clone(t.Speech))
	for i := 1; i < len(speech); i++ {
		pause := Span{StartMS: speech[i-1].EndMS, EndMS: speech[i].StartMS, State: Silent}
		if pause.EndMS-pause.StartMS < minPauseMS || pause.StartMS < r.AnswerStartMS {
			continue
		}
		lost, _ := within(h.unheard[Candidate], pause.StartMS, pause.EndMS)
		other, _ := within(h.speech[Asker], pause.StartMS, pause.EndMS)
		unsure, _ := within(h.unheard[Asker], pause.StartMS, pause.EndMS)
		if lost > 0 || other > 0 || unsure > unheardMS {
			continue
		}
		a.Pauses = append(a.Pauses, pause)
		silent += pause.EndMS - pause.StartMS
	}
	total := max(t.EndMS-r.AnswerStartMS, 1)
	lost, _ := within(h.unheard[Candidate], r.AnswerStartMS, t.EndMS)
	heard := max(total-lost, 1)
	a.HeardRatio = float64(heard) / float64(total)
	a.SilenceRatio = min(float64(silent)/float64(heard), 1)
	return a
}
