package evidence

import (
	"encoding/json"
	"fmt"
)

// RunSheet is what the log says of an interview's cards and steps. It is made
// by Add of the entries in their order, wherever it is wanted: in the room, in
// the review and in the report, so that all three say the same.
type RunSheet struct {
	Template       string      `json:"template"` // "" where nothing was drawn
	TemplateName   string      `json:"template_name"`
	TemplateSHA256 string      `json:"template_sha256"`
	DrawnSeq       int64       `json:"drawn_seq"` // number of the entry that holds the draw
	Cards          []RunCard   `json:"cards"`     // in drawn order, those added at the end
	Steps          []Step      `json:"steps"`     // in the order in which they began
	Deviations     []Deviation `json:"deviations"`
}

// RunCard is one card of a run-sheet.
type RunCard struct {
	Card     string   `json:"card"`
	Kind     CardKind `json:"kind"`
	Question string   `json:"question,omitempty"`
	Required bool     `json:"required"`
	LimitMS  int64    `json:"limit_ms"`
	Added    bool     `json:"added,omitempty"`
	Skipped  bool     `json:"skipped,omitempty"`
}

// Step is one attempt at a card.
type Step struct {
	Step    string        `json:"step"`
	Card    string        `json:"card"`
	Kind    CardKind      `json:"kind"`
	Attempt int           `json:"attempt"`
	Side    string        `json:"side,omitempty"`
	StartMS int64         `json:"start_ms"`
	EndMS   int64         `json:"end_ms"` // 0 while it goes on
	LimitMS int64         `json:"limit_ms"`
	Ended   StepEnd       `json:"ended,omitempty"` // "" while it goes on
	Why     string        `json:"why,omitempty"`   // the candidate cannot comply
	Shown   StepPart      `json:"shown"`
	Result  *StepResult   `json:"result,omitempty"`
	Read    *DocumentPart `json:"read,omitempty"` // what a document's zone says
	Verdict *StepVerdict  `json:"verdict,omitempty"`
}

// StepVerdict is an interviewer's verdict on a step.
type StepVerdict struct {
	Verdict Verdict `json:"verdict"`
	Note    string  `json:"note"`
	By      string  `json:"by"` // an identifier, or a name where the page wants one
	WallMS  int64   `json:"wall_ms"`
}

// Deviation is a departure from the run-sheet.
type Deviation struct {
	AtMS   int64           `json:"at_ms"`
	Change DeviationChange `json:"change"`
	Reason DeviationReason `json:"reason"`
	Card   string          `json:"card"`
	Kind   CardKind        `json:"kind"`
	Text   string          `json:"text,omitempty"`
	By     string          `json:"by"`
}

// Counts reports whether the step is over and judged by a person: before, it
// does not count as done.
func (s Step) Counts() bool { return s.Ended != "" && s.Verdict != nil }

// RunSheetEntries are the kinds of entry that RunSheet.Add wants.
var RunSheetEntries = []EntryKind{EntryCardsDrawn, EntryCardsDeviation, EntryStepStarted, EntryStepEnded, EntryStepChecked, EntryStepVerdict}

// NewRunSheet returns an empty run-sheet, its lists not nil.
func NewRunSheet() RunSheet {
	return RunSheet{Cards: []RunCard{}, Steps: []Step{}, Deviations: []Deviation{}}
}

// Add takes what one entry says; others than RunSheetEntries say nothing. Of
// several draws before the call the last counts. What is said of a step whose
// beginning is not among the entries is left out.
func (s *RunSheet) Add(e Entry) (err error) {
	switch e.Kind {
	case EntryCardsDrawn:
		err = s.drawn(e)
	case EntryCardsDeviation:
		err = s.deviated(e)
	case EntryStepStarted:
		err = s.started(e)
	case EntryStepEnded:
		err = s.ended(e)
	case EntryStepChecked:
		err = s.checked(e)
	case EntryStepVerdict:
		err = s.judged(e)
	}
	if err != nil {
		return fmt.Errorf("entry %d (%s): %w", e.Seq, e.Kind, err)
	}
	return nil
}

// open decodes an entry's payload and its part, where that still exists.
func open(e Entry, payload, part any) error {
	if err := json.Unmarshal(e.Payload, payload); err != nil {
		return fmt.Errorf("its payload: %w", err)
	}
	if len(e.Part) == 0 || string(e.Part) == "null" {
		return nil
	}
	if err := json.Unmarshal(e.Part, part); err != nil {
		return fmt.Errorf("its part: %w", err)
	}
	return nil
}

