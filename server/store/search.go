package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// CheckState says what the last verification found of a record.
type CheckState string

// What a record can be said to be.
const (
	CheckHolds   CheckState = "holds"     // its entries and files are those that were logged
	CheckDiffers CheckState = "differs"   // something is not what was logged, or is missing
	CheckNone    CheckState = "unchecked" // it was not verified yet
)

// maxCounted bounds how far Search counts what fits.
const maxCounted = 10000

// RecordFilter chooses records for an auditor. Every criterion that is not
// empty must fit.
type RecordFilter struct {
	Person      string          // words of the candidate's name, or the interview's identifier
	Role        string          // words of the position
	Interviewer string          // words of the name of one of the interviewers
	Text        string          // words of notes, decisions and answers; "in quotes" for a phrase
	FromMS      int64           // scheduled at or after, Unix ms; 0 for any
	ToMS        int64           // scheduled before, Unix ms; 0 for any
	State       interview.State // "" for any
	Outcome     string          // "" for any; "none" for those without a decision
	Kind        evidence.Kind   // has a finding of this kind; "" for any
	Hold        string          // "held", "free", or "" for any
	DueMS       int64           // something is to be deleted before, Unix ms; 0 for any
	Check       CheckState      // "" for any

	Limit  int // at most so many; 0 for all
	Offset int
}

// FoundRecord is one record that a search found.
type FoundRecord struct {
	Summary
	Outcome   string
	DecidedMS int64
	Held      bool
	DueMS     int64 // when something of it is to be deleted, as of the last sweep; 0 for never
	Check     CheckState
	CheckedMS int64
	Hits      []TextHit // notes that the text was found in; a few
}

// SearchRecords finds records, the latest scheduled first. total counts at
// most maxCounted where the filter has a limit; more is true where there are others.
func (s *Store) SearchRecords(ctx context.Context, f RecordFilter) (total int, more bool, list []FoundRecord, err error) {
	c, err := s.conditions(ctx, f)
	if err != nil {
		return 0, false, nil, fmt.Errorf("searching records: %w", err)
	}
	if c.nothing {
		return 0, false, []FoundRecord{}, nil
	}
	total, more, page, err := s.fitting(ctx, c, f)
	if err != nil {
		return 0, false, nil, fmt.Errorf("searching records: %w", err)
	}
	if list, err = s.found(ctx, page); err != nil {
		return 0, false, nil, fmt.Errorf("searching records: %w", err)
	}
	if f.Text != "" {
		err = s.addHits(ctx, c.texts, page, list)
	}
	return total, more, list, err
}

