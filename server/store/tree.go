package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"bonafide/server/audit"
)

// addToTree stores the hashes that an entry adds to the Merkle tree, in the
// transaction that writes the entry.
func addToTree(ctx context.Context, tx *sql.Tx, seq int64, canonical []byte) error {
	at, hashes, err := audit.NewHashes(seq, audit.LeafHash(canonical), treeReader(ctx, tx))
	if err != nil {
		return err
	}
	// One statement: on average an entry adds two hashes.
	args := make([]any, 0, 2*len(hashes))
	for i, h := range hashes {
		args = append(args, at+int64(i), h[:])
	}
	values := strings.TrimSuffix(strings.Repeat("(?, ?), ", len(hashes)), ", ")
	if _, err := tx.ExecContext(ctx, `INSERT INTO tree (position, hash) VALUES `+values, args...); err != nil {
		return fmt.Errorf("adding entry %d to the tree: %w", seq, err)
	}
	return nil
}

// querier is a transaction or a handle.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// treeReader reads stored hashes.
func treeReader(ctx context.Context, q querier) audit.HashReader {
	return func(positions []int64) ([]audit.Hash, error) {
		args := make([]any, len(positions))
		for i, p := range positions {
			args[i] = p
		}
		rows, err := q.QueryContext(ctx, `SELECT position, hash FROM tree WHERE position IN (`+marks(len(args))+`)`, args...)
		type row struct {
			position int64
			hash     []byte
		}
		found, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.position, &r.hash) })
		if err != nil {
			return nil, fmt.Errorf("reading the tree: %w", err)
		}
		byPosition := make(map[int64][]byte, len(found))
		for _, r := range found {
			byPosition[r.position] = r.hash
		}
		out := make([]audit.Hash, len(positions))
		for i, p := range positions {
			if copy(out[i][:], byPosition[p]) != len(out[i]) {
				return nil, fmt.Errorf("reading the tree: hash %d is missing", p)
			}
		}
		return out, nil
	}
}

// fillTree makes the tree of a database from before there was one.
func fillTree(ctx context.Context, tx *sql.Tx) error {
	const page = 1000
	last := int64(0)
	for {
		rows, err := tx.QueryContext(ctx, `SELECT seq, canonical FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`, last, page)
		records, err := collect(rows, err, func(rows *sql.Rows) (r Record, err error) { return r, rows.Scan(&r.Seq, &r.Canonical) })
		if err != nil {
			return fmt.Errorf("making the tree of the log: %w", err)
		}
		for _, r := range records {
			if err := addToTree(ctx, tx, r.Seq, r.Canonical); err != nil {
				return err
			}
			last = r.Seq
		}
		if len(records) < page {
			return nil
		}
	}
}
