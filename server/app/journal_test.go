package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// fakeLog refuses the first calls, then numbers entries. Those of a kind that
// it never takes it refuses always.
type fakeLog struct {
	mu      sync.Mutex
	refuse  int
	never   evidence.EntryKind
	entries []evidence.NewEntry
}

func (f *fakeLog) Append(_ context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse > 0 {
		f.refuse--
		return nil, errors.New("disk full")
	}
	for _, e := range entries {
		if e.Kind == f.never {
			return nil, fmt.Errorf("%s: %w", e.Kind, store.ErrRefused)
		}
	}
	var out []evidence.Entry
	for _, e := range entries {
		f.entries = append(f.entries, e)
		out = append(out, evidence.Entry{Seq: int64(len(f.entries)), Kind: e.Kind})
	}
	return out, nil
}

func TestJournalKeepsOrderThroughRefusals(t *testing.T) {
	store := &fakeLog{refuse: 3}
	var states []bool
	j := newJournal(store, slog.New(slog.DiscardHandler), time.Millisecond, func(bad bool, _ error) { states = append(states, bad) })
	ctx, cancel := context.WithCancel(t.Context())
	const n = 300
	var seqs []int64
	for i := range n {
		j.add(evidence.NewEntry{Kind: evidence.EntryMediaGap, AtMS: evidence.At(int64(i))}, func(e evidence.Entry) { seqs = append(seqs, e.Seq) })
	}
	go j.run(ctx)
	wait, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	j.flush(wait)
	cancel()
	<-j.done
	if len(store.entries) != n || len(seqs) != n {
		t.Fatalf("%d entries stored and %d acknowledged, want %d", len(store.entries), len(seqs), n)
	}
	for i, e := range store.entries {
		if *e.AtMS != int64(i) || seqs[i] != int64(i+1) {
			t.Fatalf("entry %d is out of order: at %d, acknowledged as %d", i, *e.AtMS, seqs[i])
		}
	}
	if len(states) != 2 || !states[0] || states[1] {
		t.Errorf("failing was told %v, want [true false]", states)
	}
}

func TestJournalWritesWhatWaitsAtTheEnd(t *testing.T) {
	store := &fakeLog{}
	j := newJournal(store, slog.New(slog.DiscardHandler), time.Millisecond, func(bool, error) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j.add(evidence.NewEntry{Kind: evidence.EntryError}, nil)
	if err := j.run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(store.entries) != 1 {
		t.Errorf("%d entries stored at the end, want 1", len(store.entries))
	}
}

func TestJournalIsBounded(t *testing.T) {
	j := newJournal(&fakeLog{}, slog.New(slog.DiscardHandler), time.Millisecond, func(bool, error) {})
	for range journalLength + 10 {
		j.add(evidence.NewEntry{Kind: evidence.EntryError}, nil)
	}
	if len(j.queue) != journalLength || j.dropped != 10 {
		t.Errorf("%d wait and %d dropped, want %d and 10", len(j.queue), j.dropped, journalLength)
	}
}

// TestJournalSaysWhatIsMissing gives the log an entry that it can never take,
// and more entries than may wait: the others are written, in order, and
// entries say what is missing.
func TestJournalSaysWhatIsMissing(t *testing.T) {
	log := &fakeLog{never: evidence.EntryFinding}
	j := newJournal(log, slog.New(slog.DiscardHandler), time.Millisecond, func(bool, error) { t.Error("an entry at fault is not a failing log") })
	for i := range journalLength + 3 {
		kind := evidence.EntryMediaGap
		if i == 70 {
			kind = evidence.EntryFinding
		}
		j.add(evidence.NewEntry{Interview: "i", Kind: kind, AtMS: evidence.At(int64(i))}, nil)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go j.run(ctx)
	wait, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	j.flush(wait)
	cancel()
	<-j.done
	if len(log.entries) != journalLength+1 {
		t.Fatalf("%d entries stored, want %d and the news of what is missing", len(log.entries), journalLength)
	}
	refused, dropped := log.entries[70], log.entries[journalLength]
	if refused.Interview != "i" || refused.Payload != (evidence.ErrorPayload{Where: "journal", Code: "entry_refused", Count: 1}) {
		t.Errorf("in place of the refused entry stands %+v", refused)
	}
	if dropped.Payload != (evidence.ErrorPayload{Where: "journal", Code: "entries_dropped", Count: 3}) {
		t.Errorf("of the dropped entries %+v tells, want 3", dropped)
	}
	if last := log.entries[journalLength-1]; *last.AtMS != journalLength-1 {
		t.Errorf("the last entry that found room is of %d ms, want %d", *last.AtMS, journalLength-1)
	}
}
