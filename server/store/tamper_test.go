package store

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"bonafide/server/audit"
	"bonafide/server/evidence"
)

// signed returns a database with entries, parts and checkpoints, closed again,
// and the folder of its keys.
func signed(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.db")
	s, err := Open(t.Context(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	keys := audit.NewKeys(filepath.Join(filepath.Dir(path), "keys"))
	for i := range 11 {
		n := evidence.NewEntry{Interview: "i", AtMS: evidence.At(int64(i)), Actor: evidence.Actor{Type: "user", ID: "u"}, Kind: evidence.EntryAnnotation,
			Payload: evidence.AnnotationPayload{ID: fmt.Sprint(i)}, Part: evidence.NotePart{Text: "text"}}
		if i == 4 {
			n = evidence.NewEntry{Interview: "i", Actor: evidence.System, Kind: evidence.EntryFinding, Payload: evidence.Finding{ID: "f", Interview: "i", Kind: evidence.FaceAbsent, Run: "live"}}
		}
		if _, err := s.Append(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if i == 6 {
			if _, err := s.Checkpoint(t.Context(), AtHour, keys.Sign); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.Checkpoint(t.Context(), AtHour, keys.Sign); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTamper changes a copy of the file behind the program's back, a class of
// bytes at a time, and wants every change named.
func TestTamper(t *testing.T) {
	path := signed(t)
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(column string) string { return "CAST(replace(" + column + ", '4', '5') AS BLOB)" }
	rehash := "UPDATE entries SET canonical = " + flip("canonical") + " WHERE seq = 4"
	for _, c := range []struct{ name, change, want string }{
		{"nothing", "SELECT 1", ""},
		{"entry's bytes", rehash, "entry 4 was changed"},
		{"entry's hash too", rehash + "; UPDATE tree SET hash = leaf(4) WHERE position = 4", "hash stored with entry 4"},
		{"order", "UPDATE entries SET seq = 99 WHERE seq = 2; UPDATE entries SET seq = 2 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 99", "entry 2 says of itself that it is number 3"},
		{"missing entry", "DELETE FROM parts WHERE seq = 6; DELETE FROM entries WHERE seq = 6", "entry 6 is missing"},
		{"missing at the end", "DELETE FROM parts WHERE seq = 11; DELETE FROM entries WHERE seq = 11", "removed from its end"},
		{"missing at the end, tree too", "DELETE FROM parts WHERE seq = 11; DELETE FROM entries WHERE seq = 11; DELETE FROM tree WHERE position >= 19", "a checkpoint of 11 was signed"},
		{"interview column", "UPDATE entries SET interview = 'j' WHERE seq = 3", "entry 3: the columns"},
		{"wall clock column", "UPDATE entries SET wall_ms = 1 WHERE seq = 3", "entry 3: the columns"},
		{"time column", "UPDATE entries SET at_ms = NULL WHERE seq = 3", "entry 3: the columns"},
		{"kind column", "UPDATE entries SET kind = 'x' WHERE seq = 3", "entry 3: the columns"},
		{"actor column", "UPDATE entries SET actor_id = 'x' WHERE seq = 3", "entry 3: the columns"},
		{"part", "UPDATE parts SET content = x'00' WHERE seq = 3", "entry 3: its part"},
		{"salt", "UPDATE parts SET salt = zeroblob(32) WHERE seq = 3", "entry 3: its part"},
		{"part that never was", "INSERT INTO parts SELECT 5, salt, content, part FROM parts WHERE seq = 3", "entry 5 never had a part"},
		{"hash of the tree", "UPDATE tree SET hash = zeroblob(32) WHERE position = 2", "the tree was changed: a hash stored with entry 2"},
		{"hash not under any other", "UPDATE tree SET hash = zeroblob(32) WHERE position = (SELECT max(position) FROM tree)", "entry 11 was changed"},
		{"end of the tree", "DELETE FROM tree WHERE position >= 18", "no hashes for entry 11"},
		{"checkpoint's size", "UPDATE checkpoints SET size = 6 WHERE id = 1", "checkpoint 1: what is kept"},
		{"checkpoint's text", "UPDATE checkpoints SET note = replace(note, char(10) || '7' || char(10), char(10) || '6' || char(10)) WHERE id = 1", "checkpoint 1 (of 7 entries): a signature on it is wrong"},
		{"checkpoint's signature", "UPDATE checkpoints SET note = substr(note, 1, length(note) - 9) || 'A' || substr(note, -8) WHERE id = 2", "checkpoint 2 (of 11 entries)"},
		{"checkpoint's keys", "UPDATE checkpoints SET keys = 'x' WHERE id = 2", "checkpoint 2 (of 11 entries)"},
		{"part removed without a word", "DELETE FROM parts WHERE seq = 7", "entry 7: its part (the text or names beside it) is missing, and no entry says"},
		{"finding's table", "UPDATE findings SET payload = '{}'", "the table of findings says something else than entry 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "b.db")
			if err := os.WriteFile(copied, original, 0o600); err != nil {
				t.Fatal(err)
			}
			vandalize(t, copied, c.change)
			r, err := openAt(t, copied).VerifyLog(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(r.Faults, "\n")
			if c.want == "" && all != "" || !strings.Contains(all, c.want) {
				t.Errorf("faults:\n%s\nwant %q", all, c.want)
			}
			if c.want == "" && (r.Size != 11 || r.Checkpoints != 2 || r.Parts != 10) {
				t.Errorf("report %+v", r)
			}
		})
	}
}

// vandalize changes the file without its triggers; leaf(n) stands for the leaf
// hash of entry n as it is then.
func vandalize(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	names, err := collect(rows, err, func(rows *sql.Rows) (n string, err error) { return n, rows.Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if _, err := db.Exec("DROP TRIGGER " + n); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range strings.Split(statements, ";") {
		if strings.Contains(q, "leaf(4)") {
			var b []byte
			if err := db.QueryRow(`SELECT canonical FROM entries WHERE seq = 4`).Scan(&b); err != nil {
				t.Fatal(err)
			}
			h := audit.LeafHash(b)
			q = strings.ReplaceAll(q, "leaf(4)", fmt.Sprintf("x'%x'", h[:]))
		}
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// TestTreeOfOlderDatabase brings a database from before the tree up to date.
func TestTreeOfOlderDatabase(t *testing.T) {
	path := signed(t)
	var want audit.Hash
	func() {
		s, err := Open(t.Context(), path, quiet)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		r, err := s.VerifyLog(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want = r.Root
	}()
	s := openAt(t, olderCopy(t, path))
	r, err := s.VerifyLog(t.Context(), nil)
	if err != nil || len(r.Faults) != 0 || r.Root != want || r.Size != 11 {
		t.Fatalf("after the migration: %+v, %v; want root %s", r, err, want)
	}
	if _, err := s.Append(t.Context(), evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryServerStarted}); err != nil {
		t.Fatal(err)
	}
	if r, err = s.VerifyLog(t.Context(), nil); err != nil || len(r.Faults) != 0 || r.Size != 12 {
		t.Errorf("after another entry: %+v, %v", r, err)
	}
}

// olderCopy copies entries and parts into a database as the first version of
// the tables had it.
func olderCopy(t *testing.T, path string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "older.db")
	db, err := sql.Open("sqlite3", "file:"+copied)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithGoMigrations(goose.NewGoMigration(3, &goose.GoFunc{RunTx: fillTree}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"ATTACH '" + path + "' AS newer", "INSERT INTO entries SELECT * FROM newer.entries ORDER BY seq", "INSERT INTO parts SELECT seq, salt, content FROM newer.parts"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return copied
}
