package api

import (
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

const newInterview = `{"candidate_name":" Éva Kovács ","role":"Pilot","scheduled_ms":1800000000000,"place":"Pécs","time_zone":"Europe/Budapest","interviewers":["{interviewer}"],"kinds_off":["media.frozen","camera.off","media.frozen"]}`

func TestInterviews(t *testing.T) {
	w := populated(t, nil)
	without := func(old, new string) string { return strings.Replace(newInterview, old, new, 1) }
	w.run([]scenario{
		{name: "no candidate", as: "interviewer", request: "POST /api/interviews", body: without(" Éva Kovács ", " "), status: 400, has: []string{`"field":"candidate_name"`, "Candidate name is empty"}},
		{name: "no time", as: "interviewer", request: "POST /api/interviews", body: without("1800000000000", "0"), status: 400, has: []string{`"field":"scheduled_ms"`}},
		{name: "zone", as: "interviewer", request: "POST /api/interviews", body: without("Europe/Budapest", "Mars/Base"), status: 400, has: []string{`"field":"time_zone"`, "Europe/Lisbon"}},
		{name: "kind", as: "interviewer", request: "POST /api/interviews", body: without("camera.off", "mood"), status: 400, has: []string{`"field":"kinds_off"`, "mood"}},
		{name: "a reviewer as interviewer", as: "interviewer", request: "POST /api/interviews", body: without("{interviewer}", "{reviewer}"), status: 400, has: []string{`"field":"interviewers"`}},
		{name: "somebody deactivated", as: "interviewer", request: "POST /api/interviews", body: without("{interviewer}", "{deactivated}"), status: 400, has: []string{`"field":"interviewers"`}},
		{name: "own", as: "interviewer", request: "GET /api/interviews", status: 200, has: []string{`"total":1`, "{mine}", `"interviewer_names":["The interviewer"]`}, hasNot: []string{"{other}"}},
		{name: "all", as: "reviewer", request: "GET /api/interviews", status: 200, has: []string{`"total":2`, "{mine}", "{other}"}},
		{name: "search", as: "reviewer", request: "GET /api/interviews?q=zo%C3%8B+MINE", status: 200, has: []string{`"total":1`, "{mine}"}},
		{name: "page", as: "reviewer", request: "GET /api/interviews?limit=1&offset=1", status: 200, has: []string{`"total":2`}},
		{name: "state", as: "reviewer", request: "GET /api/interviews?state=live", status: 200, has: []string{`{"total":0,"interviews":[]}`}},
		{name: "no such state", as: "reviewer", request: "GET /api/interviews?state=odd", status: 400, has: []string{`"field":"state"`}},
		{name: "limit", as: "reviewer", request: "GET /api/interviews?limit=0", status: 400, has: []string{`"field":"limit"`, "1 to 200"}},
		{name: "offset", as: "reviewer", request: "GET /api/interviews?offset=-1", status: 400, has: []string{`"field":"offset"`}},
		{name: "none such", as: "reviewer", request: "GET /api/interviews/none", status: 404},
	})
	before, err := w.store.LastSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made := ask[InterviewDetail](w, "interviewer", "POST /api/interviews", newInterview)
	iv := made.Interview
	if iv.CandidateName != "Éva Kovács" || len(iv.KindsOff) != 2 || iv.State != interview.Planned || made.Participants[0].ID != iv.Candidate || made.InterviewerNames[0] != "The interviewer" {
		t.Errorf("made %+v", made)
	}
	w.names = append(w.names, "{new}", iv.ID)
	w.run([]scenario{
		{name: "change", as: "interviewer", request: "PUT /api/interviews/{new}", body: without("Pilot", "Captain"), status: 200, has: []string{`"role":"Captain"`, `"links":[]`}},
		{name: "change badly", as: "interviewer", request: "PUT /api/interviews/{new}", body: without("Pilot", ""), status: 400},
		{name: "an administrator may", as: "admin", request: "PUT /api/interviews/{new}", body: without("{interviewer}", "{admin}"), status: 200, has: []string{`"interviewer_names":["The admin"]`}},
	})
	if _, _, err := w.store.StartInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "kinds while live", as: "interviewer", request: "PUT /api/interviews/{new}", body: without(`"camera.off",`, ""), status: 400, has: []string{`"field":"kinds_off"`, "in the room"}},
		{name: "place while live", as: "interviewer", request: "PUT /api/interviews/{new}", body: without("Pécs", "Vác"), status: 200, has: []string{"Vác"}},
	})
	if _, err := w.store.EndInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "change after the end", as: "interviewer", request: "PUT /api/interviews/{new}", body: newInterview, status: 409, has: []string{"has ended"}},
		{name: "link after the end", as: "interviewer", request: "POST /api/interviews/{new}/links", body: `{"valid_hours":1}`, status: 201, has: []string{"/record#"}},
	})
	if got := w.kinds(before); got != "interview.created interview.updated interview.updated interview.updated link.created" {
		t.Errorf("the log has %s", got)
	}
	records, err := w.store.Records(t.Context(), store.EntryQuery{Interview: iv.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		for _, private := range []string{"Kovács", "Pilot", "Captain", "Pécs", "Budapest"} {
			if strings.Contains(string(r.Canonical), private) {
				t.Errorf("entry %d names %s: %s", r.Seq, private, r.Canonical)
			}
		}
		if r.Part != nil && !strings.Contains(string(r.Part), "Éva Kovács") {
			t.Errorf("the part of entry %d is %s", r.Seq, r.Part)
		}
	}
}

