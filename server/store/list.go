package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"bonafide/server/interview"
)

// InterviewFilter chooses interviews for a list.
type InterviewFilter struct {
	User   string          // only those that this account created or interviews in; "" for all
	State  interview.State // "" for all
	Query  string          // words that candidate name or role contain, in any case
	Limit  int             // at most so many; 0 for all
	Offset int
}

// Summary is an interview with what a list shows of it.
type Summary struct {
	Interview        interview.Interview
	InterviewerNames []string
	Findings         int   // of every run
	Unreviewed       int   // of them without a decision
	RecordedMS       int64 // of the candidate's camera stream
}

// Interviews lists interviews, the latest scheduled first, and counts all that
// the filter fits.
func (s *Store) Interviews(ctx context.Context, f InterviewFilter) (total int, list []Summary, err error) {
	where, args := []string{"1"}, []any{}
	if f.User != "" {
		where = append(where, `(i.created_by = ? OR EXISTS (SELECT 1 FROM interview_people p WHERE p.interview = i.id AND p.user = ?))`)
		args = append(args, f.User, f.User)
	}
	if f.State != "" {
		where, args = append(where, stateColumn+` = ?`), append(args, string(f.State))
	}
	for _, word := range words(f.Query) {
		where, args = append(where, `instr(i.search, ?) > 0`), append(args, word)
	}
	cond := strings.Join(where, " AND ")
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM interviews i WHERE `+cond, args...).Scan(&total); err != nil {
		return 0, nil, fmt.Errorf("counting interviews: %w", known(err))
	}
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+interviewColumns+`, `+summaryColumns+` FROM interviews i WHERE `+cond+` ORDER BY i.scheduled_ms DESC, i.id LIMIT ? OFFSET ?`, append(args, limit, f.Offset)...)
	list, err = collect(rows, err, func(rows *sql.Rows) (Summary, error) { return scanSummary(rows) })
	if err != nil {
		return 0, nil, fmt.Errorf("listing interviews: %w", err)
	}
	return total, list, nil
}

// summaryColumns of `interviews i`, beside interviewColumns.
const summaryColumns = `
	(SELECT json_group_array(name) FROM (SELECT u.name FROM interview_people p JOIN users u ON u.id = p.user WHERE p.interview = i.id ORDER BY p.position)),
	(SELECT count(*) FROM findings g WHERE g.interview = i.id),
	(SELECT count(*) FROM findings g WHERE g.interview = i.id AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.finding = g.id)),
	(SELECT coalesce(sum(g.end_ms - g.start_ms), 0) FROM segments g JOIN participants p ON p.id = g.participant
		WHERE g.interview = i.id AND p.role = 'candidate' AND g.stream = 'camera')`

// scanSummary reads interviewColumns and summaryColumns, and more columns into extra.
func scanSummary(row scanner, extra ...any) (n Summary, err error) {
	var names string
	if n.Interview, err = scanInterview(row, append([]any{&names, &n.Findings, &n.Unreviewed, &n.RecordedMS}, extra...)...); err != nil {
		return n, err
	}
	n.InterviewerNames, err = decode[[]string](names)
	return n, err
}

// InterviewerNames returns the names of an interview's interviewers, in order.
func (s *Store) InterviewerNames(ctx context.Context, id string) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT u.name FROM interview_people p JOIN users u ON u.id = p.user WHERE p.interview = ? ORDER BY p.position`, id)
	names, err := collect(rows, err, func(rows *sql.Rows) (name string, err error) { return name, rows.Scan(&name) })
	if err != nil {
		return nil, fmt.Errorf("reading the interviewers of %q: %w", id, err)
	}
	return names, nil
}
