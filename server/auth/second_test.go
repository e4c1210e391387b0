package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// enrolled is an account with a second factor, its secret and recovery codes.
func enrolled(t *testing.T) (*auth.Service, *time.Time, auth.Account, string, []string) {
	t.Helper()
	ctx := t.Context()
	a, _, c := service(t)
	now, at := &c.now, c.now
	u, err := a.CreateUser(ctx, auth.Command, auth.NewAccount{Name: "Ana", Email: "ana@example.org", Password: password, Roles: []auth.Role{auth.Admin}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.BeginSecond(ctx, u, "not it at all"); !errors.Is(err, auth.ErrOwnPassword) {
		t.Fatalf("set-up with a wrong password: %v", err)
	}
	e, err := a.BeginSecond(ctx, u, password)
	if err != nil || !strings.HasPrefix(e.URI, "otpauth://totp/Bonafide:ana@example.org?") {
		t.Fatalf("%+v, %v", e, err)
	}
	// It does not count before a code has proved that it works.
	if _, _, err := a.SignIn(ctx, u.Email, password, "", "192.0.2.1", ""); err != nil {
		t.Fatalf("signing in before it is confirmed: %v", err)
	}
	if _, err := a.ConfirmSecond(ctx, u, wrong(code(t, e.Secret, at))); !errors.Is(err, auth.ErrBadCode) {
		t.Fatalf("a wrong code: %v", err)
	}
	codes, err := a.ConfirmSecond(ctx, u, code(t, e.Secret, at))
	if err != nil || len(codes) != 10 {
		t.Fatalf("%d recovery codes, %v", len(codes), err)
	}
	*now = now.Add(time.Hour)
	return a, now, u, e.Secret, codes
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wrong is a code that differs from a right one in its first digit.
func wrong(right string) string {
	return string('0'+(right[0]-'0'+5)%10) + right[1:]
}

func TestSecondFactor(t *testing.T) {
	a, now, u, secret, codes := enrolled(t)
	ctx := t.Context()
	sign := func(pw, code string) error {
		_, _, err := a.SignIn(ctx, u.Email, pw, code, "192.0.2.1", "")
		return err
	}
	if err := sign(password, ""); !errors.Is(err, auth.ErrSecondNeeded) {
		t.Errorf("without a code: %v", err)
	}
	if err := sign("wrong password", code(t, secret, *now)); !errors.Is(err, auth.ErrBadPassword) {
		t.Errorf("a code without the password: %v", err)
	}
	if err := sign(password, code(t, secret, *now)); err != nil {
		t.Errorf("with a code: %v", err)
	}
	if err := sign(password, code(t, secret, *now)); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the same code again: %v", err)
	}
	if err := sign(password, code(t, secret, now.Add(-30*time.Second))); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("an older code after a newer: %v", err)
	}
	*now = now.Add(5 * time.Minute)
	spaced := code(t, secret, now.Add(30*time.Second)) // a phone that goes fast
	if err := sign(password, spaced[:3]+" "+spaced[3:]); err != nil {
		t.Errorf("the next code, with a space: %v", err)
	}
	*now = now.Add(5 * time.Minute)
	if err := sign(password, code(t, secret, now.Add(-90*time.Second))); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("a code from three steps ago: %v", err)
	}
	if err := sign(password, "12345"); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("five digits: %v", err)
	}
	*now = now.Add(time.Hour)
	if err := sign(password, strings.ToUpper(codes[3])); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	if err := sign(password, codes[3]); !errors.Is(err, auth.ErrBadCode) {
		t.Errorf("the same recovery code again: %v", err)
	}
}

// TestCodesAreLimited: guessing is limited by account, wherever it comes from.
func TestCodesAreLimited(t *testing.T) {
	a, now, u, secret, _ := enrolled(t)
	right := code(t, secret, *now)
	var limited *auth.RateError
	for i := range 12 {
		_, _, err := a.SignIn(t.Context(), u.Email, password, wrong(right), "192.0.2."+string(rune('1'+i)), "")
		if i < 10 && !errors.Is(err, auth.ErrBadCode) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
		if i >= 10 && !errors.As(err, &limited) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
}

func TestRequiredSecondFactor(t *testing.T) {
	a, _, admin, _, _ := enrolled(t)
	ctx := t.Context()
	u, err := a.CreateUser(ctx, auth.Command, auth.NewAccount{Name: "Bo", Email: "bo@example.org", Password: password, Roles: []auth.Role{auth.Auditor}})
	if err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	if u, err = a.ChangeUser(ctx, admin.Actor(), u.ID, auth.Change{RequireSecond: &yes}); err != nil {
		t.Fatal(err)
	}
	if u.Can(auth.ReadLog) || u.Enrolled() || len(u.Permissions()) != 0 {
		t.Error("an account that must have a second factor may do something before it has one")
	}
	e, err := a.BeginSecond(ctx, u, password)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConfirmSecond(ctx, u, code(t, e.Secret, a.Now())); err != nil {
		t.Fatal(err)
	}
	if u, err = a.AccountOf(ctx, u.Email); err != nil || !u.Can(auth.ReadLog) {
		t.Errorf("after its set-up: %+v, %v", u, err)
	}
	if err := a.RemoveSecond(ctx, u, password); !errors.Is(err, auth.ErrSecondKept) {
		t.Errorf("removing what is required: %v", err)
	}
	if err := a.ResetSecond(ctx, admin.Actor(), u.ID); err != nil {
		t.Fatal(err)
	}
	if u, err = a.ChangeUser(ctx, admin.Actor(), u.ID, auth.Change{RequireSecond: &no}); err != nil || u.HasSecond || !u.Can(auth.ReadLog) {
		t.Errorf("after the reset: %+v, %v", u, err)
	}
}

func TestOwnPassword(t *testing.T) {
	a, s, _ := service(t)
	ctx := t.Context()
	u, err := a.CreateUser(ctx, auth.Command, auth.NewAccount{Name: "Ana", Email: "ana@example.org", Password: password, Roles: []auth.Role{auth.Admin}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.StartSession(ctx, u)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ChangeOwnPassword(ctx, u, "not the present one", "five other random words"); !errors.Is(err, auth.ErrOwnPassword) {
		t.Errorf("without the present one: %v", err)
	}
	if err := a.ChangeOwnPassword(ctx, u, password, "short"); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("a short one: %v", err)
	}
	if err := a.ChangeOwnPassword(ctx, u, password, "five other random words"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(ctx, with(token)); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("a session from before: %v", err)
	}
	if _, _, err := a.SignIn(ctx, u.Email, "five other random words", "", "192.0.2.1", ""); err != nil {
		t.Errorf("with the new one: %v", err)
	}
	changed := false
	entries, err := s.Entries(ctx, store.EntryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		changed = changed || e.Kind == evidence.EntryUserChanged && strings.Contains(string(e.Payload), `"change":"password"`) && e.Actor == u.Actor()
	}
	if !changed {
		t.Error("the change is not in the log")
	}
}
