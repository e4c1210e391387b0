package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/auth"
	"bonafide/server/evidence"
)

var _ auth.Store = (*Store)(nil)

const userColumns = `u.id, u.name, u.email, u.roles, u.password_hash, u.active, u.created_ms, u.require_second,
	EXISTS (SELECT 1 FROM second_factors f WHERE f.user = u.id AND f.confirmed = 1)`

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(...any) error }

// scanUser reads userColumns, and more columns into extra.
func scanUser(row scanner, extra ...any) (auth.Account, error) {
	var a auth.Account
	var roles string
	if err := row.Scan(append([]any{&a.ID, &a.Name, &a.Email, &roles, &a.PasswordHash, &a.Active, &a.CreatedMS, &a.RequireSecond, &a.HasSecond}, extra...)...); err != nil {
		return auth.Account{}, known(err)
	}
	var err error
	a.Roles, err = decode[[]auth.Role](roles)
	return a, err
}

// CountAccounts counts every account.
func (s *Store) CountAccounts(ctx context.Context) (n int, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting accounts: %w", known(err))
	}
	return n, nil
}

// CreateAccount adds an account with its entries. With first it returns
// ErrConflict when any account exists; otherwise auth.ErrEmailTaken when the
// address does.
func (s *Store) CreateAccount(ctx context.Context, a auth.Account, first bool, entries ...evidence.NewEntry) error {
	roles, err := encode(a.Roles)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if first {
			var n int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return fmt.Errorf("%d accounts exist: %w", n, ErrConflict)
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO users (id, name, email, roles, password_hash, active, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			a.ID, a.Name, a.Email, roles, a.PasswordHash, a.Active, a.CreatedMS)
		if err != nil {
			return emailTaken(err)
		}
		return s.appendTx(ctx, tx, entries)
	})
}

// emailTaken names the only uniqueness that people can violate.
func emailTaken(err error) error {
	if err = known(err); errors.Is(err, ErrConflict) {
		return auth.ErrEmailTaken
	}
	return err
}

// Account returns an account, or ErrNotFound.
func (s *Store) Account(ctx context.Context, id string) (auth.Account, error) {
	return scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, id))
}

// AccountByEmail returns the account of a lower-case address, or ErrNotFound.
func (s *Store) AccountByEmail(ctx context.Context, email string) (auth.Account, error) {
	return scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.email = ?`, email))
}

// Accounts lists every account by name.
func (s *Store) Accounts(ctx context.Context) ([]auth.Account, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users u ORDER BY u.name COLLATE NOCASE, u.id`)
	return collect(rows, err, func(rows *sql.Rows) (auth.Account, error) { return scanUser(rows) })
}

// UpdateAccount lets change alter an account and keeps the result with the
// entries that change returns.
func (s *Store) UpdateAccount(ctx context.Context, id string, change auth.AccountChange) (auth.Account, error) {
	var a auth.Account
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		if a, err = scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, id)); err != nil {
			return err
		}
		wasManager := a.Can(auth.ManageUsers)
		endSessions, entries, err := change(&a)
		if err != nil {
			return err
		}
		roles, err := encode(a.Roles)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET name = ?, email = ?, roles = ?, password_hash = ?, active = ?, require_second = ? WHERE id = ?`,
			a.Name, a.Email, roles, a.PasswordHash, a.Active, a.RequireSecond, id)
		if err != nil {
			return emailTaken(err)
		}
		if wasManager && !a.Can(auth.ManageUsers) {
			if err := managerLeft(ctx, tx); err != nil {
				return err
			}
		}
		if endSessions {
			if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user = ?`, id); err != nil {
				return err
			}
		}
		return s.appendTx(ctx, tx, entries)
	})
	return a, err
}

// managerLeft returns auth.ErrLastAdmin unless an account remains that may
// manage accounts.
func managerLeft(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.active = 1`)
	active, err := collect(rows, err, func(rows *sql.Rows) (auth.Account, error) { return scanUser(rows) })
	if err != nil {
		return err
	}
	for _, a := range active {
		if a.Can(auth.ManageUsers) {
			return nil
		}
	}
	return auth.ErrLastAdmin
}

// Names returns the names of accounts and participants by identifier, for
// showing who an actor was. Unknown identifiers are missing from the map.
func (s *Store) Names(ctx context.Context, ids []string) (map[string]string, error) {
	list, err := encode(ids)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	rows, err := s.read.QueryContext(ctx, `SELECT id, name FROM users WHERE id IN (SELECT value FROM json_each(?1))
		UNION ALL SELECT id, name FROM participants WHERE id IN (SELECT value FROM json_each(?1))`, list)
	_, err = collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return struct{}{}, err
		}
		names[id] = name
		return struct{}{}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading names: %w", err)
	}
	return names, nil
}

// CreateSession keeps a session.
func (s *Store) CreateSession(ctx context.Context, n auth.Session) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO sessions (hash, user, created_ms, seen_ms) VALUES (?, ?, ?, ?)`, n.Hash, n.User, n.CreatedMS, n.SeenMS)
	return known(err)
}

// SessionAccount returns the session with the hash and its account, or ErrNotFound.
func (s *Store) SessionAccount(ctx context.Context, hash []byte) (auth.Session, auth.Account, error) {
	n := auth.Session{Hash: hash}
	a, err := scanUser(s.read.QueryRowContext(ctx, `SELECT `+userColumns+`, s.created_ms, s.seen_ms
		FROM sessions s JOIN users u ON u.id = s.user WHERE s.hash = ?`, hash), &n.CreatedMS, &n.SeenMS)
	n.User = a.ID
	return n, a, err
}

// TouchSession notes when a session was last used.
func (s *Store) TouchSession(ctx context.Context, hash []byte, seenMS int64) error {
	_, err := s.write.ExecContext(ctx, `UPDATE sessions SET seen_ms = max(seen_ms, ?) WHERE hash = ?`, seenMS, hash)
	return known(err)
}

// DeleteSession ends a session; one that does not exist is no error.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sessions WHERE hash = ?`, hash)
	return known(err)
}

// DeleteStaleSessions removes sessions created or last seen before the given
// Unix times in ms.
func (s *Store) DeleteStaleSessions(ctx context.Context, createdBefore, seenBefore int64) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM sessions WHERE created_ms < ? OR seen_ms < ?`, createdBefore, seenBefore)
	return known(err)
}
