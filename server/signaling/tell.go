package signaling

import (
	"time"

	"bonafide/server/evidence"
)

// SendFinding shows a new, grown or finished finding to the interviewers of a
// room. Like all Send methods it never blocks and does nothing without a room.
func (h *Hub) SendFinding(interviewID string, f evidence.Finding) {
	if r := h.find(interviewID); r != nil {
		r.feed.finding(f)
	}
}

// SendCoverage shows the present state of each kind to the interviewers.
func (h *Hub) SendCoverage(interviewID string, c []evidence.Coverage) {
	if r := h.find(interviewID); r != nil {
		r.feed.setCoverage(c)
	}
}

// SendStepChecked shows the interviewers what the check of a step measured, once
// its entry is durable. A step that still goes on ends with it.
func (h *Hub) SendStepChecked(interviewID string, e evidence.Entry) {
	if r := h.find(interviewID); r != nil {
		r.feed.stepChecked(e)
	}
}

// SendStepHint shows live guidance for a step to everybody in the room.
func (h *Hub) SendStepHint(interviewID string, hint evidence.StepHint) {
	if r := h.find(interviewID); r != nil {
		r.feed.stepHint(hint)
	}
}

// SendRecording shows the state of one recorded stream to everybody in the room.
func (h *Hub) SendRecording(interviewID string, health RecordingHealth) {
	if r := h.find(interviewID); r != nil {
		r.feed.setRecording(health)
	}
}

// SendNotice tells the people of a room something, or those of all rooms if
// interviewID is empty. The candidate is told only of "draining".
func (h *Hub) SendNotice(interviewID string, n Notice) {
	list := h.all()
	if interviewID != "" {
		list = nil
		if r := h.find(interviewID); r != nil {
			list = []*room{r}
		}
	}
	for _, r := range list {
		if r.feed.notice(n) {
			r.log.Warn("notice dropped: too many wait")
		}
	}
}

// RefreshSinks asks the sink factory again for every track of a room: call it
// when the application's answer may have changed, for example from
// Hooks.Consent. It returns when the sinks are attached and detached.
func (h *Hub) RefreshSinks(interviewID string) {
	if r := h.find(interviewID); r != nil {
		r.media.RefreshSinks("")
	}
}

// Now returns the instant of interview time zero, with a monotonic reading:
// interview time is time.Since of it. ok is false without a room or before the
// interview began.
func (h *Hub) Now(interviewID string) (epoch time.Time, ok bool) {
	if r := h.find(interviewID); r != nil {
		if e := r.epoch.Load(); e != nil {
			return *e, true
		}
	}
	return time.Time{}, false
}

// Live lists the interviews that have begun and have an open room.
func (h *Hub) Live() []string {
	list := []string{}
	for _, r := range h.all() {
		if r.epoch.Load() != nil {
			list = append(list, r.id)
		}
	}
	return list
}
