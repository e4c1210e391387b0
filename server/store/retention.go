package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
)

const policyColumns = `id, name, rule, action, parts, role, outcome, origin, days, active`

func scanPolicy(row scanner) (p retention.Policy, err error) {
	var parts string
	if err = row.Scan(&p.ID, &p.Name, &p.Rule, &p.Action, &parts, &p.Role, &p.Outcome, &p.Origin, &p.Days, &p.Active); err != nil {
		return p, known(err)
	}
	p.Parts, err = decode[[]evidence.RecordPart](parts)
	return p, err
}

// SeedPolicies adds the policies that the database does not have yet; those
// that an administrator changed stay as they are.
func (s *Store) SeedPolicies(ctx context.Context, all []retention.Policy) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for _, p := range all {
			if err := writePolicy(ctx, tx, p, `ON CONFLICT (id) DO NOTHING`); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("adding retention policies: %w", err)
	}
	return nil
}

func writePolicy(ctx context.Context, tx *sql.Tx, p retention.Policy, conflict string) error {
	parts, err := encode(p.Parts)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO policies (`+policyColumns+`, position)
		SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(max(position), 0) + 1 FROM policies WHERE true `+conflict,
		p.ID, p.Name, p.Rule, string(p.Action), parts, p.Role, string(p.Outcome), string(p.Origin), p.Days, p.Active)
	return err
}

// Policies lists every policy, switched off ones included, in the order in
// which they were added.
func (s *Store) Policies(ctx context.Context) ([]retention.Policy, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+policyColumns+` FROM policies ORDER BY position`)
	out, err := collect(rows, err, func(rows *sql.Rows) (retention.Policy, error) { return scanPolicy(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading retention policies: %w", err)
	}
	return out, nil
}

// SavePolicy adds a policy or changes the one with its identifier, with an
// entry that says so. The caller validates.
func (s *Store) SavePolicy(ctx context.Context, p retention.Policy, by evidence.Actor) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		err := writePolicy(ctx, tx, p, `ON CONFLICT (id) DO UPDATE SET name = excluded.name, rule = excluded.rule, action = excluded.action,
			parts = excluded.parts, role = excluded.role, outcome = excluded.outcome, origin = excluded.origin, days = excluded.days, active = excluded.active`)
		if err != nil {
			return err
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{{Actor: by, Kind: evidence.EntryPolicyChanged,
			Payload: evidence.PolicyPayload{Policy: p.ID, Action: string(p.Action), Parts: p.Parts, Outcome: string(p.Outcome), From: string(p.Origin), Days: p.Days, Active: p.Active},
			Part:    map[string]string{"name": p.Name, "rule": p.Rule, "role": p.Role}}})
	})
	if err != nil {
		return fmt.Errorf("keeping a retention policy: %w", err)
	}
	return nil
}

// Decide keeps what people decided about an interview that has ended or was
// cancelled; a later decision takes the place of an earlier one. note may be empty.
func (s *Store) Decide(ctx context.Context, id string, outcome interview.Outcome, note string, by evidence.Actor) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE interviews SET outcome = ?, decided_ms = ? WHERE id = ? AND state = 'ended'`, string(outcome), s.Now().UnixMilli(), id)
		if err := oneRow(done, err, "interview %q has not ended: %w", id, ErrConflict); err != nil {
			return err
		}
		e := evidence.NewEntry{Interview: id, Actor: by, Kind: evidence.EntryInterviewDecided, Payload: evidence.OutcomePayload{Outcome: string(outcome)}}
		if note != "" {
			e.Part = evidence.NotePart{Text: note}
		}
		return s.appendTx(ctx, tx, []evidence.NewEntry{e})
	})
	if err != nil {
		return fmt.Errorf("keeping a decision: %w", err)
	}
	return nil
}

const recordColumns = `i.id, i.role, i.outcome, ` + stateColumn + `, i.ended_ms, i.decided_ms, i.created_ms, i.scheduled_ms,
	EXISTS (SELECT 1 FROM holds h WHERE h.interview = i.id AND h.released_ms = 0)`

func scanRecord(row scanner) (r retention.Record, err error) {
	err = row.Scan(&r.Interview, &r.Role, &r.Outcome, &r.State, &r.EndedMS, &r.DecidedMS, &r.CreatedMS, &r.PlannedMS, &r.Held)
	return r, known(err)
}

