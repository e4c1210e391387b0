package signaling

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"bonafide/server/evidence"
)

const (
	journalQueue = 256              // jobs that wait for the store, per room
	journalWait  = 10 * time.Second // for one job
	journalLate  = 1024             // entries that the store refused and that are tried again, per room
	lateWait     = 5 * time.Second  // for which that is tried at the room's end
	latePause    = 500 * time.Millisecond
)

// job is something to be kept.
type job struct {
	// save keeps something together with the entries; nil only appends them.
	save    func(context.Context, []evidence.NewEntry) error
	entries []evidence.NewEntry
	// done runs in the room's goroutine. Without it nobody waits for the
	// entries: they are kept and tried again where the store refuses them.
	done func(r *room, entries []evidence.Entry, err error)
}

// journal keeps what a room has to keep, in order, away from the room's
// goroutine, so that a slow disk delays no signalling.
type journal struct {
	room *room
	jobs chan job
	over chan struct{} // closed when the last job is done
	lost atomic.Int64  // entries that found no room, since the log was told

	// The goroutine's own.
	late []evidence.NewEntry // refused so far
	bad  bool                // the last thing that was to be kept was refused
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
		j.lost.Add(int64(len(work.entries)))
		return fmt.Errorf("keeping entries of interview %s: %d jobs wait already", j.room.id, journalQueue)
	}
}

func (j *journal) run() {
	defer close(j.over)
	for work := range j.jobs {
		entries, err := j.keep(work)
		j.tell(err)
		if work.done != nil {
			j.room.post(func(r *room) { work.done(r, entries, err) })
		}
	}
	for begun := time.Now(); j.retry() != nil; {
		if time.Since(begun) > lateWait {
			j.room.log.Error("entries lost: the log refused them until the end", "entries", len(j.late))
			return
		}
		time.Sleep(latePause)
	}
}

// keep does one job, after what was refused before.
func (j *journal) keep(work job) (entries []evidence.Entry, err error) {
	err = j.retry()
	if err == nil || work.done != nil {
		entries, err = j.write(work)
	}
	if err != nil && work.done == nil {
		room := max(0, journalLate-len(j.late))
		j.lost.Add(int64(max(0, len(work.entries)-room)))
		j.late = append(j.late, work.entries[:min(room, len(work.entries))]...)
	}
	return entries, err
}

// retry writes what was refused before. An entry tells of those that were lost.
func (j *journal) retry() error {
	if n := j.lost.Swap(0); n > 0 {
		j.late = append(j.late, evidence.NewEntry{Interview: j.room.id, Actor: evidence.System, Kind: evidence.EntryError,
			Payload: evidence.ErrorPayload{Where: "signaling", Code: "entries_dropped", Count: int(n)}})
	}
	if len(j.late) == 0 {
		return nil
	}
	if _, err := j.write(job{entries: j.late}); err != nil {
		return err
	}
	j.late = nil
	return nil
}

func (j *journal) write(work job) ([]evidence.Entry, error) {
	ctx, cancel := context.WithTimeout(context.Background(), journalWait)
	defer cancel()
	if work.save != nil {
		return nil, work.save(ctx, work.entries)
	}
	if len(work.entries) == 0 {
		return nil, nil
	}
	return j.room.hub.backend.Append(ctx, work.entries...)
}

// tell says when the log begins to refuse entries, and when it takes them again.
func (j *journal) tell(err error) {
	if err != nil {
		j.room.log.Error("keeping entries", "err", err, "waiting", len(j.late))
	}
	bad := err != nil || len(j.late) > 0
	if j.bad == bad {
		return
	}
	j.bad = bad
	n := Notice{Level: "info", Code: "log_recovered", Text: "The evidence log is being written again."}
	if j.bad {
		n = Notice{Level: "error", Code: "log_failed",
			Text: "The evidence log cannot be written. What happens is kept in memory and tried again; notes must be made again. The call goes on."}
	}
	j.room.post(func(r *room) { r.noticeStaff(n) })
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
