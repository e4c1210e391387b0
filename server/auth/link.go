package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Why a candidate's link does not let somebody in, as a sentence for them.
var (
	ErrLinkUnknown = errors.New("this link is not valid; check that it was copied whole, or ask the person who invited you for a new one")
	ErrLinkExpired = errors.New("this link has expired; ask the person who invited you for a new one")
	ErrCancelled   = errors.New("this interview was cancelled and will not take place; you need not do anything, and the person who invited you can tell you more")
	ErrNotHeldYet  = errors.New("your interview has not ended yet; what is kept of it is shown here afterwards")
	ErrLinkRevoked = errors.New("this link was withdrawn; ask the person who invited you for a new one")
)

// NewLink creates a link into an interview and returns it with its secret,
// which is not kept and cannot be shown again.
func (s *Service) NewLink(ctx context.Context, interviewID string, validFor time.Duration, by evidence.Actor) (interview.Link, string, error) {
	now := s.Now()
	l := interview.Link{ID: NewID(), Interview: interviewID, CreatedMS: now.UnixMilli(), ExpiresMS: now.Add(validFor).UnixMilli()}
	secret := newSecret()
	err := s.store.CreateLink(ctx, l, secretHash(secret), evidence.NewEntry{Interview: interviewID, Actor: by,
		Kind: evidence.EntryLinkCreated, Payload: evidence.LinkPayload{Link: l.ID, ExpiresMS: l.ExpiresMS}})
	if err != nil {
		return interview.Link{}, "", fmt.Errorf("creating a link: %w", err)
	}
	return l, secret, nil
}

// ResolveLink returns the link of a secret, or ErrLinkUnknown, ErrLinkExpired,
// ErrLinkRevoked, or ErrCancelled for every other link of a cancelled
// interview: whoever holds one that was withdrawn before learns nothing of the
// cancelling. While the interview is live an expired link still works: a
// candidate who reloads the page in a call that runs late must get back.
func (s *Service) ResolveLink(ctx context.Context, secret string) (interview.Link, error) {
	if !plausible(secret) {
		return interview.Link{}, ErrLinkUnknown
	}
	l, state, err := s.store.LinkState(ctx, secretHash(secret))
	switch {
	case errors.Is(err, ErrNotFound):
		return interview.Link{}, ErrLinkUnknown
	case err != nil:
		return interview.Link{}, fmt.Errorf("reading a link: %w", err)
	case l.RevokedMS != 0:
		return interview.Link{}, ErrLinkRevoked
	case state == interview.Cancelled:
		return interview.Link{}, ErrCancelled
	case state != interview.Live && s.Now().UnixMilli() >= l.ExpiresMS:
		return interview.Link{}, ErrLinkExpired
	}
	return l, nil
}

// ResolveOwnRecord returns the link of a secret for the candidate's page about
// their own record: any link that was not withdrawn, however old, because a
// person's rights do not expire with an invitation. ErrNotHeldYet before the
// interview has ended or was cancelled.
func (s *Service) ResolveOwnRecord(ctx context.Context, secret string) (interview.Link, error) {
	if !plausible(secret) {
		return interview.Link{}, ErrLinkUnknown
	}
	l, state, err := s.store.LinkState(ctx, secretHash(secret))
	switch {
	case errors.Is(err, ErrNotFound):
		return interview.Link{}, ErrLinkUnknown
	case err != nil:
		return interview.Link{}, fmt.Errorf("reading a link: %w", err)
	case l.RevokedMS != 0:
		return interview.Link{}, ErrLinkRevoked
	case !state.Over():
		return interview.Link{}, ErrNotHeldYet
	}
	return l, nil
}