func (s *RunSheet) drawn(e Entry) error {
	var p CardsDrawnPayload
	var part CardsDrawnPart
	if err := open(e, &p, &part); err != nil {
		return err
	}
	s.Template, s.TemplateSHA256, s.TemplateName, s.DrawnSeq = p.Template, p.TemplateSHA256, part.Name, e.Seq
	s.Cards = []RunCard{}
	for _, c := range p.Cards {
		s.Cards = append(s.Cards, RunCard{Card: c.Card, Kind: c.Kind, Question: part.Questions[c.Card], Required: c.Required, LimitMS: c.LimitMS})
	}
	return nil
}

func (s *RunSheet) deviated(e Entry) error {
	var p DeviationPayload
	var part DeviationPart
	if err := open(e, &p, &part); err != nil {
		return err
	}
	d := Deviation{Change: p.Change, Reason: p.Reason, Card: p.Card, Kind: p.Kind, Text: part.Text, By: e.Actor.ID}
	if e.AtMS != nil {
		d.AtMS = *e.AtMS
	}
	s.Deviations = append(s.Deviations, d)
	switch p.Change {
	case DeviationAdded:
		s.Cards = append(s.Cards, RunCard{Card: p.Card, Kind: p.Kind, Question: part.Question, LimitMS: p.LimitMS, Added: true})
	case DeviationSkipped:
		if c := s.Card(p.Card); c != nil {
			c.Skipped = true
		}
	}
	return nil
}

func (s *RunSheet) started(e Entry) error {
	var p StepPayload
	var part StepPart
	if err := open(e, &p, &part); err != nil {
		return err
	}
	s.Steps = append(s.Steps, Step{Step: p.Step, Card: p.Card, Kind: p.Kind, Attempt: p.Attempt, Side: p.Side,
		StartMS: p.StartMS, LimitMS: p.LimitMS, Shown: part})
	if c := s.Card(p.Card); c != nil {
		c.Skipped = false // taken up after all
	}
	return nil
}

func (s *RunSheet) ended(e Entry) error {
	var p StepPayload
	var note NotePart
	if err := open(e, &p, &note); err != nil {
		return err
	}
	step := s.Step(p.Step)
	if step == nil {
		return nil
	}
	step.EndMS, step.Ended, step.Why = p.EndMS, p.Ended, note.Text
	return nil
}

func (s *RunSheet) checked(e Entry) error {
	var r StepResult
	var read DocumentPart
	if err := open(e, &r, &read); err != nil {
		return err
	}
	step := s.Step(r.Step)
	if step == nil {
		return nil
	}
	step.Result, step.Read = &r, nil
	if len(e.Part) > 0 && string(e.Part) != "null" {
		step.Read = &read
	}
	return nil
}

func (s *RunSheet) judged(e Entry) error {
	var p VerdictPayload
	var note NotePart
	if err := open(e, &p, &note); err != nil {
		return err
	}
	step := s.Step(p.Step)
	if step == nil {
		return nil
	}
	step.Verdict = &StepVerdict{Verdict: p.Verdict, Note: note.Text, By: e.Actor.ID, WallMS: e.WallMS}
	return nil
}

// Card finds a card by its identifier; nil if there is none.
func (s *RunSheet) Card(id string) *RunCard {
	for i := range s.Cards {
		if s.Cards[i].Card == id {
			return &s.Cards[i]
		}
	}
	return nil
}

// Step finds a step by its identifier; nil if there is none.
func (s *RunSheet) Step(id string) *Step {
	for i := range s.Steps {
		if s.Steps[i].Step == id {
			return &s.Steps[i]
		}
	}
	return nil
}

// On is the step that goes on; nil if none does.
func (s *RunSheet) On() *Step {
	for i := range s.Steps {
		if s.Steps[i].Ended == "" {
			return &s.Steps[i]
		}
	}
	return nil
}

// Attempts counts the steps of a card.
func (s *RunSheet) Attempts(card string) (n int) {
	for i := range s.Steps {
		if s.Steps[i].Card == card {
			n++
		}
	}
	return n
}

// Next is the first card that was neither taken up nor skipped; nil at the end.
func (s *RunSheet) Next() *RunCard {
	for i := range s.Cards {
		if c := &s.Cards[i]; !c.Skipped && s.Attempts(c.Card) == 0 {
			return c
		}
	}
	return nil
}
