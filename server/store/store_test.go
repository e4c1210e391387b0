package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

var quiet = slog.New(slog.DiscardHandler)

// open opens a new database that is closed with the test.
func open(t *testing.T) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "test folder", "a?b%20.db"))
}

func openAt(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// account adds an account that may host.
func account(t *testing.T, s *Store, name string, roles ...auth.Role) auth.Account {
	t.Helper()
	if len(roles) == 0 {
		roles = []auth.Role{auth.Interviewer}
	}
	a := auth.Account{ID: auth.NewID(), Name: name, Email: strings.ToLower(name) + "@example.org", Roles: roles, PasswordHash: "x", Active: true, CreatedMS: 1}
	if err := s.CreateAccount(t.Context(), a, false); err != nil {
		t.Fatal(err)
	}
	return a
}

// planned adds an interview by the account.
func planned(t *testing.T, s *Store, by auth.Account, candidate string) interview.Interview {
	t.Helper()
	iv, err := s.CreateInterview(t.Context(), interview.Interview{CandidateName: candidate, Role: "Engineer", ScheduledMS: 1000,
		Interviewers: []string{by.ID}, CreatedBy: by.ID})
	if err != nil {
		t.Fatal(err)
	}
	return iv
}

func TestPragmasOnEveryConnection(t *testing.T) {
	s := open(t)
	want := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "2", "busy_timeout": "5000", "secure_delete": "1"}
	for pragma, value := range want {
		var got string
		if err := s.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != value {
			t.Errorf("writing connection: %s = %q, %v; want %q", pragma, got, err, value)
		}
	}
	// Hold all connections of the pool at once, so that each one is asked.
	for i := range readers {
		c, err := s.read.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for pragma, value := range want {
			var got string
			if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
				t.Errorf("reading connection %d: %s = %q, %v; want %q", i, pragma, got, err, value)
			}
		}
		if _, err := c.ExecContext(t.Context(), `DELETE FROM kinds`); err == nil {
			t.Errorf("reading connection %d could write", i)
		}
	}
}

func TestOpenAgainKeepsAndRefusesNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openAt(t, path)
	account(t, s, "Ana")
	if _, err := s.write.Exec(`INSERT INTO kinds (kind, title, severity, consent, position) VALUES ('old.kind', 't', 'info', '', 99)`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec(`UPDATE kinds SET title = 'changed' WHERE kind = 'face.absent'`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryError}); !errors.Is(err, ErrClosed) {
		t.Errorf("Append after Close: %v, want ErrClosed", err)
	}

	s = openAt(t, path)
	if n, err := s.CountAccounts(t.Context()); n != 1 || err != nil {
		t.Errorf("accounts after reopening: %d, %v", n, err)
	}
	var kinds, changed int
	if err := s.read.QueryRow(`SELECT count(*), count(*) FILTER (WHERE title = 'changed') FROM kinds`).Scan(&kinds, &changed); err != nil {
		t.Fatal(err)
	}
	if kinds != len(evidence.Kinds)+1 || changed != 0 {
		t.Errorf("%d kinds, %d stale; want %d and 0", kinds, changed, len(evidence.Kinds)+1)
	}
	if _, err := s.write.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, quiet); !errors.Is(err, ErrNewer) {
		t.Errorf("opening a newer database: %v, want ErrNewer", err)
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if err := writeFile(path, strings.Repeat("this is not a database ", 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, quiet); err == nil || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("opening a text file: %v", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	s := open(t)
	ok := evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryServerStarted}
	finding := evidence.Finding{ID: "f", Interview: "i", Kind: evidence.FaceAbsent, Run: evidence.RunLive}
	for name, tc := range map[string]struct {
		entry evidence.NewEntry
		want  string
	}{
		"no kind":        {evidence.NewEntry{Actor: evidence.System}, "kind is empty"},
		"no actor":       {evidence.NewEntry{Kind: evidence.EntryError}, `actor type ""`},
		"function":       {evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryError, Payload: func() {}}, "encoding the payload"},
		"not a number":   {evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryError, Payload: math.NaN()}, "encoding the payload"},
		"part":           {evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryError, Part: make(chan int)}, "encoding the part"},
		"finding type":   {evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: map[string]int{}}, "payload is a map"},
		"other's":        {evidence.NewEntry{Interview: "j", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: finding}, `of interview "i"`},
		"unknown kind":   {evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: evidence.Finding{ID: "g", Interview: "i", Kind: "no.such"}}, "FOREIGN KEY"},
		"state":          {evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryCoverage, Payload: evidence.Coverage{Interview: "i", Kind: evidence.FaceAbsent, State: "?"}}, "CHECK"},
		"no reason":      {evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryCoverage, Payload: evidence.Coverage{Interview: "i", Kind: evidence.FaceAbsent, State: evidence.NotRun}}, "CHECK"},
		"review of none": {evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryReview, Payload: evidence.ReviewPayload{Finding: "nope", Decision: evidence.Confirmed}}, `finding "nope"`},
	} {
		// The good entry before it must not be written either.
		if _, err := s.Append(t.Context(), ok, tc.entry); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want one about %q", name, err, tc.want)
		}
	}
	if n, err := s.LastSeq(t.Context()); n != 0 || err != nil {
		t.Errorf("the log has %d entries, %v; want none", n, err)
	}
	// A finding cannot move to another interview.
	other := finding
	other.Interview = "j"
	if _, err := s.Append(t.Context(), evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: &finding}); err != nil {
		t.Error(err)
	}
	if _, err := s.Append(t.Context(), evidence.NewEntry{Interview: "j", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: other}); !errors.Is(err, ErrConflict) {
		t.Errorf("moving a finding: %v, want ErrConflict", err)
	}
}