func TestLinksAndLobby(t *testing.T) {
	w := populated(t, func(c *Config) { c.PublicURL = "https://public.example/" })
	w.run([]scenario{
		{name: "too long", as: "interviewer", request: "POST /api/interviews/{mine}/links", body: `{"valid_hours":721}`, status: 400, has: []string{`"field":"valid_hours"`, "1 to 720"}},
		{name: "negative", as: "interviewer", request: "POST /api/interviews/{mine}/links", body: `{"valid_hours":-1}`, status: 400},
	})
	short := ask[LinkCreated](w, "interviewer", "POST /api/interviews/{mine}/links", `{"valid_hours":1}`)
	standard := ask[LinkCreated](w, "interviewer", "POST /api/interviews/{mine}/links", `{"valid_hours":0}`)
	if got := standard.Link.ExpiresMS - standard.Link.CreatedMS; got != 72*3600*1000 {
		t.Errorf("a link by default is valid for %d ms", got)
	}
	secret, ok := strings.CutPrefix(short.URL, "https://public.example/join#")
	if !ok || len(secret) != 43 {
		t.Fatalf("the link is %s", short.URL)
	}
	_, standardSecret, _ := strings.Cut(standard.URL, "#")
	w.names = append(w.names, "{secret}", secret, "{link}", short.Link.ID, "{standard secret}", standardSecret, "{standard}", standard.Link.ID)
	lobby := `{"link":"{secret}"}`
	w.run([]scenario{
		{name: "listed without secret", as: "interviewer", request: "GET /api/interviews/{mine}", status: 200, has: []string{`"id":"{link}"`}, hasNot: []string{"{secret}"}},
		{name: "lobby", request: "POST /api/lobby", body: lobby, status: 200,
			has:    []string{`"candidate_name":"Zoë mine"`, `"role":"Pilot"`, `"interviewer_names":["The interviewer"]`, `"state":"planned"`, `"kinds_off":[]`},
			hasNot: []string{"Lisbon", "{mine}", "{interviewer}"}},
		{name: "unknown", request: "POST /api/lobby", body: `{"link":"x{secret}"}`, status: 404, has: []string{`"code":"not_found"`, "This link is not valid; check that it was copied whole"}},
		{name: "revoke through another", as: "admin", request: "DELETE /api/interviews/{other}/links/{standard}", status: 404},
		{name: "revoke", as: "interviewer", request: "DELETE /api/interviews/{mine}/links/{standard}", status: 204},
		{name: "revoke again", as: "interviewer", request: "DELETE /api/interviews/{mine}/links/{standard}", status: 204},
		{name: "revoked", request: "POST /api/lobby", body: `{"link":"{standard secret}"}`, status: 410, has: []string{"This link was withdrawn"}},
	})
	w.now = w.now.Add(time.Hour)
	w.run([]scenario{{name: "expired", request: "POST /api/lobby", body: lobby, status: 410, has: []string{"This link has expired"}}})
	for range 30 {
		w.send(scenario{request: "POST /api/lobby", body: lobby})
	}
	w.run([]scenario{{name: "too often", request: "POST /api/lobby", body: lobby, status: 429, has: []string{"Retry-After: "}}})
	if got := w.kinds(0); got != "link.created link.created access.viewed link.revoked" {
		t.Errorf("the log has %s", got)
	}
	plain := populated(t, nil)
	if got := ask[LinkCreated](plain, "interviewer", "POST /api/interviews/{mine}/links", `{"valid_hours":1}`); !strings.HasPrefix(got.URL, "http://"+host+"/join#") {
		t.Errorf("without a public URL the link is %s", got.URL)
	}
}

