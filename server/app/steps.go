package app

import (
	"sync"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// resultWait is how long after a step's end its result may take to come.
const resultWait = 10 * time.Second

// stepChecker checks what the cards of a run-sheet ask for.
type stepChecker interface {
	BeginStep(interview string, o evidence.StepOrder)
	EndStep(interview, step string)
}

// steps tells the analysis of the steps of run-sheets, and sees to it that the
// log has a result for each: where nothing was measured it says so, and what
// the candidate could not do is never "not seen".
type steps struct {
	check stepChecker // nil where the server runs without analysis
	keep  func(evidence.StepResult)
	wait  time.Duration

	mu   sync.Mutex
	open map[string]map[string]*openStep // by interview and step: those without a final result
}

// openStep is a step whose result is awaited.
type openStep struct {
	result evidence.StepResult // as it is where none comes
	cannot bool
	late   *time.Timer // after the end
}

func newSteps(check stepChecker, keep func(evidence.StepResult)) *steps {
	return &steps{check: check, keep: keep, wait: resultWait, open: map[string]map[string]*openStep{}}
}

// began starts a step's check. It is called from a room's goroutine.
func (s *steps) began(iv interview.Interview, o evidence.StepOrder, startMS int64) {
	missing := evidence.StepResult{Interview: iv.ID, Participant: iv.Candidate, Step: o.Step, Card: o.Card,
		Outcome: evidence.StepNotChecked, Reason: evidence.ReasonNotAvailable, StartMS: startMS, Values: []evidence.Measure{}}
	s.mu.Lock()
	if s.open[iv.ID] == nil {
		s.open[iv.ID] = map[string]*openStep{}
	}
	s.open[iv.ID][o.Step] = &openStep{result: missing}
	s.mu.Unlock()
	if s.check != nil {
		s.check.BeginStep(iv.ID, o)
	}
}

// over ends a step's check. Where there is none its result is known now.
func (s *steps) over(iv interview.Interview, p evidence.StepPayload) {
	s.mu.Lock()
	one := s.open[iv.ID][p.Step]
	if one != nil {
		one.result.EndMS, one.cannot = p.EndMS, p.Ended == evidence.EndCannot
		if s.check != nil {
			one.result.Reason = evidence.ReasonOutage
			one.late = time.AfterFunc(s.wait, func() { s.missing(iv.ID, p.Step) }) // stopped by its result, finish or close
		}
	}
	s.mu.Unlock()
	switch {
	case one == nil && p.Ended == evidence.EndInterrupted: // begun by an earlier run of the server
		s.keep(evidence.StepResult{Interview: iv.ID, Participant: iv.Candidate, Step: p.Step, Card: p.Kind, Outcome: evidence.StepNotChecked,
			Reason: evidence.ReasonOutage, StartMS: p.StartMS, EndMS: p.EndMS, Values: []evidence.Measure{}})
	case s.check != nil:
		s.check.EndStep(iv.ID, p.Step)
	case one != nil:
		s.missing(iv.ID, p.Step)
	}
}

// missing keeps that a step has no result.
func (s *steps) missing(interviewID, step string) {
	s.mu.Lock()
	one := s.open[interviewID][step]
	s.mu.Unlock()
	if one != nil {
		s.result(one.result)
	}
}

// result keeps what a step's check measured, the first one only.
func (s *steps) result(r evidence.StepResult) {
	s.mu.Lock()
	one := s.open[r.Interview][r.Step]
	if one != nil {
		delete(s.open[r.Interview], r.Step)
		if one.late != nil {
			one.late.Stop()
		}
		if r.Participant == "" {
			r.Participant = one.result.Participant
		}
		if r.EndMS == 0 { // nothing was measured, so nobody looked at the clock
			r.StartMS, r.EndMS = one.result.StartMS, one.result.EndMS
		}
		if one.cannot {
			r.Outcome, r.Reason = evidence.StepCannotComply, ""
		}
	}
	s.mu.Unlock()
	if one != nil {
		s.keep(r)
	}
}

// finish gives up what is still awaited of an interview.
func (s *steps) finish(interviewID string) {
	s.mu.Lock()
	var left []string
	for step := range s.open[interviewID] {
		left = append(left, step)
	}
	s.mu.Unlock()
	for _, step := range left {
		s.missing(interviewID, step)
	}
	s.mu.Lock()
	delete(s.open, interviewID)
	s.mu.Unlock()
}

// close gives up everything: no timer runs after it.
func (s *steps) close() {
	s.mu.Lock()
	var ids []string
	for id := range s.open {
		ids = append(ids, id)
	}
	s.mu.Unlock()
	for _, id := range ids {
		s.finish(id)
	}
}

// StepHint shows live guidance for the step that goes on.
func (e analysisEvents) StepHint(interviewID string, h evidence.StepHint) {
	e.a.hub.SendStepHint(interviewID, h)
}

// StepResult takes what the check of a step measured.
func (e analysisEvents) StepResult(r evidence.StepResult) { e.a.steps.result(r) }

// keepStep logs what the check of a step measured, and shows it. What a
// document says is the deletable part.
func (a *App) keepStep(r evidence.StepResult) {
	n := entry(r.Interview, r.EndMS, evidence.EntryStepChecked, r)
	if r.Document != nil && r.Document.Read != nil {
		n.Part = *r.Document.Read
	}
	a.journal.add(n, func(stored evidence.Entry) { a.hub.SendStepChecked(r.Interview, stored) })
}
