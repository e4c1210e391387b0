package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"bonafide/server/evidence"
)

// value returns the payload as a T, given as one or as a pointer to one.
func value[T any](payload any) (T, bool) {
	switch v := payload.(type) {
	case T:
		return v, true
	case *T:
		if v != nil {
			return *v, true
		}
	}
	var zero T
	return zero, false
}

// checkPayload refuses entries of which a projection is made when their
// payload is of another type or of another interview: the tables would
// silently miss them.
func checkPayload(n evidence.NewEntry) error {
	var ok bool
	var of string
	switch n.Kind {
	case evidence.EntryFinding:
		var f evidence.Finding
		if f, ok = value[evidence.Finding](n.Payload); ok && f.ID == "" {
			return errors.New("the finding has no identifier")
		}
		of = f.Interview
	case evidence.EntryCoverage:
		var c evidence.Coverage
		c, ok = value[evidence.Coverage](n.Payload)
		of = c.Interview
	case evidence.EntryRecordingSegment:
		var g evidence.Segment
		g, ok = value[evidence.Segment](n.Payload)
		of = g.Interview
	case evidence.EntryMediaGap:
		_, ok = value[evidence.Gap](n.Payload)
		of = n.Interview
	case evidence.EntrySeries:
		var g evidence.SeriesPayload
		g, ok = value[evidence.SeriesPayload](n.Payload)
		of = g.Interview
	case evidence.EntryTemplateKept:
		var p evidence.FaceTemplatePayload
		p, ok = value[evidence.FaceTemplatePayload](n.Payload)
		of = p.Interview
	case evidence.EntryReview:
		_, ok = value[evidence.ReviewPayload](n.Payload)
		of = n.Interview
	default:
		return nil
	}
	if !ok {
		return fmt.Errorf("the payload is a %T, not what entries of this kind carry", n.Payload)
	}
	if n.Interview == "" || of != n.Interview {
		return fmt.Errorf("the payload is of interview %q, the entry of %q", of, n.Interview)
	}
	return nil
}

// project writes what later questions need of an entry.
func project(ctx context.Context, tx *sql.Tx, e evidence.Entry, payload any) error {
	switch e.Kind {
	case evidence.EntryFinding:
		f, _ := value[evidence.Finding](payload)
		return projectFinding(ctx, tx, e, f)
	case evidence.EntryCoverage:
		c, _ := value[evidence.Coverage](payload)
		_, err := tx.ExecContext(ctx, `INSERT INTO coverage (interview, participant, source, run, kind, start_ms, end_ms, state, reason, samples, seq)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET end_ms = excluded.end_ms, state = excluded.state, reason = excluded.reason,
			samples = excluded.samples, seq = excluded.seq`,
			c.Interview, c.Participant, c.Source, c.Run, string(c.Kind), c.StartMS, c.EndMS, string(c.State), string(c.Reason), c.Samples, e.Seq)
		return err
	case evidence.EntryRecordingSegment:
		g, _ := value[evidence.Segment](payload)
		_, err := tx.ExecContext(ctx, `INSERT INTO segments (interview, participant, stream, n, file, start_ms, end_ms, seq, payload)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET file = excluded.file, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
			seq = excluded.seq, payload = excluded.payload`,
			g.Interview, g.Participant, g.Stream, g.N, g.File, g.StartMS, g.EndMS, e.Seq, string(e.Payload))
		return err
	case evidence.EntryMediaGap:
		g, _ := value[evidence.Gap](payload)
		_, err := tx.ExecContext(ctx, `INSERT INTO gaps (seq, interview, start_ms, payload) VALUES (?, ?, ?, ?)`,
			e.Seq, e.Interview, g.StartMS, string(e.Payload))
		return err
	case evidence.EntrySeries:
		g, _ := value[evidence.SeriesPayload](payload)
		_, err := tx.ExecContext(ctx, `INSERT INTO series (seq, interview, participant, source, run, name, start_ms, end_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Seq, e.Interview, g.Participant, g.Source, g.Run, g.Name, g.StartMS, g.EndMS)
		return err
	case evidence.EntryTemplateKept:
		p, _ := value[evidence.FaceTemplatePayload](payload)
		_, err := tx.ExecContext(ctx, `INSERT INTO face_templates (id, seq, interview, participant, origin, model, frames, still) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, e.Seq, p.Interview, p.Participant, string(p.From), p.Model, p.Frames, p.Still)
		return err
	case evidence.EntryReview:
		r, _ := value[evidence.ReviewPayload](payload)
		done, err := tx.ExecContext(ctx, `INSERT INTO reviews (seq, interview, finding, decision)
			SELECT ?, interview, id, ? FROM findings WHERE id = ? AND interview = ?`, e.Seq, string(r.Decision), r.Finding, e.Interview)
		return oneRow(done, err, "finding %q of interview %q does not exist: %w", r.Finding, e.Interview, ErrNotFound)
	}
	return nil
}

// projectFinding keeps the newest state of a finding.
func projectFinding(ctx context.Context, tx *sql.Tx, e evidence.Entry, f evidence.Finding) error {
	done, err := tx.ExecContext(ctx, `INSERT INTO findings (id, seq, interview, participant, run, kind, start_ms, end_ms, open, payload)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
		open = excluded.open, payload = excluded.payload
		WHERE interview = excluded.interview AND kind = excluded.kind AND run = excluded.run`,
		f.ID, e.Seq, f.Interview, f.Participant, f.Run, string(f.Kind), f.StartMS, f.EndMS, f.Open, string(e.Payload))
	return oneRow(done, err, "finding %q belongs to another interview, run or kind: %w", f.ID, ErrConflict)
}

// oneRow returns err, or the given error unless exactly one row changed.
func oneRow(done sql.Result, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf(format, args...)
	}
	return nil
}
