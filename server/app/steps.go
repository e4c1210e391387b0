package app

import "bonafide/server/evidence"

// StepHint shows live guidance for the step that goes on.
func (e analysisEvents) StepHint(interviewID string, h evidence.StepHint) {
	e.a.hub.SendStepHint(interviewID, h)
}

// StepResult logs what the check of a step measured, and shows it. What a
// document says is the deletable part.
func (e analysisEvents) StepResult(r evidence.StepResult) {
	n := entry(r.Interview, r.EndMS, evidence.EntryStepChecked, r)
	if r.Document != nil && r.Document.Read != nil {
		n.Part = *r.Document.Read
	}
	e.a.journal.add(n, func(stored evidence.Entry) { e.a.hub.SendStepChecked(r.Interview, stored) })
}
