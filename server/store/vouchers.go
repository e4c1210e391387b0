package store

import (
	"context"
	"database/sql"
	"fmt"

	"bonafide/server/audit"
)

// Voucher is what somebody outside said about a kept checkpoint.
type Voucher struct {
	Checkpoint int64 // its ID
	Kind       audit.VoucherKind
	Source     string // the witness's name, or the authority's address
	WallMS     int64
	Content    []byte
}

// AddVoucher keeps a voucher; one of the same source about the same checkpoint
// is kept already where there is one.
func (s *Store) AddVoucher(ctx context.Context, v Voucher) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO vouchers (checkpoint, kind, source, wall_ms, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			v.Checkpoint, string(v.Kind), v.Source, s.Now().UnixMilli(), v.Content)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a voucher for checkpoint %d: %w", v.Checkpoint, err)
	}
	return nil
}

// Vouched returns the first checkpoint that covers an entry and that a source
// vouched for, with what it said; ErrNotFound where there is none.
func (s *Store) Vouched(ctx context.Context, kind audit.VoucherKind, source string, seq int64) (Checkpoint, Voucher, error) {
	return s.vouched(ctx, `c.size >= ? AND v.kind = ? AND v.source = ? ORDER BY c.id`, seq, string(kind), source)
}

// NewestVouched returns the newest checkpoint that a source vouched for.
func (s *Store) NewestVouched(ctx context.Context, kind audit.VoucherKind, source string) (Checkpoint, Voucher, error) {
	return s.vouched(ctx, `v.kind = ? AND v.source = ? ORDER BY c.id DESC`, string(kind), source)
}

func (s *Store) vouched(ctx context.Context, which string, args ...any) (Checkpoint, Voucher, error) {
	var v Voucher
	row := s.read.QueryRowContext(ctx, `SELECT v.checkpoint, v.kind, v.source, v.wall_ms, v.content
		FROM vouchers v JOIN checkpoints c ON c.id = v.checkpoint WHERE `+which+` LIMIT 1`, args...)
	if err := row.Scan(&v.Checkpoint, &v.Kind, &v.Source, &v.WallMS, &v.Content); err != nil {
		return Checkpoint{}, v, fmt.Errorf("looking for a voucher: %w", known(err))
	}
	c, err := scanCheckpoint(s.read.QueryRowContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints WHERE id = ?`, v.Checkpoint))
	if err != nil {
		return c, v, fmt.Errorf("reading checkpoint %d: %w", v.Checkpoint, err)
	}
	return c, v, nil
}

// VoucherSources lists who has vouched for anything.
func (s *Store) VoucherSources(ctx context.Context) ([]Voucher, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT kind, source FROM vouchers ORDER BY kind, source`)
	out, err := collect(rows, err, func(rows *sql.Rows) (v Voucher, err error) { return v, rows.Scan(&v.Kind, &v.Source) })
	if err != nil {
		return nil, fmt.Errorf("reading who vouched: %w", err)
	}
	return out, nil
}

// NewestCheckpoint returns the newest checkpoint, or ErrNotFound.
func (s *Store) NewestCheckpoint(ctx context.Context) (Checkpoint, error) {
	c, err := newestCheckpoint(ctx, s.read)
	if err != nil {
		return Checkpoint{}, err
	}
	if c == nil {
		return Checkpoint{}, fmt.Errorf("reading the newest checkpoint: %w", ErrNotFound)
	}
	return *c, nil
}
