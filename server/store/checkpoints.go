package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"bonafide/server/audit"
	"bonafide/server/evidence"
)

// CheckpointReason says why a checkpoint was made.
type CheckpointReason string

// The reasons for checkpoints.
const (
	AtStart     CheckpointReason = "start"     // of the server
	AtInterview CheckpointReason = "interview" // an interview was sealed
	AtHour      CheckpointReason = "hour"      // an hour has passed
	AtDemand    CheckpointReason = "demand"    // a command asked for it
	AtExport    CheckpointReason = "export"    // a bundle is being made
	AtRotation  CheckpointReason = "rotation"  // the key was replaced
	AtShutdown  CheckpointReason = "shutdown"  // of the server
)

// Checkpoint is a signed checkpoint as it is kept.
type Checkpoint struct {
	ID     int64
	Size   int64 // entries it covers
	WallMS int64
	Reason CheckpointReason
	Keys   []string // verifiers of the keys that signed it
	Note   []byte   // the signed note
}

const checkpointColumns = `id, size, wall_ms, reason, keys, note`

func scanCheckpoint(row scanner) (Checkpoint, error) {
	var c Checkpoint
	var keys, note string
	if err := row.Scan(&c.ID, &c.Size, &c.WallMS, &c.Reason, &keys, &note); err != nil {
		return Checkpoint{}, known(err)
	}
	c.Keys, c.Note = strings.Split(keys, "\n"), []byte(note)
	return c, nil
}

// newestCheckpoint returns nil where there is none.
func newestCheckpoint(ctx context.Context, q querier) (*Checkpoint, error) {
	c, err := scanCheckpoint(q.QueryRowContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY id DESC LIMIT 1`))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	return &c, nil
}

// SignFunc signs the log's size and root; newest is the newest checkpoint's
// note, or nil. It returns nil when that one need not be followed by another.
type SignFunc func(size int64, root audit.Hash, newest []byte) (*audit.Signed, error)

// Checkpoint signs the log as it is and keeps the checkpoint. It returns the
// newest one when sign makes none. sign runs while nobody else can write, in
// this process or another.
func (s *Store) Checkpoint(ctx context.Context, reason CheckpointReason, sign SignFunc) (Checkpoint, error) {
	var out Checkpoint
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		out, err = s.checkpointTx(ctx, tx, reason, sign)
		return err
	})
	if err != nil {
		return Checkpoint{}, fmt.Errorf("making a checkpoint: %w", err)
	}
	return out, nil
}

func (s *Store) checkpointTx(ctx context.Context, tx *sql.Tx, reason CheckpointReason, sign SignFunc) (Checkpoint, error) {
	newest, err := newestCheckpoint(ctx, tx)
	if err != nil {
		return Checkpoint{}, err
	}
	var size int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&size); err != nil {
		return Checkpoint{}, err
	}
	root, err := audit.Root(size, treeReader(ctx, tx))
	if err != nil {
		return Checkpoint{}, err
	}
	var before []byte
	c := Checkpoint{ID: 1, WallMS: s.Now().UnixMilli(), Reason: reason}
	if newest != nil {
		before, c.ID = newest.Note, newest.ID+1
	}
	signed, err := sign(size, root, before)
	if err != nil {
		return Checkpoint{}, err
	}
	if signed == nil {
		return *newest, nil
	}
	c.Size, c.Keys, c.Note = signed.Size, signed.Keys, signed.Note
	_, err = tx.ExecContext(ctx, `INSERT INTO checkpoints (`+checkpointColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		c.ID, c.Size, c.WallMS, string(c.Reason), strings.Join(c.Keys, "\n"), string(c.Note))
	return c, err
}

// AppendCounted appends an entry about an interview whose payload says how
// many of the interview's entries came before it.
func (s *Store) AppendCounted(ctx context.Context, interviewID string, kind evidence.EntryKind, by evidence.Actor) (evidence.Entry, error) {
	var out evidence.Entry
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var n int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM entries WHERE interview = ?`, interviewID).Scan(&n); err != nil {
			return err
		}
		prep, err := s.prepare([]evidence.NewEntry{{Interview: interviewID, Actor: by, Kind: kind, Payload: evidence.CountPayload{Entries: n}}})
		if err != nil {
			return err
		}
		if err := insert(ctx, tx, prep); err != nil {
			return err
		}
		out = prep[0].entry
		return nil
	})
	if err != nil {
		return evidence.Entry{}, fmt.Errorf("appending to the log: %w", err)
	}
	return out, nil
}

// RotateKey logs that a new key signs from now on, and keeps a checkpoint that
// covers that entry, in one act. rotate draws the key and returns its verifier
// and what signs with it.
func (s *Store) RotateKey(ctx context.Context, by evidence.Actor, lost bool, rotate func(newest []byte) (key string, sign SignFunc, err error)) (Checkpoint, error) {
	var out Checkpoint
	err := s.tx(ctx, func(tx *sql.Tx) error {
		newest, err := newestCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		var before []byte
		if newest != nil {
			before = newest.Note
		}
		key, sign, err := rotate(before)
		if err != nil {
			return err
		}
		if err := s.appendTx(ctx, tx, []evidence.NewEntry{{Actor: by, Kind: evidence.EntryKeyRotated, Payload: evidence.KeyPayload{Key: key, Lost: lost}}}); err != nil {
			return err
		}
		out, err = s.checkpointTx(ctx, tx, AtRotation, sign)
		return err
	})
	if err != nil {
		return Checkpoint{}, fmt.Errorf("replacing the key: %w", err)
	}
	return out, nil
}

// Checkpoints lists checkpoints by reason, oldest first; all without a reason.
func (s *Store) Checkpoints(ctx context.Context, reasons ...CheckpointReason) ([]Checkpoint, error) {
	where, args := "1", []any{}
	if len(reasons) > 0 {
		where = "reason IN (" + marks(len(reasons)) + ")"
		for _, r := range reasons {
			args = append(args, string(r))
		}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints WHERE `+where+` ORDER BY id`, args...)
	out, err := collect(rows, err, func(rows *sql.Rows) (Checkpoint, error) { return scanCheckpoint(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	return out, nil
}

// CheckpointCovering returns the first checkpoint that covers an entry, or
// ErrNotFound.
func (s *Store) CheckpointCovering(ctx context.Context, seq int64) (Checkpoint, error) {
	c, err := scanCheckpoint(s.read.QueryRowContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints WHERE size >= ? ORDER BY id LIMIT 1`, seq))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the checkpoint of entry %d: %w", seq, err)
	}
	return c, nil
}

// Unsealed lists the ended interviews whose log was not sealed.
func (s *Store) Unsealed(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM interviews i WHERE state = 'ended'
		AND NOT EXISTS (SELECT 1 FROM entries WHERE interview = i.id AND kind = ?) ORDER BY ended_ms, id`, string(evidence.EntrySealed))
	out, err := collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("looking for interviews that were not sealed: %w", err)
	}
	return out, nil
}

// Root is the root of the tree over the first size entries.
func (s *Store) Root(ctx context.Context, size int64) (audit.Hash, error) {
	return audit.Root(size, treeReader(ctx, s.read))
}

// Tree reads hashes of the Merkle tree, for proofs.
func (s *Store) Tree(ctx context.Context) audit.HashReader { return treeReader(ctx, s.read) }

// WithNewestCheckpoint calls f with the newest checkpoint's note, or nil, while
// nobody else can write, in this process or another.
func (s *Store) WithNewestCheckpoint(ctx context.Context, f func(newest []byte) error) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		newest, err := newestCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		if newest == nil {
			return f(nil)
		}
		return f(newest.Note)
	})
}