// RetentionRecord returns what the fate of an interview's parts depends on.
func (s *Store) RetentionRecord(ctx context.Context, id string) (retention.Record, error) {
	r, err := scanRecord(s.read.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM interviews i WHERE i.id = ?`, id))
	if err != nil {
		return r, fmt.Errorf("reading the retention of interview %q: %w", id, err)
	}
	return r, nil
}

// RetentionRecords is RetentionRecord of every interview, a page at a time:
// those after an identifier, in its order.
func (s *Store) RetentionRecords(ctx context.Context, after string, limit int) ([]retention.Record, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+recordColumns+` FROM interviews i WHERE i.id > ? ORDER BY i.id LIMIT ?`, after, limit)
	out, err := collect(rows, err, func(rows *sql.Rows) (retention.Record, error) { return scanRecord(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading the retention of interviews: %w", err)
	}
	return out, nil
}

// SetDue keeps when the next part of interviews' records goes, for searches; 0
// for never. It is what the last sweep computed, and no entry.
func (s *Store) SetDue(ctx context.Context, due map[string]int64) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for id, ms := range due {
			if _, err := tx.ExecContext(ctx, `UPDATE interviews SET due_ms = ? WHERE id = ? AND due_ms != ?`, ms, id, ms); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping when records go: %w", err)
	}
	return nil
}

// Upcoming returns the interviews of which something goes by policy before a
// time, the soonest first, as of the last sweep.
func (s *Store) Upcoming(ctx context.Context, beforeMS int64, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM interviews WHERE due_ms > 0 AND due_ms < ? ORDER BY due_ms, id LIMIT ?`, beforeMS, limit)
	out, err := collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("reading what goes next: %w", err)
	}
	return out, nil
}

// reasonKinds are the entries whose parts are the words of administrators about
// holding and deleting. They are no content of the record: a deletion would
// otherwise leave, with its own reason, something to be deleted, and be
// repeated for ever. They are typed by people all the same, so they belong to
// the texts, and a later deletion of the texts takes them too.
var reasonKinds = []evidence.EntryKind{evidence.EntryPartDeleted, evidence.EntryHoldPlaced, evidence.EntryHoldReleased,
	evidence.EntryDeletionFulfilled, evidence.EntryDeletionRefused}

// RecordContent is how much of each part of a record the database knows to exist.
type RecordContent struct {
	Texts      map[evidence.RecordPart]int // parts of entries, without Reasons
	Reasons    int                         // words about holding and deleting; see reasonKinds
	Recordings []evidence.Segment          // finished and not deleted
	Stills     map[string]evidence.RecordPart
}

// Content returns what of an interview's record exists as far as the database
// knows; the files themselves are not looked at.
func (s *Store) Content(ctx context.Context, id string) (RecordContent, error) {
	c := RecordContent{Texts: map[evidence.RecordPart]int{}, Stills: map[string]evidence.RecordPart{}}
	rows, err := s.read.QueryContext(ctx, `SELECT p.part, e.kind, count(*) FROM parts p JOIN entries e ON e.seq = p.seq WHERE e.interview = ? GROUP BY p.part, e.kind`, id)
	type row struct {
		part evidence.RecordPart
		kind evidence.EntryKind
		n    int
	}
	counts, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.part, &r.kind, &r.n) })
	if err != nil {
		return c, fmt.Errorf("counting the parts of interview %q: %w", id, err)
	}
	for _, r := range counts {
		if slices.Contains(reasonKinds, r.kind) {
			c.Reasons += r.n
		} else {
			c.Texts[r.part] += r.n
		}
	}
	gone, err := s.deletedUpTo(ctx, id)
	if err != nil {
		return c, err
	}
	rows, err = s.read.QueryContext(ctx, `SELECT payload FROM segments WHERE interview = ? AND seq > ? ORDER BY start_ms, participant, stream, n`, id, gone[evidence.PartRecording])
	c.Recordings, err = collect(rows, err, func(rows *sql.Rows) (evidence.Segment, error) {
		var text string
		if err := rows.Scan(&text); err != nil {
			return evidence.Segment{}, err
		}
		return decode[evidence.Segment](text)
	})
	if err != nil {
		return c, fmt.Errorf("reading the recordings of interview %q: %w", id, err)
	}
	return c, s.stills(ctx, id, gone, c.Stills)
}

// stills collects the pictures that entries speak of and that were not deleted.
func (s *Store) stills(ctx context.Context, id string, gone map[evidence.RecordPart]int64, into map[string]evidence.RecordPart) error {
	entries, err := s.Records(ctx, EntryQuery{Interview: id, Kinds: evidence.StillEntries})
	if err != nil {
		return err
	}
	for _, r := range entries {
		e, err := evidence.ParseEntry(r.Canonical)
		if err != nil {
			return err
		}
		part, sums, err := evidence.StillsOf(e)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		for _, sum := range sums {
			if e.Seq > gone[part] {
				into[sum] = part
			}
		}
	}
	return nil
}
