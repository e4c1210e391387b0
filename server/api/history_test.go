package api

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// accesses returns the access entries of {mine} as "who kind what object".
func (w *world) accesses() []string {
	w.t.Helper()
	entries, err := w.store.Entries(w.t.Context(), store.EntryQuery{Interview: w.fill("{mine}"), Kinds: accessKinds})
	if err != nil {
		w.t.Fatal(err)
	}
	who := map[string]string{}
	for _, name := range []string{"admin", "interviewer", "reviewer", "auditor"} {
		who[w.fill("{"+name+"}")] = name
	}
	out := []string{}
	for _, e := range entries {
		line, err := accessLine(e)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, strings.TrimSpace(who[e.Actor.ID]+" "+strings.TrimPrefix(string(e.Kind), "access.")+" "+string(line.What)+" "+line.Object))
	}
	return out
}

// TestVisits: what is seen is written down, once a visit.
func TestVisits(t *testing.T) {
	w := populated(t, nil)
	sum := w.file("{mine}/c-camera-1.webm", "0123456789")
	still := w.file("{mine}/stills/x", "jpeg")
	w.file("{mine}/stills/"+still+".jpg", "jpeg")
	w.append(w.segment(1, sum, 0, 1000), w.segment(2, "gone", 1000, 2000))
	const one = "/api/interviews/{mine}"
	get := func(as, path string, status int) {
		t.Helper()
		if got := w.send(scenario{as: as, request: "GET " + one + path}); got.Code != status {
			t.Fatalf("%s of %s: status %d, want %d", as, path, got.Code, status)
		}
	}
	get("reviewer", "", 200)
	get("reviewer", "/review", 200)
	get("reviewer", "/media/c-camera-1.webm", 200)
	for from := range 5 { // a player asks for a file in ranges
		if got := w.send(scenario{as: "reviewer", request: "GET " + one + "/media/c-camera-1.webm", header: map[string]string{"Range": "bytes=" + string(rune('0'+from)) + "-9"}}); got.Code != 206 {
			t.Fatal(got.Code)
		}
	}
	get("reviewer", "/stills/"+still, 200)
	get("auditor", "/log", 200)
	get("auditor", "/log?after=2", 200)
	get("reviewer", "/log", 403)
	get("reviewer", "/log", 403)
	get("reviewer", "/media/c-camera-2.webm", 404)                      // deleted: nothing was seen
	get("reviewer", "/stills/"+strings.Repeat("0", 64), 404)            // never existed
	get("interviewer", "/access", 403)                                  // what other is refused
	w.send(scenario{request: "GET " + one + "/review"})                 // nobody
	w.send(scenario{as: "deactivated", request: "GET " + one + "/log"}) // no longer somebody
	want := []string{"reviewer viewed interview", "reviewer viewed review", "reviewer viewed recording c-camera-1.webm", "reviewer viewed still " + still,
		"auditor viewed log", "reviewer refused log", "interviewer refused other"}
	if got := w.accesses(); !reflect.DeepEqual(got, want) {
		t.Fatalf("entries\n%q, want\n%q", got, want)
	}
	// A page that stays open asks again and again: one visit.
	for range 8 {
		w.now = w.now.Add(visitIdle / 2)
		get("reviewer", "/review", 200)
	}
	if got := w.accesses(); len(got) != len(want) {
		t.Fatalf("%d entries after 40 minutes of an open page, want %d", len(got), len(want))
	}
	w.now = w.now.Add(visitIdle) // they left and came back
	get("reviewer", "/review", 200)
	if got := w.accesses(); len(got) != len(want)+1 {
		t.Fatalf("%d entries after a second visit, want %d", len(got), len(want)+1)
	}
	for range 13 { // an hour and more
		w.now = w.now.Add(visitIdle / 2)
		get("reviewer", "/review", 200)
	}
	if got := w.accesses(); len(got) != len(want)+2 {
		t.Fatalf("%d entries after more than an hour, want %d", len(got), len(want)+2)
	}
}

