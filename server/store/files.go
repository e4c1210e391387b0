package store

import (
	"context"
	"database/sql"
	"fmt"
	"path"

	"bonafide/server/evidence"
)

// LoggedFile is a file that the log speaks of.
type LoggedFile struct {
	Interview string
	Name      string // slash path below the recordings folder
	SHA256    string
	Bytes     int64 // 0 where the log does not say
	Deleted   bool  // an entry says that it was deleted
}

// LoggedFiles lists the recordings and pictures that the log of an interview,
// or with "" of all, speaks of.
func (s *Store) LoggedFiles(ctx context.Context, interviewID string) ([]LoggedFile, error) {
	gone, err := s.deletedParts(ctx, interviewID)
	if err != nil {
		return nil, fmt.Errorf("listing logged files: %w", err)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT g.seq, g.payload FROM segments g WHERE ?1 IN ('', g.interview) ORDER BY g.seq`, interviewID)
	files, err := collect(rows, err, func(rows *sql.Rows) (f LoggedFile, err error) {
		var seq int64
		var payload string
		if err := rows.Scan(&seq, &payload); err != nil {
			return f, err
		}
		g, err := decode[evidence.Segment](payload)
		return LoggedFile{g.Interview, g.File, g.SHA256, g.Bytes, seq < gone[partOfRecord{g.Interview, evidence.PartRecording}]}, err
	})
	if err != nil {
		return nil, fmt.Errorf("listing recorded files: %w", err)
	}
	stills, err := s.loggedStills(ctx, interviewID, gone)
	if err != nil {
		return nil, fmt.Errorf("listing pictures: %w", err)
	}
	return append(files, stills...), nil
}

// deletedParts gives for each part of a record the latest entry that says
// that it was deleted.
func (s *Store) deletedParts(ctx context.Context, interviewID string) (map[partOfRecord]int64, error) {
	gone := map[partOfRecord]int64{}
	rows, err := s.read.QueryContext(ctx, `SELECT interview, part, max(seq) FROM deletions WHERE ?1 IN ('', interview) GROUP BY interview, part`, interviewID)
	_, err = collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var k partOfRecord
		var seq int64
		err := rows.Scan(&k.interview, &k.part, &seq)
		gone[k] = seq
		return struct{}{}, err
	})
	return gone, err
}

// loggedStills lists each picture once, however many entries speak of it. It is
// deleted when that was said after the last of them.
func (s *Store) loggedStills(ctx context.Context, interviewID string, gone map[partOfRecord]int64) ([]LoggedFile, error) {
	var out []LoggedFile
	at := map[string]int{} // index in out by name
	for _, kind := range evidence.StillEntries {
		const page = 5000
		for after := int64(0); ; {
			rows, err := s.read.QueryContext(ctx, `SELECT seq, canonical FROM entries WHERE kind = ?1 AND ?2 IN ('', interview) AND seq > ?3 ORDER BY seq LIMIT ?4`, string(kind), interviewID, after, page)
			records, err := collect(rows, err, func(rows *sql.Rows) (r Record, err error) { return r, rows.Scan(&r.Seq, &r.Canonical) })
			if err != nil {
				return nil, err
			}
			for _, r := range records {
				after = r.Seq
				e, err := evidence.ParseEntry(r.Canonical)
				if err != nil {
					continue // VerifyLog names it
				}
				part, sums, err := evidence.StillsOf(e)
				if err != nil {
					return nil, fmt.Errorf("entry %d: %w", r.Seq, err)
				}
				for _, sum := range sums {
					f := LoggedFile{Interview: e.Interview, Name: path.Join(e.Interview, "stills", sum+".jpg"), SHA256: sum, Deleted: r.Seq < gone[partOfRecord{e.Interview, part}]}
					if i, known := at[f.Name]; known {
						out[i] = f
						continue
					}
					at[f.Name] = len(out)
					out = append(out, f)
				}
			}
			if len(records) < page {
				break
			}
		}
	}
	return out, nil
}

// InterviewIDs lists the identifiers of all interviews.
func (s *Store) InterviewIDs(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM interviews`)
	ids, err := collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("listing interviews: %w", err)
	}
	return ids, nil
}

// InterviewOf is the interview of an entry, "" for one of none, or ErrNotFound.
func (s *Store) InterviewOf(ctx context.Context, seq int64) (id string, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT interview FROM entries WHERE seq = ?`, seq).Scan(&id); err != nil {
		return "", fmt.Errorf("reading entry %d: %w", seq, known(err))
	}
	return id, nil
}
