package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// library is a database with some records in it.
type library struct {
	*Store
	t   *testing.T
	ids map[string]string // by candidate
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	s := open(t)
	l := &library{s, t, map[string]string{}}
	hosts := map[string]string{}
	for _, name := range []string{"Ana Prado", "Örjan Berg"} {
		a := auth.Account{ID: auth.NewID(), Name: name, Email: strings.Fields(strings.ToLower(name))[1] + "@example.org", Roles: []auth.Role{auth.Interviewer}, PasswordHash: "none", Active: true}
		l.must(s.CreateAccount(t.Context(), a, false))
		hosts[name] = a.ID
	}
	for _, r := range []struct {
		candidate, role string
		scheduled       int64
		hosts           []string
	}{
		{"Zoë Ames", "Pilot", 1000, []string{"Ana Prado"}},
		{"Bo Li", "Senior pilot", 2000, []string{"Örjan Berg"}},
		{"Pilot Jones", "Cook", 3000, []string{"Ana Prado", "Örjan Berg"}},
	} {
		iv := interview.Interview{CandidateName: r.candidate, Role: r.role, ScheduledMS: r.scheduled, CreatedBy: hosts["Ana Prado"]}
		for _, h := range r.hosts {
			iv.Interviewers = append(iv.Interviewers, hosts[h])
		}
		iv, err := s.CreateInterview(t.Context(), iv)
		l.must(err)
		l.ids[r.candidate] = iv.ID
	}
	return l
}

func (l *library) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// note adds a text to a candidate's interview and returns its number.
func (l *library) note(candidate string, kind evidence.EntryKind, text string) int64 {
	l.t.Helper()
	e, err := l.Append(l.t.Context(), evidence.NewEntry{Interview: l.ids[candidate], Actor: evidence.System, Kind: kind, Part: evidence.NotePart{Text: text}})
	l.must(err)
	return e[0].Seq
}

// find returns the candidates that a search finds, in order.
func (l *library) find(f RecordFilter) []string {
	l.t.Helper()
	total, more, list, err := l.SearchRecords(l.t.Context(), f)
	l.must(err)
	names := []string{}
	for _, r := range list {
		names = append(names, r.Interview.CandidateName)
	}
	if more || f.Limit == 0 && f.Offset == 0 && total != len(list) {
		l.t.Errorf("%+v: total %d (more: %v) for a list of %d", f, total, more, len(list))
	}
	return names
}

