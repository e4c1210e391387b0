package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"bonafide/server/audit"
	"bonafide/server/auth"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// The commands about the log's proof. They work beside a running server or
// without one.

// withProofs opens the log of a data folder that exists.
func withProofs(ctx context.Context, data string, log *slog.Logger, do func(*proofs) error) error {
	cfg := Config{Data: data}
	if _, err := os.Stat(cfg.databasePath()); err != nil {
		return fmt.Errorf("%w: the data folder: %w", ErrUsage, err)
	}
	s, v, err := cfg.openStore(ctx, log)
	if err != nil {
		return err
	}
	return errors.Join(do(newProofs(cfg, s, v, log)), s.Close(), v.Close())
}

// SignCheckpoint signs the log as it is and returns the signed note.
func SignCheckpoint(ctx context.Context, data string, log *slog.Logger) (note []byte, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		c, err := p.checkpoint(ctx, store.AtDemand)
		note = c.Note
		return err
	})
	return note, err
}

// RotateKey replaces the log's signing key and returns the checkpoint that the
// old and the new key signed. lost says that the old one does not exist any more.
func RotateKey(ctx context.Context, data string, lost bool, log *slog.Logger) (note []byte, keys []string, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		c, err := p.rotate(ctx, lost)
		note, keys = c.Note, c.Keys
		return err
	})
	return note, keys, err
}

// RewrapKeys replaces the master key of a data folder that nobody uses, and
// returns how many part keys are encrypted with the new one, and its file.
func RewrapKeys(ctx context.Context, data string, log *slog.Logger) (n int, file string, err error) {
	cfg := Config{Data: data}
	if _, err := os.Stat(cfg.databasePath()); err != nil {
		return 0, "", fmt.Errorf("%w: the data folder: %w", ErrUsage, err)
	}
	n, err = vault.Rewrap(vault.Config{Dir: cfg.keyStoreDir(), Master: cfg.masterKeyFile()}, log)
	if errors.Is(err, vault.ErrBusy) {
		err = fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err != nil {
		return 0, "", err
	}
	s, v, err := cfg.openStore(ctx, log)
	if err != nil {
		return 0, "", err
	}
	return n, cfg.masterKeyFile(), errors.Join(masterReplaced(ctx, s, n), s.Close(), v.Close())
}

// ExportBundle writes the bundle of an interview. receipts are the contents of
// receipts that the bundle is to be compared with later.
func ExportBundle(ctx context.Context, data, interviewID string, receipts [][]byte, w io.Writer, log *slog.Logger) (done audit.Written, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		done, err = p.export(ctx, interviewID, auth.Command, receipts, w)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%w: there is no interview %q", ErrUsage, interviewID)
		}
		return err
	})
	return done, err
}

// VerifyLog checks the whole log of a data folder.
func VerifyLog(ctx context.Context, data string, progress func(done, total int64), log *slog.Logger) (r store.LogReport, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		r, err = p.store.VerifyLog(ctx, progress)
		return err
	})
	return r, err
}

// SweepRetention deletes what is due by policy, or with show only says what
// would be deleted by a date.
func SweepRetention(ctx context.Context, data string, show bool, at time.Time, log *slog.Logger) (done []Due, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		r, err := newRecords(Config{Data: data}, p.store, p.vault, p, log)
		if err != nil {
			return err
		}
		if !show {
			if err := r.resume(ctx); err != nil {
				return errors.Join(err, r.close())
			}
		}
		done, err = r.sweep(ctx, at, show, auth.Command)
		return errors.Join(err, r.close())
	})
	return done, err
}
