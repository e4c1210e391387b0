package api

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/retention"
	"bonafide/server/store"
)

// afterwards is a server with {mine} held and ended, and the secrets of the
// candidate's links into {mine} and {other}.
func afterwards(t *testing.T, change func(*Config)) (w *world, mine, other string) {
	t.Helper()
	w = populated(t, change)
	if err := w.store.SeedPolicies(t.Context(), retention.Defaults(365)); err != nil {
		t.Fatal(err)
	}
	secret := func(id, as string) string {
		link := ask[LinkCreated](w, as, "POST /api/interviews/"+id+"/links", `{"valid_hours":1}`)
		_, secret, _ := strings.Cut(link.URL, "#")
		return secret
	}
	mine, other = secret("{mine}", "interviewer"), secret("{other}", "admin")
	if _, _, err := w.store.StartInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	candidate := w.fill("{candidate of mine}")
	w.append(
		evidence.NewEntry{Kind: evidence.EntryConsent, Actor: evidence.Actor{Type: "participant", ID: candidate}, Part: evidence.NotePart{Text: "Recording\nYou are recorded."},
			Payload: evidence.ConsentPayload{Participant: candidate, Consent: evidence.ConsentRecording, Granted: true}},
		evidence.NewEntry{Kind: evidence.EntryConsent, Actor: evidence.Actor{Type: "participant", ID: "host"}, Part: evidence.NotePart{Text: "not theirs"},
			Payload: evidence.ConsentPayload{Participant: "host", Consent: evidence.ConsentRecording, Granted: true}},
		evidence.NewEntry{Kind: evidence.EntryFinding, Payload: evidence.Finding{ID: "f1", Interview: w.fill("{mine}"), Participant: candidate, Source: "camera", Run: evidence.RunLive, Kind: evidence.FaceAbsent, StartMS: 100, EndMS: 200}},
		evidence.NewEntry{Kind: evidence.EntryAnnotation, AtMS: evidence.At(5), Part: evidence.NotePart{Text: "a private note"}},
		w.segment(1, "x", 0, 1000))
	if _, err := w.store.EndInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	return w, mine, other
}

