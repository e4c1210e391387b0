package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Deletion asks for a part of a record to be deleted.
type Deletion struct {
	Interview string
	Part      evidence.RecordPart
	By        evidence.Actor
	Reason    evidence.DeletionReason
	Policy    string
	Request   string
	Note      string // why, in words; the tombstone's own part
	UpTo      uint32 // the part's keys up to this number are destroyed
	Files     int    // that are removed
	// Again repeats a deletion that was done before, on a database that was put
	// back from an older copy: neither a hold nor a live state of then stops it.
	Again bool
}

// Tombstone is a deletion as it is kept.
type Tombstone struct {
	Seq       int64
	Interview string
	UpTo      uint32
	WallMS    int64
	Done      bool // keys and files are gone too
	evidence.DeletionPayload
}

const tombstoneColumns = `seq, interview, up_to, payload, wall_ms, done`

func scanTombstone(row scanner) (t Tombstone, err error) {
	var payload string
	if err = row.Scan(&t.Seq, &t.Interview, &t.UpTo, &payload, &t.WallMS, &t.Done); err != nil {
		return t, known(err)
	}
	t.DeletionPayload, err = decode[evidence.DeletionPayload](payload)
	return t, err
}

// DeletePart deletes what the database holds of a part of a record and writes
// the tombstone, in one act. Keys and files come after it, and then
// FinishDeletion; a crash between them is made good by Unfinished. A record on
// hold is ErrHeld, one of a live interview ErrConflict.
func (s *Store) DeletePart(ctx context.Context, d Deletion) (Tombstone, error) {
	t := Tombstone{Interview: d.Interview, UpTo: d.UpTo,
		DeletionPayload: evidence.DeletionPayload{Part: d.Part, Reason: d.Reason, Policy: d.Policy, Request: d.Request, Files: d.Files}}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var state interview.State
		if err := tx.QueryRowContext(ctx, `SELECT state FROM interviews WHERE id = ?`, d.Interview).Scan(&state); err != nil {
			return err
		}
		if state == interview.Live && !d.Again && d.Reason != evidence.DeletedWithdrawn {
			return fmt.Errorf("the interview is going on: %w", ErrConflict)
		}
		if err := isHeld(ctx, tx, d.Interview); err != nil && !(d.Again && errors.Is(err, ErrHeld)) {
			return err
		}
		if err := s.deleteRows(ctx, tx, d, &t); err != nil {
			return err
		}
		n := evidence.NewEntry{Interview: d.Interview, Actor: d.By, Kind: evidence.EntryPartDeleted, Payload: t.DeletionPayload}
		if d.Note != "" {
			n.Part = evidence.NotePart{Text: d.Note}
		}
		prep, err := s.prepare([]evidence.NewEntry{n})
		if err != nil {
			return err
		}
		if err := insert(ctx, tx, prep); err != nil {
			return err
		}
		t.Seq, t.WallMS = prep[0].entry.Seq, prep[0].entry.WallMS
		_, err = tx.ExecContext(ctx, `INSERT INTO deletions (seq, interview, part, up_to, payload, wall_ms, done) VALUES (?, ?, ?, ?, ?, ?, 0)`,
			t.Seq, t.Interview, string(t.Part), t.UpTo, string(prep[0].entry.Payload), t.WallMS)
		return err
	})
	if err != nil {
		return Tombstone{}, fmt.Errorf("deleting the %s of interview %q: %w", d.Part, d.Interview, err)
	}
	return t, nil
}

