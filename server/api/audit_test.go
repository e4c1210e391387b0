package api

import (
	"encoding/csv"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

func TestRecords(t *testing.T) {
	w := populated(t, nil)
	const path = "GET /api/records?"
	w.run([]scenario{
		{name: "all", as: "auditor", request: path, status: 200, has: []string{`"total":2,"more":false`, `"candidate_name":"Zoë mine"`, `"check":"unchecked"`, `"held":false`, `"hits":[]`}},
		{name: "by a person", as: "reviewer", request: path + "person=zoë+other", status: 200, has: []string{`"total":1`}, hasNot: []string{"Zoë mine"}},
		{name: "by an identifier", as: "reviewer", request: path + "person={mine}", status: 200, has: []string{`"total":1`, "Zoë mine"}},
		{name: "by an interviewer", as: "auditor", request: path + "interviewer=admin", status: 200, has: []string{`"total":1`, "Zoë other"}},
		{name: "nothing fits", as: "auditor", request: path + "to=1000", status: 200, has: []string{`{"total":0,"more":false,"records":[]}`}},
		{name: "a kind that is none", as: "auditor", request: path + "kind=guilt", status: 400, has: []string{`"field":"kind"`}},
		{name: "a state that is none", as: "auditor", request: path + "state=lost", status: 400, has: []string{"planned, live, ended"}},
		{name: "an outcome that is none", as: "auditor", request: path + "outcome=guilty", status: 400, has: []string{"none, advanced, not_advanced, hired, withdrawn, sanctions"}},
		{name: "a hold that is none", as: "auditor", request: path + "hold=maybe", status: 400, has: []string{"held, free"}},
		{name: "a check that is none", as: "auditor", request: path + "check=maybe", status: 400, has: []string{"holds, differs, unchecked"}},
		{name: "no time", as: "auditor", request: path + "from=yesterday", status: 400, has: []string{`"field":"from"`, "Unix milliseconds"}},
		{name: "before 1970", as: "auditor", request: path + "due=-1", status: 400, has: []string{`"field":"due"`}},
		{name: "too long", as: "auditor", request: path + "text=" + strings.Repeat("x", 401), status: 400, has: []string{`"field":"text"`, "401 bytes"}},
		{name: "too many", as: "auditor", request: path + "limit=201", status: 400, has: []string{`"field":"limit"`}},
	})
}

func TestSavedSearches(t *testing.T) {
	w := populated(t, nil)
	const path = "/api/searches"
	saved := ask[SavedSearch](w, "auditor", "POST "+path, `{"name":" Unchecked pilots ","query":{"role":"pilot","check":"unchecked"}}`)
	if saved.Name != "Unchecked pilots" || saved.Query.Role != "pilot" || saved.Query.Check != "unchecked" {
		t.Fatalf("saved %+v", saved)
	}
	w.run([]scenario{
		{name: "one's own", as: "auditor", request: "GET " + path, status: 200, has: []string{`"name":"Unchecked pilots"`, `"role":"pilot"`}},
		{name: "not another's", as: "reviewer", request: "GET " + path, status: 200, has: []string{"[]"}, hasNot: []string{"pilots"}},
		{name: "the same name", as: "auditor", request: "POST " + path, body: `{"name":"Unchecked pilots","query":{}}`, status: 409, has: []string{`"field":"name"`}},
		{name: "the same name, by somebody else", as: "reviewer", request: "POST " + path, body: `{"name":"Unchecked pilots","query":{}}`, status: 201},
		{name: "no name", as: "auditor", request: "POST " + path, body: `{"name":" ","query":{}}`, status: 400, has: []string{`"field":"name"`}},
		{name: "a query that is none", as: "auditor", request: "POST " + path, body: `{"name":"x","query":{"hold":"maybe"}}`, status: 400, has: []string{`"field":"hold"`}},
		{name: "deleted by another", as: "reviewer", request: "DELETE " + path + "/" + saved.ID, status: 404},
		{name: "deleted", as: "auditor", request: "DELETE " + path + "/" + saved.ID, status: 204},
		{name: "deleted twice", as: "auditor", request: "DELETE " + path + "/" + saved.ID, status: 404},
		{name: "gone", as: "auditor", request: "GET " + path, status: 200, has: []string{"[]"}},
	})
}

func TestRecordsFile(t *testing.T) {
	w := populated(t, nil)
	const formula = `=HYPERLINK("https://example.org"),"x"`
	iv, err := w.store.CreateInterview(t.Context(), interview.Interview{CandidateName: formula, Role: "-1+2", ScheduledMS: 1, Interviewers: []string{w.fill("{admin}")}, CreatedBy: w.fill("{admin}")})
	if err != nil {
		t.Fatal(err)
	}
	got := w.send(scenario{as: "auditor", request: "GET /api/records/file?format=csv"})
	rows, err := csv.NewReader(got.Body).ReadAll()
	if err != nil || got.Code != 200 || got.Header().Get("Content-Disposition") != `attachment; filename="records.csv"` {
		t.Fatalf("%d %v %v", got.Code, got.Header(), err)
	}
	if len(rows) != 4 || rows[0][0] != "interview" || rows[3][0] != iv.ID || rows[3][1] != "'"+formula || rows[3][2] != "'-1+2" || rows[3][3] != "1970-01-01 00:00:00" || rows[3][6] != "The admin" {
		t.Errorf("rows %q", rows)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
	}
	w.run([]scenario{
		{name: "JSON", as: "auditor", request: "GET /api/records/file?format=json&person=mine", status: 200, has: []string{"Content-Type: application/json", `[{"summary":{"interview":{"id":"{mine}"`, "attachment"}, hasNot: []string{formula}},
		{name: "another format", as: "auditor", request: "GET /api/records/file?format=xls", status: 400, has: []string{`"field":"format"`, "csv, json"}},
		{name: "from another site", as: "auditor", request: "GET /api/records/file?format=csv", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
	})
	entries, err := w.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryAccessListed}})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || string(entries[0].Payload) != `{"format":"csv","rows":3,"roles":["auditor"]}` || string(entries[1].Payload) != `{"format":"json","rows":1,"roles":["auditor"]}` || entries[1].Actor.ID != w.fill("{auditor}") {
		t.Errorf("entries %+v", entries)
	}
}

