package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Service manages accounts, sessions and candidate links over a Store. It is
// safe for concurrent use.
type Service struct {
	store Store
	log   *slog.Logger

	// Now is the clock; tests replace it before use.
	Now func() time.Time

	hashing hashing
	dummy   func() (string, error) // a hash that no password has, for unknown accounts

	byPair    *Limiter // address and account
	byAddress *Limiter
	bySetup   *Limiter // wrong set-up tokens of an address
	bySecond  *Limiter // codes of an account, wherever they come from
	byOwn     *Limiter // present passwords that somebody signed in gives again

	setupMu sync.Mutex
	setup   string // the one-time token; "" when none is outstanding
}

// New returns a Service over the store.
func New(store Store, log *slog.Logger) *Service {
	s := &Service{store: store, log: log, Now: time.Now, hashing: make(hashing, 2)}
	s.dummy = sync.OnceValues(func() (string, error) { return HashPassword(newSecret()) })
	now := func() time.Time { return s.Now() }
	s.byPair = NewLimiter(30*time.Second, 5, now)
	s.byAddress = NewLimiter(3*time.Second, 30, now)
	s.bySetup = NewLimiter(30*time.Second, 5, now)
	s.bySecond = NewLimiter(time.Minute, 10, now)
	s.byOwn = NewLimiter(30*time.Second, 5, now)
	return s
}

// NewAccount is what a person fills in for an account.
type NewAccount struct {
	Name, Email, Password string
	Roles                 []Role
}

// CreateUser adds an account and its entry.
func (s *Service) CreateUser(ctx context.Context, by evidence.Actor, n NewAccount) (Account, error) {
	return s.create(ctx, by, n, false)
}

func (s *Service) create(ctx context.Context, by evidence.Actor, n NewAccount, first bool) (Account, error) {
	a := Account{ID: NewID(), Active: true, CreatedMS: s.Now().UnixMilli()}
	var err error
	if a.Name, err = normalName(n.Name); err != nil {
		return Account{}, err
	}
	if a.Email, err = normalEmail(n.Email); err != nil {
		return Account{}, err
	}
	if a.Roles, err = normalRoles(n.Roles); err != nil {
		return Account{}, err
	}
	if a.PasswordHash, err = s.hash(ctx, n.Password, a.Name, a.Email); err != nil {
		return Account{}, err
	}
	if by.Type == "" { // the first account creates itself
		by = a.Actor()
	}
	entry := evidence.NewEntry{Actor: by, Kind: evidence.EntryUserCreated,
		Payload: evidence.UserPayload{User: a.ID, Roles: roleNames(a.Roles), OK: true},
		Part:    AccountPart{Name: a.Name, Email: a.Email}}
	if err := s.store.CreateAccount(ctx, a, first, entry); err != nil {
		return Account{}, fmt.Errorf("creating an account: %w", err)
	}
	s.log.Info("account created", "user", a.ID, "roles", a.Roles)
	return a, nil
}

// hash checks a new password and returns its hash.
func (s *Service) hash(ctx context.Context, password, name, email string) (phc string, err error) {
	if err := CheckPassword(password, name, email); err != nil {
		return "", err
	}
	err = s.hashing.do(ctx, func() error { phc, err = HashPassword(password); return err })
	return phc, err
}

// Change holds the fields of an account that change; nil keeps a field.
type Change struct {
	Name, Email, Password *string
	Roles                 *[]Role
	Active                *bool
	RequireSecond         *bool
}

// ChangeUser alters an account and writes an entry for each kind of change. A
// new password, other roles and a deactivation end the account's sessions.
func (s *Service) ChangeUser(ctx context.Context, by evidence.Actor, id string, c Change) (Account, error) {
	old, err := s.store.Account(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("reading the account to change: %w", err)
	}
	var phc string
	if c.Password != nil {
		name, email := old.Name, old.Email
		if c.Name != nil {
			name = *c.Name
		}
		if c.Email != nil {
			email = *c.Email
		}
		// Hashed before the transaction, which must not last that long.
		if phc, err = s.hash(ctx, *c.Password, name, email); err != nil {
			return Account{}, err
		}
	}
	a, err := s.store.UpdateAccount(ctx, id, func(a *Account) (bool, []evidence.NewEntry, error) {
		return c.apply(a, phc, by)
	})
	if err != nil {
		return Account{}, fmt.Errorf("changing an account: %w", err)
	}
	return a, nil
}

// apply changes a and tells which entries say so.
func (c Change) apply(a *Account, phc string, by evidence.Actor) (endSessions bool, entries []evidence.NewEntry, err error) {
	changed := func(what string, part any) {
		entries = append(entries, evidence.NewEntry{Actor: by, Kind: evidence.EntryUserChanged, Part: part,
			Payload: evidence.UserPayload{User: a.ID, Roles: roleNames(a.Roles), Change: what, OK: true}})
	}
	if c.Name != nil {
		if a.Name, err = normalName(*c.Name); err != nil {
			return false, nil, err
		}
	}
	if c.Email != nil {
		if a.Email, err = normalEmail(*c.Email); err != nil {
			return false, nil, err
		}
	}
	if c.Roles != nil {
		if a.Roles, err = normalRoles(*c.Roles); err != nil {
			return false, nil, err
		}
	}
	if c.Name != nil || c.Email != nil {
		changed("name", AccountPart{Name: a.Name, Email: a.Email})
	}
	if c.Roles != nil {
		endSessions = true // whoever may do more, or less, signs in anew
		changed("roles", nil)
	}
	if c.RequireSecond != nil && *c.RequireSecond != a.RequireSecond {
		a.RequireSecond = *c.RequireSecond
		if a.RequireSecond {
			changed("second_factor_required", nil)
		} else {
			changed("second_factor_optional", nil)
		}
	}
	if phc != "" {
		a.PasswordHash, endSessions = phc, true
		changed("password", nil)
	}
	if c.Active != nil && *c.Active != a.Active {
		a.Active = *c.Active
		if a.Active {
			changed("activated", nil)
		} else {
			endSessions = true
			changed("deactivated", nil)
		}
	}
	return endSessions, entries, nil
}

// Command is the actor of what is done on the console, by `bonafide user`.
var Command = evidence.Actor{Type: "command"}

// AccountOf finds an account by its e-mail address, for the console.
func (s *Service) AccountOf(ctx context.Context, email string) (Account, error) {
	e, err := normalEmail(email)
	if err != nil {
		return Account{}, err
	}
	a, err := s.store.AccountByEmail(ctx, e)
	if errors.Is(err, ErrNotFound) {
		return Account{}, interview.Invalid("email", "no account has the address %q", e)
	}
	return a, err
}
