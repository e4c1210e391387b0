package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"bonafide/server/evidence"
)

// fakeLog refuses the first calls, then numbers entries.
type fakeLog struct {
	mu      sync.Mutex
	refuse  int
	entries []evidence.NewEntry
}

func (f *fakeLog) Append(_ context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse > 0 {
		f.refuse--
		return nil, errors.New("disk full")
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