func TestAppendTogetherIsGapless(t *testing.T) {
	s := open(t)
	const writers, each = 20, 25
	type result struct {
		writer int
		seqs   []int64
		err    error
	}
	results := make(chan result, writers)
	for w := range writers {
		go func() {
			r := result{writer: w}
			for i := range each {
				e := evidence.NewEntry{Interview: fmt.Sprint(w), AtMS: evidence.At(int64(i)), Actor: evidence.System, Kind: evidence.EntryError, Payload: evidence.ErrorPayload{Code: fmt.Sprint(i)}}
				bad := e
				bad.Kind, bad.Payload = evidence.EntryReview, evidence.ReviewPayload{Finding: "none"} // fails in the transaction
				if i%10 == 0 {
					if _, err := s.Append(context.Background(), bad); !errors.Is(err, ErrNotFound) {
						r.err = fmt.Errorf("a bad entry: %v", err)
					}
				}
				got, err := s.Append(context.Background(), e, e)
				if err != nil {
					r.err = err
					break
				}
				r.seqs = append(r.seqs, got[0].Seq, got[1].Seq)
			}
			results <- r
		}()
	}
	owner := map[int64]int{}
	for range writers {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		for i, seq := range r.seqs {
			if i > 0 && seq <= r.seqs[i-1] {
				t.Errorf("writer %d: entry %d came before %d", r.writer, seq, r.seqs[i-1])
			}
			owner[seq] = r.writer
		}
	}
	entries, err := s.Entries(t.Context(), EntryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != writers*each*2 {
		t.Fatalf("%d entries, want %d", len(entries), writers*each*2)
	}
	for i, e := range entries {
		if e.Seq != int64(i+1) || e.Interview != fmt.Sprint(owner[e.Seq]) {
			t.Fatalf("entry %d has number %d of interview %s, acknowledged to %d", i+1, e.Seq, e.Interview, owner[e.Seq])
		}
	}
}

func TestEntriesQuery(t *testing.T) {
	s := open(t)
	now := time.UnixMilli(1700000000000)
	s.Now = func() time.Time { return now }
	var all []evidence.NewEntry
	for i := range 10 {
		kind := evidence.EntryAnnotation
		if i%2 == 1 {
			kind = evidence.EntryQuestion
		}
		all = append(all, evidence.NewEntry{Interview: fmt.Sprint("iv", i/5), AtMS: evidence.At(int64(i * 100)), Actor: evidence.Actor{Type: "user", ID: "u"}, Kind: kind, Part: evidence.NotePart{Text: "<é>"}})
	}
	if _, err := s.Append(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		q    EntryQuery
		want []int64
	}{
		"all":       {EntryQuery{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"interview": {EntryQuery{Interview: "iv1"}, []int64{6, 7, 8, 9, 10}},
		"after":     {EntryQuery{Interview: "iv1", After: 7}, []int64{8, 9, 10}},
		"limit":     {EntryQuery{After: 2, Limit: 2}, []int64{3, 4}},
		"kind":      {EntryQuery{Interview: "iv0", Kinds: []evidence.EntryKind{evidence.EntryQuestion}}, []int64{2, 4}},
		"kinds":     {EntryQuery{After: 8, Kinds: []evidence.EntryKind{evidence.EntryQuestion, evidence.EntryAnnotation}}, []int64{9, 10}},
		"none":      {EntryQuery{Interview: "no"}, nil},
	} {
		got, err := s.Entries(t.Context(), tc.q)
		if err != nil {
			t.Fatal(err)
		}
		var seqs []int64
		for _, e := range got {
			seqs = append(seqs, e.Seq)
			if string(e.Part) != `{"text":"\u003cé\u003e"}` || e.WallMS != now.UnixMilli() || *e.AtMS != (e.Seq-1)*100 || e.Actor.ID != "u" {
				t.Errorf("%s: entry %+v with part %s", name, e, e.Part)
			}
		}
		if fmt.Sprint(seqs) != fmt.Sprint(tc.want) {
			t.Errorf("%s: %v, want %v", name, seqs, tc.want)
		}
	}
}
