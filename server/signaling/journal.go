package signaling

import (
	"context"
	"fmt"
	"time"

	"bonafide/server/evidence"
)

const (
	journalQueue = 256              // jobs that wait for the store, per room
	journalWait  = 10 * time.Second // for one job
)

// job is something to be kept. Its steps run in order; the first error ends it.
type job struct {
	save    func(context.Context) error // before the entries, or nil
	entries []evidence.NewEntry
	// later, if set, makes the entries after save has succeeded.
	later func() []evidence.NewEntry
	// done runs in the room's goroutine, or is nil.
	done func(r *room, entries []evidence.Entry, err error)
}

// journal keeps what a room has to keep, in order, away from the room's
// goroutine, so that a slow disk delays no signalling.
type journal struct {
	room *room
	jobs chan job
	over chan struct{} // closed when the last job is done
}

func newJournal(r *room) *journal {
	j := &journal{room: r, jobs: make(chan job, journalQueue), over: make(chan struct{})}
	go j.run() // the room waits for over
	return j
}

// put queues a job. It does not wait: where the queue is full it says so.
func (j *journal) put(work job) error {
	if j.room.over {
		return fmt.Errorf("keeping entries of interview %s: the room is over", j.room.id)
	}
	select {
	case j.jobs <- work:
		return nil
	default:
		return fmt.Errorf("keeping entries of interview %s: %d jobs wait already", j.room.id, journalQueue)
	}
}

func (j *journal) run() {
	defer close(j.over)
	for work := range j.jobs {
		entries, err := j.keep(work)
		if err != nil {
			j.room.log.Error("keeping entries", "err", err)
			j.room.post(func(r *room) {
				r.noticeStaff(Notice{Level: "error", Code: "log_failed", Text: "Something could not be written to the evidence log. The call goes on."})
			})
		}
		if work.done != nil {
			j.room.post(func(r *room) { work.done(r, entries, err) })
		}
	}
}

func (j *journal) keep(work job) ([]evidence.Entry, error) {
	ctx, cancel := context.WithTimeout(context.Background(), journalWait)
	defer cancel()
	if work.save != nil {
		if err := work.save(ctx); err != nil {
			return nil, err
		}
	}
	list := work.entries
	if work.later != nil {
		list = append(list, work.later()...)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return j.room.hub.backend.Append(ctx, list...)
}

// entry makes an entry of the present instant.
func (r *room) entry(by evidence.Actor, kind evidence.EntryKind, payload, part any) evidence.NewEntry {
	return evidence.NewEntry{Interview: r.id, AtMS: r.nowMS(), Actor: by, Kind: kind, Payload: payload, Part: part}
}

// keep queues entries whose fate nobody waits for.
func (r *room) keep(entries ...evidence.NewEntry) {
	r.keepJob(job{entries: entries})
}

// keepJob queues a job; a full queue is the operator's matter and the
// interviewers'.
func (r *room) keepJob(work job) {
	if err := r.journal.put(work); err != nil {
		r.log.Error("evidence lost", "err", err)
		r.noticeStaff(Notice{Level: "error", Code: "log_failed", Text: "The evidence log cannot keep up; something was not written. The call goes on."})
		if work.done != nil {
			work.done(r, nil, err)
		}
	}
}
