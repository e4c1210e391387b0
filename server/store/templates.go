package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// HasTemplates reports whether an interview has face templates that were not deleted.
func (s *Store) HasTemplates(ctx context.Context, interviewID string) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM face_templates t JOIN parts p ON p.seq = t.seq WHERE t.interview = ?)`, interviewID).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("looking for face templates of interview %q: %w", interviewID, known(err))
	}
	return has, nil
}

// templateChunk is how many templates are read and decrypted at a time.
const templateChunk = 500

// LiveTemplates lists the face templates that may be compared: those that were
// not deleted, whose candidate's consent still stands, and that no newer one of
// the same interview and origin replaced.
func (s *Store) LiveTemplates(ctx context.Context) ([]TemplateRef, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.seq, t.id, t.interview, t.participant, t.origin, t.model, t.frames, t.still
		FROM face_templates t JOIN parts p ON p.seq = t.seq
		JOIN consents c ON c.participant = t.participant AND c.consent = ? AND c.granted = 1
		WHERE t.seq = (SELECT max(u.seq) FROM face_templates u WHERE u.interview = t.interview AND u.origin = t.origin)
		ORDER BY t.seq`, string(evidence.ConsentTemplates))
	out, err := collect(rows, err, func(rows *sql.Rows) (r TemplateRef, err error) {
		return r, rows.Scan(&r.Seq, &r.ID, &r.Interview, &r.Participant, &r.From, &r.Model, &r.Frames, &r.Still)
	})
	if err != nil {
		return nil, fmt.Errorf("listing face templates: %w", err)
	}
	return out, nil
}

// TemplateRef is a face template without its numbers.
type TemplateRef struct {
	Seq int64 // of its entry
	evidence.FaceTemplatePayload
}

// FaceTemplates reads face templates by the numbers of their entries and calls
// take for each that can be read. One whose key was destroyed is passed over;
// so is one whose bytes were damaged, with a line in the server's log, because
// it must not keep the others from being compared.
func (s *Store) FaceTemplates(ctx context.Context, seqs []int64, take func(seq int64, t evidence.FaceTemplate) error) error {
	for len(seqs) > 0 {
		n := min(len(seqs), templateChunk)
		args := make([]any, n)
		for i, seq := range seqs[:n] {
			args[i] = seq
		}
		seqs = seqs[n:]
		rows, err := s.read.QueryContext(ctx, `SELECT e.seq, e.canonical, e.interview, p.salt, p.content FROM entries e JOIN parts p ON p.seq = e.seq
			WHERE e.kind = '`+string(evidence.EntryTemplateKept)+`' AND e.seq IN (`+marks(n)+`) ORDER BY e.seq`, args...)
		records, err := collect(rows, err, func(rows *sql.Rows) (r Record, err error) {
			return r, rows.Scan(&r.Seq, &r.Canonical, &r.Interview, &r.Salt, &r.Part)
		})
		if err != nil {
			return fmt.Errorf("reading face templates: %w", err)
		}
		for i := range records {
			t, ok, err := s.template(&records[i])
			if err == nil && ok {
				err = take(records[i].Seq, t)
			}
			if err != nil {
				return fmt.Errorf("reading the face template of entry %d: %w", records[i].Seq, err)
			}
		}
	}
	return nil
}

func (s *Store) template(r *Record) (t evidence.FaceTemplate, ok bool, err error) {
	if err := s.openPart(r); err != nil {
		return t, false, err
	}
	if r.Part == nil {
		if r.Unreadable != nil {
			s.log.Error("a face template cannot be read; it is not compared", "entry", r.Seq, "interview", r.Interview, "error", r.Unreadable)
		}
		return t, false, nil
	}
	e, err := evidence.ParseEntry(r.Canonical)
	if err != nil {
		return t, false, err
	}
	if err := json.Unmarshal(e.Payload, &t.FaceTemplatePayload); err != nil {
		return t, false, err
	}
	var part evidence.FaceTemplatePart
	if err := json.Unmarshal(r.Part, &part); err != nil {
		return t, false, err
	}
	if t.Vector, err = evidence.UnpackVector(part.Vector); err != nil {
		return t, false, err
	}
	return t, true, nil
}

// TemplateState says what became of the template that an interview may have.
type TemplateState struct {
	Interview string
	Asked     bool // the candidate answered whether templates may be kept
	Granted   bool // with yes, and it was not withdrawn
	Deleted   bool // templates were deleted
	// DocumentGone tells that the one of a document's portrait was there and is
	// not any more.
	DocumentGone bool
}

// TemplateStates tells of interviews why they have, or do not have, templates.
func (s *Store) TemplateStates(ctx context.Context, interviews []string) (map[string]TemplateState, error) {
	out := make(map[string]TemplateState, len(interviews))
	for _, id := range interviews {
		one := TemplateState{Interview: id}
		err := s.read.QueryRowContext(ctx, `SELECT
			EXISTS (SELECT 1 FROM consents c JOIN participants p ON p.id = c.participant WHERE p.interview = ?1 AND c.consent = ?2),
			EXISTS (SELECT 1 FROM consents c JOIN participants p ON p.id = c.participant WHERE p.interview = ?1 AND c.consent = ?2 AND c.granted = 1),
			EXISTS (SELECT 1 FROM deletions d WHERE d.interview = ?1 AND d.part = ?3),
			EXISTS (SELECT 1 FROM face_templates t LEFT JOIN parts p ON p.seq = t.seq WHERE t.interview = ?1 AND t.origin = ?4 AND p.seq IS NULL)`,
			id, string(evidence.ConsentTemplates), string(evidence.PartTemplates), string(evidence.FromDocument)).
			Scan(&one.Asked, &one.Granted, &one.Deleted, &one.DocumentGone)
		if err != nil {
			return nil, fmt.Errorf("reading the consent to templates of interview %q: %w", id, known(err))
		}
		out[id] = one
	}
	return out, nil
}

// InterviewsNamed lists interviews of candidates with this very name, letters'
// case and spaces at the ends aside, the oldest first. Names that were deleted
// are nobody's.
func (s *Store) InterviewsNamed(ctx context.Context, name string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, candidate_name FROM interviews ORDER BY scheduled_ms, id`)
	type row struct{ id, name string }
	all, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.name) })
	if err != nil {
		return nil, fmt.Errorf("looking for interviews under a name: %w", err)
	}
	var out []string
	for _, r := range all {
		if SameName(r.name, name) {
			out = append(out, r.id)
		}
	}
	return out, nil
}

// SameName tells whether two candidates' names are the same but for the case
// of their letters and their spaces.
func SameName(a, b string) bool {
	if a == interview.NameDeleted || b == interview.NameDeleted {
		return false
	}
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
