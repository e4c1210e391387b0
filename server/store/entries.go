package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"bonafide/server/evidence"
)

// EntryQuery chooses entries of the log, oldest first.
type EntryQuery struct {
	Interview string // "" for the whole log
	Outside   bool   // only entries of no interview: the server's and the accounts'
	After     int64  // only entries with a larger number
	Limit     int    // at most so many; 0 for all
	Newest    bool   // the last ones that fit instead of the first, in order all the same
	Kinds     []evidence.EntryKind
	Series    []string // only series of readings of these names
}

// Record is an entry as it lies in the file: what a proof is made of.
type Record struct {
	Seq       int64
	Interview string
	Canonical []byte
	Salt      []byte // nil when the entry never had a part, or it was deleted
	Part      []byte
	// Unreadable says why a part that is stored cannot be opened.
	Unreadable error
}

// Entries returns entries with those of their parts that still exist.
func (s *Store) Entries(ctx context.Context, q EntryQuery) ([]evidence.Entry, error) {
	records, err := s.Records(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]evidence.Entry, len(records))
	for i, r := range records {
		if out[i], err = evidence.ParseEntry(r.Canonical); err != nil {
			return nil, fmt.Errorf("reading entry %d: %w", r.Seq, err)
		}
		out[i].Part = r.Part
	}
	return out, nil
}

// Records returns entries as they are stored, with parts and their salts.
func (s *Store) Records(ctx context.Context, q EntryQuery) ([]Record, error) {
	where, args := []string{"e.seq > ?"}, []any{q.After}
	if q.Interview != "" {
		where, args = append(where, "e.interview = ?"), append(args, q.Interview)
	}
	if q.Outside {
		where = append(where, "e.interview = ''")
	}
	if len(q.Kinds) > 0 {
		where = append(where, "e.kind IN ("+marks(len(q.Kinds))+")")
		for _, k := range q.Kinds {
			args = append(args, string(k))
		}
	}
	if len(q.Series) > 0 {
		where = append(where, "e.seq IN (SELECT seq FROM series WHERE name IN ("+marks(len(q.Series))+"))")
		for _, name := range q.Series {
			args = append(args, name)
		}
	}
	limit, order := -1, "ASC"
	if q.Limit > 0 {
		limit = q.Limit
	}
	if q.Newest {
		order = "DESC"
	}
	rows, err := s.read.QueryContext(ctx, `SELECT e.seq, e.canonical, e.interview, p.salt, p.content FROM entries e LEFT JOIN parts p ON p.seq = e.seq
		WHERE `+strings.Join(where, " AND ")+` ORDER BY e.seq `+order+` LIMIT ?`, append(args, limit)...)
	out, err := collect(rows, err, func(rows *sql.Rows) (r Record, err error) {
		return r, rows.Scan(&r.Seq, &r.Canonical, &r.Interview, &r.Salt, &r.Part)
	})
	if q.Newest {
		slices.Reverse(out)
	}
	for i := 0; i < len(out) && err == nil; i++ {
		err = s.openPart(&out[i])
	}
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return out, nil
}

// LastSeq is the number of entries in the log.
func (s *Store) LastSeq(ctx context.Context) (int64, error) {
	var n int64
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&n); err != nil {
		return 0, fmt.Errorf("reading the log's size: %w", known(err))
	}
	return n, nil
}

// LastMS is the latest interview time of an interview's entries; 0 without any.
func (s *Store) LastMS(ctx context.Context, interviewID string) (int64, error) {
	var ms int64
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(at_ms), 0) FROM entries WHERE interview = ?`, interviewID).Scan(&ms); err != nil {
		return 0, fmt.Errorf("reading the latest time of interview %q: %w", interviewID, known(err))
	}
	return ms, nil
}
