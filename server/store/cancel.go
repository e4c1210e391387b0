package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// stateColumn is where an interview of `interviews i` stands. One that was
// cancelled is kept as ended, with when it was cancelled.
const stateColumn = `iif(i.cancelled_ms > 0, 'cancelled', i.state)`

// ErrBegun is an ErrConflict: an interview that has begun is not cancelled.
var ErrBegun = fmt.Errorf("the interview has begun: %w", ErrConflict)

// ErrCancelled is an ErrConflict: a cancelled interview is neither changed nor held.
var ErrCancelled = fmt.Errorf("the interview was cancelled: %w", ErrConflict)

// CancelInterview cancels a planned interview, with its reason. Its links stay:
// they lead the candidate to their own record. ErrBegun once the candidate was
// admitted, ErrCancelled the second time.
func (s *Store) CancelInterview(ctx context.Context, id, reason string, by evidence.Actor) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var state interview.State
		if err := tx.QueryRowContext(ctx, `SELECT `+stateColumn+` FROM interviews i WHERE i.id = ?`, id).Scan(&state); err != nil {
			return known(err)
		}
		switch state {
		case interview.Planned:
		case interview.Cancelled:
			return ErrCancelled
		default:
			return ErrBegun
		}
		now := s.Now().UnixMilli()
		if _, err := tx.ExecContext(ctx, `UPDATE interviews SET state = 'ended', ended_ms = ?, cancelled_ms = ? WHERE id = ?`, now, now, id); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{{Interview: id, Actor: by, Kind: evidence.EntryInterviewCancelled,
			Payload: evidence.InterviewPayload{}, Part: evidence.NotePart{Text: reason}}})
	})
	if err != nil && !errors.Is(err, ErrConflict) {
		err = fmt.Errorf("cancelling interview %q: %w", id, err)
	}
	return err
}
