package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bonafide/server/evidence"
)

// journalLength bounds the entries that wait for the database. An interview
// makes a few a second at most, so this is many minutes of a database that
// does not answer.
const journalLength = 8192

// appender is the evidence log.
type appender interface {
	Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error)
}

// journal carries entries from media goroutines, which must not wait for a
// disk, to the log, in order. Entries that the log refuses for a passing
// reason (a full disk) are kept and tried again, so nothing is lost while the
// program lives.
type journal struct {
	log   *slog.Logger
	store appender
	retry time.Duration
	// failing is called when the log begins to refuse entries, and when it
	// takes them again.
	failing func(bad bool, err error)

	mu      sync.Mutex
	queue   []noted
	dropped int
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
	for {
		j.mu.Lock()
		n := min(len(j.queue), 64)
		batch := j.queue[:n:n]
		j.busy = n > 0
		if n == 0 {
			j.idle.Broadcast()
			j.mu.Unlock()
			return
		}
		j.mu.Unlock()

		entries := make([]evidence.NewEntry, n)
		for i, b := range batch {
			entries[i] = b.entry
		}
		stored, err := j.store.Append(ctx, entries...)
		if err != nil {
			if !bad {
				bad = true
				j.log.Error("the log takes no entries; they are kept and tried again", "err", err, "waiting", n)
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
			continue
		}
		if bad {
			bad = false
			j.failing(false, nil)
		}
		j.mu.Lock()
		j.queue = j.queue[n:]
		j.mu.Unlock()
		for i, b := range batch {
			if b.then != nil {
				b.then(stored[i])
			}
		}
	}
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
