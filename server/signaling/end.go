package signaling

import (
	"context"
	"fmt"
	"slices"

	"github.com/gorilla/websocket"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// end ends the interview: media stops at once, people are told when it is
// kept, and then the room is over.
func (r *room) end(reason string, by evidence.Actor) {
	r.ending = true
	r.endCards(evidence.EndHangup)
	r.keep(r.stopMedia(reason)...)
	r.iv.State = interview.Ended
	if f := r.hub.hooks.Ended; f != nil {
		f(r.iv, reason)
	}
	r.keepJob(job{
		save:    func(ctx context.Context, e []evidence.NewEntry) error { return r.hub.backend.End(ctx, r.id, e...) },
		entries: []evidence.NewEntry{r.entry(by, evidence.EntryInterviewEnded, evidence.InterviewPayload{Reason: reason}, nil)},
		done: func(r *room, _ []evidence.Entry, err error) {
			if err != nil {
				r.log.Error("ending the interview", "reason", reason, "err", err)
			}
			r.dismiss(reason, websocket.CloseNormalClosure)
		},
	})
}

// drain closes the room while the interview stays as it is.
func (r *room) drain() {
	if r.ending {
		return
	}
	r.ending = true
	r.endCards(evidence.EndInterrupted)
	r.keep(r.stopMedia("drain")...)
	if f := r.hub.hooks.Ended; f != nil && r.epoch.Load() != nil {
		f(r.iv, "drain")
	}
	r.keepJob(job{done: func(r *room, _ []evidence.Entry, _ error) {
		r.dismiss("drain", websocket.CloseServiceRestart)
	}})
}

// Cancelled sends everybody away who waits for an interview that was
// cancelled, and returns when what its room had to keep is kept, or with ctx's
// error. One that has begun is not cancelled any more, and stays.
func (h *Hub) Cancelled(ctx context.Context, interviewID string) error {
	r := h.find(interviewID)
	if r == nil {
		return nil
	}
	stays := make(chan struct{})
	r.post(func(r *room) {
		if !r.cancelled() {
			close(stays)
		}
	})
	select {
	case <-r.done:
		return nil
	case <-stays:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("closing the room of the cancelled interview %s: %w", interviewID, ctx.Err())
	}
}

// cancelled tells whether the room closes.
func (r *room) cancelled() bool {
	if r.epoch.Load() != nil {
		return false
	}
	if r.ending {
		return true
	}
	r.ending = true
	r.keep(r.stopMedia("cancelled")...)
	r.keepJob(job{done: func(r *room, _ []evidence.Entry, _ error) {
		r.dismiss("cancelled", websocket.CloseNormalClosure)
	}})
	return true
}

// stopMedia disconnects everybody from the relay and returns their entries.
func (r *room) stopMedia(reason string) []evidence.NewEntry {
	var entries []evidence.NewEntry
	for _, id := range r.order {
		p := r.people[id]
		r.closeMedia(p)
		entries = append(entries, r.entry(evidence.System, evidence.EntryParticipantLeft, evidence.ParticipantPayload{
			Participant: p.ID, Role: string(p.Role), Reason: reason,
		}, nil))
	}
	r.media.Close()
	return entries
}

// dismiss sends everybody away.
func (r *room) dismiss(reason string, code int) {
	for _, id := range slices.Clone(r.order) {
		p := r.people[id]
		if c := p.conn; c != nil {
			c.send("ended", Ended{Reason: reason})
			c.close(code, reason)
		}
	}
	clear(r.people)
	r.order = nil
	r.dirty = false
	r.over = true
}