func TestSearchRecords(t *testing.T) {
	l := newLibrary(t)
	l.must2(l.Append(t.Context(), evidence.NewEntry{Interview: l.ids["Bo Li"], Actor: evidence.System, Kind: evidence.EntryFinding,
		Payload: evidence.Finding{ID: "f", Interview: l.ids["Bo Li"], Kind: evidence.FaceAbsent, Run: evidence.RunLive}}))
	_, err := l.write.ExecContext(t.Context(), `UPDATE interviews SET outcome = 'hired', due_ms = 5000 WHERE candidate_name = 'Zoë Ames'`)
	l.must(err)
	_, err = l.write.ExecContext(t.Context(), `INSERT INTO holds (id, interview, reason, owner, created_ms, released_ms, released_by)
		SELECT candidate_name, id, 'a claim', created_by, 1, iif(candidate_name = 'Bo Li', 0, 7), '' FROM interviews WHERE candidate_name <> 'Zoë Ames'`)
	l.must(err)
	l.must(l.SaveChecks(t.Context(), 3, []RecordCheck{{Interview: l.ids["Bo Li"], Faults: []string{"entry 1 was changed"}}, {Interview: l.ids["Zoë Ames"]}}))
	all := []string{"Pilot Jones", "Bo Li", "Zoë Ames"}
	for _, tc := range []struct {
		name   string
		filter RecordFilter
		want   []string
	}{
		{"all", RecordFilter{}, all},
		{"a person, not a role", RecordFilter{Person: "pilot"}, []string{"Pilot Jones"}},
		{"letters outside ASCII, in any case", RecordFilter{Person: "ZOË"}, []string{"Zoë Ames"}},
		{"words in any order", RecordFilter{Person: "jones pil"}, []string{"Pilot Jones"}},
		{"by identifier", RecordFilter{Person: l.ids["Bo Li"]}, []string{"Bo Li"}},
		{"a role, not a person", RecordFilter{Role: "Pilot"}, []string{"Bo Li", "Zoë Ames"}},
		{"two words of a role", RecordFilter{Role: "pilot senior"}, []string{"Bo Li"}},
		{"an interviewer", RecordFilter{Interviewer: "ana"}, []string{"Pilot Jones", "Zoë Ames"}},
		{"an interviewer, outside ASCII", RecordFilter{Interviewer: "örjan B"}, []string{"Pilot Jones", "Bo Li"}},
		{"no such interviewer", RecordFilter{Interviewer: "nobody"}, []string{}},
		{"wildcards are letters", RecordFilter{Person: "%"}, []string{}},
		{"from", RecordFilter{FromMS: 2000}, []string{"Pilot Jones", "Bo Li"}},
		{"to", RecordFilter{ToMS: 2000}, []string{"Zoë Ames"}},
		{"between", RecordFilter{FromMS: 1500, ToMS: 2500}, []string{"Bo Li"}},
		{"state", RecordFilter{State: interview.Ended}, []string{}},
		{"outcome", RecordFilter{Outcome: "hired"}, []string{"Zoë Ames"}},
		{"no outcome", RecordFilter{Outcome: "none"}, []string{"Pilot Jones", "Bo Li"}},
		{"kind", RecordFilter{Kind: evidence.FaceAbsent}, []string{"Bo Li"}},
		{"another kind", RecordFilter{Kind: evidence.FaceMultiple}, []string{}},
		{"held", RecordFilter{Hold: "held"}, []string{"Bo Li"}},
		{"free, or released", RecordFilter{Hold: "free"}, []string{"Pilot Jones", "Zoë Ames"}},
		{"due", RecordFilter{DueMS: 5001}, []string{"Zoë Ames"}},
		{"not due yet", RecordFilter{DueMS: 5000}, []string{}},
		{"differs", RecordFilter{Check: CheckDiffers}, []string{"Bo Li"}},
		{"holds", RecordFilter{Check: CheckHolds}, []string{"Zoë Ames"}},
		{"unchecked", RecordFilter{Check: CheckNone}, []string{"Pilot Jones"}},
		{"several", RecordFilter{Role: "pilot", Interviewer: "örjan", Kind: evidence.FaceAbsent, Hold: "held"}, []string{"Bo Li"}},
		{"a page", RecordFilter{Limit: 1, Offset: 1}, []string{"Bo Li"}},
	} {
		if got := l.find(tc.filter); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	_, _, list, err := l.SearchRecords(t.Context(), RecordFilter{Person: "bo li"})
	l.must(err)
	if r := list[0]; !r.Held || r.Check != CheckDiffers || r.Findings != 1 || r.CheckedMS == 0 || !slices.Equal(r.InterviewerNames, []string{"Örjan Berg"}) {
		t.Errorf("what is shown of a record: %+v", r)
	}
}

func (l *library) must2(_ any, err error) { l.t.Helper(); l.must(err) }

// texts skips a test in a build that cannot search texts.
func texts(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.texts.find(t.Context(), s, "x"); errors.Is(err, ErrNoTextSearch) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

func TestSearchTexts(t *testing.T) {
	l := newLibrary(t)
	texts(t, l.Store)
	l.note("Zoë Ames", evidence.EntryAnnotation, "He looked away; the CAFÉ was loud")
	l.note("Zoë Ames", evidence.EntryAnswer, "a cat on the keyboard")
	l.note("Bo Li", evidence.EntryAnswer, "My cat walked by, twice: AND again")
	gone := l.note("Pilot Jones", evidence.EntryAnnotation, "lantern lantern")
	l.note("Pilot Jones", evidence.EntryConsent, "I agree to the cat")
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"a word", "cat", []string{"Bo Li", "Zoë Ames"}},
		{"every word, in one text", "cat keyboard", []string{"Zoë Ames"}},
		{"words of different texts", "cat café", []string{}},
		{"another case, without the accent", "cafe", []string{"Zoë Ames"}},
		{"the beginning of the last word", "looked aw", []string{"Zoë Ames"}},
		{"the beginning of another word", "look away", []string{}},
		{"a phrase", `"cat on the"`, []string{"Zoë Ames"}},
		{"a phrase in another order", `"on cat"`, []string{}},
		{"a whole word", `"keyb"`, []string{}},
		{"operators are words", "AND", []string{"Bo Li"}},
		{"signs that mean something elsewhere", `cat* OR (x NEAR/2 -y) text:^ "`, []string{}},
		{"nothing to search for", `"*" -`, []string{}},
		{"a quote that is not closed", `"walked by`, []string{"Bo Li"}},
	} {
		if got := l.find(RecordFilter{Text: tc.text}); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q finds %q, want %q", tc.name, tc.text, got, tc.want)
		}
	}
	if got := l.find(RecordFilter{Text: "cat", Role: "senior"}); !slices.Equal(got, []string{"Bo Li"}) {
		t.Errorf("with another criterion: %q", got)
	}
	_, _, list, err := l.SearchRecords(t.Context(), RecordFilter{Text: "keyboard"})
	l.must(err)
	if len(list) != 1 || len(list[0].Hits) != 1 || list[0].Hits[0].Text != "a cat on the keyboard" || list[0].Hits[0].Kind != evidence.EntryAnswer {
		t.Errorf("where it was found: %+v", list)
	}
	if got := l.find(RecordFilter{Text: "cat", Limit: 10}); !slices.Equal(got, []string{"Bo Li", "Zoë Ames"}) {
		t.Errorf("a page: %q", got)
	}
	// What is written later is found; what is deleted is not.
	if got := l.find(RecordFilter{Text: "lantern"}); !slices.Equal(got, []string{"Pilot Jones"}) {
		t.Fatalf("before the deletion: %q", got)
	}
	_, err = l.write.ExecContext(t.Context(), `DELETE FROM parts WHERE seq = ?`, gone)
	l.must(err)
	if got := l.find(RecordFilter{Text: "lantern"}); len(got) != 0 {
		t.Errorf("a deleted text is found in %q", got)
	}
	l.note("Bo Li", evidence.EntryAnnotation, "a lantern")
	if got := l.find(RecordFilter{Text: "lantern"}); !slices.Equal(got, []string{"Bo Li"}) {
		t.Errorf("written later: %q", got)
	}
}

