package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

func TestSignIn(t *testing.T) {
	a, s, c := service(t)
	ctx := t.Context()
	u := user(t, a, "ana@example.org", auth.Interviewer)
	off := user(t, a, "off@example.org", auth.Interviewer)
	no := false
	if _, err := a.ChangeUser(ctx, auth.Command, off.ID, auth.Change{Active: &no}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		email, password string
		want            error
	}{
		"wrong":                {"ana@example.org", "not the password", auth.ErrBadPassword},
		"unknown":              {"zoe@example.org", password, auth.ErrBadPassword},
		"not an address":       {"ana", password, interview.ErrInvalid},
		"too long":             {"ana@example.org", strings.Repeat("x", 300), auth.ErrBadPassword},
		"deactivated":          {"off@example.org", password, auth.ErrDeactivated},
		"deactivated, guessed": {"off@example.org", "not the password", auth.ErrBadPassword},
	} {
		if _, token, err := a.SignIn(ctx, tc.email, tc.password, "", "192.0.2.1", ""); !errors.Is(err, tc.want) || token != "" {
			t.Errorf("%s: %q, %v; want %v", name, token, err, tc.want)
		}
	}
	_, one, err := a.SignIn(ctx, "ANA@example.org", password, "", "192.0.2.1", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Authenticate(ctx, with(one)); err != nil || got.ID != u.ID {
		t.Errorf("signed in as %+v, %v", got, err)
	}
	_, two, err := a.SignIn(ctx, "ana@example.org", password, "", "192.0.2.1", one)
	if err != nil || two == one {
		t.Fatalf("signed in again: %v", err)
	}
	for token, want := range map[string]error{one: auth.ErrNoSession, two: nil, "": auth.ErrNoSession, "x": auth.ErrNoSession, flip(two): auth.ErrNoSession} {
		if _, err := a.Authenticate(ctx, with(token)); !errors.Is(err, want) && err != want {
			t.Errorf("token %q: %v, want %v", token, err, want)
		}
	}
	if err := a.SignOut(ctx, two); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(ctx, with(two)); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("after signing out: %v", err)
	}
	c.advance(time.Hour)
	entries, err := s.Entries(ctx, store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntrySignIn}})
	if err != nil {
		t.Fatal(err)
	}
	ok := 0
	for _, e := range entries {
		if strings.Contains(string(e.Payload), `"ok":true`) && e.Actor == u.Actor() {
			ok++
		}
		if string(e.Part) != `{"address":"192.0.2.1"}` {
			t.Errorf("part %s", e.Part)
		}
	}
	if len(entries) != 7 || ok != 2 {
		t.Errorf("%d sign-in entries, %d good; want 7 and 2", len(entries), ok)
	}
}

func TestSignInIsLimited(t *testing.T) {
	a, _, c := service(t)
	ctx := t.Context()
	user(t, a, "ana@example.org", auth.Interviewer)
	var rate *auth.RateError
	try := func(email, pw, from string) error {
		_, _, err := a.SignIn(ctx, email, pw, "", from, "")
		return err
	}
	for range 5 {
		if err := try("ana@example.org", "wrong", "2001:db8::1"); !errors.Is(err, auth.ErrBadPassword) {
			t.Fatal(err)
		}
	}
	// The right password and another address of the same subscriber do not help.
	if err := try("ana@example.org", password, "2001:db8::2"); !errors.As(err, &rate) || rate.Seconds() != 30 {
		t.Errorf("the sixth attempt: %v, want a wait of 30 s", err)
	}
	// Somebody elsewhere is not locked out by it.
	if err := try("ana@example.org", password, "192.0.2.9"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	c.advance(30 * time.Second)
	if err := try("ana@example.org", password, "2001:db8::1"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	// One address cannot try many accounts either.
	n, limited := 0, false
	for n = 0; n < 60 && !limited; n++ {
		err := try("nobody"+strings.Repeat("x", n)+"@example.org", "", "192.0.2.77")
		limited = errors.As(err, &rate)
	}
	if n != 31 || !limited {
		t.Errorf("limited after %d attempts (%v), want at the 31st", n, limited)
	}
}

func TestSessionsRunOut(t *testing.T) {
	a, _, c := service(t)
	ctx := t.Context()
	u := user(t, a, "ana@example.org", auth.Interviewer)
	start := func() string {
		token, err := a.StartSession(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	idle := start()
	c.advance(auth.SessionIdle - time.Minute)
	used := start()
	if _, err := a.Authenticate(ctx, with(idle)); err != nil {
		t.Errorf("just before 12 idle hours: %v", err)
	}
	c.advance(2 * time.Minute) // it was used: another 12 hours
	if _, err := a.Authenticate(ctx, with(idle)); err != nil {
		t.Errorf("after a use: %v", err)
	}
	c.advance(auth.SessionIdle + time.Minute)
	for _, token := range []string{idle, used} {
		if _, err := a.Authenticate(ctx, with(token)); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("idle for more than 12 hours: %v", err)
		}
	}
	busy := start()
	var err error
	hours := 0
	for ; err == nil && hours < 24*8; hours++ {
		c.advance(time.Hour)
		_, err = a.Authenticate(ctx, with(busy))
	}
	if hours != 7*24+1 || !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("a busy session ended after %d hours with %v, want after 7 days", hours, err)
	}
}

func TestChangesEndSessions(t *testing.T) {
	a, s, _ := service(t)
	ctx := t.Context()
	user(t, a, "admin@example.org", auth.Admin)
	u := user(t, a, "ana@example.org", auth.Interviewer)
	text := func(v string) *string { return &v }
	yes, no := true, false
	for _, tc := range []struct {
		name    string
		change  auth.Change
		ends    bool
		changed string
	}{
		{"name", auth.Change{Name: text("Ana L")}, false, "name"},
		{"roles", auth.Change{Roles: &[]auth.Role{auth.Reviewer}}, true, "roles"},
		{"active already", auth.Change{Active: &yes}, false, ""},
		{"password", auth.Change{Password: text("another long password")}, true, "password"},
		{"deactivated", auth.Change{Active: &no}, true, "deactivated"},
		{"activated", auth.Change{Active: &yes}, true, "activated"}, // the old session stays ended
	} {
		before, err := s.LastSeq(ctx)
		if err != nil {
			t.Fatal(err)
		}
		token, err := a.StartSession(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.ChangeUser(ctx, auth.Command, u.ID, tc.change); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if tc.name != "activated" {
			if _, err := a.Authenticate(ctx, with(token)); (err != nil) != tc.ends {
				t.Errorf("%s: the session gives %v, ends should be %v", tc.name, err, tc.ends)
			}
		}
		entries, err := s.Entries(ctx, store.EntryQuery{After: before})
		if err != nil || (len(entries) == 1) != (tc.changed != "") || len(entries) == 1 && !strings.Contains(string(entries[0].Payload), `"change":"`+tc.changed+`"`) {
			t.Errorf("%s: entries %+v, %v", tc.name, entries, err)
		}
	}
	if _, _, err := a.SignIn(ctx, u.Email, "another long password", "", "192.0.2.1", ""); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := a.ChangeUser(ctx, auth.Command, u.ID, auth.Change{Password: text("short")}); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("a short new password: %v", err)
	}
	if _, err := a.ChangeUser(ctx, auth.Command, "nobody", auth.Change{}); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}
