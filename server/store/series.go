package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"bonafide/server/evidence"
)

// SeriesNames lists what readings over time there are of an interview: one
// line for each participant, source, run and name, with the time that they
// reach over and the number of pieces they are kept in as Count.
func (s *Store) SeriesNames(ctx context.Context, interviewID string) ([]evidence.SeriesPayload, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT interview, participant, source, run, name, min(start_ms), max(end_ms), count(*)
		FROM series WHERE interview = ? GROUP BY participant, source, run, name ORDER BY name, run, participant, source`, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (p evidence.SeriesPayload, err error) {
		return p, rows.Scan(&p.Interview, &p.Participant, &p.Source, &p.Run, &p.Name, &p.StartMS, &p.EndMS, &p.Count)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the names of the readings of %q: %w", interviewID, err)
	}
	return out, nil
}

// Series reads the readings of these names, as far as they were not deleted, in
// the order in which they were written. Without a name it gives none.
func (s *Store) Series(ctx context.Context, interviewID string, names ...string) ([]evidence.Series, error) {
	if len(names) == 0 {
		return nil, nil
	}
	entries, err := s.Entries(ctx, EntryQuery{Interview: interviewID, Kinds: []evidence.EntryKind{evidence.EntrySeries}, Series: names})
	if err != nil {
		return nil, err
	}
	out := make([]evidence.Series, 0, len(entries))
	for _, e := range entries {
		if e.Part == nil {
			continue // deleted
		}
		var one evidence.Series
		if err := json.Unmarshal(e.Payload, &one.SeriesPayload); err != nil {
			return nil, fmt.Errorf("reading the readings of entry %d: %w", e.Seq, err)
		}
		if err := json.Unmarshal(e.Part, &one.SeriesPart); err != nil {
			return nil, fmt.Errorf("reading the readings of entry %d: %w", e.Seq, err)
		}
		out = append(out, one)
	}
	return out, nil
}
