package signaling

import (
	"context"
	"net/http"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Backend is what signalling needs of the rest: who somebody is, and where
// things are kept. The application implements it over the store. Every error
// that wraps interview.ErrInvalid is shown to the client as it is.
type Backend interface {
	// Admission resolves a join to an interview and a participant, creating
	// the participant at the first join. r is the socket's HTTP request (for
	// the session cookie). It returns ErrForbidden or ErrNotFound where the
	// link or the session does not admit.
	Admission(ctx context.Context, r *http.Request, j Join) (interview.Interview, interview.Participant, error)
	// State is where an interview stands now.
	State(ctx context.Context, interviewID string) (interview.State, error)
	// MayStay tells whether an account may still be in the room that it joined:
	// it may have been deactivated since.
	MayStay(ctx context.Context, interviewID, user string) (bool, error)
	// LastMS is the latest interview time that was kept of an interview: where
	// its clock goes on at least after a restart.
	LastMS(ctx context.Context, interviewID string) (int64, error)
	// Removed lists the participants whom somebody sent out of an interview and
	// nobody admitted since: after a restart they wait to be admitted again.
	Removed(ctx context.Context, interviewID string) ([]string, error)
	// Start begins interview time (once; later calls return the first instant).
	// Like those that follow it writes the entries about the change together
	// with it, or neither.
	Start(ctx context.Context, interviewID string, entries ...evidence.NewEntry) (time.Time, error)
	// End marks an interview as ended.
	End(ctx context.Context, interviewID string, entries ...evidence.NewEntry) error
	// RunSheet is the run-sheet of an interview; before the call it is drawn,
	// and the draw written to the log, if that has not been done.
	RunSheet(ctx context.Context, interviewID string) (evidence.RunSheet, error)
	// Daylight is the light to expect in a claimed time zone. It does not wait.
	Daylight(zone string, at time.Time) evidence.Daylight
	// SaveConsent keeps an answer.
	SaveConsent(ctx context.Context, participant string, c evidence.Consent, granted bool, entries ...evidence.NewEntry) error
	// SaveKinds keeps the kinds that are switched off.
	SaveKinds(ctx context.Context, interviewID string, off []evidence.Kind, entries ...evidence.NewEntry) error
	// Append writes entries to the log, together or not at all, and returns
	// when they are durable.
	Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error)
}

// Hooks tell the application what happens in rooms, so that recording and
// analysis can follow. They are called from the room's own goroutine and must
// not block. Any may be nil.
type Hooks struct {
	Consent func(iv interview.Interview, p interview.Participant) // a consent changed; p has the new state
	Kinds   func(iv interview.Interview)                          // switched-off kinds changed
	Started func(iv interview.Interview, epoch time.Time)         // interview time began or the room reopened
	Left    func(iv interview.Interview, p interview.Participant) // left for good (the slot is no longer held)
	// StepBegan and StepOver tell of the steps of the run-sheet; the first when
	// its entry is durable. A step that is over comes before Ended.
	StepBegan func(iv interview.Interview, o evidence.StepOrder, startMS int64)
	StepOver  func(iv interview.Interview, s evidence.StepPayload)
	// Retake has the candidate's face enrolled anew.
	Retake func(iv interview.Interview)
	// Marked and Fact tell of a question mark and of what a page told of itself,
	// as they are being kept, with their interview time.
	Marked func(iv interview.Interview, participant string, phase evidence.QuestionPhase, atMS int64)
	Fact   func(iv interview.Interview, f evidence.FactPayload, atMS int64)
	// Ended says that the room is over: finish recordings. The tracks' sinks are
	// closed already, and Left is not called for those who were still there.
	// reason is "hangup", "timeout" (nobody was there for long) or "drain"; after
	// a drain iv is still live, and its people may come back to another process.
	Ended func(iv interview.Interview, reason string)
}
