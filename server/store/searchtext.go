package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"bonafide/server/evidence"
)

// ErrNoTextSearch says that the program was built without SQLite's full-text search.
var ErrNoTextSearch = errors.New("this program was built without full-text search; build it with `make`, or with the build tag sqlite_fts5")

// textKinds are the entries whose parts are texts that people wrote about an
// interview.
var textKinds = []evidence.EntryKind{evidence.EntryAnnotation, evidence.EntryReview, evidence.EntryInterviewDecided, evidence.EntryInterviewCancelled, evidence.EntryStepVerdict, evidence.EntryAnswer}

// textIndex is the full-text index of notes, decisions and answers (SQLite
// FTS5). It lives in memory alone: the texts are encrypted where they are kept
// and vanish with their keys, and an index on disk, or in a backup, would
// outlive them. It is filled at first use, and before each search takes in
// what was written and drops what was deleted since.
//
// The rowid of a text in it is the rowid of its interview, shifted, plus a
// running number: so the interviews of a frequent word are found without
// looking up each text. Rowids stay what they are as long as the program runs;
// only a VACUUM could change them, and nothing runs one on an open database.
type textIndex struct {
	lock chan struct{} // holds one value while the index is used
	db   *sql.DB       // nil until first used; one connection
	upTo int64         // entries up to this one are in it
	gone int64         // deletions up to this one were followed
}

func newTextIndex() *textIndex { return &textIndex{lock: make(chan struct{}, 1)} }

// use runs f over the index as it is now.
func (x *textIndex) use(ctx context.Context, s *Store, f func(*sql.Tx) error) error {
	select {
	case x.lock <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the index of texts: %w", ctx.Err())
	}
	defer func() { <-x.lock }()
	if x.db == nil {
		if err := x.create(ctx); err != nil {
			return err
		}
	}
	if err := x.catchUp(ctx, s); err != nil {
		return fmt.Errorf("bringing the index of texts up to date: %w", known(err))
	}
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("opening the index of texts: %w", err)
	}
	defer tx.Rollback() // f only reads
	return f(tx)
}

// create makes the empty index. notes holds no text, only where words occur.
func (x *textIndex) create(ctx context.Context) error {
	db, err := sql.Open("sqlite3", "file::memory:")
	if err != nil {
		return fmt.Errorf("making the index of texts: %w", err)
	}
	db.SetMaxOpenConns(1) // another connection would be another, empty memory
	db.SetConnMaxLifetime(0)
	_, err = db.ExecContext(ctx, `
		CREATE VIRTUAL TABLE notes USING fts5 (text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
		CREATE TABLE docs (doc INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE);`)
	if err != nil {
		err = errors.Join(err, db.Close())
		if strings.Contains(err.Error(), "no such module: fts5") {
			return ErrNoTextSearch
		}
		return fmt.Errorf("making the index of texts: %w", err)
	}
	x.db = db
	return nil
}

// catchUp follows the log and the deletions. When it fails it leaves the index
// as it was.
func (x *textIndex) catchUp(ctx context.Context, s *Store) error {
	last, err := s.LastSeq(ctx)
	if err != nil {
		return err
	}
	var gone int64
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM forgotten`).Scan(&gone); err != nil {
		return err
	}
	if last == x.upTo && gone == x.gone {
		return nil
	}
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	for _, kind := range textKinds {
		if err := x.take(ctx, s, tx, kind, last); err != nil {
			return err
		}
	}
	// After the texts: what was deleted meanwhile must not stay.
	rows, err := s.read.QueryContext(ctx, `SELECT seq FROM forgotten WHERE n > ? AND n <= ?`, x.gone, gone)
	deleted, err := collect(rows, err, func(rows *sql.Rows) (seq int64, err error) { return seq, rows.Scan(&seq) })
	if err != nil {
		return err
	}
	for _, seq := range deleted {
		if _, err := tx.ExecContext(ctx, `DELETE FROM notes WHERE rowid = (SELECT doc FROM docs WHERE seq = ?)`, seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM docs WHERE seq = ?`, seq); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	x.upTo, x.gone = last, gone
	return nil
}

// take indexes the entries of a kind after upTo and up to last.
func (x *textIndex) take(ctx context.Context, s *Store, tx *sql.Tx, kind evidence.EntryKind, last int64) error {
	const page = 2000
	for after := x.upTo; after < last; {
		records, err := s.Records(ctx, EntryQuery{Kinds: []evidence.EntryKind{kind}, After: after, Limit: page})
		if err != nil {
			return err
		}
		for _, r := range records {
			text := textOf(r.Part)
			if r.Seq > last || text == "" || r.Interview == "" {
				continue
			}
			n, err := x.rowid(ctx, s, r.Interview)
			if err != nil {
				return fmt.Errorf("entry %d: %w", r.Seq, err)
			}
			if err := index(ctx, tx, r, n, text); err != nil {
				return fmt.Errorf("entry %d: %w", r.Seq, err)
			}
		}
		if len(records) < page {
			return nil
		}
		after = records[len(records)-1].Seq
	}
	return nil
}

// docShift leaves room for a million texts of one interview.
const docShift = 20