// TestSearchTextsAnew: an index that begins after a deletion does not hold what was deleted.
func TestSearchTextsAnew(t *testing.T) {
	l := newLibrary(t)
	seq := l.note("Bo Li", evidence.EntryAnnotation, "lantern")
	l.note("Zoë Ames", evidence.EntryAnnotation, "lantern")
	_, err := l.write.ExecContext(t.Context(), `DELETE FROM parts WHERE seq = ?`, seq)
	l.must(err)
	texts(t, l.Store)
	l.must(l.PrepareSearch(t.Context()))
	if got := l.find(RecordFilter{Text: "lantern"}); !slices.Equal(got, []string{"Zoë Ames"}) {
		t.Errorf("found in %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.texts.lock <- struct{}{}
	if _, _, _, err := l.SearchRecords(ctx, RecordFilter{Text: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that nobody waits for any more: %v", err)
	}
	<-l.texts.lock
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"cat", `"a b`, "x*", "\x00", "É\"\"-", "a OR b", "(", "ﷺ"} {
		f.Add(seed)
	}
	s, err := Open(context.Background(), f.TempDir()+"/a.db", quiet)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.texts.find(t.Context(), s, text); err != nil && !errors.Is(err, ErrNoTextSearch) {
			t.Errorf("%q becomes %q: %v", text, matchOf(text), err)
		}
	})
}
