package store

import (
	"context"
	"database/sql"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Findings lists the newest state of every finding of an interview, by start.
func (s *Store) Findings(ctx context.Context, interviewID string) ([]evidence.Finding, error) {
	return payloads[evidence.Finding](ctx, s, "findings", `SELECT payload FROM findings WHERE interview = ? ORDER BY start_ms, id`, interviewID)
}

// Segments lists the finished recordings of an interview, by start.
func (s *Store) Segments(ctx context.Context, interviewID string) ([]evidence.Segment, error) {
	return payloads[evidence.Segment](ctx, s, "segments", `SELECT payload FROM segments WHERE interview = ? ORDER BY start_ms, participant, stream, n`, interviewID)
}

// Gaps lists the holes in an interview's media, by start.
func (s *Store) Gaps(ctx context.Context, interviewID string) ([]evidence.Gap, error) {
	return payloads[evidence.Gap](ctx, s, "gaps", `SELECT payload FROM gaps WHERE interview = ? ORDER BY start_ms, seq`, interviewID)
}

func payloads[T any](ctx context.Context, s *Store, what, query, interviewID string) ([]T, error) {
	rows, err := s.read.QueryContext(ctx, query, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (v T, err error) {
		var text string
		if err := rows.Scan(&text); err != nil {
			return v, err
		}
		return decode[T](text)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the %s of %q: %w", what, interviewID, err)
	}
	return out, nil
}

// Coverage lists the coverage of an interview by run, participant, kind, start.
func (s *Store) Coverage(ctx context.Context, interviewID string) ([]evidence.Coverage, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.interview, c.participant, c.source, c.run, c.kind, c.state, c.reason, c.start_ms, c.end_ms, c.samples,
		COALESCE(json_extract(CAST(e.canonical AS TEXT), '$.payload.slowed_to'), 0)
		FROM coverage c JOIN kinds k ON k.kind = c.kind JOIN entries e ON e.seq = c.seq WHERE c.interview = ?
		ORDER BY c.run, c.participant, k.position, c.source, c.start_ms`, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (c evidence.Coverage, err error) {
		return c, rows.Scan(&c.Interview, &c.Participant, &c.Source, &c.Run, &c.Kind, &c.State, &c.Reason, &c.StartMS, &c.EndMS, &c.Samples, &c.SlowedTo)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the coverage of %q: %w", interviewID, err)
	}
	return out, nil
}

// Repaired says what RepairInterviews found.
type Repaired struct {
	Live   []interview.Interview // live when the server last stopped, and still
	Closed []evidence.Finding    // live findings that had been left open
}

// RepairInterviews is for the start of the server, before any room opens: it
// closes the findings that live analysis left open when the server died, at
// their last known end, and returns the interviews that are live, whose
// clients will come back.
func (s *Store) RepairInterviews(ctx context.Context) (Repaired, error) {
	var out Repaired
	rows, err := s.read.QueryContext(ctx, `SELECT `+interviewColumns+` FROM interviews i WHERE i.state = 'live' ORDER BY i.started_ms, i.id`)
	out.Live, err = collect(rows, err, func(rows *sql.Rows) (interview.Interview, error) { return scanInterview(rows) })
	if err != nil {
		return Repaired{}, fmt.Errorf("reading live interviews: %w", err)
	}
	open, err := payloads[evidence.Finding](ctx, s, "open findings", `SELECT payload FROM findings WHERE open = 1 AND run = ? ORDER BY seq`, evidence.RunLive)
	if err != nil {
		return Repaired{}, err
	}
	var entries []evidence.NewEntry
	for _, f := range open {
		f.Open = false
		out.Closed = append(out.Closed, f)
		entries = append(entries, evidence.NewEntry{Interview: f.Interview, AtMS: evidence.At(f.EndMS), Actor: evidence.System,
			Kind: evidence.EntryFinding, Payload: f})
	}
	if _, err := s.Append(ctx, entries...); err != nil {
		return Repaired{}, fmt.Errorf("closing findings: %w", err)
	}
	return out, nil
}
