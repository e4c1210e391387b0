package signaling

import "bonafide/server/evidence"

// ---- client to server -------------------------------------------------

// CardStart ("card.start") begins a card (interviewers only). Reason is wanted
// where the card is not the next one of the drawn order, or was done before.
type CardStart struct {
	Card   string                   `json:"card"`
	Side   string                   `json:"side,omitempty"` // of a document: "front" (as is ""), "back"
	Reason evidence.DeviationReason `json:"reason,omitempty"`
	Note   string                   `json:"note,omitempty"` // at most 2000 characters
}

// CardStop ("card.stop") ends the step that goes on (interviewers only).
type CardStop struct {
	Step string `json:"step"`
}

// CardSkip ("card.skip") leaves a card out (interviewers only).
type CardSkip struct {
	Card   string                   `json:"card"`
	Reason evidence.DeviationReason `json:"reason"`
	Note   string                   `json:"note,omitempty"`
}

// CardAdd ("card.add") adds a card that the template does not have
// (interviewers only).
type CardAdd struct {
	Kind     evidence.CardKind        `json:"kind"`
	Question string                   `json:"question,omitempty"`
	Reason   evidence.DeviationReason `json:"reason"`
	Note     string                   `json:"note,omitempty"`
}

// CardCannot ("card.cannot") says that the candidate cannot do what the card
// asks for; the candidate or an interviewer says so.
type CardCannot struct {
	Step string `json:"step"`
	Why  string `json:"why,omitempty"` // at most 500 characters; an interviewer must say why
}

// CardVerdict ("card.verdict") is an interviewer's own judgement of a step that
// has ended. For documents the note is required.
type CardVerdict struct {
	Step    string           `json:"step"`
	Verdict evidence.Verdict `json:"verdict"`
	Note    string           `json:"note,omitempty"` // at most 2000 characters
}

// ---- server to client -------------------------------------------------

// Cards ("cards", interviewers and observers only) is the whole run-sheet.
type Cards struct {
	Sheet evidence.RunSheet `json:"sheet"`
	// Next is the card whose turn it is; "" at the end.
	Next string `json:"next"`
	// Daylight is what to expect now at the claimed place; absent where the
	// interview names no time zone.
	Daylight *evidence.Daylight `json:"daylight,omitempty"`
	// Rates are how often the automatic checks were wrong when they were measured.
	Rates []evidence.CheckRate `json:"rates"`
}

// Card ("card", to the candidate) is what is asked for now. Step is "" while
// nothing is. It never says what comes next, nor what was measured.
type Card struct {
	Step    string            `json:"step"`
	Kind    evidence.CardKind `json:"kind,omitempty"`
	Side    string            `json:"side,omitempty"`
	Phrase  string            `json:"phrase,omitempty"` // to be read aloud
	StartMS int64             `json:"start_ms"`
	LimitMS int64             `json:"limit_ms"`
}

// CardHint ("card.hint", to all in the room) is live guidance for the step
// that goes on. Observers and interviewers see what the candidate is told.
type CardHint struct {
	Hint evidence.StepHint `json:"hint"`
}
