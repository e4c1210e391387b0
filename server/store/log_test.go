package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bonafide/server/evidence"
)

func writeFile(path, content string) error { return os.WriteFile(path, []byte(content), 0o600) }

// TestCanonicalBytes holds the promise of the log: what Append returned is
// what lies in the file, reading and encoding it again gives the same bytes,
// and nothing can change them.
func TestCanonicalBytes(t *testing.T) {
	s := open(t)
	got, err := s.Append(t.Context(),
		evidence.NewEntry{Interview: "i", AtMS: evidence.At(0), Actor: evidence.Actor{Type: "user", ID: "u"}, Kind: evidence.EntryAnnotation,
			Payload: evidence.AnnotationPayload{ID: "<&>\u2028"}, Part: evidence.NotePart{Text: "private"}},
		evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryServerStarted},
		evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding,
			Payload: evidence.Finding{ID: "f", Interview: "i", Kind: evidence.FaceAbsent, Run: "live", Quality: 1e-7, Values: []evidence.Measure{{Name: "a", Value: 1e21}}}})
	if err != nil {
		t.Fatal(err)
	}
	records, err := s.Records(t.Context(), EntryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		want, err := got[i].Canonical()
		if err != nil || !bytes.Equal(r.Canonical, want) {
			t.Errorf("entry %d: stored\n%s\nreturned\n%s (%v)", i+1, r.Canonical, want, err)
		}
		e, err := evidence.ParseEntry(r.Canonical)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := e.Canonical(); err != nil || !bytes.Equal(again, r.Canonical) {
			t.Errorf("entry %d: encoded again\n%s\nis not\n%s (%v)", i+1, again, r.Canonical, err)
		}
		if bytes.Contains(r.Canonical, []byte("private")) {
			t.Errorf("the part is in the canonical bytes: %s", r.Canonical)
		}
	}
	if c := evidence.PartCommitment(records[0].Salt, records[0].Part); c != got[0].PartSHA256 || len(records[0].Salt) != evidence.SaltSize {
		t.Errorf("the commitment of the part is %s, the entry says %s", c, got[0].PartSHA256)
	}
	for _, q := range []string{
		`UPDATE entries SET canonical = x'00' WHERE seq = 1`,
		`UPDATE entries SET wall_ms = 0`,
		`DELETE FROM entries WHERE seq = 3`,
		`INSERT OR REPLACE INTO entries SELECT seq, interview, wall_ms, at_ms, kind, actor_type, actor_id, x'00' FROM entries WHERE seq = 3`,
		`INSERT INTO entries SELECT 9, interview, wall_ms, at_ms, kind, actor_type, actor_id, canonical FROM entries WHERE seq = 3`,
		`UPDATE parts SET content = x'00'`,
	} {
		if _, err := s.write.Exec(q); err == nil {
			t.Errorf("%s succeeded", q)
		}
	}
	after, err := s.Records(t.Context(), EntryQuery{})
	if err != nil || len(after) != len(records) {
		t.Fatalf("%d records, %v", len(after), err)
	}
	for i := range after {
		if !bytes.Equal(after[i].Canonical, records[i].Canonical) {
			t.Errorf("entry %d changed", i+1)
		}
	}
}

func inFiles(t *testing.T, path, text string) bool {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

// TestMain lets TestKill run this binary as a process that appends.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_APPEND"); path != "" {
		appendUntilKilled(path)
	}
	os.Exit(m.Run())
}

// appendUntilKilled prints each entry when it is acknowledged. It ends with
// an error when nobody kills it.
func appendUntilKilled(path string) {
	failed := make(chan error)
	s, err := Open(context.Background(), path, quiet)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for w := range 4 {
		go func() {
			for i := range 100000 {
				f := evidence.Finding{ID: fmt.Sprintf("%d-%d", os.Getpid(), w), Interview: "i", Kind: evidence.FaceAbsent, Run: evidence.RunLive, EndMS: int64(i), Open: true}
				got, err := s.Append(context.Background(), evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: f, Part: i})
				if err != nil {
					failed <- err
					return
				}
				fmt.Fprintf(os.Stdout, "ack %d %s %d\n", got[0].Seq, f.ID, i)
			}
			failed <- errors.New("not killed")
		}()
	}
	fmt.Println("error", <-failed)
	os.Exit(1)
}

