package signaling

import (
	"sync"

	"bonafide/server/evidence"
)

const (
	feedFindings = 500 // findings shown to somebody who comes later; the oldest finished go first
	feedNotices  = 64  // notices that wait to be sent
	feedSteps    = 64  // results of steps that wait to be shown; the oldest go first
)

// feed takes what the application tells a room. Its methods never block, so
// that they may be called from anywhere, the room's own hooks included: the
// newest state of each thing is kept, and the room sends what changed.
type feed struct {
	wake chan struct{}

	mu        sync.Mutex
	findings  []evidence.Finding // in order of their first appearance
	changed   map[string]bool    // identifiers of findings to send
	coverage  []evidence.Coverage
	covered   bool // coverage is to be sent
	recording map[[2]string]RecordingHealth
	health    map[[2]string]bool // to send
	notices   []Notice
	checked   []evidence.Entry   // results of steps to take over
	hint      *evidence.StepHint // the newest, to send

	enrolled    *Enrolled // nil as long as nobody is
	enrolledNew bool      // to send
}

func newFeed() *feed {
	return &feed{
		wake: make(chan struct{}, 1), changed: map[string]bool{},
		recording: map[[2]string]RecordingHealth{}, health: map[[2]string]bool{},
	}
}

func (f *feed) change(do func()) {
	f.mu.Lock()
	do()
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *feed) finding(n evidence.Finding) {
	f.change(func() {
		f.changed[n.ID] = true
		for i := range f.findings {
			if f.findings[i].ID == n.ID {
				f.findings[i] = n
				return
			}
		}
		if len(f.findings) >= feedFindings {
			drop := 0
			for i := range f.findings {
				if !f.findings[i].Open {
					drop = i
					break
				}
			}
			delete(f.changed, f.findings[drop].ID)
			f.findings = append(f.findings[:drop], f.findings[drop+1:]...)
		}
		f.findings = append(f.findings, n)
	})
}

func (f *feed) setCoverage(c []evidence.Coverage) {
	f.change(func() { f.coverage, f.covered = append([]evidence.Coverage{}, c...), true })
}

func (f *feed) setRecording(h RecordingHealth) {
	key := [2]string{h.Participant, h.Stream}
	f.change(func() { f.recording[key], f.health[key] = h, true })
}

func (f *feed) notice(n Notice) (dropped bool) {
	f.change(func() {
		if len(f.notices) >= feedNotices {
			f.notices, dropped = f.notices[1:], true
		}
		f.notices = append(f.notices, n)
	})
	return dropped
}

func (f *feed) stepChecked(e evidence.Entry) {
	f.change(func() {
		f.checked = append(f.checked, e)
		f.checked = f.checked[max(0, len(f.checked)-feedSteps):]
	})
}

func (f *feed) stepHint(h evidence.StepHint) {
	f.change(func() { f.hint = &h })
}

// update is what a room sends of its feed.
type update struct {
	findings  []evidence.Finding
	coverage  []evidence.Coverage // nil for no change
	recording []RecordingHealth
	notices   []Notice
	checked   []evidence.Entry
	hint      *evidence.StepHint
	enrolled  *Enrolled
}

// take returns what changed since the last call.
func (f *feed) take() update {
	f.mu.Lock()
	defer f.mu.Unlock()
	var u update
	for _, n := range f.findings {
		if f.changed[n.ID] {
			u.findings = append(u.findings, n)
		}
	}
	if f.covered {
		u.coverage = f.coverage
	}
	for key := range f.health {
		u.recording = append(u.recording, f.recording[key])
	}
	u.notices, u.checked, u.hint = f.notices, f.checked, f.hint
	if f.enrolledNew {
		u.enrolled, f.enrolledNew = f.enrolled, false
	}
	clear(f.changed)
	clear(f.health)
	f.covered, f.notices, f.checked, f.hint = false, nil, nil, nil
	return u
}

// all returns the present state, for somebody who comes in.
func (f *feed) all() update {
	f.mu.Lock()
	defer f.mu.Unlock()
	u := update{findings: append([]evidence.Finding(nil), f.findings...), coverage: f.coverage, enrolled: f.enrolled}
	for _, h := range f.recording {
		u.recording = append(u.recording, h)
	}
	return u
}
