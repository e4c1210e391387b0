package app

import (
	"context"
	"errors"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
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

// Template keeps a face to be compared with other interviews. Its numbers are
// the deletable part, encrypted with a key of their own.
func (e analysisEvents) Template(t evidence.FaceTemplate) {
	t.ID = auth.NewID()
	n := entry(t.Interview, 0, evidence.EntryTemplateKept, t.FaceTemplatePayload)
	n.AtMS = nil // it is of the whole call
	n.Part = evidence.FaceTemplatePart{Vector: evidence.PackVector(t.Vector)}
	e.a.journal.add(n, nil)
}

// keepAgreed deletes the templates of those who do not agree to them any more.
func (a *App) keepAgreed(people []interview.Participant) {
	for _, p := range people {
		if p.Role == interview.Candidate && !p.Consents[evidence.ConsentTemplates] {
			a.dropTemplates(p.Interview, p.ID)
		}
	}
}

// dropTemplates deletes the templates of an interview, by its candidate's
// withdrawal. A hold keeps them; they are not compared all the same.
func (a *App) dropTemplates(interviewID, candidate string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	has, err := a.store.HasTemplates(ctx, interviewID)
	if err == nil && has {
		_, err = a.records.Delete(ctx, store.Deletion{Interview: interviewID, Part: evidence.PartTemplates,
			By: evidence.Actor{Type: "participant", ID: candidate}, Reason: evidence.DeletedWithdrawn})
	}
	switch {
	case errors.Is(err, store.ErrHeld):
		a.log.Warn("face templates whose consent was withdrawn are on hold; they are not compared", "interview", interviewID)
	case err != nil:
		a.log.Error("face templates whose consent was withdrawn are not deleted yet; they are not compared", "interview", interviewID, "err", err)
	}
}

// retake has the candidate's face enrolled anew.
func (a *App) retake(iv interview.Interview) {
	if a.analysis != nil {
		a.analysis.Retake(iv.ID)
	}
}