// TestRefusals: an interview that an interviewer may not know of notes the attempt, and answers as if it did not exist.
func TestRefusals(t *testing.T) {
	w := populated(t, nil)
	w.run([]scenario{
		{as: "interviewer", request: "GET /api/interviews/{other}/review", status: 404},
		{as: "interviewer", request: "GET /api/interviews/nothing/review", status: 404},
	})
	entries, err := w.store.Entries(t.Context(), store.EntryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Kind != evidence.EntryAccessRefused || entries[0].Interview != w.fill("{other}") || entries[0].Actor.ID != w.fill("{interviewer}") ||
		string(entries[0].Payload) != `{"what":"review","roles":["interviewer"]}` {
		t.Errorf("entries %+v", entries)
	}
}

// TestUnloggedViews: the record of an ended interview is shown to nobody when the log cannot say so.
func TestUnloggedViews(t *testing.T) {
	w := populated(t, nil)
	sum := w.file("{mine}/c-camera-1.webm", "0123456789")
	w.append(w.segment(1, sum, 0, 1000))
	if _, err := w.store.EndInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	c := call{}
	var err error
	if c.interview, err = w.store.Interview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	other, err := w.store.Interview(t.Context(), w.fill("{other}"))
	if err != nil {
		t.Fatal(err)
	}
	if c.account, err = w.store.Account(t.Context(), w.fill("{reviewer}")); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a failure is not taken for a visit that was noted
		if err := w.api.seen(t.Context(), c, evidence.AccessReview, ""); !errors.Is(err, store.ErrClosed) {
			t.Errorf("a view of an ended interview that was not logged: %v", err)
		}
	}
	if _, err := os.Stat(w.media); err != nil {
		t.Fatal(err)
	}
	c.interview.State = interview.Cancelled
	if err := w.api.seen(t.Context(), c, evidence.AccessInterview, ""); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a view of a cancelled interview that was not logged: %v", err)
	}
	c.interview = other
	if err := w.api.seen(t.Context(), c, evidence.AccessInterview, ""); err != nil {
		t.Errorf("a planned interview cannot be opened when the log fails: %v", err)
	}
}

func TestPlayed(t *testing.T) {
	w := populated(t, nil)
	const path = "POST /api/interviews/{mine}/played"
	w.run([]scenario{
		{name: "nothing", as: "reviewer", request: path, body: `{"spans":[]}`, status: 400, has: []string{`"field":"spans"`, "1 to 500"}},
		{name: "backwards", as: "reviewer", request: path, body: `{"spans":[{"start_ms":5,"end_ms":5}]}`, status: 400, has: []string{"number 1 is from 5 to 5 ms"}},
		{name: "before the beginning", as: "reviewer", request: path, body: `{"spans":[{"start_ms":-1,"end_ms":5}]}`, status: 400},
		{name: "too long", as: "reviewer", request: path, body: `{"spans":[{"start_ms":0,"end_ms":86400001}]}`, status: 400},
		{name: "too many", as: "reviewer", request: path, body: `{"spans":[` + strings.Repeat(`{"start_ms":0,"end_ms":5},`, 500) + `{"start_ms":0,"end_ms":5}]}`, status: 400, has: []string{"501 intervals"}},
		{name: "of another's", as: "interviewer", request: "POST /api/interviews/{other}/played", body: `{"spans":[{"start_ms":0,"end_ms":5}]}`, status: 404},
		{name: "some", as: "reviewer", request: path, body: `{"spans":[{"start_ms":500,"end_ms":900},{"start_ms":0,"end_ms":100},{"start_ms":90,"end_ms":200}]}`, status: 204},
		{name: "later", as: "reviewer", request: path, body: `{"spans":[{"start_ms":150,"end_ms":250}]}`, status: 204},
		{name: "by somebody else", as: "admin", request: path, body: `{"spans":[{"start_ms":7,"end_ms":8}]}`, status: 204},
	})
	h := ask[AccessHistory](w, "auditor", "GET /api/interviews/{mine}/access", "")
	if want := []PersonPlayed{{"The admin", []evidence.Span{{StartMS: 7, EndMS: 8}}}, {"The reviewer", []evidence.Span{{StartMS: 0, EndMS: 250}, {StartMS: 500, EndMS: 900}}}}; !reflect.DeepEqual(h.Played, want) {
		t.Errorf("played in all %+v, want %+v", h.Played, want)
	}
	if len(h.Lines) != 3 || h.Lines[0].By != "The admin" || h.Lines[2].What != evidence.AccessRecording ||
		!reflect.DeepEqual(h.Lines[2].Spans, []evidence.Span{{StartMS: 0, EndMS: 200}, {StartMS: 500, EndMS: 900}}) || !reflect.DeepEqual(h.Lines[2].Roles, []string{"reviewer"}) {
		t.Errorf("lines %+v", h.Lines)
	}
}

func TestReportsAreLimited(t *testing.T) {
	w := populated(t, nil)
	s := scenario{as: "reviewer", request: "POST /api/interviews/{mine}/played", body: `{"spans":[{"start_ms":0,"end_ms":5}]}`}
	for i := range 30 {
		if got := w.send(s); got.Code != 204 {
			t.Fatalf("report %d: %d", i+1, got.Code)
		}
	}
	if got := w.send(s); got.Code != 429 {
		t.Errorf("report 31 in one second: %d", got.Code)
	}
	w.now = w.now.Add(2 * time.Second)
	if got := w.send(s); got.Code != 204 {
		t.Errorf("2 s later: %d", got.Code)
	}
}

func TestVisitsAreBounded(t *testing.T) {
	v, now := visits{}, time.UnixMilli(0)
	for i := range 2*maxVisits + 5 {
		v.begins(time.UnixMilli(int64(i)).String(), now)
	}
	if len(v.all) > maxVisits {
		t.Errorf("%d visits are remembered, at most %d may be", len(v.all), maxVisits)
	}
}
