package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/place"
	"bonafide/server/store"
)

// refusal is the status of an answer, and what it complains of.
func refusal(w *world, as, request, body string) (int, Problem) {
	w.t.Helper()
	rec := w.send(scenario{as: as, request: request, body: body})
	var p Problem
	if rec.Code >= 400 {
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
			w.t.Fatal(err)
		}
	}
	return rec.Code, p
}

func TestTemplates(t *testing.T) {
	w := populated(t, nil)
	list := ask[TemplateList](w, "admin", "GET /api/templates", "")
	if len(list.Templates) != 1 || list.Templates[0].ID != "default" || list.Limits[evidence.CardShowID] == 0 {
		t.Fatalf("templates %+v", list)
	}
	one := `{"name":"Pilots","roles":["Pilot"],"cards":[{"id":"up","kind":"look_up","question":"","required":true,"limit_s":20}]}`
	for _, s := range []struct {
		who, method, path, body string
		status                  int
		field                   string
	}{
		{"admin", "POST", "/api/templates", one, 201, ""},
		{"admin", "POST", "/api/templates", strings.Replace(one, "Pilots", "More", 1), 400, "roles"},
		{"admin", "POST", "/api/templates", strings.Replace(one, `["Pilot"]`, `[]`, 1), 400, "roles"},
		{"admin", "POST", "/api/templates", strings.Replace(one, `"look_up"`, `"dance"`, 1), 400, "cards"},
		{"admin", "PUT", "/api/templates/nowhere", one, 404, ""},
		{"admin", "PUT", "/api/templates/default", `{"name":"Ours","roles":[],"cards":[{"id":"a","kind":"show_id","question":"","required":true,"limit_s":60}]}`, 200, ""},
		{"interviewer", "POST", "/api/templates", one, 403, ""},
		{"admin", "DELETE", "/api/templates/nowhere", "", 404, ""},
	} {
		status, p := refusal(w, s.who, s.method+" "+s.path, s.body)
		if status != s.status || p.Field != s.field {
			t.Errorf("%s %s %.60s: %d %+v, want %d %s", s.method, s.path, s.body, status, p, s.status, s.field)
		}
	}
	list = ask[TemplateList](w, "interviewer", "GET /api/templates", "")
	if len(list.Templates) != 2 || list.Templates[0].Name != "Ours" || list.Templates[1].Name != "Pilots" {
		t.Errorf("templates %+v", list.Templates)
	}
	if status, _ := refusal(w, "admin", "DELETE /api/templates/"+list.Templates[1].ID, ""); status != http.StatusNoContent {
		t.Errorf("deleting: %d", status)
	}
	entries, err := w.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryTemplateChanged}})
	if err != nil || len(entries) != 3 || strings.Contains(string(entries[0].Payload), "Pilots") {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

func TestPlaces(t *testing.T) {
	table, err := place.Load(place.DefaultDir)
	if err != nil {
		t.Skip(err)
	}
	w := populated(t, func(c *Config) { c.Places = table })
	for _, p := range ask[[]PlaceChoice](w, "interviewer", "GET /api/places", "") {
		if p.Zone == "Europe/Lisbon" && p.Label == "Lisbon, Portugal" {
			return
		}
	}
	t.Error("Lisbon is not among the places")
}

// The review shows the run-sheet with names, and takes verdicts that were not
// given during the call.
func TestRunSheetInReview(t *testing.T) {
	w := populated(t, nil)
	ctx, id := t.Context(), w.fill("{mine}")
	if _, err := w.store.OpenRunSheet(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.store.StartInterview(ctx, id); err != nil {
		t.Fatal(err)
	}
	verdicts := "/api/interviews/{mine}/verdicts"
	doc := `{"step":"show_id-1","verdict":"matches","note":"compared the portrait"}`
	if status, p := refusal(w, "interviewer", "POST "+verdicts, doc); status != 400 || p.Field != "step" {
		t.Errorf("during the call: %d %+v", status, p)
	}
	step := evidence.StepPayload{Step: "show_id-1", Card: "show_id", Kind: evidence.CardShowID, Attempt: 1, Side: "front", StartMS: 1000, LimitMS: 60000}
	over := step
	over.EndMS, over.Ended = 9000, evidence.EndStopped
	actor := evidence.Actor{Type: "participant", ID: w.fill("{candidate of mine}")}
	_, err := w.store.Append(ctx,
		evidence.NewEntry{Interview: id, Actor: actor, Kind: evidence.EntryStepStarted, Payload: step},
		evidence.NewEntry{Interview: id, Actor: actor, Kind: evidence.EntryStepEnded, Payload: over},
		evidence.NewEntry{Interview: id, Actor: evidence.System, Kind: evidence.EntryStepChecked, Payload: evidence.StepResult{
			Interview: id, Step: "show_id-1", Card: evidence.CardShowID, Outcome: evidence.StepDone, Values: []evidence.Measure{},
			Document: &evidence.DocumentResult{Side: "front", Zone: "TD3"}}, Part: evidence.DocumentPart{Surname: "SPECIMEN"}},
		evidence.NewEntry{Interview: id, Actor: actor, Kind: evidence.EntryCardsDeviation, Payload: evidence.DeviationPayload{
			Change: evidence.DeviationSkipped, Reason: evidence.ReasonAccommodation, Card: "look_up", Kind: evidence.CardLookUp}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.EndInterview(ctx, id); err != nil {
		t.Fatal(err)
	}
	for body, field := range map[string]string{
		`{"step":"nose-1","verdict":"matches","note":"x"}`:                                         "step",
		`{"step":"show_id-1","verdict":"done","note":"x"}`:                                         "verdict",
		`{"step":"show_id-1","verdict":"matches","note":" "}`:                                      "note",
		`{"step":"show_id-1","verdict":"matches","note":"` + strings.Repeat("x", maxNote+1) + `"}`: "note",
	} {
		if status, p := refusal(w, "interviewer", "POST "+verdicts, body); status != 400 || p.Field != field {
			t.Errorf("%.60s: %d %+v, want 400 about %s", body, status, p, field)
		}
	}
	if status, p := refusal(w, "interviewer", "POST "+verdicts, doc); status != 201 {
		t.Fatalf("%d %+v", status, p)
	}
	sheet := ask[ReviewData](w, "reviewer", "GET /api/interviews/{mine}/review", "").RunSheet
	s := sheet.Step("show_id-1")
	if len(sheet.Cards) == 0 || s == nil || s.Verdict == nil || s.Verdict.By != "The interviewer" || s.Verdict.Note != "compared the portrait" ||
		s.Result == nil || s.Read == nil || s.Read.Surname != "SPECIMEN" || !s.Counts() {
		t.Errorf("run-sheet %+v", sheet.Steps)
	}
	if len(sheet.Deviations) != 1 || sheet.Deviations[0].By != "Zoë mine" || !sheet.Card("look_up").Skipped {
		t.Errorf("deviations %+v", sheet.Deviations)
	}
}
