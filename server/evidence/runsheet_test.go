package evidence

import (
	"encoding/json"
	"testing"
)

// logged makes an entry as the log gives it back; without a part where that was
// deleted.
func logged(t *testing.T, kind EntryKind, payload, part any) Entry {
	t.Helper()
	p, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Seq: 7, Kind: kind, AtMS: At(9), Actor: Actor{Type: "participant", ID: "ivy"}, Payload: p}
	if part != nil {
		if e.Part, err = json.Marshal(part); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func TestRunSheetOfEntries(t *testing.T) {
	s := NewRunSheet()
	add := func(kind EntryKind, payload, part any) {
		t.Helper()
		if err := s.Add(logged(t, kind, payload, part)); err != nil {
			t.Fatal(err)
		}
	}
	draw := func(cards ...string) CardsDrawnPayload {
		p := CardsDrawnPayload{Template: "t"}
		for _, c := range cards {
			p.Cards = append(p.Cards, DrawnCard{Card: c, Kind: CardLookUp, LimitMS: 1000})
		}
		return p
	}
	add(EntryCardsDrawn, draw("x"), nil)
	add(EntryCardsDrawn, draw("a", "b", "q"), CardsDrawnPart{Name: "T", Questions: map[string]string{"q": "Where?"}})
	if len(s.Cards) != 3 || s.Cards[2].Question != "Where?" || s.Next().Card != "a" || s.On() != nil {
		t.Fatalf("after two draws %+v", s)
	}
	add(EntryCardsDeviation, DeviationPayload{Change: DeviationSkipped, Reason: ReasonOther, Card: "a", Kind: CardLookUp}, DeviationPart{Text: "why"})
	if s.Next().Card != "b" || !s.Card("a").Skipped || s.Deviations[0].Text != "why" || s.Deviations[0].AtMS != 9 || s.Deviations[0].By != "ivy" {
		t.Errorf("after a card was left out %+v", s)
	}
	one := StepPayload{Step: "a-1", Card: "a", Kind: CardLookUp, Attempt: 1, StartMS: 100, LimitMS: 1000}
	add(EntryStepStarted, one, StepPart{Phrase: "apple bread"})
	if s.Card("a").Skipped || s.On() == nil || s.On().Shown.Phrase != "apple bread" || s.Attempts("a") != 1 {
		t.Errorf("taken up after all %+v", s)
	}
	// A result may be written before the end.
	add(EntryStepChecked, StepResult{Step: "a-1", Outcome: StepDone}, DocumentPart{Surname: "SPECIMEN"})
	one.EndMS, one.Ended = 900, EndCannot
	add(EntryStepEnded, one, NotePart{Text: "stiff"})
	if st := s.Step("a-1"); s.On() != nil || st.Counts() || st.Why != "stiff" || st.Result.Outcome != StepDone || st.Read.Surname != "SPECIMEN" {
		t.Errorf("ended as %+v", s.Step("a-1"))
	}
	add(EntryStepVerdict, VerdictPayload{Step: "a-1", Verdict: VerdictDone}, nil) // its note was deleted
	if st := s.Step("a-1"); !st.Counts() || st.Verdict.Note != "" {
		t.Errorf("judged as %+v", st)
	}
	add(EntryCardsDeviation, DeviationPayload{Change: DeviationAdded, Reason: ReasonOther, Card: "n", Kind: CardQuestion}, DeviationPart{Question: "Which?"})
	if c := s.Card("n"); c == nil || !c.Added || c.Question != "Which?" {
		t.Errorf("added %+v", c)
	}
	// What lacks its beginning, and what is no entry of cards, is left out.
	before := len(s.Steps)
	add(EntryStepEnded, StepPayload{Step: "gone-1"}, nil)
	add(EntryStepVerdict, VerdictPayload{Step: "gone-1"}, nil)
	add(EntryStepChecked, StepResult{Step: "gone-1"}, nil)
	add(EntryAnnotation, AnnotationPayload{ID: "1"}, NotePart{Text: "x"})
	if len(s.Steps) != before {
		t.Errorf("steps %+v", s.Steps)
	}
	if err := s.Add(Entry{Seq: 3, Kind: EntryStepStarted, Payload: []byte("{")}); err == nil {
		t.Error("a torn payload was taken")
	}
}

func TestVerdictsFitCards(t *testing.T) {
	for _, v := range []Verdict{VerdictMatches, VerdictDoesNotMatch, VerdictDone, VerdictNotDone, VerdictUnsure, "maybe"} {
		document := v == VerdictMatches || v == VerdictDoesNotMatch || v == VerdictUnsure
		other := v == VerdictDone || v == VerdictNotDone || v == VerdictUnsure
		if v.Fits(CardShowID) != document || v.Fits(CardLookUp) != other || v.Fits(CardQuestion) != other {
			t.Errorf("%q fits a document %v, another card %v", v, v.Fits(CardShowID), v.Fits(CardLookUp))
		}
	}
}
