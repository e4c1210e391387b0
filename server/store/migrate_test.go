package store

import (
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// filled are the rows of a database at a version, from which on migrations are
// tried on data: at least one in every table that there was then. A migration
// that makes a table adds a line here.
var filled = map[int64][]string{
	10: {
		`INSERT INTO kinds VALUES ('face.absent', 'No face', 'notice', 'face', 0)`,
		`INSERT INTO entries VALUES (1, 'i', 5, 7, 'note', 'user', 'u', x'7b7d')`,
		`INSERT INTO entries VALUES (2, 'i', 6, NULL, 'finding', 'system', '', x'7b7d')`,
		`INSERT INTO parts (seq, salt, content, part) VALUES (1, x'00', x'0102', 'text')`,
		`INSERT INTO parts (seq, salt, content, part) VALUES (2, x'00', x'0304', 'stills')`,
		`DELETE FROM parts WHERE seq = 2`, // fills forgotten
		`INSERT INTO users (id, name, email, roles, password_hash, active, created_ms, require_second) VALUES ('u', 'Ünal', 'u@example.org', '["admin"]', 'x', 1, 5, 1)`,
		`INSERT INTO sessions VALUES (x'11', 'u', 5, 6)`,
		`INSERT INTO interviews (id, candidate_name, role, search, scheduled_ms, place, time_zone, kinds_off, state, created_by, created_ms, started_ms, ended_ms, outcome, decided_ms, due_ms)
			VALUES ('i', 'Zoë', 'Pilot', 'zoë', 5, 'Oslo', 'Europe/Oslo', '[]', 'ended', 'u', 5, 6, 7, 'hired', 8, 9)`,
		`INSERT INTO interview_people VALUES ('i', 'u', 0)`,
		`INSERT INTO links VALUES ('l', 'i', x'22', 5, 6, 0)`,
		`INSERT INTO participants VALUES ('c', 'i', NULL, 'Zoë', 'candidate', 5), ('p', 'i', 'u', 'Ünal', 'interviewer', 5)`,
		`INSERT INTO consents VALUES ('c', 'recording', 1, 5), ('c', 'face', 1, 6), ('c', 'gaze', 0, 7), ('p', 'speech', 1, 8)`,
		`INSERT INTO findings VALUES ('f', 2, 'i', 'c', 'live', 'face.absent', 1, 2, 0, '{}')`,
		`INSERT INTO coverage VALUES ('i', 'c', 'camera', 'live', 'face.absent', 0, 9, 'not_run', 'no_consent', 3, 2)`,
		`INSERT INTO segments VALUES ('i', 'c', 'camera', 1, 'i/a.webm', 0, 9, 2, '{}')`,
		`INSERT INTO gaps VALUES (2, 'i', 3, '{}')`,
		`INSERT INTO reviews VALUES (2, 'i', 'f', 'explained')`,
		`INSERT INTO tree VALUES (0, zeroblob(32)), (1, zeroblob(32)), (2, zeroblob(32))`,
		`INSERT INTO checkpoints VALUES (1, 2, 5, 'start', 'k', 'n')`,
		`INSERT INTO vouchers VALUES (1, 'witness', 'w', 5, x'33')`,
		`INSERT INTO templates VALUES ('t', 'Pilots', '["Pilot"]', '[]', 5)`,
		`INSERT INTO template_roles VALUES ('pilot', 't')`,
		`INSERT INTO policies VALUES ('a', 'All', 'r', 'keep', '["recording","stills","text"]', '', '', 'ended', 9, 1, 0), ('b', 'Faces', 'r', 'delete', '["templates"]', '', 'hired', 'decided', 0, 1, 1)`,
		`INSERT INTO holds VALUES ('h', 'i', 'why', 'u', 5, 0, '')`,
		`INSERT INTO deletion_requests VALUES ('d', 'i', '["recording"]', 'please', 5, 6, 'open', 0, '', '')`,
		`INSERT INTO deletions VALUES (2, 'i', 'stills', 1, '{}', 5, 1)`,
		`INSERT INTO saved_searches VALUES ('s', 'u', 'Mine', '{}', 5)`,
		`INSERT INTO record_checks VALUES ('i', 5, 2, 'holds', '[]')`,
		`INSERT INTO second_factors VALUES ('u', x'44', 1, 7, 5)`,
		`INSERT INTO recovery_codes VALUES ('u', x'55')`,
		`INSERT INTO series VALUES (2, 'i', 'c', 'camera', 'live', 'gaze', 0, 9)`,
	},
	11: {`INSERT INTO face_templates VALUES ('x', 2, 'i', 'c', 'enrolled', 'm', 7, 'sum'), ('y', 2, 'i', 'c', 'document', 'm', 3, '')`},
}

// changedBy names what a migration is there to change: "table.column".
var changedBy = map[int64][]string{12: {"policies.parts"}}

// TestMigrationsKeepWhatIsThere takes a database with a row in every table
// through every later migration, and compares the rows before and after.
func TestMigrationsKeepWhatIsThere(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite3", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	p, err := migrations(db)
	if err != nil {
		t.Fatal(err)
	}
	const first = 10
	if _, err := p.UpTo(ctx, first); err != nil {
		t.Fatal(err)
	}
	for version := int64(first); ; {
		for _, change := range filled[version] {
			if _, err := db.ExecContext(ctx, change); err != nil {
				t.Fatalf("at version %d: %s: %v", version, change, err)
			}
		}
		before := tables(t, db)
		rows := map[string][]string{}
		for name, columns := range before {
			if rows[name] = contents(t, db, name, columns); len(rows[name]) == 0 {
				t.Errorf("at version %d: table %s is empty; put a row of it into filled", version, name)
			}
		}
		more, err := p.HasPending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		done, err := p.UpByOne(ctx)
		if err != nil {
			t.Fatalf("after version %d: %v", version, err)
		}
		version = done.Source.Version
		after := tables(t, db)
		for name, columns := range before {
			kept := slices.DeleteFunc(slices.Clone(columns), func(c string) bool {
				return slices.Contains(changedBy[version], name+"."+c)
			})
			if missing := slices.DeleteFunc(slices.Clone(kept), func(c string) bool { return slices.Contains(after[name], c) }); len(missing) > 0 {
				t.Errorf("migration %d lost %s.%v", version, name, missing)
				continue
			}
			if len(kept) == len(columns) {
				if got := contents(t, db, name, kept); !slices.Equal(got, rows[name]) {
					t.Errorf("migration %d changed the rows of %s: %q, were %q", version, name, got, rows[name])
				}
			} else if got := contents(t, db, name, kept); len(got) != len(rows[name]) {
				t.Errorf("migration %d: %d rows of %s, were %d", version, len(got), name, len(rows[name]))
			}
		}
		for _, check := range []string{`PRAGMA foreign_key_check`, `SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'`} {
			if bad := query(t, db, check); len(bad) > 0 {
				t.Errorf("after migration %d: %s: %v", version, check, bad)
			}
		}
	}
	tryMigrated(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("the program does not open what it migrated: %v", err)
	}
	defer s.Close()
	if iv, err := s.Interview(ctx, "i"); err != nil || iv.CandidateName != "Zoë" {
		t.Errorf("interview %+v, %v", iv, err)
	}
}

// tryMigrated tries what single migrations are for.
func tryMigrated(t *testing.T, db *sql.DB) {
	t.Helper()
	ctx := t.Context()
	for was, want := range map[string]string{"a": `["recording","stills","text","picture"]`, "b": `["templates"]`} {
		if got := query(t, db, `SELECT parts FROM policies WHERE id = '`+was+`'`); !slices.Equal(got, []string{want}) {
			t.Errorf("policy %s is about %v, want %s", was, got, want)
		}
	}
	for _, change := range []string{
		`INSERT INTO consents VALUES ('c', 'templates', 1, 9)`,
		`INSERT INTO face_templates VALUES ('z', 2, 'i', 'c', 'picture', 'm', 1, '')`,
	} {
		if _, err := db.ExecContext(ctx, change); err != nil {
			t.Errorf("what a migration allows is refused: %v", err)
		}
	}
	for _, change := range []string{
		`INSERT INTO consents VALUES ('c', 'handwriting', 1, 9)`, `INSERT INTO consents VALUES ('nobody', 'face', 1, 9)`,
		`INSERT INTO face_templates VALUES ('w', 2, 'i', 'c', 'rumour', 'm', 1, '')`,
	} {
		if _, err := db.ExecContext(ctx, change); err == nil {
			t.Errorf("%s: no error", change)
		}
	}
}

// tables lists the tables of a database with their columns, but for those of
// SQLite and of the migrations themselves.
func tables(t *testing.T, db *sql.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, name := range query(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`) {
		out[name] = query(t, db, `SELECT name FROM pragma_table_info('`+name+`')`)
	}
	return out
}

// contents are the rows of a table, in any one order.
func contents(t *testing.T, db *sql.DB, name string, columns []string) []string {
	t.Helper()
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = `quote("` + c + `")`
	}
	out := query(t, db, `SELECT `+strings.Join(quoted, ` || ', ' || `)+` FROM "`+name+`"`)
	slices.Sort(out)
	return out
}

// query reads the first column of every row as text.
func query(t *testing.T, db *sql.DB, text string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out = append(out, fmt.Sprint(values[0]))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
