package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"bonafide/server/auth"
	"bonafide/server/interview"
)

// SavedSearch is a search that a person keeps under a name of their own.
type SavedSearch struct {
	ID        string
	Name      string
	Query     string // JSON of the criteria, as the page sent them
	CreatedMS int64
}

// ErrNameTaken is an ErrConflict: the person has a saved search of that name.
var ErrNameTaken = fmt.Errorf("you already have a search of that name: %w", ErrConflict)

// maxSaved is how many searches one person can keep.
const maxSaved = 100

// ErrTooMany says that a person keeps as many searches as fit.
var ErrTooMany = fmt.Errorf("at most %d searches can be kept; delete one first: %w", maxSaved, ErrConflict)

// SavedSearches lists a person's searches by name.
func (s *Store) SavedSearches(ctx context.Context, user string) ([]SavedSearch, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, name, query, created_ms FROM saved_searches WHERE user = ? ORDER BY name COLLATE NOCASE, id`, user)
	list, err := collect(rows, err, func(rows *sql.Rows) (n SavedSearch, err error) {
		return n, rows.Scan(&n.ID, &n.Name, &n.Query, &n.CreatedMS)
	})
	if err != nil {
		return nil, fmt.Errorf("reading saved searches: %w", err)
	}
	return list, nil
}

// SaveSearch keeps a search, or returns ErrNameTaken or ErrTooMany.
func (s *Store) SaveSearch(ctx context.Context, user, name, query string) (SavedSearch, error) {
	n := SavedSearch{ID: auth.NewID(), Name: name, Query: query, CreatedMS: s.Now().UnixMilli()}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var count int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM saved_searches WHERE user = ?`, user).Scan(&count); err != nil {
			return err
		}
		if count >= maxSaved {
			return ErrTooMany
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO saved_searches (id, user, name, query, created_ms) VALUES (?, ?, ?, ?, ?)`, n.ID, user, n.Name, n.Query, n.CreatedMS)
		return err
	})
	if errors.Is(err, ErrConflict) && !errors.Is(err, ErrTooMany) {
		return SavedSearch{}, ErrNameTaken
	}
	if err != nil {
		return SavedSearch{}, fmt.Errorf("saving a search: %w", err)
	}
	return n, nil
}

// DeleteSearch forgets a person's own search, or returns ErrNotFound.
func (s *Store) DeleteSearch(ctx context.Context, user, id string) error {
	done, err := s.write.ExecContext(ctx, `DELETE FROM saved_searches WHERE id = ? AND user = ?`, id, user)
	return oneRow(done, known(err), "saved search %q: %w", id, ErrNotFound)
}

// forgetSearches deletes the saved searches that name a person: those in which
// every word of the name occurs.
func forgetSearches(ctx context.Context, tx *sql.Tx, name string) error {
	wanted := words(name)
	if name == interview.NameDeleted || len(wanted) == 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT id, name || ' ' || query FROM saved_searches`)
	type saved struct{ id, text string }
	all, err := collect(rows, err, func(rows *sql.Rows) (n saved, err error) { return n, rows.Scan(&n.id, &n.text) })
	if err != nil {
		return err
	}
	for _, n := range all {
		text, names := fold(n.text), true
		for _, word := range wanted {
			names = names && strings.Contains(text, word)
		}
		if !names {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM saved_searches WHERE id = ?`, n.id); err != nil {
			return err
		}
	}
	return nil
}

// RecordCheck is what a verification found of one record.
type RecordCheck struct {
	Interview string
	Faults    []string // sentences; none when it holds
}

// SaveChecks keeps what a verification of the log at a size found.
func (s *Store) SaveChecks(ctx context.Context, size int64, checks []RecordCheck) error {
	now := s.Now().UnixMilli()
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range checks {
			state, faults := CheckHolds, notNil(c.Faults)
			if len(faults) > 0 {
				state = CheckDiffers
			}
			text, err := encode(faults)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO record_checks (interview, wall_ms, size, state, faults) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET wall_ms = excluded.wall_ms, size = excluded.size, state = excluded.state, faults = excluded.faults`,
				c.Interview, now, size, string(state), text)
			if err != nil {
				return fmt.Errorf("keeping the check of %q: %w", c.Interview, err)
			}
		}
		return nil
	})
}

// Check returns the faults that the last verification found of a record, with
// its time; CheckNone before there was one.
func (s *Store) Check(ctx context.Context, interviewID string) (state CheckState, wallMS int64, faults []string, err error) {
	var text string
	err = known(s.read.QueryRowContext(ctx, `SELECT state, wall_ms, faults FROM record_checks WHERE interview = ?`, interviewID).Scan(&state, &wallMS, &text))
	if errors.Is(err, ErrNotFound) {
		return CheckNone, 0, nil, nil
	}
	if err == nil {
		faults, err = decode[[]string](text)
	}
	if err != nil {
		return CheckNone, 0, nil, fmt.Errorf("reading the check of %q: %w", interviewID, err)
	}
	return state, wallMS, faults, nil
}