// index adds a text of the interview with a rowid.
func index(ctx context.Context, tx *sql.Tx, r Record, interview int64, text string) error {
	var doc int64
	first, end := interview<<docShift, (interview+1)<<docShift
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(doc) + 1, ?1) FROM docs WHERE doc >= ?1 AND doc < ?2`, first, end).Scan(&doc)
	if err != nil {
		return err
	}
	if doc >= end {
		return fmt.Errorf("interview %q has more texts than fit in the index", r.Interview)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO docs (doc, seq) VALUES (?, ?)`, doc, r.Seq); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO notes (rowid, text) VALUES (?, ?)`, doc, fold(text))
	return err
}

// textOf is the text in a part; "" where it has none or was deleted.
func textOf(part []byte) string {
	var note struct{ Text, Note string }
	if json.Unmarshal(part, &note) != nil {
		return ""
	}
	return strings.TrimSpace(note.Text + "\n" + note.Note)
}

// rowid is the interview's in the database.
func (x *textIndex) rowid(ctx context.Context, s *Store, id string) (n int64, err error) {
	return n, s.read.QueryRowContext(ctx, `SELECT rowid FROM interviews WHERE id = ?`, id).Scan(&n)
}

// foundTexts are texts in which a search found its words.
type foundTexts struct{ docs []int64 } // their rowids in the index, ascending

// find looks for texts. One answer to each search is enough: the interviews of
// the texts, and which of their texts to show, both come from it.
func (x *textIndex) find(ctx context.Context, s *Store, text string) (*foundTexts, error) {
	found := &foundTexts{}
	match := matchOf(text)
	if match == "" {
		return found, nil
	}
	err := x.use(ctx, s, func(tx *sql.Tx) error {
		var list string
		err := tx.QueryRowContext(ctx, `SELECT coalesce(group_concat(rowid), '') FROM (SELECT rowid FROM notes WHERE notes MATCH ? ORDER BY rowid)`, match).Scan(&list)
		if err == nil {
			found.docs, err = rowidsOf(list)
		}
		return err
	})
	return found, err
}

// within keeps those of interviews, given by rowid, that have a text, in their order.
func (f *foundTexts) within(interviews []int64) []int64 {
	if len(f.docs) == 0 {
		return nil
	}
	has := make([]bool, f.docs[len(f.docs)-1]>>docShift+1) // rowids are small numbers without large holes
	for _, doc := range f.docs {
		has[doc>>docShift] = true
	}
	return slices.DeleteFunc(interviews, func(n int64) bool { return n >= int64(len(has)) || !has[n] })
}

// of gives the first texts of an interview, at most so many.
func (f *foundTexts) of(interview int64, most int) []int64 {
	from, _ := slices.BinarySearch(f.docs, interview<<docShift)
	to, _ := slices.BinarySearch(f.docs, (interview+1)<<docShift)
	return f.docs[from:min(to, from+most)]
}

// matchOf turns what a person typed into a query of FTS5: every word must
// occur, words in quotes side by side, and the last may be the beginning of
// one. "" when it holds no letter or digit.
func matchOf(text string) string {
	terms, last := []string{}, false
	for i, piece := range strings.Split(fold(text), `"`) {
		quoted := i%2 == 1
		for _, term := range cut(piece, quoted) {
			terms = append(terms, `"`+term+`"`)
			last = quoted
		}
	}
	if len(terms) == 0 {
		return ""
	}
	match := strings.Join(terms, " AND ")
	if !last {
		match += "*"
	}
	return match
}

// cut splits a piece into words, or leaves a quoted one whole, and drops what
// has nothing to search for.
func cut(piece string, quoted bool) (out []string) {
	parts := strings.Fields(piece)
	if quoted {
		parts = []string{strings.Join(parts, " ")}
	}
	for _, p := range parts {
		if strings.ContainsFunc(p, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			out = append(out, strings.ReplaceAll(p, "\x00", ""))
		}
	}
	return out
}

// PrepareSearch fills the index of texts, so that the first search need not
// wait for it. Without full-text search in the program it does nothing.
func (s *Store) PrepareSearch(ctx context.Context) error {
	err := s.texts.use(ctx, s, func(*sql.Tx) error { return nil })
	if errors.Is(err, ErrNoTextSearch) {
		s.log.Warn("notes cannot be searched", "why", err)
		return nil
	}
	return err
}

// close waits for searches under way and drops the index.
func (x *textIndex) close() error {
	x.lock <- struct{}{}
	defer func() { <-x.lock }()
	if x.db == nil {
		return nil
	}
	err := x.db.Close()
	x.db = nil
	return err
}

// TextHit is a text in which a search found its words.
type TextHit struct {
	Seq  int64
	Kind evidence.EntryKind
	AtMS *int64 // interview time, where it has one
	Text string
}

// maxHits is how many texts are shown of one interview.
const maxHits = 3

// addHits shows for each record of a page, whose rowids are given, where the
// text was found.
func (s *Store) addHits(ctx context.Context, found *foundTexts, page []int64, list []FoundRecord) error {
	hits := make([][]int64, len(page)) // numbers of entries
	err := s.texts.use(ctx, s, func(tx *sql.Tx) error {
		for i, n := range page {
			docs, err := encode(found.of(n, maxHits))
			if err != nil {
				return err
			}
			rows, err := tx.QueryContext(ctx, `SELECT seq FROM docs WHERE doc IN (SELECT value FROM json_each(?)) ORDER BY doc`, docs)
			if hits[i], err = collect(rows, err, func(rows *sql.Rows) (seq int64, err error) { return seq, rows.Scan(&seq) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("showing where a text was found: %w", err)
	}
	for i := range list {
		for _, seq := range hits[i] {
			entries, err := s.Entries(ctx, EntryQuery{Interview: list[i].Interview.ID, After: seq - 1, Limit: 1})
			if err != nil {
				return err
			}
			if len(entries) == 1 && entries[0].Seq == seq && entries[0].Part != nil {
				e := entries[0]
				list[i].Hits = append(list[i].Hits, TextHit{Seq: e.Seq, Kind: e.Kind, AtMS: e.AtMS, Text: textOf(e.Part)})
			}
		}
	}
	return nil
}
