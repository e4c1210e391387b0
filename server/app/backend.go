package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/place"
	"bonafide/server/signaling"
	"bonafide/server/store"
)

// backend is what signalling needs to know and keep, over the accounts and
// the database.
type backend struct {
	store   *store.Store
	auth    *auth.Service
	endings *endings
	places  *place.Table
}

// Admission resolves a join by a candidate's link or by an account's session.
func (b backend) Admission(ctx context.Context, r *http.Request, j signaling.Join) (interview.Interview, interview.Participant, error) {
	if j.Link != "" {
		return b.candidate(ctx, j.Link)
	}
	return b.interviewer(ctx, r, j)
}

func (b backend) candidate(ctx context.Context, secret string) (iv interview.Interview, p interview.Participant, err error) {
	link, err := b.auth.ResolveLink(ctx, secret)
	switch {
	case errors.Is(err, auth.ErrLinkUnknown), errors.Is(err, auth.ErrLinkExpired), errors.Is(err, auth.ErrLinkRevoked), errors.Is(err, auth.ErrCancelled):
		return iv, p, interview.Invalid("link", "%s", err.Error())
	case err != nil:
		return iv, p, err
	}
	if iv, err = b.store.Interview(ctx, link.Interview); err != nil {
		return iv, p, err
	}
	if iv.State == interview.Ended {
		return iv, p, interview.Invalid("link", "this interview has ended; there is nothing more to do")
	}
	p, err = b.store.Participant(ctx, iv.Candidate)
	return iv, p, err
}

func (b backend) interviewer(ctx context.Context, r *http.Request, j signaling.Join) (iv interview.Interview, p interview.Participant, err error) {
	account, err := b.auth.Authenticate(ctx, r)
	if err != nil {
		return iv, p, fmt.Errorf("%w: %w", signaling.ErrForbidden, err)
	}
	iv, err = b.store.Interview(ctx, j.Interview)
	if errors.Is(err, store.ErrNotFound) || (err == nil && !account.MayRead(iv)) {
		return iv, p, signaling.ErrNotFound
	}
	if err != nil {
		return iv, p, err
	}
	if !account.MayHost(iv) {
		return iv, p, fmt.Errorf("%w: only an interviewer of this interview can enter its room", signaling.ErrForbidden)
	}
	if iv.State == interview.Ended {
		return iv, p, interview.Invalid("interview", "has ended; open its review instead")
	}
	if iv.State == interview.Cancelled {
		return iv, p, interview.Invalid("interview", "was cancelled; plan a new one instead")
	}
	role := interview.Interviewer
	if j.Observe {
		role = interview.Observer
	}
	p, err = b.store.JoinInterview(ctx, iv.ID, account, role)
	return iv, p, err
}

// State is where an interview stands now.
func (b backend) State(ctx context.Context, id string) (interview.State, error) {
	iv, err := b.store.Interview(ctx, id)
	return iv.State, err
}

// MayStay tells whether an account is active and may host the interview.
func (b backend) MayStay(ctx context.Context, id, user string) (bool, error) {
	account, err := b.store.Account(ctx, user)
	if err != nil {
		return false, err
	}
	iv, err := b.store.Interview(ctx, id)
	if err != nil {
		return false, err
	}
	return account.MayHost(iv), nil
}

// LastMS is the latest interview time in the log of an interview.
func (b backend) LastMS(ctx context.Context, id string) (int64, error) {
	return b.store.LastMS(ctx, id)
}

// Removed lists the participants who were sent out and not admitted since.
func (b backend) Removed(ctx context.Context, id string) ([]string, error) {
	return b.store.Removed(ctx, id)
}

// Start begins interview time, or returns when it began, with a monotonic
// reading so that a step of the wall clock does not move it.
func (b backend) Start(ctx context.Context, id string, entries ...evidence.NewEntry) (time.Time, error) {
	at, first, err := b.store.StartInterview(ctx, id, entries...)
	if err == nil && !first {
		_, err = b.store.Append(ctx, entries...)
	}
	if err != nil {
		return time.Time{}, err
	}
	now := time.Now()
	return now.Add(-now.Sub(at)), nil
}

// End marks an interview as ended.
func (b backend) End(ctx context.Context, id string, entries ...evidence.NewEntry) error {
	first, err := b.store.EndInterview(ctx, id, entries...)
	if err == nil && !first {
		_, err = b.store.Append(ctx, entries...)
	}
	if err == nil {
		b.endings.logged(id)
	}
	return err
}

// RunSheet is an interview's run-sheet, drawn before the call.
func (b backend) RunSheet(ctx context.Context, id string) (evidence.RunSheet, error) {
	return b.store.OpenRunSheet(ctx, id)
}

// Daylight is the light to expect at a time zone's reference place.
func (b backend) Daylight(zone string, at time.Time) evidence.Daylight {
	return b.places.Daylight(zone, at)
}

// SaveConsent keeps a participant's answer.
func (b backend) SaveConsent(ctx context.Context, participant string, c evidence.Consent, granted bool, entries ...evidence.NewEntry) error {
	return b.store.SaveConsent(ctx, participant, c, granted, entries...)
}

// SaveKinds keeps what is switched off.
func (b backend) SaveKinds(ctx context.Context, id string, off []evidence.Kind, entries ...evidence.NewEntry) error {
	return b.store.SetKindsOff(ctx, id, off, entries...)
}

// Append writes to the log.
func (b backend) Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error) {
	return b.store.Append(ctx, entries...)
}