// deleteRows deletes parts of entries and, with the names, what repeats them;
// with pictures, the templates that were made of them.
func (s *Store) deleteRows(ctx context.Context, tx *sql.Tx, d Deletion, t *Tombstone) error {
	done, err := tx.ExecContext(ctx, `DELETE FROM parts WHERE part = ? AND seq IN (SELECT seq FROM entries WHERE interview = ?)`, string(d.Part), d.Interview)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	t.Texts = int(n)
	for _, from := range evidence.TemplateFroms {
		if from.Source() != d.Part {
			continue
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM parts WHERE part = ? AND seq IN (SELECT seq FROM face_templates WHERE interview = ? AND origin = ?)`,
			string(evidence.PartTemplates), d.Interview, string(from))
		if err != nil {
			return err
		}
		if n, err = done.RowsAffected(); err != nil {
			return err
		}
		t.Texts += int(n)
	}
	if d.Part != evidence.PartText {
		return nil
	}
	return redact(ctx, tx, d.Interview)
}

// redact overwrites the columns that hold names and texts of an interview.
func redact(ctx context.Context, tx *sql.Tx, interviewID string) error {
	var name, role string
	if err := tx.QueryRowContext(ctx, `SELECT candidate_name, role FROM interviews WHERE id = ?`, interviewID).Scan(&name, &role); err != nil {
		return err
	}
	if err := forgetSearches(ctx, tx, name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE interviews SET candidate_name = ?, search = ?, folding = ?, place = '' WHERE id = ?`,
		interview.NameDeleted, searched(interview.NameDeleted, role), folding, interviewID)
	if err != nil {
		return err
	}
	for _, change := range []string{
		`UPDATE participants SET name = '` + interview.NameDeleted + `' WHERE interview = ? AND role = 'candidate'`,
		`UPDATE holds SET reason = '' WHERE interview = ?`,
		`UPDATE deletion_requests SET text = '', answer = '' WHERE interview = ?`,
	} {
		if _, err := tx.ExecContext(ctx, change, interviewID); err != nil {
			return err
		}
	}
	return nil
}

// FinishDeletion notes that the keys and files of a deletion are gone too.
func (s *Store) FinishDeletion(ctx context.Context, seq int64) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE deletions SET done = 1 WHERE seq = ?`, seq)
		return oneRow(done, err, "entry %d is no deletion: %w", seq, ErrNotFound)
	})
	if err != nil {
		return fmt.Errorf("finishing a deletion: %w", err)
	}
	return nil
}

// Scrub empties the write-ahead log, so that what was deleted is in no file of
// the database any more. While somebody reads for long it gives up and says
// false; the next deletion or start does it.
func (s *Store) Scrub(ctx context.Context) (bool, error) {
	for range 20 {
		var busy, frames, moved int
		if err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
			return false, fmt.Errorf("clearing the write-ahead log: %w", known(err))
		}
		if busy == 0 {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(50 * time.Millisecond): // a reader is under way
		}
	}
	s.log.Warn("the write-ahead log could not be cleared after a deletion because it is being read; the next deletion or start clears it")
	return false, nil
}

// Tombstones lists the deletions of an interview, or with "" of all, oldest first.
func (s *Store) Tombstones(ctx context.Context, interviewID string) ([]Tombstone, error) {
	return s.tombstones(ctx, `? IN ('', interview)`, interviewID)
}

// Unfinished lists deletions whose keys or files may still be there.
func (s *Store) Unfinished(ctx context.Context) ([]Tombstone, error) {
	return s.tombstones(ctx, `done = 0`)
}

func (s *Store) tombstones(ctx context.Context, where string, args ...any) ([]Tombstone, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tombstoneColumns+` FROM deletions WHERE `+where+` ORDER BY seq`, args...)
	out, err := collect(rows, err, func(rows *sql.Rows) (Tombstone, error) { return scanTombstone(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading deletions: %w", err)
	}
	return out, nil
}

// deletedUpTo gives the latest tombstone of each part of a record.
func (s *Store) deletedUpTo(ctx context.Context, interviewID string) (map[evidence.RecordPart]int64, error) {
	all, err := s.Tombstones(ctx, interviewID)
	if err != nil {
		return nil, err
	}
	out := map[evidence.RecordPart]int64{}
	for _, t := range all {
		out[t.Part] = t.Seq
	}
	return out, nil
}