// fitting returns the rowids of a page of the interviews that fit, and how
// many fit in all, with one look through them.
func (s *Store) fitting(ctx context.Context, c *conditions, f RecordFilter) (total int, more bool, page []int64, err error) {
	most := -1
	if f.Limit > 0 && c.texts == nil {
		most = max(maxCounted, f.Offset+f.Limit) + 1
	}
	var text string
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(group_concat(rowid), '') FROM (SELECT i.rowid FROM interviews i INDEXED BY interviews_list
		WHERE `+strings.Join(c.where, " AND ")+` ORDER BY i.scheduled_ms DESC, i.id LIMIT ?)`, append(c.args[:len(c.args):len(c.args)], most)...).Scan(&text)
	if err != nil {
		return 0, false, nil, known(err)
	}
	all, err := rowidsOf(text)
	if err != nil {
		return 0, false, nil, err
	}
	if c.texts != nil {
		all = c.texts.within(all)
	}
	page = all[min(f.Offset, len(all)):]
	if f.Limit == 0 {
		return len(all), false, page, nil
	}
	return min(len(all), maxCounted), len(all) > maxCounted, page[:min(f.Limit, len(page))], nil
}

// rowidsOf reads numbers with commas between them.
func rowidsOf(text string) ([]int64, error) {
	out := make([]int64, 0, strings.Count(text, ",")+1)
	for text != "" {
		one, rest, _ := strings.Cut(text, ",")
		n, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading rowids: %w", err)
		}
		out, text = append(out, n), rest
	}
	return out, nil
}

// found reads what is shown of interviews.
func (s *Store) found(ctx context.Context, rowids []int64) ([]FoundRecord, error) {
	list, err := encode(rowids)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+interviewColumns+`, `+summaryColumns+`, i.outcome, i.decided_ms, i.due_ms,
		EXISTS (SELECT 1 FROM holds h WHERE h.interview = i.id AND h.released_ms = 0),
		coalesce((SELECT k.state FROM record_checks k WHERE k.interview = i.id), ''),
		coalesce((SELECT k.wall_ms FROM record_checks k WHERE k.interview = i.id), 0)
		FROM interviews i WHERE i.rowid IN (SELECT value FROM json_each(?)) ORDER BY i.scheduled_ms DESC, i.id`, list)
	return collect(rows, err, func(rows *sql.Rows) (r FoundRecord, err error) {
		r.Summary, err = scanSummary(rows, &r.Outcome, &r.DecidedMS, &r.DueMS, &r.Held, &r.Check, &r.CheckedMS)
		if r.Check == "" {
			r.Check = CheckNone
		}
		return r, err
	})
}

// conditions are the parts of a WHERE over `interviews i`, with their arguments.
type conditions struct {
	where   []string
	args    []any
	nothing bool        // no record can fit
	texts   *foundTexts // where a text was asked for
}

func (c *conditions) add(sql string, args ...any) {
	c.where = append(c.where, sql)
	c.args = append(c.args, args...)
}

// conditions translates a filter.
func (s *Store) conditions(ctx context.Context, f RecordFilter) (*conditions, error) {
	c := &conditions{where: []string{"1"}}
	// search holds the folded name, a line feed, and the folded role.
	for _, word := range words(f.Person) {
		// Most rows have the word nowhere; those that have it are looked at closely.
		c.add(`(instr(i.search, ?) > 0 AND instr(substr(i.search, 1, instr(i.search, char(10))), ?) > 0 OR i.id = ?)`, word, word, word)
	}
	for _, word := range words(f.Role) {
		c.add(`instr(i.search, ?) > 0 AND instr(substr(i.search, instr(i.search, char(10))), ?) > 0`, word, word)
	}
	if f.FromMS != 0 {
		c.add(`i.scheduled_ms >= ?`, f.FromMS)
	}
	if f.ToMS != 0 {
		c.add(`i.scheduled_ms < ?`, f.ToMS)
	}
	if f.State != "" {
		c.add(stateColumn+` = ?`, string(f.State))
	}
	switch f.Outcome {
	case "":
	case "none":
		c.add(`i.outcome = ''`)
	default:
		c.add(`i.outcome = ?`, f.Outcome)
	}
	if f.Kind != "" {
		c.add(`+i.id IN (SELECT g.interview FROM findings g WHERE g.kind = ?)`, string(f.Kind))
	}
	switch f.Hold {
	case "held":
		c.add(`i.id IN (SELECT h.interview FROM holds h WHERE h.released_ms = 0)`)
	case "free":
		c.add(`i.id NOT IN (SELECT h.interview FROM holds h WHERE h.released_ms = 0)`)
	}
	if f.DueMS != 0 {
		c.add(`i.due_ms > 0 AND i.due_ms < ?`, f.DueMS)
	}
	switch f.Check {
	case CheckHolds, CheckDiffers:
		c.add(`i.id IN (SELECT k.interview FROM record_checks k WHERE k.state = ?)`, string(f.Check))
	case CheckNone:
		c.add(`NOT EXISTS (SELECT 1 FROM record_checks k WHERE k.interview = i.id)`)
	}
	if err := s.byInterviewer(ctx, c, f.Interviewer); err != nil {
		return nil, err
	}
	return c, s.byText(ctx, c, f.Text)
}

// byInterviewer finds the accounts first: there are few.
func (s *Store) byInterviewer(ctx context.Context, c *conditions, name string) error {
	wanted := words(name)
	if len(wanted) == 0 {
		return nil
	}
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, a := range accounts {
		folded, all := fold(a.Name), true
		for _, word := range wanted {
			all = all && strings.Contains(folded, word)
		}
		if all {
			ids = append(ids, a.ID)
		}
	}
	list, err := encode(ids)
	if err != nil {
		return err
	}
	c.nothing = c.nothing || len(ids) == 0
	c.add(`+i.id IN (SELECT p.interview FROM interview_people p WHERE p.user IN (SELECT value FROM json_each(?)))`, list)
	return nil
}

// byText finds the texts; which interviews they are of is compared afterwards.
func (s *Store) byText(ctx context.Context, c *conditions, text string) (err error) {
	if text == "" || c.nothing {
		return nil
	}
	c.texts, err = s.texts.find(ctx, s, text)
	c.nothing = c.nothing || err == nil && len(c.texts.docs) == 0
	return err
}
