package signaling

import (
	"time"

	"bonafide/server/evidence"
)

// retakeEvery is the least time between two retakes: a template takes some
// seconds to be made.
const retakeEvery = 5 * time.Second

// retakeFace has the candidate's face enrolled anew, once that is in the log.
func (r *room) retakeFace(p *person, _ EnrolRetake) error {
	now := r.nowMS()
	if now == nil {
		return conflict("type", "the interview has not begun, so nobody is enrolled yet")
	}
	if r.retaken != nil && *now-*r.retaken < retakeEvery.Milliseconds() {
		return conflict("type", "the face was just retaken; wait %d s for the next", int(retakeEvery.Seconds()))
	}
	r.retaken = now
	e := r.entry(p.actor(), evidence.EntryRetake, evidence.RetakePayload{Participant: r.iv.Candidate}, nil)
	e.AtMS = now
	r.keepJob(job{entries: []evidence.NewEntry{e}, done: func(r *room, _ []evidence.Entry, err error) {
		if err != nil {
			p.fail("enrol.retake", err)
			return
		}
		r.feed.retaken()
		if f := r.hub.hooks.Retake; f != nil {
			f(r.iv)
		}
	}})
	return nil
}

// SendEnrolled shows the interviewers of a room who was enrolled.
func (h *Hub) SendEnrolled(interviewID string, p evidence.EnrolledPayload) {
	if r := h.find(interviewID); r != nil {
		r.feed.setEnrolled(p)
	}
}

func (f *feed) setEnrolled(p evidence.EnrolledPayload) {
	f.change(func() { f.enrolled, f.enrolledNew = &Enrolled{Enrolled: p}, true })
}

// retaken keeps showing what was enrolled, as forgotten.
func (f *feed) retaken() {
	f.change(func() {
		if f.enrolled != nil {
			f.enrolled, f.enrolledNew = &Enrolled{Enrolled: f.enrolled.Enrolled, Retaken: true}, true
		}
	})
}
