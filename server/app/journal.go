package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// journalLength bounds the entries that wait for the database. An interview
// makes a few a second at most, so this is many minutes of a database that
// does not answer.
const journalLength = 8192

// journalBatch is how many entries are written together.
const journalBatch = 64

// appender is the evidence log.
type appender interface {
	Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error)
}

// journal carries entries from media goroutines, which must not wait for a
// disk, to the log, in order. Entries that the log refuses for a passing
// reason (a full disk) are kept and tried again, so nothing is lost while the
// program lives. One that can never be written is left out, so that it does
// not hold up the others, and an entry says that it is missing.
type journal struct {
	log   *slog.Logger
	store appender
	retry time.Duration
	// failing is called when the log begins to refuse entries, and when it
	// takes them again.
	failing func(bad bool, err error)

	mu      sync.Mutex
	queue   []noted
	dropped int // since it was last told of
	busy    bool
	wake    chan struct{}
	idle    *sync.Cond
	done    chan struct{}
}

// noted is an entry with what is to happen once it is durable.
type noted struct {
	entry evidence.NewEntry
	then  func(evidence.Entry)
}

func newJournal(store appender, log *slog.Logger, retry time.Duration, failing func(bool, error)) *journal {
	j := &journal{log: log, store: store, retry: retry, failing: failing,
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	j.idle = sync.NewCond(&j.mu)
	return j
}

// add queues an entry; then, if not nil, is called when it is durable. It
// never blocks.
func (j *journal) add(e evidence.NewEntry, then func(evidence.Entry)) {
	j.mu.Lock()
	if len(j.queue) >= journalLength {
		j.dropped++
		j.mu.Unlock()
		j.log.Error("entry lost: the database does not answer", "kind", e.Kind, "interview", e.Interview)
		return
	}
	j.queue = append(j.queue, noted{e, then})
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// run writes until ctx ends and the queue is empty, or a last try fails.
func (j *journal) run(ctx context.Context) error {
	defer close(j.done)
	for {
		j.writeAll(ctx)
		select {
		case <-ctx.Done():
			j.writeAll(context.WithoutCancel(ctx))
			j.mu.Lock()
			left := len(j.queue)
			j.mu.Unlock()
			if left > 0 {
				j.log.Error("entries lost: the database refused them until the end", "entries", left)
			}
			return nil
		case <-j.wake:
		}
	}
}

// writeAll empties the queue. When ctx is not to be cancelled it is the last
// try, and gives up at the first refusal.
func (j *journal) writeAll(ctx context.Context) {
	last := ctx.Done() == nil
	bad := false
	most := journalBatch
	for {
		batch := j.next(most)
		if len(batch) == 0 {
			return
		}
		entries := make([]evidence.NewEntry, len(batch))
		for i, b := range batch {
			entries[i] = b.entry
		}
		stored, err := j.store.Append(ctx, entries...)
		switch {
		case err == nil:
			most = journalBatch
			if bad {
				bad = false
				j.failing(false, nil)
			}
			j.written(batch, stored)
			continue
		case errors.Is(err, store.ErrRefused) && len(batch) > 1:
			most = 1 // to find the one at fault
			continue
		case errors.Is(err, store.ErrRefused):
			j.leaveOut(batch[0].entry, err)
			continue
		}
		if !bad {
			bad = true
			j.log.Error("the log takes no entries; they are kept and tried again", "err", err, "waiting", len(batch))
			j.failing(true, err)
		}
		if last {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(j.retry):
		}
	}
}

// next gives the first entries that wait, at most so many. Before them comes
// the news of those that were dropped because too many waited.
func (j *journal) next(most int) []noted {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n := j.dropped; n > 0 && len(j.queue) < journalLength {
		j.dropped = 0
		j.queue = append(j.queue, noted{missing("", "entries_dropped", n), nil})
	}
	n := min(len(j.queue), most)
	j.busy = n > 0
	if n == 0 {
		j.idle.Broadcast()
	}
	return j.queue[:n:n]
}

// written takes entries that are durable off the queue and acknowledges them.
func (j *journal) written(batch []noted, stored []evidence.Entry) {
	j.mu.Lock()
	j.queue = j.queue[len(batch):]
	j.mu.Unlock()
	for i, b := range batch {
		if b.then != nil {
			b.then(stored[i])
		}
	}
}

// leaveOut puts the news that an entry is missing in its place.
func (j *journal) leaveOut(e evidence.NewEntry, err error) {
	j.log.Error("an entry can never be written; it is left out", "kind", e.Kind, "interview", e.Interview, "err", err)
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Kind == evidence.EntryError {
		j.queue = j.queue[1:] // not even the news of it can be written
		return
	}
	j.queue[0] = noted{missing(e.Interview, "entry_refused", 1), nil}
}

// missing is the entry about entries that are not in the log.
func missing(interviewID, code string, n int) evidence.NewEntry {
	return evidence.NewEntry{Interview: interviewID, Actor: evidence.System, Kind: evidence.EntryError,
		Payload: evidence.ErrorPayload{Where: "journal", Code: code, Count: n}}
}

// flush waits until everything that was added so far is durable, or ctx ends.
func (j *journal) flush(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		j.mu.Lock()
		j.idle.Broadcast()
		j.mu.Unlock()
	})
	defer stop()
	j.mu.Lock()
	defer j.mu.Unlock()
	for (len(j.queue) > 0 || j.busy) && ctx.Err() == nil {
		j.idle.Wait()
	}
}
