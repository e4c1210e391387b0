package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"bonafide/server/evidence"
)

// Errors of the set-up of a new server.
var (
	ErrSetupDone  = conflict("this server is already set up; sign in")
	ErrSetupToken = errors.New("this is not the token that the server printed on its console when it started")
)

// SetupNeeded reports whether no account exists yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	n, err := s.store.CountAccounts(ctx)
	if err != nil {
		return false, fmt.Errorf("counting accounts: %w", err)
	}
	return n == 0, nil
}

// SetupToken returns the one-time token that the first account needs, drawing
// it at the first call, or "" when an account exists. It lives in memory only:
// a restart draws another.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil || !needed {
		return "", err
	}
	s.setupMu.Lock()
	defer s.setupMu.Unlock()
	if s.setup == "" {
		s.setup = strings.ToLower(rand.Text())
	}
	return s.setup, nil
}

// Setup creates the first account, as an administrator and interviewer, for
// whoever knows the token. address is the caller's network address.
func (s *Service) Setup(ctx context.Context, token, address string, n NewAccount) (Account, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil {
		return Account{}, err
	}
	if !needed {
		return Account{}, ErrSetupDone
	}
	// Held throughout, so that one token makes one account.
	s.setupMu.Lock()
	defer s.setupMu.Unlock()
	given := strings.ToLower(strings.TrimSpace(token))
	if s.setup == "" || subtle.ConstantTimeCompare([]byte(given), []byte(s.setup)) != 1 {
		if err := s.bySetup.Take(Network(address)); err != nil {
			return Account{}, err
		}
		s.log.Warn("set-up refused: wrong token", "address", address)
		return Account{}, ErrSetupToken
	}
	n.Roles = []Role{Admin}
	a, err := s.create(ctx, evidence.Actor{}, n, true)
	if errors.Is(err, ErrConflict) {
		return Account{}, ErrSetupDone
	}
	if err != nil {
		return Account{}, err
	}
	s.setup = ""
	return a, nil
}
