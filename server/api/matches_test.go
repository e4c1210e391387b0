package api

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

const (
	embedModel = "3e90f2d0c33b05f448d8496c5774bea1084ace0d9173e0c64f9f489512c40abd" // that rates were measured of
	otherModel = "1111111111111111111111111111111111111111111111111111111111111111"
)

// past adds an interview that is over, with an answer to the consent.
func (w *world) past(name, candidate string, consent bool) interview.Interview {
	w.t.Helper()
	admin := w.fill("{admin}")
	iv, err := w.store.CreateInterview(w.t.Context(), interview.Interview{CandidateName: candidate, Role: "Pilot " + name, ScheduledMS: 1700000000000, Interviewers: []string{admin}, CreatedBy: admin})
	if err == nil {
		_, _, err = w.store.StartInterview(w.t.Context(), iv.ID)
	}
	if err == nil {
		_, err = w.store.EndInterview(w.t.Context(), iv.ID)
	}
	if err == nil {
		err = w.store.SaveConsent(w.t.Context(), iv.Candidate, evidence.ConsentTemplates, consent)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.names = append(w.names, "{"+name+"}", iv.ID)
	return iv
}

// template keeps a face whose cosine with the first axis is as given, and with
// any other such face (of another axis) the product.
func (w *world) template(iv interview.Interview, from evidence.TemplateFrom, model string, cosine float64, axis int) string {
	w.t.Helper()
	v := make([]float32, 512)
	v[0] = float32(cosine)
	v[axis] += float32(math.Sqrt(1 - cosine*cosine))
	id := auth.NewID()
	_, err := w.store.Append(w.t.Context(), evidence.NewEntry{Interview: iv.ID, Actor: evidence.System, Kind: evidence.EntryTemplateKept,
		Payload: evidence.FaceTemplatePayload{ID: id, Interview: iv.ID, Participant: iv.Candidate, From: from, Model: model, Frames: 5, Still: fmt.Sprintf("%064x", axis)},
		Part:    evidence.FaceTemplatePart{Vector: evidence.PackVector(v)}})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// picture adds the entry of a profile picture, with a face that was measured or
// without.
func (w *world) picture(iv interview.Interview, measured bool) {
	w.t.Helper()
	p := evidence.ProfilePayload{Interview: iv.ID, Participant: iv.Candidate, Picture: evidence.Still{SHA256: fmt.Sprintf("%064x", 99)}, Reason: evidence.ReasonNoConsent}
	if measured {
		p.Face, p.Reason, p.EyesPX = &evidence.Still{SHA256: fmt.Sprintf("%064x", 98)}, "", 62
	}
	if _, err := w.store.Append(w.t.Context(), evidence.NewEntry{Interview: iv.ID, Actor: evidence.System, Kind: evidence.EntryPictureKept, Payload: p}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) matches(iv interview.Interview) Matches {
	w.t.Helper()
	return ask[Matches](w, "reviewer", "GET /api/interviews/"+iv.ID+"/matches", "")
}

// TestMatches compares rounds under one name, and finds the face under another.
func TestMatches(t *testing.T) {
	w := populated(t, nil)
	second := w.past("second", "Zoë  AMARAL", true)
	first := w.past("first", "zoë amaral", true)
	refused := w.past("refused", "Zoë Amaral", false)
	old := w.past("old", "Zoë Amaral", true)
	stranger := w.past("stranger", "Somebody Else", true)
	unlike := w.past("unlike", "Quite Another", true)
	foreign := w.past("foreign", "Other Model", true)
	probe := w.template(second, evidence.FromEnrolled, embedModel, 1, 1)
	w.template(second, evidence.FromDocument, embedModel, 0.5, 2)
	w.template(first, evidence.FromEnrolled, embedModel, 0.45, 3)
	w.template(first, evidence.FromDocument, embedModel, 0.1, 4)
	w.template(refused, evidence.FromEnrolled, embedModel, 0.99, 5)
	w.template(old, evidence.FromEnrolled, otherModel, 0.9, 6)
	alike := w.template(stranger, evidence.FromEnrolled, embedModel, 0.56, 7)
	w.template(stranger, evidence.FromDocument, embedModel, 0.95, 8) // portraits are not searched
	w.template(unlike, evidence.FromEnrolled, embedModel, 0.51, 9)
	w.template(foreign, evidence.FromEnrolled, otherModel, 0.99, 10)

	w.picture(second, true)
	w.template(second, evidence.FromPicture, embedModel, 0.45, 11)
	w.picture(first, true)
	w.template(first, evidence.FromPicture, embedModel, 0.9, 12)
	w.picture(first, false) // takes the place of the one before
	w.picture(refused, false)

	before, err := w.store.LastSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := w.matches(second)
	if want := (MatchRates{RoundFalse: 1e-4, RoundMissed: 0.038, FarOff: 0.036, SearchMissed: 0.115}); m.Rates != want {
		t.Errorf("rates %+v, want %+v", m.Rates, want)
	}
	if m.Why != "" || m.Probe == nil || m.Probe.Template != probe || len(m.Rounds) != 4 {
		t.Fatalf("probe %+v (%q), rounds %+v; want the enrolled face and four rounds", m.Probe, m.Why, m.Rounds)
	}
	rounds := map[string]MatchRound{}
	for _, r := range m.Rounds {
		rounds[r.Interview] = r
	}
	for _, c := range []struct {
		what   string
		cell   MatchCell
		why    MatchGap
		result string
		itself bool
	}{
		{"the probe", rounds[second.ID].Enrolled, "", "", true},
		{"its own document", rounds[second.ID].Document, "", "alike", false},
		{"the first round", rounds[first.ID].Enrolled, "", "unsure", false},
		{"the document of the first round", rounds[first.ID].Document, "", "unlike", false},
		{"without consent", rounds[refused.ID].Enrolled, GapNoConsent, "", false},
		{"of another model", rounds[old.ID].Enrolled, GapOtherModel, "", false},
		{"without a document", rounds[old.ID].Document, GapNotKept, "", false},
		{"its own profile picture", rounds[second.ID].Picture, "", "unsure", false},
		{"a profile picture that was not measured", rounds[first.ID].Picture, GapUnmeasured, "", false},
		{"a profile picture without consent", rounds[refused.ID].Picture, GapNoConsent, "", false},
		{"no profile picture", rounds[old.ID].Picture, GapNoPicture, "", false},
	} {
		if c.cell.Why != c.why || c.cell.Result != c.result || c.cell.Itself != c.itself {
			t.Errorf("%s: %+v, want why %q, result %q, itself %v", c.what, c.cell, c.why, c.result, c.itself)
		}
	}
	if got := rounds[second.ID].Picture; got.EyesPX != 62 || got.Threshold != 0.407 || got.Still == "" || rounds[refused.ID].Picture.Still == "" || rounds[old.ID].Picture.Still != "" {
		t.Errorf("profile pictures: %+v, %+v", got, rounds[refused.ID].Picture)
	}
	if got := rounds[first.ID].Enrolled; math.Abs(got.Similarity-0.45) > 1e-4 || got.Threshold != 0.407 || got.UnsureFrom != 0.333 || got.UnsureTo != 0.515 {
		t.Errorf("the first round: %+v", got)
	}
	s := m.Search
	if !s.Ran || s.Compared != 2 || s.Threshold != 0.515 || s.TooLarge || math.Abs(s.Expected-2e-6) > 1e-12 || len(s.Found) != 1 ||
		s.Found[0].Face.Template != alike || s.Found[0].CandidateName != "Somebody Else" || math.Abs(s.Found[0].Similarity-0.56) > 1e-4 {
		t.Errorf("search %+v, want the stranger alone, of two", s)
	}
	if got := w.kinds(before); !strings.Contains(got, "matches.looked_up") || strings.Count(got, "access.viewed") < 5 {
		t.Errorf("entries %s, want the comparison and a view of each interview shown", got)
	}
	after, _ := w.store.LastSeq(t.Context())
	w.matches(second)
	if got := w.kinds(after); got != "" {
		t.Errorf("the same again within a visit wrote %s", got)
	}
}

// TestMatchesForget shows that withdrawn and deleted templates are neither
// found nor compared.
func TestMatchesForget(t *testing.T) {
	w := populated(t, nil)
	one, two, three := w.past("one", "Ana", true), w.past("two", "Berta", true), w.past("three", "Carla", true)
	w.template(one, evidence.FromEnrolled, embedModel, 1, 1)
	w.template(two, evidence.FromEnrolled, embedModel, 0.7, 2)
	w.template(three, evidence.FromEnrolled, embedModel, 0.8, 3)
	if got := w.matches(one).Search.Found; len(got) != 2 {
		t.Fatalf("found %+v, want both", got)
	}
	if err := w.store.SaveConsent(t.Context(), two.Candidate, evidence.ConsentTemplates, false); err != nil {
		t.Fatal(err)
	}
	// The rows go, with a tombstone; the key would follow.
	n, err := w.config.Vault.Retire(three.ID, evidence.PartTemplates)
	if err == nil {
		_, err = w.store.DeletePart(t.Context(), store.Deletion{Interview: three.ID, Part: evidence.PartTemplates, By: auth.Command, Reason: evidence.DeletedByPerson, UpTo: n})
	}
	if err != nil {
		t.Fatal(err)
	}
	// A document's portrait goes with the document.
	w.template(one, evidence.FromDocument, embedModel, 0.5, 4)
	n, err = w.config.Vault.Retire(one.ID, evidence.PartDocument)
	if err == nil {
		_, err = w.store.DeletePart(t.Context(), store.Deletion{Interview: one.ID, Part: evidence.PartDocument, By: auth.Command, Reason: evidence.DeletedByPerson, UpTo: n})
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := w.matches(one).Rounds[0]; got.Document.Why != GapDeleted || !got.Enrolled.Itself {
		t.Errorf("after the document was deleted: %+v", got)
	}
	if m := w.matches(one); len(m.Search.Found) != 0 || m.Search.Compared != 0 {
		t.Errorf("after a withdrawal and a deletion: %+v", m.Search)
	}
	for iv, why := range map[*interview.Interview]MatchGap{&two: GapNoConsent, &three: GapDeleted} {
		if m := w.matches(*iv); m.Probe != nil || m.Why != why || m.Search.Ran {
			t.Errorf("%s: probe %+v, why %q, want %q", iv.CandidateName, m.Probe, m.Why, why)
		}
	}
	if page := w.send(scenario{as: "auditor", request: "GET /api/interviews/" + one.ID + "/log"}); strings.Contains(page.Body.String(), "vector") || !strings.Contains(page.Body.String(), "never shown") {
		t.Error("the log's page shows the numbers of a face")
	}
}

// TestMatchVerdicts keeps what people say of two pictures.
func TestMatchVerdicts(t *testing.T) {
	w := populated(t, nil)
	one, two := w.past("one", "Ana", true), w.past("two", "Berta", true)
	w.template(one, evidence.FromEnrolled, embedModel, 1, 1)
	other := w.template(two, evidence.FromEnrolled, embedModel, 0.7, 2)
	url := "POST /api/interviews/{one}/matches/verdicts"
	w.names = append(w.names, "{face}", other)
	w.run([]scenario{
		{as: "reviewer", request: url, body: `{"template":"{face}","verdict":"guilty","note":"x"}`, status: http.StatusBadRequest, has: []string{"same, different, unsure"}},
		{as: "reviewer", request: url, body: `{"template":"{face}","verdict":"same","note":" "}`, status: http.StatusBadRequest, has: []string{`"note"`, "what you compared"}},
		{as: "reviewer", request: url, body: `{"template":"gone","verdict":"unsure","note":""}`, status: http.StatusBadRequest, has: []string{`"template"`}},
		{as: "auditor", request: url, body: `{"template":"{face}","verdict":"unsure","note":""}`, status: http.StatusForbidden},
		{as: "reviewer", request: url, body: `{"template":"{face}","verdict":"different","note":"another nose"}`, status: http.StatusCreated, has: []string{"different", "another nose"}},
		{name: "an interview to come", as: "admin", request: "GET /api/interviews/{mine}/matches", status: http.StatusBadRequest, has: []string{"has not ended"}},
	})
	if v := w.matches(one).Verdicts; len(v) != 1 || v[0].Verdict != evidence.SameNo || v[0].By != "The reviewer" || v[0].Note != "another nose" || math.Abs(v[0].Similarity-0.7) > 1e-4 {
		t.Errorf("verdicts %+v", v)
	}
}

// pictureTaker takes every picture, and keeps its entry.
type pictureTaker struct{ w *world }

func (p pictureTaker) Keep(_ context.Context, iv interview.Interview, _ evidence.Actor, file []byte) error {
	if len(file) == 0 {
		return interview.Invalid("picture", "is empty")
	}
	p.w.picture(iv, true)
	return nil
}

// TestPicture sends profile pictures: who may, and how large they may be.
func TestPicture(t *testing.T) {
	w := populated(t, nil)
	w.config.Pictures = pictureTaker{w}
	a, err := New(w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w.handler = a
	iv := w.past("one", "Ana", true)
	url := "POST /api/interviews/{one}/picture"
	w.run([]scenario{
		{as: "reviewer", request: url, body: "bytes", status: http.StatusCreated, has: []string{`"eyes_px":62`, `"deleted":false`}},
		{as: "reviewer", request: url, body: "", status: http.StatusBadRequest, has: []string{`"picture"`, "is empty"}},
		{as: "reviewer", request: url, body: strings.Repeat("x", maxPictureFile+1), status: http.StatusBadRequest, has: []string{`"picture"`, "more than 12 MB"}},
		{as: "auditor", request: url, body: "bytes", status: http.StatusForbidden},
		{as: "interviewer", request: url, body: "bytes", status: http.StatusNotFound},
		{as: "reviewer", request: "GET /api/interviews/{one}/faces", status: http.StatusOK, has: []string{`"picture":{"seq"`}},
	})
	// A deletion of the part is told, and nothing is compared with it any more.
	w.template(iv, evidence.FromEnrolled, embedModel, 1, 1)
	w.template(iv, evidence.FromPicture, embedModel, 0.9, 2)
	n, err := w.config.Vault.Retire(iv.ID, evidence.PartPicture)
	if err == nil {
		_, err = w.store.DeletePart(t.Context(), store.Deletion{Interview: iv.ID, Part: evidence.PartPicture, By: auth.Command, Reason: evidence.DeletedByPerson, UpTo: n})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{{as: "reviewer", request: "GET /api/interviews/{one}/faces", status: http.StatusOK, has: []string{`"deleted":true`}}})
	if got := w.matches(iv).Rounds[0].Picture; got.Why != GapDeleted || got.Face != nil || got.Still != "" {
		t.Errorf("after the deletion: %+v", got)
	}
}