// fakeVerifier records what it was asked.
type fakeVerifier struct {
	asked []string
	busy  bool
}

func (v *fakeVerifier) Start(id string, by evidence.Actor) error {
	if v.busy {
		return ErrVerifying
	}
	v.asked = append(v.asked, id+" "+by.ID)
	return nil
}

func (v *fakeVerifier) Status() Verification {
	return Verification{State: "running", Phase: "log", Done: 5, Total: 9, Faults: []string{}}
}

func TestVerification(t *testing.T) {
	v := &fakeVerifier{}
	w := populated(t, func(c *Config) { c.Verifier = v })
	const path = "POST /api/verification"
	w.run([]scenario{
		{name: "of all", as: "auditor", request: path, body: `{"interview":""}`, status: 202, has: []string{`"state":"running"`, `"done":5,"total":9`}},
		{name: "of one", as: "admin", request: path, body: `{"interview":"{mine}"}`, status: 202},
		{name: "of none that exists", as: "auditor", request: path, body: `{"interview":"nothing"}`, status: 404},
		{name: "how far", as: "auditor", request: "GET /api/verification", status: 200, has: []string{`"phase":"log"`}},
		{name: "not checked yet", as: "interviewer", request: "GET /api/interviews/{mine}/check", status: 200, has: []string{`{"check":"unchecked","checked_ms":0,"faults":[]}`}},
	})
	v.busy = true
	w.run([]scenario{{name: "two at once", as: "auditor", request: path, body: `{"interview":""}`, status: 409, has: []string{"running already"}}})
	if len(v.asked) != 2 || v.asked[0] != " "+w.fill("{auditor}") || v.asked[1] != w.fill("{mine} {admin}") {
		t.Errorf("asked %q", v.asked)
	}
	if err := w.store.SaveChecks(t.Context(), 9, []store.RecordCheck{{Interview: w.fill("{mine}"), Faults: []string{"entry 7 was changed"}}}); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "what was found", as: "reviewer", request: "GET /api/interviews/{mine}/check", status: 200, has: []string{`{"check":"differs","checked_ms":1700000000000,"faults":["entry 7 was changed"]}`}},
		{name: "found by it", as: "reviewer", request: "GET /api/records?check=differs", status: 200, has: []string{`"total":1`, "Zoë mine"}},
	})
	w = populated(t, nil)
	w.run([]scenario{{name: "not configured", as: "auditor", request: "GET /api/verification", status: 404}})
}