func TestCancelledInterview(t *testing.T) {
	told := []string{}
	w := populated(t, func(c *Config) { c.Cancelled = func(id string) { told = append(told, id) } })
	link := ask[LinkCreated](w, "interviewer", "POST /api/interviews/{mine}/links", `{"valid_hours":1}`)
	_, secret, _ := strings.Cut(link.URL, "#")
	w.names = append(w.names, "{secret}", secret)
	ask[LinkCreated](w, "interviewer", "POST /api/interviews/{mine}/links", `{"valid_hours":1}`)
	why := `{"reason":"She took another offer"}`
	consent := evidence.NewEntry{Interview: w.fill("{mine}"), Actor: evidence.System, Kind: evidence.EntryConsent,
		Payload: evidence.ConsentPayload{Participant: w.fill("{candidate of mine}"), Consent: evidence.ConsentRecording, Granted: true},
		Part:    evidence.NotePart{Text: "You are recorded."}}
	if _, err := w.store.Append(t.Context(), consent); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "without a reason", as: "interviewer", request: "POST /api/interviews/{mine}/cancel", body: `{"reason":" "}`, status: 400, has: []string{`"field":"reason"`}},
		{name: "by a reviewer", as: "reviewer", request: "POST /api/interviews/{mine}/cancel", body: why, status: 403},
		{name: "of somebody else", as: "interviewer", request: "POST /api/interviews/{other}/cancel", body: why, status: 404},
	})
	before := w.kinds(0)
	w.run([]scenario{
		{name: "cancel", as: "interviewer", request: "POST /api/interviews/{mine}/cancel", body: why, status: 200,
			has: []string{`"state":"cancelled"`, `"by":"The interviewer"`, `"reason":"She took another offer"`}},
		{name: "again", as: "interviewer", request: "POST /api/interviews/{mine}/cancel", body: why, status: 409, has: []string{"was cancelled"}},
		{name: "change", as: "interviewer", request: "PUT /api/interviews/{mine}", body: newInterview, status: 409, has: []string{"was cancelled"}},
		{name: "lobby", request: "POST /api/lobby", body: `{"link":"{secret}"}`, status: 410, has: []string{`"code":"cancelled"`, "will not take place"}, hasNot: []string{"offer"}},
		{name: "own record", request: "POST /api/candidate", body: `{"link":"{secret}"}`, status: 200,
			has: []string{`"state":"cancelled"`, "Zoë mine", "You are recorded.", `"part":"text"`}, hasNot: []string{"offer"}},
		{name: "asks for deletion", request: "POST /api/candidate/deletions", body: `{"link":"{secret}","parts":["text"],"text":""}`, status: 201, has: []string{`"state":"open"`}},
		{name: "no faces", as: "reviewer", request: "GET /api/interviews/{mine}/matches", status: 200},
		{name: "no step", as: "interviewer", request: "POST /api/interviews/{mine}/verdicts", body: `{"step":"s","verdict":"done"}`, status: 400, has: []string{"is no step of this interview"}},
		{name: "another link", as: "interviewer", request: "POST /api/interviews/{mine}/links", body: `{"valid_hours":1}`, status: 201, has: []string{"/record#"}},
		{name: "listed", as: "reviewer", request: "GET /api/interviews?state=cancelled", status: 200, has: []string{`"total":1`, "{mine}"}},
		{name: "not ended", as: "reviewer", request: "GET /api/interviews?state=ended", status: 200, has: []string{`"total":0`}},
		{name: "no such outcome", as: "reviewer", request: "POST /api/interviews/{mine}/outcome", body: `{"outcome":"rejected","note":""}`, status: 400, has: []string{`"field":"outcome"`}},
	})
	if got := strings.TrimPrefix(w.kinds(0), before+" "); !strings.HasPrefix(got, "interview.cancelled") || strings.Contains(got, "link.revoked") {
		t.Errorf("the log has %s", got)
	}
	if len(told) != 1 {
		t.Errorf("told of %v, want one interview", told)
	}
	running := ask[InterviewDetail](w, "interviewer", "POST /api/interviews", newInterview).Interview
	if _, _, err := w.store.StartInterview(t.Context(), running.ID); err != nil {
		t.Fatal(err)
	}
	w.names = append(w.names, "{running}", running.ID)
	w.run([]scenario{{name: "begun", as: "interviewer", request: "POST /api/interviews/{running}/cancel", body: why, status: 409, has: []string{"has begun"}}})
}
