package audit

import (
	"encoding/json"
	"strings"
	"testing"

	"bonafide/server/evidence"
)

// The report shows the steps of the run-sheet as the log has them, and says of
// documents what the check is not.
func TestReportShowsTheRunSheet(t *testing.T) {
	var entries []evidence.Entry
	add := func(kind evidence.EntryKind, by string, payload, part any) {
		t.Helper()
		e := evidence.Entry{Seq: int64(len(entries) + 1), Version: 1, Interview: "i", WallMS: 1700000000000, AtMS: evidence.At(1000), Actor: evidence.Actor{Type: "participant", ID: by}, Kind: kind}
		var err error
		if e.Payload, err = json.Marshal(payload); err != nil {
			t.Fatal(err)
		}
		if part != nil {
			if e.Part, err = json.Marshal(part); err != nil {
				t.Fatal(err)
			}
			e.PartSHA256 = "x"
		}
		entries = append(entries, e)
	}
	step := evidence.StepPayload{Step: "id-1", Card: "id", Kind: evidence.CardShowID, Attempt: 1, Side: "front", StartMS: 5000, LimitMS: 60000}
	over := step
	over.EndMS, over.Ended = 20000, evidence.EndStopped
	add(evidence.EntryCardsDrawn, "", evidence.CardsDrawnPayload{Template: "default", TemplateSHA256: "ab", Cards: []evidence.DrawnCard{{Card: "id", Kind: evidence.CardShowID}}},
		evidence.CardsDrawnPart{Name: "Standard <run-sheet>"})
	add(evidence.EntryStepStarted, "host", step, nil)
	add(evidence.EntryStepEnded, "host", over, nil)
	add(evidence.EntryStepChecked, "", evidence.StepResult{Interview: "i", Step: "id-1", Card: evidence.CardShowID, Outcome: evidence.StepDone, Quality: 0.8,
		Models: []evidence.ModelRef{{Name: "fr_feature", SHA256: "cd"}}, Document: &evidence.DocumentResult{Side: "front", Zone: "TD3",
			Found: "second_face", PortraitPX: 71, CheckDigits: 4, Checked: 5, Votes: 3, Name: "partly", Expired: "expired",
			SameFrame: &evidence.Match{Similarity: 0.61, Threshold: 0.4, Unsure: 0.05, Frames: 3, Result: "alike"},
			Unread:    []evidence.Unread{{What: "edges", Reason: evidence.ReasonGlare}, {What: "birth date of the zone", Reason: evidence.ReasonCheckDigit}}}}, nil)
	add(evidence.EntryStepVerdict, "host", evidence.VerdictPayload{Step: "id-1", Card: "id", Kind: evidence.CardShowID, Verdict: evidence.VerdictUnsure}, evidence.NotePart{Text: "Glare"})
	add(evidence.EntryCardsDeviation, "host", evidence.DeviationPayload{Change: evidence.DeviationAdded, Reason: evidence.ReasonOther, Card: "added_1", Kind: evidence.CardLookUp}, nil)
	add(evidence.EntryStepEnded, "host", evidence.StepPayload{Step: "nothing-1"}, nil) // its beginning is not there
	s, err := Summarize("i", entries, map[string]Person{"host": {Name: "Ines Duarte"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.RunSheet.Steps; len(got) != 1 || got[0].Verdict.By != "Ines Duarte" || len(s.Models) != 1 || len(s.RunSheet.Cards) != 2 {
		t.Errorf("run-sheet %+v, models %+v", s.RunSheet, s.Models)
	}
	page, err := s.Report()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Standard &lt;run-sheet&gt;", "does not say whether the document is genuine", "<strong>unsure</strong> by Ines Duarte", "Glare",
		"0.61 (alike)", "could not be measured: glare", "71 px", "4 of 5 check digits right, 3 readings agree", "<td>partly</td>", "<td>passed</td>",
		"<td>birth date of the zone</td><td>could not be measured: check_digit</td>", "added: look_up (other)"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in the report", want)
		}
	}
}

// The report says that an interview was cancelled, by whom and why; where the
// reason was deleted, the rest.
func TestReportSaysCancelled(t *testing.T) {
	e := evidence.Entry{Seq: 1, Version: 1, Interview: "i", WallMS: 1700000000000, Actor: evidence.Actor{Type: "user", ID: "host"}, Kind: evidence.EntryInterviewCancelled, Payload: []byte(`{}`)}
	for part, want := range map[string]string{`{"text":"Another <offer>"}`: "by Ines Duarte: Another &lt;offer&gt;</p>", "": "by Ines Duarte</p>"} {
		if e.Part = nil; part != "" {
			e.Part = []byte(part)
		}
		s, err := Summarize("i", []evidence.Entry{e}, map[string]Person{"host": {Name: "Ines Duarte"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Report()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"was cancelled and did not take place", "Cancelled 2023-11-14 22:13:20 UTC, " + want} {
			if !strings.Contains(string(page), text) {
				t.Errorf("%q is not in the report", text)
			}
		}
	}
}
