package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// interviewColumns of `interviews i`; the people come as one JSON array.
const interviewColumns = `i.id, i.candidate_name, i.role, i.scheduled_ms, i.place, i.time_zone, i.kinds_off, ` + stateColumn + `,
	i.created_by, i.created_ms, i.started_ms, i.ended_ms,
	(SELECT json_group_array(user) FROM (SELECT user FROM interview_people WHERE interview = i.id ORDER BY position)),
	(SELECT id FROM participants WHERE interview = i.id AND role = 'candidate')`

func scanInterview(row scanner, extra ...any) (interview.Interview, error) {
	var i interview.Interview
	var kinds, people string
	err := row.Scan(append([]any{&i.ID, &i.CandidateName, &i.Role, &i.ScheduledMS, &i.Place, &i.TimeZone, &kinds, &i.State,
		&i.CreatedBy, &i.CreatedMS, &i.StartedMS, &i.EndedMS, &people, &i.Candidate}, extra...)...)
	if err != nil {
		return interview.Interview{}, known(err)
	}
	if i.KindsOff, err = decode[[]evidence.Kind](kinds); err != nil {
		return interview.Interview{}, err
	}
	i.Interviewers, err = decode[[]string](people)
	return i, err
}

// CreateInterview adds a planned interview, its interviewers and the
// candidate as a participant, with entries (whose Interview may be left empty).
// It fills in ID, State, CreatedMS and Candidate. The caller validates.
func (s *Store) CreateInterview(ctx context.Context, i interview.Interview, entries ...evidence.NewEntry) (interview.Interview, error) {
	i.ID, i.Candidate, i.State, i.CreatedMS = auth.NewID(), auth.NewID(), interview.Planned, s.Now().UnixMilli()
	i.StartedMS, i.EndedMS = 0, 0
	kinds, err := encode(notNil(i.KindsOff))
	if err != nil {
		return interview.Interview{}, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO interviews (id, candidate_name, role, search, folding, scheduled_ms, place, time_zone, kinds_off,
			state, created_by, created_ms, started_ms, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
			i.ID, i.CandidateName, i.Role, searched(i.CandidateName, i.Role), folding, i.ScheduledMS, i.Place, i.TimeZone, kinds, string(i.State), i.CreatedBy, i.CreatedMS)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO participants (id, interview, user, name, role, created_ms) VALUES (?, ?, NULL, ?, 'candidate', ?)`,
			i.Candidate, i.ID, i.CandidateName, i.CreatedMS)
		if err != nil {
			return err
		}
		if err := setPeople(ctx, tx, i); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, ofInterview(entries, i.ID))
	})
	if err != nil {
		return interview.Interview{}, fmt.Errorf("creating an interview: %w", err)
	}
	i.KindsOff = notNil(i.KindsOff)
	return i, nil
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// ofInterview fills in the interview of entries that name none.
func ofInterview(entries []evidence.NewEntry, id string) []evidence.NewEntry {
	out := make([]evidence.NewEntry, len(entries))
	for n, e := range entries {
		if e.Interview == "" {
			e.Interview = id
		}
		out[n] = e
	}
	return out
}

// setPeople writes the interviewers in order. Every one must be an active
// account that may host.
func setPeople(ctx context.Context, tx *sql.Tx, i interview.Interview) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM interview_people WHERE interview = ?`, i.ID); err != nil {
		return err
	}
	seen := map[string]bool{}
	for n, user := range i.Interviewers {
		if seen[user] {
			return interview.Invalid("interviewers", "names the same person twice; choose each once")
		}
		seen[user] = true
		a, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, user))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || !a.Can(auth.HostInterview) {
			return interview.Invalid("interviewers", "has %q, which is not an active account that may host; choose from the list of people", user)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO interview_people (interview, user, position) VALUES (?, ?, ?)`, i.ID, user, n); err != nil {
			return err
		}
	}
	return nil
}

// UpdateInterview changes what a person filled in of an interview, unless it
// has ended (ErrEnded) or was cancelled (ErrCancelled), and returns it as it is then. The people who were
// chosen stay valid even if an account was deactivated since.
func (s *Store) UpdateInterview(ctx context.Context, i interview.Interview, entries ...evidence.NewEntry) (interview.Interview, error) {
	kinds, err := encode(notNil(i.KindsOff))
	if err != nil {
		return interview.Interview{}, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		old, err := scanInterview(tx.QueryRowContext(ctx, `SELECT `+interviewColumns+` FROM interviews i WHERE i.id = ?`, i.ID))
		if err != nil {
			return err
		}
		switch old.State {
		case interview.Ended:
			return ErrEnded
		case interview.Cancelled:
			return ErrCancelled
		}
		_, err = tx.ExecContext(ctx, `UPDATE interviews SET candidate_name = ?, role = ?, search = ?, folding = ?, scheduled_ms = ?, place = ?, time_zone = ?, kinds_off = ? WHERE id = ?`,
			i.CandidateName, i.Role, searched(i.CandidateName, i.Role), folding, i.ScheduledMS, i.Place, i.TimeZone, kinds, i.ID)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE participants SET name = ? WHERE interview = ? AND role = 'candidate'`, i.CandidateName, i.ID); err != nil {
			return err
		}
		if !equal(old.Interviewers, i.Interviewers) {
			if err := setPeople(ctx, tx, i); err != nil {
				return err
			}
		}
		return s.appendTx(ctx, tx, ofInterview(entries, i.ID))
	})
	if err != nil {
		return interview.Interview{}, fmt.Errorf("changing an interview: %w", err)
	}
	return s.Interview(ctx, i.ID)
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// SetKindsOff keeps which measurements are switched off for an interview, with
// entries.
func (s *Store) SetKindsOff(ctx context.Context, id string, off []evidence.Kind, entries ...evidence.NewEntry) error {
	kinds, err := encode(notNil(off))
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE interviews SET kinds_off = ? WHERE id = ?`, kinds, id)
		if err := oneRow(done, err, "interview %q: %w", id, ErrNotFound); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, ofInterview(entries, id))
	})
}

// Interview returns an interview, or ErrNotFound.
func (s *Store) Interview(ctx context.Context, id string) (interview.Interview, error) {
	i, err := scanInterview(s.read.QueryRowContext(ctx, `SELECT `+interviewColumns+` FROM interviews i WHERE i.id = ?`, id))
	if err != nil {
		return i, fmt.Errorf("reading interview %q: %w", id, err)
	}
	return i, nil
}

// StartInterview makes a planned interview live and returns the wall time of
// its zero: now at the first call, the same instant at later ones (started is
// false, and no entries are written). An ended interview is ErrEnded, a
// cancelled one ErrCancelled.
func (s *Store) StartInterview(ctx context.Context, id string, entries ...evidence.NewEntry) (epoch time.Time, started bool, err error) {
	now := s.Now().UnixMilli()
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var state interview.State
		var ms int64
		if err := tx.QueryRowContext(ctx, `SELECT `+stateColumn+`, i.started_ms FROM interviews i WHERE i.id = ?`, id).Scan(&state, &ms); err != nil {
			return err
		}
		switch state {
		case interview.Live:
			epoch = time.UnixMilli(ms)
			return nil
		case interview.Ended:
			return ErrEnded
		case interview.Cancelled:
			return ErrCancelled
		}
		if _, err := tx.ExecContext(ctx, `UPDATE interviews SET state = 'live', started_ms = ? WHERE id = ?`, now, id); err != nil {
			return err
		}
		epoch, started = time.UnixMilli(now), true
		return s.appendTx(ctx, tx, ofInterview(entries, id))
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("starting interview %q: %w", id, err)
	}
	return epoch, started, nil
}

// EndInterview marks an interview as ended, with entries. Ending it again
// does nothing and returns false.
func (s *Store) EndInterview(ctx context.Context, id string, entries ...evidence.NewEntry) (ended bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var state interview.State
		if err := tx.QueryRowContext(ctx, `SELECT state FROM interviews WHERE id = ?`, id).Scan(&state); err != nil {
			return err
		}
		if state == interview.Ended {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE interviews SET state = 'ended', ended_ms = ? WHERE id = ?`, s.Now().UnixMilli(), id); err != nil {
			return err
		}
		ended = true
		return s.appendTx(ctx, tx, ofInterview(entries, id))
	})
	if err != nil {
		return false, fmt.Errorf("ending interview %q: %w", id, err)
	}
	return ended, nil
}
