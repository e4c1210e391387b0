package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/vault"
)

// BeginSecond keeps the secret of a second factor that is not confirmed yet,
// in the place of an earlier one that was not.
func (s *Store) BeginSecond(ctx context.Context, user, secret string) error {
	kept := []byte(secret)
	if s.vault != nil {
		var err error
		if kept, err = s.vault.Seal("", evidence.PartText, kept); err != nil {
			return fmt.Errorf("encrypting a second factor: %w", err)
		}
	}
	done, err := s.write.ExecContext(ctx, `INSERT INTO second_factors (user, secret, confirmed, last_step, created_ms) VALUES (?, ?, 0, 0, ?)
		ON CONFLICT DO UPDATE SET secret = excluded.secret, created_ms = excluded.created_ms WHERE confirmed = 0`, user, kept, s.Now().UnixMilli())
	return oneRow(done, known(err), "the account has a second factor: %w", ErrConflict)
}

// SecondSecret returns the secret of an account's second factor and whether it
// is confirmed, or ErrNotFound.
func (s *Store) SecondSecret(ctx context.Context, user string) (secret string, confirmed bool, err error) {
	var kept []byte
	err = known(s.read.QueryRowContext(ctx, `SELECT secret, confirmed FROM second_factors WHERE user = ?`, user).Scan(&kept, &confirmed))
	if err == nil && vault.Sealed(kept) {
		if s.vault == nil {
			return "", false, errors.New("reading a second factor: it is encrypted, and no key store was opened")
		}
		kept, err = s.vault.Unseal("", kept)
	}
	if err != nil {
		return "", false, fmt.Errorf("reading a second factor: %w", err)
	}
	return string(kept), confirmed, nil
}

// UseStep notes that a code of a time step was used, or returns ErrConflict
// for one that is not newer than the last.
func (s *Store) UseStep(ctx context.Context, user string, step int64) error {
	done, err := s.write.ExecContext(ctx, `UPDATE second_factors SET last_step = ?2 WHERE user = ?1 AND last_step < ?2`, user, step)
	return oneRow(done, known(err), "the code was used already: %w", ErrConflict)
}

// ConfirmSecond makes a second factor count, with its recovery codes, ends the
// account's sessions, and writes entries.
func (s *Store) ConfirmSecond(ctx context.Context, user string, codeHashes [][]byte, entries ...evidence.NewEntry) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE second_factors SET confirmed = 1 WHERE user = ? AND confirmed = 0`, user)
		if err := oneRow(done, err, "there is nothing to confirm: %w", ErrConflict); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE user = ?`, user); err != nil {
			return err
		}
		for _, hash := range codeHashes {
			if _, err := tx.ExecContext(ctx, `INSERT INTO recovery_codes (user, hash) VALUES (?, ?)`, user, hash); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user = ?`, user); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, entries)
	})
}

// RemoveSecond takes an account's second factor and recovery codes away, with
// entries, and ends its sessions. Without one it is ErrNotFound.
func (s *Store) RemoveSecond(ctx context.Context, user string, entries ...evidence.NewEntry) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM second_factors WHERE user = ?`, user)
		if err := oneRow(done, err, "the account has no second factor: %w", ErrNotFound); err != nil {
			return err
		}
		for _, table := range []string{"recovery_codes", "sessions"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE user = ?`, user); err != nil {
				return err
			}
		}
		return s.appendTx(ctx, tx, entries)
	})
}

// UseRecovery uses up a recovery code, with entries, or returns ErrNotFound.
func (s *Store) UseRecovery(ctx context.Context, user string, hash []byte, entries ...evidence.NewEntry) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE user = ? AND hash = ?`, user, hash)
		if err := oneRow(done, err, "no such recovery code: %w", ErrNotFound); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, entries)
	})
}

// RecoveryLeft counts an account's recovery codes.
func (s *Store) RecoveryLeft(ctx context.Context, user string) (n int, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM recovery_codes WHERE user = ?`, user).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting recovery codes: %w", known(err))
	}
	return n, nil
}