// TestKill kills a writing process again and again: every acknowledged entry
// is there afterwards, numbers have no gaps, and projections agree.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	type ack struct {
		id string
		i  int64
	}
	acks := map[int64]ack{}
	for round := range 4 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_TEST_APPEND="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			f := strings.Fields(lines.Text())
			if len(f) != 4 || f[0] != "ack" {
				t.Fatalf("the child said %q", lines.Text())
			}
			seq, _ := strconv.ParseInt(f[1], 10, 64)
			i, _ := strconv.ParseInt(f[3], 10, 64)
			acks[seq] = ack{f[2], i}
			if n++; n == 40+17*round {
				if err := cmd.Process.Kill(); err != nil { // SIGKILL; the rest of the pipe is still read
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child was not killed")
		}
	}
	s := openAt(t, path)
	entries, err := s.Entries(t.Context(), EntryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	bySeq, newest := map[int64]evidence.Entry{}, map[string]int64{}
	for n, e := range entries {
		if e.Seq != int64(n+1) {
			t.Fatalf("entry %d has number %d", n+1, e.Seq)
		}
		bySeq[e.Seq] = e
		f, err := decode[evidence.Finding](string(e.Payload))
		if err != nil || e.Part == nil {
			t.Fatalf("entry %d: %v, part %s", e.Seq, err, e.Part)
		}
		newest[f.ID] = f.EndMS
	}
	for seq, a := range acks {
		e, ok := bySeq[seq]
		if !ok || !bytes.Contains(e.Payload, []byte(`"id":"`+a.id+`"`)) || string(e.Part) != fmt.Sprint(a.i) {
			t.Errorf("acknowledged entry %d (%s, %d) is %v %s", seq, a.id, a.i, ok, e.Payload)
		}
	}
	t.Logf("%d entries, %d of them acknowledged", len(entries), len(acks))
	if r, err := s.VerifyLog(t.Context(), nil); err != nil || len(r.Faults) != 0 || r.Size != int64(len(entries)) {
		t.Errorf("the tree after the kills: %+v, %v", r, err)
	}
	findings, err := s.Findings(t.Context(), "i")
	if err != nil || len(findings) != len(newest) {
		t.Fatalf("%d findings, %d in the log, %v", len(findings), len(newest), err)
	}
	for _, f := range findings {
		if f.EndMS != newest[f.ID] {
			t.Errorf("finding %s ends at %d in its table, %d in the log", f.ID, f.EndMS, newest[f.ID])
		}
	}
}

// TestDiskFull limits the file's size: the error has a name, what was
// acknowledged stays, the file stays sound, and writing goes on with space.
func TestDiskFull(t *testing.T) {
	s := open(t)
	var pages int
	if err := s.write.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		var got int
		if err := s.write.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, n)).Scan(&got); err != nil || got != n {
			t.Fatalf("limiting the file to %d pages: %d, %v", n, got, err)
		}
	}
	limit(pages + 8)
	entry := evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryAnnotation, Part: evidence.NotePart{Text: strings.Repeat("x", 3000)}}
	var last int64
	var err error
	for range 100 {
		var got []evidence.Entry
		if got, err = s.Append(t.Context(), entry); err != nil {
			break
		}
		last = got[0].Seq
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d entries: %v, want ErrFull", last, err)
	}
	if n, err := s.LastSeq(t.Context()); n != last || err != nil || last == 0 {
		t.Errorf("the log has %d entries, %v; %d were acknowledged", n, err, last)
	}
	limit(100000)
	if got, err := s.Append(t.Context(), entry); err != nil || got[0].Seq != last+1 {
		t.Errorf("with space again: %v, %v", got, err)
	}
	var sound string
	if err := s.write.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the file's integrity: %q, %v", sound, err)
	}
}

// TestRefusedEntriesAreTold tells an entry that can never be written from a
// log that takes none at present.
func TestRefusedEntriesAreTold(t *testing.T) {
	s := open(t)
	for name, e := range map[string]evidence.NewEntry{
		"unknown actor": {Actor: evidence.Actor{Type: "ghost"}, Kind: evidence.EntryError},
		"not JSON":      {Actor: evidence.System, Kind: evidence.EntryError, Payload: math.NaN()},
		"unknown kind": {Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding,
			Payload: evidence.Finding{ID: "f", Interview: "i", Kind: "no.such", Run: "live"}},
		"no such finding": {Interview: "i", Actor: evidence.System, Kind: evidence.EntryReview,
			Payload: evidence.ReviewPayload{Finding: "f", Decision: evidence.Confirmed}},
	} {
		if _, err := s.Append(t.Context(), e); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryError}); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("a closed log: %v, want an error that may pass", err)
	}
}
