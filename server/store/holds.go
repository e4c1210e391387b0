package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// ErrHeld says that a record is on legal hold, which wins over every deletion.
var ErrHeld = fmt.Errorf("the record is on legal hold: %w", ErrConflict)

// Hold keeps a record from being deleted.
type Hold struct {
	ID         string
	Interview  string
	Reason     string
	Owner      string // account
	CreatedMS  int64
	ReleasedMS int64 // 0 while it holds
	ReleasedBy string
}

const holdColumns = `id, interview, reason, owner, created_ms, released_ms, released_by`

func scanHold(row scanner) (h Hold, err error) {
	err = row.Scan(&h.ID, &h.Interview, &h.Reason, &h.Owner, &h.CreatedMS, &h.ReleasedMS, &h.ReleasedBy)
	return h, known(err)
}

// PlaceHold puts a record on legal hold, in somebody's name, with an entry.
func (s *Store) PlaceHold(ctx context.Context, interviewID, reason string, owner auth.Account) (Hold, error) {
	h := Hold{ID: auth.NewID(), Interview: interviewID, Reason: reason, Owner: owner.ID, CreatedMS: s.Now().UnixMilli()}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO holds (`+holdColumns+`) VALUES (?, ?, ?, ?, ?, 0, '')`, h.ID, h.Interview, h.Reason, h.Owner, h.CreatedMS); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{{Interview: interviewID, Actor: owner.Actor(), Kind: evidence.EntryHoldPlaced,
			Payload: evidence.HoldPayload{Hold: h.ID}, Part: evidence.NotePart{Text: reason}}})
	})
	if err != nil {
		return Hold{}, fmt.Errorf("placing a hold: %w", err)
	}
	return h, nil
}

// ReleaseHold ends a hold of an interview, with an entry that says why. One
// that was released already is ErrConflict.
func (s *Store) ReleaseHold(ctx context.Context, interviewID, id, reason string, by auth.Account) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		h, err := scanHold(tx.QueryRowContext(ctx, `SELECT `+holdColumns+` FROM holds WHERE id = ? AND interview = ?`, id, interviewID))
		if err != nil {
			return err
		}
		if h.ReleasedMS != 0 {
			return fmt.Errorf("the hold was released already: %w", ErrConflict)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE holds SET released_ms = ?, released_by = ? WHERE id = ?`, s.Now().UnixMilli(), by.ID, id); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{{Interview: interviewID, Actor: by.Actor(), Kind: evidence.EntryHoldReleased,
			Payload: evidence.HoldPayload{Hold: id}, Part: evidence.NotePart{Text: reason}}})
	})
	if err != nil {
		return fmt.Errorf("releasing a hold: %w", err)
	}
	return nil
}

