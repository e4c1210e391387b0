package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Errors of signing in with another identity provider.
var (
	ErrOIDCFailed     = errors.New("the identity provider did not confirm who you are; try again")
	ErrOIDCUnverified = errors.New("the identity provider has not verified your e-mail address")
	ErrOIDCUnknown    = errors.New("nobody here has the e-mail address that the identity provider names; ask an administrator for an account")
)

// OIDCConfig names an OpenID Connect provider and this server's registration
// with it.
type OIDCConfig struct {
	Issuer       string // e.g. https://id.example.org
	ClientID     string
	ClientSecret string
	RedirectURL  string // of this server, ending in /api/oidc/callback
}

// OIDC signs people in with an OpenID Connect provider: authorization code
// flow with PKCE, state and nonce.
type OIDC struct {
	cfg OIDCConfig

	mu       sync.Mutex
	provider *oidc.Provider // found out at first use, so that a provider that is down does not keep the server from starting
}

// NewOIDC returns an OIDC that asks its provider at first use.
func NewOIDC(cfg OIDCConfig) *OIDC { return &OIDC{cfg: cfg} }

// OIDCFlow is what a browser keeps between leaving for the provider and coming
// back.
type OIDCFlow struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // of PKCE
}

func (o *OIDC) setUp(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil {
		// The provider keeps the context for later requests: not one request's.
		p, err := oidc.NewProvider(context.WithoutCancel(ctx), o.cfg.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("asking the identity provider about itself: %w", err)
		}
		o.provider = p
	}
	return o.provider, &oauth2.Config{ClientID: o.cfg.ClientID, ClientSecret: o.cfg.ClientSecret, Endpoint: o.provider.Endpoint(),
		RedirectURL: o.cfg.RedirectURL, Scopes: []string{oidc.ScopeOpenID, "email"}}, nil
}

// Begin returns the provider's address to send the browser to, and what to
// keep until it comes back.
func (o *OIDC) Begin(ctx context.Context) (address string, flow OIDCFlow, err error) {
	_, client, err := o.setUp(ctx)
	if err != nil {
		return "", flow, err
	}
	flow = OIDCFlow{State: newSecret(), Nonce: newSecret(), Verifier: oauth2.GenerateVerifier()}
	return client.AuthCodeURL(flow.State, oidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier)), flow, nil
}

// Finish checks what the browser came back with, and returns the verified
// e-mail address of whoever it is.
func (o *OIDC) Finish(ctx context.Context, flow OIDCFlow, answer url.Values) (email string, err error) {
	if flow.State == "" || subtle.ConstantTimeCompare([]byte(flow.State), []byte(answer.Get("state"))) != 1 {
		return "", fmt.Errorf("%w: the state is not the one that was sent", ErrOIDCFailed)
	}
	if code := answer.Get("error"); code != "" {
		return "", fmt.Errorf("%w: the provider says %q", ErrOIDCFailed, code)
	}
	provider, client, err := o.setUp(ctx)
	if err != nil {
		return "", err
	}
	token, err := client.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		return "", fmt.Errorf("%w: exchanging the code: %w", ErrOIDCFailed, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: there is no ID token", ErrOIDCFailed)
	}
	id, err := provider.Verifier(&oidc.Config{ClientID: o.cfg.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrOIDCFailed, err)
	}
	if subtle.ConstantTimeCompare([]byte(flow.Nonce), []byte(id.Nonce)) != 1 {
		return "", fmt.Errorf("%w: the nonce is not the one that was sent", ErrOIDCFailed)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("%w: reading the claims: %w", ErrOIDCFailed, err)
	}
	if claims.Email == "" || !claims.Verified {
		return "", ErrOIDCUnverified
	}
	return claims.Email, nil
}

// SignInAs begins a session of the account that has an e-mail address which an
// identity provider has verified. Nobody gets an account that way. Whether a
// second factor was asked for is the provider's matter.
func (s *Service) SignInAs(ctx context.Context, email, address, oldToken string) (Account, string, error) {
	if err := s.byAddress.Take(Network(address)); err != nil {
		return Account{}, "", err
	}
	email, err := normalEmail(email)
	if err != nil {
		return Account{}, "", fmt.Errorf("%w: %w", ErrOIDCUnverified, err)
	}
	a, err := s.store.AccountByEmail(ctx, email)
	if errors.Is(err, ErrNotFound) {
		return Account{}, "", errors.Join(ErrOIDCUnknown, s.logSignIn(ctx, "", address, false))
	}
	if err != nil {
		return Account{}, "", fmt.Errorf("reading an account: %w", err)
	}
	if !a.Active {
		return Account{}, "", errors.Join(ErrDeactivated, s.logSignIn(ctx, a.ID, address, false))
	}
	return s.signedIn(ctx, a, address, oldToken)
}
