package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// Words that made-up records are put together from.
var (
	firstNames = []string{"Ana", "Bo", "Carla", "Dmitri", "Élodie", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Kofi", "Lena", "Mateo", "Nadia", "Olu", "Priya"}
	lastNames  = []string{"Almeida", "Berg", "Castro", "Diallo", "Eriksen", "Fontaine", "García", "Haddad", "Ivanov", "Jensen", "Kowalski", "Li", "Moreau", "Nguyen", "Okafor", "Prado"}
	positions  = []string{"Backend developer", "Accountant", "Data analyst", "Support engineer", "Site reliability engineer", "Translator", "Designer", "Payroll clerk"}
	noteWords  = []string{"looked", "away", "answered", "slowly", "camera", "window", "light", "keyboard", "notes", "second", "voice", "asked", "again", "clear", "project", "database",
		"explained", "paused", "screen", "connection", "lost", "returned", "document", "address", "morning", "colleague", "reads", "typing", "smiled", "question"}
	outcomes = []string{"", "", "hired", "not_hired"}
)

// generate fills a database with made-up interviews, with findings, notes and
// decisions, the same for the same seed.
func generate(ctx context.Context, s *store.Store, interviews int) error {
	r := rand.New(rand.NewPCG(1, 2))
	var hosts []string
	for i := range 40 {
		a := auth.Account{ID: auth.NewID(), Name: pick(r, firstNames) + " " + pick(r, lastNames), Email: fmt.Sprintf("host%d@example.org", i),
			Roles: []auth.Role{auth.Interviewer}, PasswordHash: "none", Active: true}
		if err := s.CreateAccount(ctx, a, false); err != nil {
			return err
		}
		hosts = append(hosts, a.ID)
	}
	begin := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	var batch []evidence.NewEntry
	for i := range interviews {
		iv := interview.Interview{CandidateName: fmt.Sprintf("%s %s %d", pick(r, firstNames), pick(r, lastNames), i), Role: pick(r, positions),
			ScheduledMS: begin + int64(i)*30*60_000, Place: "Lisbon, Portugal", TimeZone: "Europe/Lisbon", CreatedBy: hosts[i%40], Interviewers: []string{hosts[i%40], hosts[(i*7+1)%40]}}
		if iv.Interviewers[0] == iv.Interviewers[1] {
			iv.Interviewers = iv.Interviewers[:1]
		}
		iv, err := s.CreateInterview(ctx, iv)
		if err != nil {
			return err
		}
		if batch = append(batch, madeUp(r, iv)...); len(batch) > 2000 || i == interviews-1 {
			if _, err := s.Append(ctx, batch...); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}

// madeUp is what happened in an interview: three findings, of which one was
// decided on, and two notes.
func madeUp(r *rand.Rand, iv interview.Interview) (out []evidence.NewEntry) {
	of := func(e evidence.NewEntry) {
		e.Interview, e.Actor = iv.ID, evidence.Actor{Type: "user", ID: iv.CreatedBy}
		out = append(out, e)
	}
	for n := range 3 {
		kind := evidence.Kinds[r.IntN(len(evidence.Kinds)-1)].Kind // the last kind is left for a few
		if r.IntN(3000) == 0 {
			kind = evidence.Kinds[len(evidence.Kinds)-1].Kind
		}
		f := evidence.Finding{ID: fmt.Sprintf("%s-%d", iv.ID, n), Interview: iv.ID, Participant: iv.Candidate, Source: "camera", Run: evidence.RunLive, Kind: kind,
			Severity: evidence.SeverityNotice, StartMS: int64(n) * 60_000, EndMS: int64(n)*60_000 + 4000, Quality: 0.8, Samples: 40}
		of(evidence.NewEntry{Kind: evidence.EntryFinding, Payload: f})
	}
	for n := range 2 {
		of(evidence.NewEntry{Kind: evidence.EntryAnnotation, AtMS: evidence.At(int64(n) * 1000), Payload: evidence.AnnotationPayload{ID: fmt.Sprint(n)}, Part: evidence.NotePart{Text: sentenceOf(r)}})
	}
	of(evidence.NewEntry{Kind: evidence.EntryReview, Payload: evidence.ReviewPayload{Finding: iv.ID + "-0", Decision: evidence.Explained}, Part: evidence.NotePart{Text: sentenceOf(r)}})
	return out
}

func sentenceOf(r *rand.Rand) (text string) {
	for range 8 + r.IntN(8) {
		text += pick(r, noteWords) + " "
	}
	if r.IntN(2000) == 0 {
		text += "harpsichord"
	}
	return text
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// searches are what an auditor asks, from the most to the least that fits.
func searches() []struct {
	name   string
	filter store.RecordFilter
} {
	year := func(y int) int64 { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() }
	last := evidence.Kinds[len(evidence.Kinds)-1].Kind
	return []struct {
		name   string
		filter store.RecordFilter
	}{
		{"everything", store.RecordFilter{}},
		{"everything, page 100", store.RecordFilter{Offset: 5000}},
		{"person, many", store.RecordFilter{Person: "prado"}},
		{"person, one", store.RecordFilter{Person: "4711"}},
		{"person, none", store.RecordFilter{Person: "nobody"}},
		{"role", store.RecordFilter{Role: "payroll"}},
		{"interviewer", store.RecordFilter{Interviewer: "ana"}},
		{"a year", store.RecordFilter{FromMS: year(2022), ToMS: year(2023)}},
		{"outcome", store.RecordFilter{Outcome: "hired"}},
		{"kind, frequent", store.RecordFilter{Kind: evidence.FaceAbsent}},
		{"kind, rare", store.RecordFilter{Kind: last}},
		{"held", store.RecordFilter{Hold: "held"}},
		{"not held", store.RecordFilter{Hold: "free"}},
		{"due", store.RecordFilter{DueMS: year(2021)}},
		{"unchecked", store.RecordFilter{Check: store.CheckNone}},
		{"differs", store.RecordFilter{Check: store.CheckDiffers}},
		{"text, frequent word", store.RecordFilter{Text: "camera"}},
		{"text, two words", store.RecordFilter{Text: "camera window"}},
		{"text, phrase", store.RecordFilter{Text: `"looked away"`}},
		{"text, rare word", store.RecordFilter{Text: "harpsichord"}},
		{"text, beginning", store.RecordFilter{Text: "harp"}},
		{"all together", store.RecordFilter{Person: "prado", Role: "developer", Interviewer: "ana", FromMS: year(2021), ToMS: year(2024), Kind: evidence.FaceAbsent, Hold: "free", Text: "camera"}},
	}
}

// benchSearch measures searches among made-up records, as the first page of
// the answer is made.
func benchSearch(ctx context.Context, out io.Writer, dir string, interviews int) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "bench-search-"); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	s, err := store.Open(ctx, filepath.Join(dir, "a.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	begun := time.Now()
	had, err := s.InterviewIDs(ctx)
	if err == nil && len(had) == 0 {
		err = generate(ctx, s, interviews)
	} else {
		interviews = len(had)
	}
	if err != nil {
		return fmt.Errorf("making up records: %w", err)
	}
	made := time.Since(begun).Round(time.Second)
	entries, err := s.LastSeq(ctx)
	if err != nil {
		return err
	}
	begun = time.Now()
	if err := s.PrepareSearch(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "Searching %d interviews with %d entries, made up in %s; the index of texts was filled in %s.\n\n",
		interviews, entries, made, time.Since(begun).Round(10*time.Millisecond))
	t := newTable(out, "search", "fit", "median, ms", "slowest of 10, ms", "CPU of one, ms")
	for _, q := range searches() {
		q.filter.Limit = 50
		times := make([]float64, 0, 10)
		fit, before := "", cpuOwn()
		for range cap(times) {
			begun := time.Now()
			total, more, _, err := s.SearchRecords(ctx, q.filter)
			if errors.Is(err, store.ErrNoTextSearch) {
				fit = "not built in"
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			times = append(times, float64(time.Since(begun).Microseconds())/1000)
			if fit = fmt.Sprint(total); more {
				fit = "over " + fit
			}
		}
		if len(times) == 0 {
			t.row(q.name, fit, "", "", "")
			continue
		}
		cpu := (cpuOwn() - before).Seconds() * 1000 / float64(len(times))
		slices.Sort(times)
		t.row(q.name, fit, fmt.Sprintf("%.1f", times[len(times)/2]), fmt.Sprintf("%.1f", times[len(times)-1]), fmt.Sprintf("%.1f", cpu))
	}
	return t.flush()
}

// cpuOwn is the processor time that this process has used so far: on a busy
// machine it says more of a search's cost than the clock does.
func cpuOwn() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
