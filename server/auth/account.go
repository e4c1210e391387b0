package auth

import (
	"context"
	"errors"
	"net/mail"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Errors that a Store returns, and that callers may tell apart.
var (
	// ErrNotFound says that what an identifier or a hash names does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that a change collides with what is already there.
	ErrConflict = errors.New("conflict")
	// ErrLastAdmin is an ErrConflict: the change would leave nobody who can
	// manage accounts.
	ErrLastAdmin = conflict("this is the last active administrator; make somebody else an administrator first")
	// ErrEmailTaken is an ErrConflict: another account has this e-mail address.
	ErrEmailTaken = conflict("another account already has this e-mail address")
)

// conflictError carries a sentence and is an ErrConflict.
type conflictError struct{ sentence string }

func conflict(sentence string) error       { return &conflictError{sentence} }
func (e *conflictError) Error() string     { return e.sentence }
func (e *conflictError) Is(err error) bool { return err == ErrConflict }

// Account is somebody who can sign in.
type Account struct {
	ID           string
	Name         string
	Email        string // lower case, unique
	Roles        []Role
	PasswordHash string // PHC string; never leaves the server
	Active       bool   // a deactivated account cannot sign in
	CreatedMS    int64  // Unix ms

	RequireSecond bool // it may do nothing before it has a second factor
	HasSecond     bool // it has one, which every sign-in asks for
}

// Enrolled reports whether the account has the second factor that it must have.
func (a Account) Enrolled() bool { return !a.RequireSecond || a.HasSecond }

// Can reports whether the account is active, has the second factor that it
// must have, and has the permission.
func (a Account) Can(p Permission) bool { return a.Active && a.Enrolled() && Can(a.Roles, p) }

// Permissions is what the account may do, in declared order.
func (a Account) Permissions() []Permission {
	out := []Permission{}
	for _, p := range Permissions(a.Roles) {
		if a.Can(p) {
			out = append(out, p)
		}
	}
	return out
}

// Actor is the account as the cause of an entry.
func (a Account) Actor() evidence.Actor { return evidence.Actor{Type: "user", ID: a.ID} }

// Session is one signed-in browser. Only the hash of its token is kept.
type Session struct {
	Hash      []byte // SHA-256 of the token
	User      string
	CreatedMS int64 // Unix ms of the sign-in
	SeenMS    int64 // Unix ms of the last use, a few minutes coarse
}

// AccountChange alters an account inside a transaction. It returns whether
// the account's sessions end, and the entries that are written with it.
type AccountChange func(a *Account) (endSessions bool, entries []evidence.NewEntry, err error)

// Store is what this package needs to be kept. Entries that are passed with a
// change are durable together with it, or neither is.
type Store interface {
	// CountAccounts counts active and deactivated accounts.
	CountAccounts(ctx context.Context) (int, error)
	// CreateAccount returns ErrEmailTaken, or with first an ErrConflict when
	// any account exists already.
	CreateAccount(ctx context.Context, a Account, first bool, entries ...evidence.NewEntry) error
	Account(ctx context.Context, id string) (Account, error)
	AccountByEmail(ctx context.Context, email string) (Account, error)
	// UpdateAccount returns ErrLastAdmin when nobody could manage accounts
	// after the change.
	UpdateAccount(ctx context.Context, id string, change AccountChange) (Account, error)

	CreateSession(ctx context.Context, s Session) error
	// SessionAccount returns the session of a token's hash and its account.
	SessionAccount(ctx context.Context, hash []byte) (Session, Account, error)
	TouchSession(ctx context.Context, hash []byte, seenMS int64) error
	DeleteSession(ctx context.Context, hash []byte) error
	// DeleteStaleSessions removes sessions created, or last seen, before.
	DeleteStaleSessions(ctx context.Context, createdBefore, seenBefore int64) error

	// BeginSecond keeps the secret of a second factor that is not confirmed.
	BeginSecond(ctx context.Context, user, secret string) error
	// SecondSecret returns ErrNotFound without one.
	SecondSecret(ctx context.Context, user string) (secret string, confirmed bool, err error)
	// UseStep returns ErrConflict for a time step that is not newer than the last.
	UseStep(ctx context.Context, user string, step int64) error
	ConfirmSecond(ctx context.Context, user string, codeHashes [][]byte, entries ...evidence.NewEntry) error
	RemoveSecond(ctx context.Context, user string, entries ...evidence.NewEntry) error
	// UseRecovery returns ErrNotFound for a code that does not exist any more.
	UseRecovery(ctx context.Context, user string, hash []byte, entries ...evidence.NewEntry) error
	RecoveryLeft(ctx context.Context, user string) (int, error)

	CreateLink(ctx context.Context, l interview.Link, secretHash []byte, entries ...evidence.NewEntry) error
	// LinkState returns the link of a secret's hash, and where its interview stands.
	LinkState(ctx context.Context, secretHash []byte) (interview.Link, interview.State, error)

	Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error)
}

// AccountPart is the deletable half of user.created and user.changed.
type AccountPart struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// SignInPart is the deletable half of user.sign_in.
type SignInPart struct {
	Address string `json:"address"` // network address of the attempt
}

// normalEmail returns the address as it is kept, or an error that says what
// is wrong with it.
func normalEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" {
		return "", interview.Invalid("email", "is empty; enter an address such as ana@example.org")
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 254 {
		return "", interview.Invalid("email", "%q is not an e-mail address; enter one such as ana@example.org", email)
	}
	return email, nil
}

// normalName returns the name as it is kept, or an error.
func normalName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", interview.Invalid("name", "is empty; enter 1 to 100 characters")
	}
	if n := len([]rune(name)); n > 100 {
		return "", interview.Invalid("name", "has %d characters; at most 100 fit", n)
	}
	if err := interview.Visible("name", name); err != nil {
		return "", err
	}
	return name, nil
}

// normalRoles returns the roles in declared order without repeats, or an error.
func normalRoles(roles []Role) ([]Role, error) {
	has := map[Role]bool{}
	for _, r := range roles {
		if !ValidRole(r) {
			return nil, interview.Invalid("roles", "%q is not a role; choose of interviewer, reviewer, auditor, admin", r)
		}
		has[r] = true
	}
	if len(has) == 0 {
		return nil, interview.Invalid("roles", "is empty; choose at least one of interviewer, reviewer, auditor, admin")
	}
	var out []Role
	for _, r := range Roles {
		if has[r] {
			out = append(out, r)
		}
	}
	return out, nil
}

func roleNames(roles []Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}
