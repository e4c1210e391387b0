package evidence

// Payloads and parts of the entries about the run-sheet. The steps' results
// are in step.go; RunSheet puts all of it together.

// CardsDrawnPayload goes with cards.drawn: which cards an interview has, in
// the order that was drawn at random before the call. The template as it was
// is the part, a CardsDrawnPart.
type CardsDrawnPayload struct {
	Template       string      `json:"template"`        // identifier
	TemplateSHA256 string      `json:"template_sha256"` // of the template's JSON, questions included
	Cards          []DrawnCard `json:"cards"`           // in drawn order
}

// DrawnCard is one card of a drawn run-sheet.
type DrawnCard struct {
	Card     string   `json:"card"` // identifier, unique within the interview
	Kind     CardKind `json:"kind"`
	Required bool     `json:"required"`
	LimitMS  int64    `json:"limit_ms"`
}

// CardsDrawnPart is the deletable half of cards.drawn.
type CardsDrawnPart struct {
	Name      string            `json:"name"`      // of the template
	Questions map[string]string `json:"questions"` // by card
}

// StepEnd tells how a step ended.
type StepEnd string

// The ends of a step.
const (
	EndStopped     StepEnd = "stopped"       // by an interviewer
	EndComplete    StepEnd = "complete"      // the check had seen all it wanted
	EndTime        StepEnd = "time"          // the time limit
	EndCannot      StepEnd = "cannot_comply" // the candidate cannot; why is the part
	EndHangup      StepEnd = "hangup"        // with the interview
	EndInterrupted StepEnd = "interrupted"   // the server stopped meanwhile
)

// StepPayload goes with step.started and step.ended.
type StepPayload struct {
	Step    string   `json:"step"` // identifier, unique within the interview
	Card    string   `json:"card"`
	Kind    CardKind `json:"kind"`
	Attempt int      `json:"attempt"`        // 1, 2, …: of this card
	Side    string   `json:"side,omitempty"` // of a document: "front", "back"
	StartMS int64    `json:"start_ms"`
	EndMS   int64    `json:"end_ms,omitempty"` // with step.ended
	LimitMS int64    `json:"limit_ms"`
	Ended   StepEnd  `json:"ended,omitempty"` // with step.ended
}

// StepPart is the deletable half of step.started: what was shown.
type StepPart struct {
	Question string    `json:"question,omitempty"`
	Phrase   string    `json:"phrase,omitempty"` // of a spoken code
	Daylight *Daylight `json:"daylight,omitempty"`
}

// Daylight is the light that is to be expected at a claimed place.
type Daylight struct {
	Zone      string  `json:"zone"`      // IANA name of the claimed time zone
	Place     string  `json:"place"`     // the zone's reference place, for which it was computed; "" if not known
	WallMS    int64   `json:"wall_ms"`   // Unix ms of the instant
	Elevation float64 `json:"elevation"` // of the sun's centre above the horizon, degrees
	Light     string  `json:"light"`     // "day", "twilight", "night"; "" if not known
}

// Verdict is the interviewer's own judgement of a step.
type Verdict string

// The verdicts: the first two are for documents, the next two for other cards,
// the last is for both.
const (
	VerdictMatches      Verdict = "matches"        // the document and the person match
	VerdictDoesNotMatch Verdict = "does_not_match" // they do not
	VerdictDone         Verdict = "done"           // what was asked for was done
	VerdictNotDone      Verdict = "not_done"       // it was not
	VerdictUnsure       Verdict = "unsure"
)

// Fits reports whether the verdict is one for cards of a kind.
func (v Verdict) Fits(k CardKind) bool {
	switch v {
	case VerdictUnsure:
		return true
	case VerdictMatches, VerdictDoesNotMatch:
		return k == CardShowID
	case VerdictDone, VerdictNotDone:
		return k != CardShowID
	}
	return false
}

// VerdictPayload goes with step.verdict; the note is a NotePart. A later one
// of the same step counts more.
type VerdictPayload struct {
	Step    string   `json:"step"`
	Card    string   `json:"card"`
	Kind    CardKind `json:"kind"`
	Verdict Verdict  `json:"verdict"`
}

// DeviationChange names how a run-sheet was departed from.
type DeviationChange string

// The changes.
const (
	DeviationSkipped    DeviationChange = "skipped"
	DeviationAdded      DeviationChange = "added"        // a card that the template does not have
	DeviationOrder      DeviationChange = "out_of_order" // not the next of the drawn order
	DeviationRepeated   DeviationChange = "repeated"
	DeviationNotReached DeviationChange = "not_reached" // a required card was still open at the end
)

// DeviationReason is why, in a closed vocabulary; more may be said in the part.
type DeviationReason string

// The reasons.
const (
	ReasonNoTime        DeviationReason = "short_of_time"
	ReasonTrouble       DeviationReason = "technical_trouble"
	ReasonAccommodation DeviationReason = "accommodation"
	ReasonAsked         DeviationReason = "candidate_asked"
	ReasonUnclear       DeviationReason = "unclear_result"
	ReasonDocument      DeviationReason = "another_document"
	ReasonOther         DeviationReason = "other"
	ReasonEnded         DeviationReason = "interview_ended" // given by the server alone
)

// DeviationReasons lists those that a person may give.
var DeviationReasons = []DeviationReason{ReasonNoTime, ReasonTrouble, ReasonAccommodation, ReasonAsked, ReasonUnclear, ReasonDocument, ReasonOther}

// Valid reports whether a person may give the reason.
func (r DeviationReason) Valid() bool {
	for _, known := range DeviationReasons {
		if r == known {
			return true
		}
	}
	return false
}

// DeviationPayload goes with cards.deviation; what was said about it is the
// part, a DeviationPart.
type DeviationPayload struct {
	Change  DeviationChange `json:"change"`
	Reason  DeviationReason `json:"reason"`
	Card    string          `json:"card"`
	Kind    CardKind        `json:"kind"`
	LimitMS int64           `json:"limit_ms,omitempty"` // of an added card
}

// DeviationPart is the deletable half of cards.deviation.
type DeviationPart struct {
	Text     string `json:"text,omitempty"`     // in the interviewer's words
	Question string `json:"question,omitempty"` // of an added question
}

// TemplatePayload goes with template.changed: the cards that candidates for
// some roles get. The template itself is the part.
type TemplatePayload struct {
	Template string `json:"template"`
	SHA256   string `json:"sha256,omitempty"` // as in CardsDrawnPayload; "" when deleted
	Deleted  bool   `json:"deleted,omitempty"`
}