// Holds lists the holds of an interview, or with "" those of all that still
// hold; the newest first.
func (s *Store) Holds(ctx context.Context, interviewID string) ([]Hold, error) {
	where, args := `interview = ?`, []any{interviewID}
	if interviewID == "" {
		where, args = `released_ms = 0`, nil
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+holdColumns+` FROM holds WHERE `+where+` ORDER BY created_ms DESC, id`, args...)
	out, err := collect(rows, err, func(rows *sql.Rows) (Hold, error) { return scanHold(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading holds: %w", err)
	}
	return out, nil
}

// RequestState is where a deletion request stands.
type RequestState string

// The states of deletion requests.
const (
	RequestOpen      RequestState = "open"
	RequestFulfilled RequestState = "fulfilled"
	RequestRefused   RequestState = "refused"
)

// DeletionRequest is somebody's wish that parts of a record be deleted.
type DeletionRequest struct {
	ID        string
	Interview string
	Parts     []evidence.RecordPart
	Text      string // what was written to it
	CreatedMS int64
	DueMS     int64
	State     RequestState
	ClosedMS  int64 // 0 while open
	ClosedBy  string
	Answer    string
}

const requestColumns = `id, interview, parts, text, created_ms, due_ms, state, closed_ms, closed_by, answer`

func scanRequest(row scanner) (r DeletionRequest, err error) {
	var parts string
	if err = row.Scan(&r.ID, &r.Interview, &parts, &r.Text, &r.CreatedMS, &r.DueMS, &r.State, &r.ClosedMS, &r.ClosedBy, &r.Answer); err != nil {
		return r, known(err)
	}
	r.Parts, err = decode[[]evidence.RecordPart](parts)
	return r, err
}

// RequestDeletion keeps a wish for deletion, with an entry; it is the
// beginning of a clock. While one of an interview is open another is
// ErrConflict. by is the candidate's participant, or an account that enters a
// wish that came by another way.
func (s *Store) RequestDeletion(ctx context.Context, interviewID string, parts []evidence.RecordPart, text string, dueMS int64, by evidence.Actor) (DeletionRequest, error) {
	if len(parts) == 0 {
		return DeletionRequest{}, interview.Invalid("parts", "is empty; choose at least one")
	}
	for _, p := range parts {
		if !p.Valid() {
			return DeletionRequest{}, interview.Invalid("parts", "%q is not a part of a record", p)
		}
	}
	r := DeletionRequest{ID: auth.NewID(), Interview: interviewID, Parts: parts, Text: text, CreatedMS: s.Now().UnixMilli(), DueMS: dueMS, State: RequestOpen}
	list, err := encode(parts)
	if err != nil {
		return DeletionRequest{}, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var open int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM deletion_requests WHERE interview = ? AND state = 'open'`, interviewID).Scan(&open); err != nil {
			return err
		}
		if open > 0 {
			return fmt.Errorf("a request for this interview is open already: %w", ErrConflict)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO deletion_requests (`+requestColumns+`) VALUES (?, ?, ?, ?, ?, ?, 'open', 0, '', '')`,
			r.ID, r.Interview, list, r.Text, r.CreatedMS, r.DueMS)
		if err != nil {
			return err
		}
		e := evidence.NewEntry{Interview: interviewID, Actor: by, Kind: evidence.EntryDeletionRequested,
			Payload: evidence.RequestPayload{Request: r.ID, Parts: parts, DueMS: dueMS}}
		if text != "" {
			e.Part = evidence.NotePart{Text: text}
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{e})
	})
	if err != nil {
		return DeletionRequest{}, fmt.Errorf("keeping a deletion request: %w", err)
	}
	return r, nil
}

// CloseRequest answers an open request, with an entry. Whoever fulfils one has
// deleted the parts before.
func (s *Store) CloseRequest(ctx context.Context, id string, fulfilled bool, answer string, by auth.Account) error {
	state, kind := RequestRefused, evidence.EntryDeletionRefused
	if fulfilled {
		state, kind = RequestFulfilled, evidence.EntryDeletionFulfilled
	}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		r, err := scanRequest(tx.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM deletion_requests WHERE id = ?`, id))
		if err != nil {
			return err
		}
		if r.State != RequestOpen {
			return fmt.Errorf("the request was answered already: %w", ErrConflict)
		}
		_, err = tx.ExecContext(ctx, `UPDATE deletion_requests SET state = ?, closed_ms = ?, closed_by = ?, answer = ? WHERE id = ?`,
			string(state), s.Now().UnixMilli(), by.ID, answer, id)
		if err != nil {
			return err
		}
		e := evidence.NewEntry{Interview: r.Interview, Actor: by.Actor(), Kind: kind, Payload: evidence.RequestPayload{Request: id}}
		if answer != "" {
			e.Part = evidence.NotePart{Text: answer}
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{e})
	})
	if err != nil {
		return fmt.Errorf("answering a deletion request: %w", err)
	}
	return nil
}

// DeletionRequests lists the requests about an interview, or with "" those of
// all, open ones first, the most urgent first.
func (s *Store) DeletionRequests(ctx context.Context, interviewID string) ([]DeletionRequest, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+requestColumns+` FROM deletion_requests WHERE ? IN ('', interview)
		ORDER BY state = 'open' DESC, due_ms, id LIMIT 1000`, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (DeletionRequest, error) { return scanRequest(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading deletion requests: %w", err)
	}
	return out, nil
}

// DeletionRequest returns a request, or ErrNotFound.
func (s *Store) DeletionRequest(ctx context.Context, id string) (DeletionRequest, error) {
	r, err := scanRequest(s.read.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM deletion_requests WHERE id = ?`, id))
	if err != nil {
		return r, fmt.Errorf("reading deletion request %q: %w", id, err)
	}
	return r, nil
}

// isHeld tells whether a record is on hold, in a transaction.
func isHeld(ctx context.Context, tx *sql.Tx, interviewID string) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM holds WHERE interview = ? AND released_ms = 0 LIMIT 1`, interviewID).Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return ErrHeld
}