func TestCandidateRecord(t *testing.T) {
	w, mine, other := afterwards(t, nil)
	body := `{"link":"` + mine + `"}`
	w.run([]scenario{
		{name: "a link that is none", request: "POST /api/candidate", body: `{"link":"` + strings.Repeat("x", 43) + `"}`, status: 404, has: []string{`"field":"link"`}},
		{name: "before the end", request: "POST /api/candidate", body: `{"link":"` + other + `"}`, status: 409, has: []string{"has not ended yet"}},
		{as: "reviewer", request: "GET /api/interviews/{mine}/review", status: 200},
		{as: "reviewer", request: "POST /api/interviews/{mine}/played", body: `{"spans":[{"start_ms":10,"end_ms":90}]}`, status: 204},
		{as: "interviewer", request: "GET /api/interviews/{mine}/access", status: 403},
	})
	if _, err := w.store.AppendCounted(t.Context(), w.fill("{mine}"), evidence.EntryExport, evidence.Actor{Type: "user", ID: w.fill("{auditor}")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.AppendCounted(t.Context(), w.fill("{mine}"), evidence.EntryExport, auth.Command); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(400 * 24 * time.Hour) // long after the link has expired
	r := ask[CandidateRecord](w, "", "POST /api/candidate", body)
	if r.CandidateName != "Zoë mine" || r.Operator != "Example Ltd" || r.EndedMS == 0 || r.FindingsShown || len(r.Findings) != 0 {
		t.Errorf("record %+v", r)
	}
	if want := []CandidateConsent{{1700000000000, evidence.ConsentRecording, true, "Recording\nYou are recorded."}}; !reflect.DeepEqual(r.Consents, want) {
		t.Errorf("consents %+v", r.Consents)
	}
	parts := map[evidence.RecordPart]CandidatePart{}
	for _, p := range r.Parts {
		parts[p.Part] = p
	}
	if p := parts[evidence.PartRecording]; p.Count != 1 || len(p.Why) == 0 || p.Title != "Recordings" {
		t.Errorf("recordings %+v", p)
	}
	if p := parts[evidence.PartText]; p.Count != 3 {
		t.Errorf("texts %+v", p)
	}
	var seen []string
	for _, v := range r.Views {
		seen = append(seen, string(v.What)+" "+strings.Join(v.Roles, "+")+v.By)
	}
	if want := []string{"candidate ", "bundle ", "bundle auditor", "recording reviewer", "review reviewer"}; !reflect.DeepEqual(seen, want) || !r.Views[0].You || !r.Views[1].Command || r.Views[2].Command || r.Views[3].Spans[0].EndMS != 90 {
		t.Errorf("seen by %q, want %q: roles, no names, no refusals; %+v", seen, want, r.Views)
	}
	w.run([]scenario{{name: "nothing that others wrote", request: "POST /api/candidate", body: body, status: 200, hasNot: []string{"a private note", "The reviewer", "not theirs", "{reviewer}"}}})
	links, err := w.store.Links(t.Context(), w.fill("{mine}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.RevokeLink(t.Context(), w.fill("{mine}"), links[0].ID); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{{name: "withdrawn", request: "POST /api/candidate", body: body, status: 410}})
}

func TestCandidateAnswers(t *testing.T) {
	w, mine, other := afterwards(t, func(c *Config) { c.CandidateFindings, c.CandidateNames = true, true })
	post := func(link, finding, text string) string {
		return `{"link":"` + link + `","finding":"` + finding + `","text":"` + text + `"}`
	}
	const path = "POST /api/candidate/answers"
	w.run([]scenario{
		{as: "reviewer", request: "GET /api/interviews/{mine}/review", status: 200},
		{name: "findings and names are shown", request: "POST /api/candidate", body: `{"link":"` + mine + `"}`, status: 200, has: []string{`"findings_shown":true`, `"id":"f1"`, "No face in view", `"by":"The reviewer"`, `"decision":""`}},
		{name: "empty", request: path, body: post(mine, "f1", "  "), status: 400, has: []string{`"field":"text"`}},
		{name: "too long", request: path, body: post(mine, "f1", strings.Repeat("é", 2001)), status: 400, has: []string{"2001 characters"}},
		{name: "of a finding that is not theirs", request: path, body: post(mine, "f2", "x"), status: 400, has: []string{`"field":"finding"`}},
		{name: "by the link of another interview", request: path, body: post(other, "f1", "x"), status: 409},
		{name: "about a finding", request: path, body: post(mine, "f1", " I dropped my pen. "), status: 201, has: []string{`"finding":"f1","text":"I dropped my pen."`}},
		{name: "about the whole", request: path, body: post(mine, "", "It went well."), status: 201},
		{name: "in the review", as: "reviewer", request: "GET /api/interviews/{mine}/review", status: 200, has: []string{`"answers":[{`, "I dropped my pen.", "It went well."}},
	})
	entries, err := w.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryAnswer}})
	if err != nil || len(entries) != 2 || entries[0].Actor.ID != w.fill("{candidate of mine}") || string(entries[0].Payload) != `{"finding":"f1"}` {
		t.Errorf("entries %+v, %v", entries, err)
	}
	w, mine, _ = afterwards(t, nil)
	w.run([]scenario{{name: "a finding that is not shown cannot be answered", request: path, body: post(mine, "f1", "x"), status: 400, has: []string{`"field":"finding"`}}})
}

func TestCandidateAsksForDeletion(t *testing.T) {
	w, mine, other := afterwards(t, nil)
	const path = "POST /api/candidate/deletions"
	w.run([]scenario{
		{name: "of nothing", request: path, body: `{"link":"` + mine + `","parts":[],"text":""}`, status: 400, has: []string{`"field":"parts"`}},
		{name: "of one part twice", request: path, body: `{"link":"` + mine + `","parts":["text","text"],"text":""}`, status: 400, has: []string{`"field":"parts"`}},
		{name: "too many words", request: path, body: `{"link":"` + mine + `","parts":["text"],"text":"` + strings.Repeat("é", maxNote+1) + `"}`, status: 400, has: []string{`"field":"text"`, "2001 characters"}},
		{name: "of what is no part", request: path, body: `{"link":"` + mine + `","parts":["soul"],"text":""}`, status: 400, has: []string{"soul"}},
		{name: "before the interview", request: path, body: `{"link":"` + other + `","parts":["recording"],"text":""}`, status: 409},
		{name: "of the recording", request: path, body: `{"link":"` + mine + `","parts":["recording"],"text":"please"}`, status: 201, has: []string{`"state":"open"`, `"due_ms":1702592000000`}}, // 30 days
		{name: "while one is open", request: path, body: `{"link":"` + mine + `","parts":["text"],"text":""}`, status: 409},
	})
	requests, err := w.store.DeletionRequests(t.Context(), "")
	if err != nil || len(requests) != 1 || requests[0].Interview != w.fill("{mine}") || requests[0].Text != "please" {
		t.Errorf("requests %+v, %v", requests, err)
	}
}
