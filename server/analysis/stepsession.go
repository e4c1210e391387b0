package analysis

import (
	"fmt"
	"os"
	"slices"
	"time"

	"bonafide/server/evidence"
)

// liveStep is a step that the child was told of and has not given a result of.
type liveStep struct {
	order evidence.StepOrder
	began time.Duration
	ended time.Duration // when it was told to end; 0 as long as it was not
}

// BeginStep starts the check of a step of the run-sheet on the candidate's
// camera. Events.StepHint follows, and one Events.StepResult: when what was
// asked for was seen, when EndStep is called, when the time limit is over or
// when the interview ends, whichever comes first. A step that still goes on
// ends with what it measured. Without analysis of the interview the result
// comes at once and says so.
func (m *Manager) BeginStep(interview string, o evidence.StepOrder) {
	m.mu.Lock()
	s, gate, closed := m.sessions[interview], m.gates[interview], m.closed
	m.mu.Unlock()
	if s != nil && s.beginStep(o) || closed {
		return
	}
	r := unmeasured(m.cfg.Pipeline, gate, o, evidence.ReasonCameraOff)
	r.Interview = interview
	m.loose.Go(func() { m.events.StepResult(r) }) // the caller may hold what the event needs
}

// EndStep ends a step; its result follows. One that is over is left alone.
func (m *Manager) EndStep(interview, step string) {
	m.mu.Lock()
	s := m.sessions[interview]
	m.mu.Unlock()
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := range s.steps {
			if one := &s.steps[i]; one.order.Step == step && !s.ending && one.ended == 0 {
				one.ended = s.now()
				s.tell(control{Do: doStepEnd, Step: step, At: one.ended})
			}
		}
	}
}

// Retake forgets the enrolled face of an interview: the next good pictures are
// enrolled in its place.
func (m *Manager) Retake(interview string) {
	m.mu.Lock()
	s := m.sessions[interview]
	m.mu.Unlock()
	if s != nil {
		s.tell(control{Do: doRetake, At: s.now()})
	}
}

// unmeasured is the result of a step on which nothing was measured.
func unmeasured(c Config, g Gate, o evidence.StepOrder, why evidence.Reason) evidence.StepResult {
	r := evidence.StepResult{
		Step: o.Step, Card: o.Card, Outcome: evidence.StepNotChecked, Reason: evidence.ReasonNotAvailable, Values: []evidence.Measure{},
	}
	for _, d := range c.Steps {
		switch {
		case d.Card != o.Card:
		case d.Consent != "" && g.refuses(d.Consent):
			r.Reason = evidence.ReasonNoConsent
		default:
			r.Outcome, r.Reason = evidence.StepNotMeasurable, why
		}
	}
	return r
}

// beginStep tells the child of a step. It is false when it is too late.
func (s *session) beginStep(o evidence.StepOrder) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false
	}
	now := s.now()
	s.steps = append(s.steps, liveStep{order: o, began: now})
	s.tell(control{Do: doStep, Order: &o, At: now})
	return true
}

// tellSteps tells a new child of the steps that began while there was none. The
// caller holds mu.
func (s *session) tellSteps() {
	for _, one := range s.steps {
		s.tell(control{Do: doStep, Order: &one.order, At: one.began})
		if one.ended > 0 {
			s.tell(control{Do: doStepEnd, Step: one.order.Step, At: one.ended})
		}
	}
}

// stepResult passes on what the child measured. A result of a step that was
// given up already is left out.
func (s *session) stepResult(r evidence.StepResult, read *evidence.DocumentPart) {
	s.mu.Lock()
	known := false
	for i, one := range s.steps {
		if one.order.Step == r.Step {
			s.steps = append(s.steps[:i:i], s.steps[i+1:]...)
			known = true
			break
		}
	}
	s.mu.Unlock()
	if !known {
		return
	}
	r.Stills = slices.DeleteFunc(r.Stills, func(still evidence.StepStill) bool { return s.book.lost[still.SHA256] })
	if part := evidence.StillPart(r.Card); part != evidence.PartStills {
		for _, still := range r.Stills {
			if err := s.moveStill(still.SHA256, part); err != nil {
				s.log.Error("a still keeps the key of other stills; it is deleted with them", "still", still.SHA256, "part", part, "error", err)
			}
		}
	}
	if r.Document != nil {
		r.Document.Read = read
	}
	s.m.events.StepResult(r)
}

// enrolled passes on who was enrolled, without stills that could not be kept.
func (s *session) enrolled(p evidence.EnrolledPayload) {
	p.Stills = slices.DeleteFunc(p.Stills, func(still evidence.Still) bool { return s.book.lost[still.SHA256] })
	s.m.events.Enrolled(p)
}

// template passes on a face's template if that may still be kept.
func (s *session) template(t evidence.FaceTemplate) {
	if !s.gateNow().KeepTemplates {
		return
	}
	if s.book.lost[t.Still] {
		t.Still = ""
	}
	s.m.events.Template(t)
}

// loseSteps gives up the steps going on because the child is gone: what it had
// seen of them is lost.
func (s *session) loseSteps() {
	s.mu.Lock()
	lost, gate, end := s.steps, s.gate, s.now()
	if s.ending {
		end = s.end
	}
	s.steps = nil
	s.mu.Unlock()
	for _, one := range lost {
		r := unmeasured(s.m.cfg.Pipeline, gate, one.order, evidence.ReasonOutage)
		r.Interview, r.Participant = s.interview, s.book.who
		r.StartMS, r.EndMS = one.began.Milliseconds(), max(end, one.began).Milliseconds()
		s.m.events.StepResult(r)
	}
}

// beginStep starts a step on the candidate's camera.
func (c *child) beginStep(o evidence.StepOrder, at time.Duration) error {
	if c.scene != nil {
		if err := c.scene.Step(o, at); err != nil {
			return err
		}
	}
	if s := c.camera(); s != nil {
		return s.pipe.BeginStep(o, at)
	}
	r := unmeasured(c.hello.Config, c.gate, o, evidence.ReasonCameraOff)
	r.Interview, r.StartMS, r.EndMS = c.hello.Interview, at.Milliseconds(), at.Milliseconds()
	c.sayStep(r)
	return nil
}

// camera is the source whose track is newest; nil where no camera was opened.
func (c *child) camera() (newest *childSource) {
	for _, s := range c.order {
		if newest == nil || s.track >= newest.track {
			newest = s
		}
	}
	return newest
}

// sayStep tells what a step measured; what a document says goes beside it.
func (c *child) sayStep(r evidence.StepResult) {
	out := result{Say: sayStep, Step: &r}
	if r.Document != nil {
		out.Read = r.Document.Read
	}
	c.say(out)
}

// moveStill encrypts a still with the key of another part: only the result of
// its step tells what a picture shows.
func (s *session) moveStill(sum string, part evidence.RecordPart) error {
	v := s.m.cfg.Vault
	if v == nil {
		return nil
	}
	path := stillPath(s.m.cfg.MediaDir, s.interview, sum)
	sealed, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("moving a still: %w", err)
	}
	jpeg, err := v.Unseal(s.interview, sealed)
	if err != nil {
		return fmt.Errorf("moving a still: %w", err)
	}
	if sealed, err = v.Seal(s.interview, part, jpeg); err != nil {
		return fmt.Errorf("moving a still: %w", err)
	}
	return replaceStill(path, sealed)
}
