package store

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// plannedFor adds an interview for a role.
func plannedFor(t *testing.T, s *Store, role string) interview.Interview {
	t.Helper()
	by := account(t, s, role)
	iv, err := s.CreateInterview(t.Context(), interview.Interview{CandidateName: "Ada", Role: role, ScheduledMS: 1, Interviewers: []string{by.ID}, CreatedBy: by.ID})
	if err != nil {
		t.Fatal(err)
	}
	return iv
}

func TestTemplatesByRole(t *testing.T) {
	s := open(t)
	list, err := s.Templates(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != interview.DefaultTemplate {
		t.Fatalf("a new server has %+v, %v", list, err)
	}
	one := interview.Template{ID: "one", Name: "Pilots", Roles: []string{"Pilot", "Co-pilot"}, Cards: []interview.TemplateCard{{ID: "up", Kind: evidence.CardLookUp, LimitS: 20}}}
	entry := evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryTemplateChanged, Payload: evidence.TemplatePayload{Template: "one", SHA256: one.Hash()}}
	if err := s.SaveTemplate(t.Context(), one, entry); err != nil {
		t.Fatal(err)
	}
	two := one
	two.ID, two.Name, two.Roles = "two", "Others", []string{" co-PILOT "}
	var f *interview.FieldError
	if err := s.SaveTemplate(t.Context(), two); !errors.As(err, &f) || f.Field != "roles" || !strings.Contains(f.Problem, "Pilots") {
		t.Errorf("a role with two templates: %v", err)
	}
	for role, want := range map[string]string{"pilot": "one", " PILOT": "one", "co-pilot": "one", "Engineer": interview.DefaultTemplate} {
		if got, err := s.TemplateFor(t.Context(), role); err != nil || got.ID != want {
			t.Errorf("%q has the template %q, %v; want %q", role, got.ID, err, want)
		}
	}
	one.Roles = []string{"Pilot"}
	if err := s.SaveTemplate(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveTemplate(t.Context(), two); err != nil {
		t.Errorf("the role is free now: %v", err)
	}
	mine := interview.BuiltIn()
	mine.Name = "Ours"
	if err := s.SaveTemplate(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if got, err := s.TemplateFor(t.Context(), "Engineer"); err != nil || got.Name != "Ours" {
		t.Errorf("the edited default is %q, %v", got.Name, err)
	}
	for _, id := range []string{"one", interview.DefaultTemplate} {
		if err := s.DeleteTemplate(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if err := s.DeleteTemplate(t.Context(), "one"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleting again: %v", err)
	}
	for role, want := range map[string]string{"pilot": "Standard run-sheet", "co-pilot": "Others"} {
		if got, err := s.TemplateFor(t.Context(), role); err != nil || got.Name != want {
			t.Errorf("%q has the template %q, %v; want %q", role, got.Name, err, want)
		}
	}
	kept, err := s.Entries(t.Context(), EntryQuery{Outside: true, Kinds: []evidence.EntryKind{evidence.EntryTemplateChanged}})
	if err != nil || len(kept) != 1 {
		t.Errorf("%d entries about templates, %v", len(kept), err)
	}
}

func TestRunSheetIsDrawnBeforeTheCall(t *testing.T) {
	s := open(t)
	iv := plannedFor(t, s, "Pilot")
	first, err := s.OpenRunSheet(t.Context(), iv.ID)
	if err != nil || len(first.Cards) != len(interview.BuiltIn().Cards) || first.DrawnSeq == 0 {
		t.Fatalf("drew %+v, %v", first, err)
	}
	again, err := s.OpenRunSheet(t.Context(), iv.ID)
	if err != nil || again.DrawnSeq != first.DrawnSeq {
		t.Errorf("opening again drew again: %d, %v", again.DrawnSeq, err)
	}
	entries, err := s.Entries(t.Context(), EntryQuery{Interview: iv.ID, Kinds: evidence.RunSheetEntries})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	var p evidence.CardsDrawnPayload
	if err := json.Unmarshal(entries[0].Payload, &p); err != nil || p.TemplateSHA256 != interview.BuiltIn().Hash() {
		t.Errorf("payload %+v, %v", p, err)
	}
	if strings.Contains(string(entries[0].Payload), "larger town") || !strings.Contains(string(entries[0].Part), "larger town") {
		t.Error("the questions' text belongs to the part")
	}

	// Another template for the role before the call: drawn again.
	other := interview.Template{ID: "p", Name: "Pilots", Roles: []string{"pilot"}, Cards: []interview.TemplateCard{{ID: "up", Kind: evidence.CardLookUp, LimitS: 20}}}
	if err := s.SaveTemplate(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	second, err := s.OpenRunSheet(t.Context(), iv.ID)
	if err != nil || second.Template != "p" || len(second.Cards) != 1 {
		t.Fatalf("after the change %+v, %v", second, err)
	}

	// During the call nothing is drawn, whatever becomes of the template.
	if _, _, err := s.StartInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteTemplate(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	live, err := s.OpenRunSheet(t.Context(), iv.ID)
	if err != nil || live.DrawnSeq != second.DrawnSeq || live.Cards[0].Kind != evidence.CardLookUp {
		t.Errorf("during the call %+v, %v", live, err)
	}
	late := plannedFor(t, s, "Late")
	if _, _, err := s.StartInterview(t.Context(), late.ID); err != nil {
		t.Fatal(err)
	}
	if sheet, err := s.OpenRunSheet(t.Context(), late.ID); err != nil || len(sheet.Cards) != 0 || sheet.Cards == nil {
		t.Errorf("a call that began without cards got %+v, %v", sheet, err)
	}
}
