package app

import (
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Enrolled logs who was enrolled, and shows it.
func (e analysisEvents) Enrolled(p evidence.EnrolledPayload) {
	e.a.journal.add(entry(p.Interview, p.ToMS, evidence.EntryEnrolled, p), func(stored evidence.Entry) {
		e.a.hub.SendEnrolled(p.Interview, p)
	})
}

// Compared logs a picture of what was compared with the enrolled face.
func (e analysisEvents) Compared(p evidence.ComparedPayload) {
	e.a.journal.add(entry(p.Interview, p.AtMS, evidence.EntryCompared, p), nil)
}

// retake has the candidate's face enrolled anew.
func (a *App) retake(iv interview.Interview) {
	if a.analysis != nil {
		a.analysis.Retake(iv.ID)
	}
}
