// Package interview holds the business objects: an interview, the people in
// it, and the link that lets the candidate in. They are plain values shared by
// the store, the signalling and the HTTP interface; none of them knows how it
// is kept or sent.
package interview

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/server/evidence"
)

// State is where an interview stands.
type State string

// The states of an interview, in order. One that is planned can be cancelled
// instead of being held.
const (
	Planned   State = "planned"   // no candidate was admitted yet
	Live      State = "live"      // the candidate was admitted; its clock runs
	Ended     State = "ended"     // hung up; recordings are closed
	Cancelled State = "cancelled" // will not be held
)

// Over reports whether nothing is to come any more: the interview has ended or
// was cancelled. What holds for the record after the end holds for both.
func (s State) Over() bool { return s == Ended || s == Cancelled }

// Interview is one planned, running or finished conversation.
type Interview struct {
	ID            string          `json:"id"`
	CandidateName string          `json:"candidate_name"`
	Role          string          `json:"role"`         // the position interviewed for
	ScheduledMS   int64           `json:"scheduled_ms"` // Unix ms
	Place         string          `json:"place"`        // claimed, e.g. "Lisbon, Portugal"
	TimeZone      string          `json:"time_zone"`    // claimed, IANA name
	Interviewers  []string        `json:"interviewers"` // user identifiers
	KindsOff      []evidence.Kind `json:"kinds_off"`    // measurements switched off (accommodation)
	State         State           `json:"state"`
	CreatedBy     string          `json:"created_by"`
	CreatedMS     int64           `json:"created_ms"`
	StartedMS     int64           `json:"started_ms"` // Unix ms of interview time zero; 0 before
	EndedMS       int64           `json:"ended_ms"`   // 0 while neither ended nor cancelled
	Candidate     string          `json:"candidate"`  // participant identifier of the candidate
}

// ErrInvalid is wrapped by every error about a field that a person filled in.
var ErrInvalid = errors.New("invalid")

// FieldError says which field was wrong, what was wrong, and what would be right.
type FieldError struct{ Field, Problem string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// Unwrap makes every FieldError an ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

// Invalid returns a FieldError.
func Invalid(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Validate checks what a person filled in, and trims it.
func (i *Interview) Validate() error {
	i.CandidateName, i.Role, i.Place = strings.TrimSpace(i.CandidateName), strings.TrimSpace(i.Role), strings.TrimSpace(i.Place)
	for _, f := range []struct{ name, value string }{{"candidate_name", i.CandidateName}, {"role", i.Role}} {
		if f.value == "" {
			return Invalid(f.name, "is empty; enter 1 to 200 characters")
		}
	}
	for _, f := range []struct{ name, value string }{{"candidate_name", i.CandidateName}, {"role", i.Role}, {"place", i.Place}} {
		if n := len([]rune(f.value)); n > 200 {
			return Invalid(f.name, "has %d characters; at most 200 fit", n)
		}
		if err := Visible(f.name, f.value); err != nil {
			return err
		}
	}
	if i.ScheduledMS <= 0 {
		return Invalid("scheduled_ms", "is missing; pick a date and a time")
	}
	if i.TimeZone != "" {
		if _, err := time.LoadLocation(i.TimeZone); err != nil || i.TimeZone == "Local" {
			return Invalid("time_zone", "%q is not a time zone; use a name such as Europe/Lisbon", i.TimeZone)
		}
	}
	if len(i.Interviewers) == 0 {
		return Invalid("interviewers", "is empty; choose at least one")
	}
	if len(i.Interviewers) > MaxInterviewers {
		return Invalid("interviewers", "has %d people; at most %d fit in a room", len(i.Interviewers), MaxInterviewers)
	}
	for _, k := range i.KindsOff {
		if _, ok := evidence.Info(k); !ok {
			return Invalid("kinds_off", "%q is not a measurement that exists", k)
		}
	}
	return nil
}

// MaxInterviewers is how many interviewers, observers included, fit in a room
// beside the candidate.
const MaxInterviewers = 5

// Role is what a participant may do in a room.
type Role string

// The roles of participants.
const (
	Candidate   Role = "candidate"
	Interviewer Role = "interviewer"
	Observer    Role = "observer" // joins muted and without a camera, shown as present
)

// Participant is one person in an interview. The identifier is stable across
// reconnects, reloads and server restarts.
type Participant struct {
	ID        string                    `json:"id"`
	Interview string                    `json:"interview"`
	User      string                    `json:"user"` // account, "" for the candidate
	Name      string                    `json:"name"`
	Role      Role                      `json:"role"`
	Consents  map[evidence.Consent]bool `json:"consents"` // only those that were answered
}

// Consents lists what somebody of this role is asked to agree to.
func (r Role) Consents() []evidence.Consent {
	if r == Candidate {
		return evidence.Consents
	}
	return slices.DeleteFunc(slices.Clone(evidence.Consents), func(c evidence.Consent) bool { return c == evidence.ConsentTemplates })
}

// Answered reports whether the participant has answered every consent
// that is asked of them.
func (p Participant) Answered() bool {
	for _, c := range p.Role.Consents() {
		if _, ok := p.Consents[c]; !ok {
			return false
		}
	}
	return true
}

// Link lets the candidate of one interview in. Only the secret's hash is kept.
type Link struct {
	ID        string `json:"id"`
	Interview string `json:"interview"`
	CreatedMS int64  `json:"created_ms"`
	ExpiresMS int64  `json:"expires_ms"`
	RevokedMS int64  `json:"revoked_ms"` // 0 while valid
}

// RecordingPolicy is the operator's answer to a refused recording.
type RecordingPolicy string

// The two policies.
const (
	AllowUnrecorded  RecordingPolicy = "allow"  // the call goes on without a recording of that participant
	RefuseUnrecorded RecordingPolicy = "refuse" // no call without the candidate's consent to recording
)
