package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bonafide/server/evidence"
)

// Errors of signing in and of sessions.
var (
	ErrNoSession   = errors.New("you are not signed in, or your session has ended; sign in")
	ErrBadPassword = errors.New("this e-mail address and password do not belong together")
	ErrDeactivated = errors.New("this account is deactivated; ask an administrator")
	ErrForbidden   = errors.New("your account may not do this; ask an administrator")
)

// How long sessions last.
const (
	SessionIdle     = 12 * time.Hour     // without a request
	SessionAbsolute = 7 * 24 * time.Hour // since the sign-in
	sessionTouch    = 5 * time.Minute    // last use is written at most this often
)

// CookieName is the name of the session cookie.
const CookieName = "bonafide_session"

// SignIn checks a password, and a code where the account has a second factor
// (ErrSecondNeeded without one), and begins a session; it returns the account
// and the token for the cookie. oldToken, if any, is the session that the browser
// had: it ends. Unknown accounts cost the same time as known ones.
func (s *Service) SignIn(ctx context.Context, email, password, code, address, oldToken string) (Account, string, error) {
	from := Network(address)
	if err := s.byAddress.Take(from); err != nil {
		return Account{}, "", err
	}
	email, err := normalEmail(email)
	if err != nil {
		return Account{}, "", err
	}
	pair := from + " " + email
	if err := s.byPair.Take(pair); err != nil {
		return Account{}, "", err
	}
	a, err := s.store.AccountByEmail(ctx, email)
	known := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Account{}, "", fmt.Errorf("reading an account: %w", err)
	}
	ok, err := s.verify(ctx, a, known, password)
	if err != nil {
		return Account{}, "", err
	}
	if ok = ok && known; !ok || !a.Active {
		if err := s.logSignIn(ctx, a.ID, address, false); err != nil {
			return Account{}, "", err
		}
		if ok {
			return Account{}, "", ErrDeactivated
		}
		return Account{}, "", ErrBadPassword
	}
	if err := s.checkSecond(ctx, a, code); err != nil {
		if errors.Is(err, ErrBadCode) {
			err = errors.Join(err, s.logSignIn(ctx, a.ID, address, false))
		}
		return Account{}, "", err
	}
	s.byPair.Reset(pair)
	return s.signedIn(ctx, a, address, oldToken)
}

// signedIn begins the session of somebody who has proved who they are, in the
// place of the one that the browser had.
func (s *Service) signedIn(ctx context.Context, a Account, address, oldToken string) (Account, string, error) {
	if oldToken != "" {
		if err := s.SignOut(ctx, oldToken); err != nil {
			return Account{}, "", err
		}
	}
	token, err := s.StartSession(ctx, a)
	if err != nil {
		return Account{}, "", err
	}
	return a, token, s.logSignIn(ctx, a.ID, address, true)
}

// verify checks the password against the account's hash, or for an unknown
// account against one that nothing matches.
func (s *Service) verify(ctx context.Context, a Account, known bool, password string) (ok bool, err error) {
	if len([]rune(password)) > MaxPassword {
		return false, nil
	}
	phc := a.PasswordHash
	if !known {
		if phc, err = s.dummy(); err != nil {
			return false, err
		}
	}
	err = s.hashing.do(ctx, func() error { ok, err = VerifyPassword(phc, password); return err })
	return ok, err
}

func (s *Service) logSignIn(ctx context.Context, user, address string, ok bool) error {
	actor := evidence.System
	if ok {
		actor = evidence.Actor{Type: "user", ID: user}
	}
	_, err := s.store.Append(ctx, evidence.NewEntry{Actor: actor, Kind: evidence.EntrySignIn,
		Payload: evidence.UserPayload{User: user, OK: ok}, Part: SignInPart{Address: address}})
	if err != nil {
		return fmt.Errorf("logging a sign-in: %w", err)
	}
	return nil
}

// StartSession begins a session of the account and returns its token. It also
// removes sessions that have run out, so that the table stays small.
func (s *Service) StartSession(ctx context.Context, a Account) (string, error) {
	now := s.Now()
	if err := s.store.DeleteStaleSessions(ctx, now.Add(-SessionAbsolute).UnixMilli(), now.Add(-SessionIdle).UnixMilli()); err != nil {
		return "", fmt.Errorf("removing old sessions: %w", err)
	}
	token := newSecret()
	err := s.store.CreateSession(ctx, Session{Hash: secretHash(token), User: a.ID, CreatedMS: now.UnixMilli(), SeenMS: now.UnixMilli()})
	if err != nil {
		return "", fmt.Errorf("beginning a session: %w", err)
	}
	return token, nil
}

// SignOut ends the session of a token; an unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	if err := s.store.DeleteSession(ctx, secretHash(token)); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// Authenticate returns the account that the request's cookie is signed in as,
// or ErrNoSession.
func (s *Service) Authenticate(ctx context.Context, r *http.Request) (Account, error) {
	token := Token(r)
	if !plausible(token) {
		return Account{}, ErrNoSession
	}
	hash := secretHash(token)
	session, a, err := s.store.SessionAccount(ctx, hash)
	if errors.Is(err, ErrNotFound) {
		return Account{}, ErrNoSession
	}
	if err != nil {
		return Account{}, fmt.Errorf("reading a session: %w", err)
	}
	now := s.Now()
	idle := now.Sub(time.UnixMilli(session.SeenMS))
	if !a.Active || idle > SessionIdle || now.Sub(time.UnixMilli(session.CreatedMS)) > SessionAbsolute {
		return Account{}, ErrNoSession
	}
	if idle > sessionTouch {
		if err := s.store.TouchSession(ctx, hash, now.UnixMilli()); err != nil {
			return Account{}, fmt.Errorf("noting a session's use: %w", err)
		}
	}
	return a, nil
}

// Token is the session token in the request's cookie, or "".
func Token(r *http.Request) string {
	c, err := r.Cookie(CookieName)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetCookie gives the browser its session token. secure is true over HTTPS.
func SetCookie(w http.ResponseWriter, token string, secure bool) {
	http.SetCookie(w, &http.Cookie{Name: CookieName, Value: token, Path: "/", HttpOnly: true, Secure: secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(SessionAbsolute / time.Second)})
}

// ClearCookie takes the session token from the browser.
func ClearCookie(w http.ResponseWriter, secure bool) {
	http.SetCookie(w, &http.Cookie{Name: CookieName, Path: "/", HttpOnly: true, Secure: secure,
		SameSite: http.SameSiteLaxMode, MaxAge: -1})
}
