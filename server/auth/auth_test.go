package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

var quiet = slog.New(slog.DiscardHandler)

const password = "four random words"

// clock is a time that tests move by hand.
type clock struct{ now time.Time }

func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// service returns a Service over a real store, with a clock.
func service(t *testing.T) (*auth.Service, *store.Store, *clock) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{time.UnixMilli(1700000000000)}
	a := auth.New(s, quiet)
	a.Now = func() time.Time { return c.now }
	s.Now = a.Now
	return a, s, c
}

func user(t *testing.T, a *auth.Service, email string, roles ...auth.Role) auth.Account {
	t.Helper()
	u, err := a.CreateUser(t.Context(), auth.Command, auth.NewAccount{Name: "Somebody", Email: email, Password: password, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// planned is an interview of somebody's.
func planned(t *testing.T, s *store.Store, by auth.Account) interview.Interview {
	t.Helper()
	iv, err := s.CreateInterview(t.Context(), interview.Interview{CandidateName: "Zoë", Role: "Pilot", CreatedBy: by.ID, Interviewers: []string{by.ID}})
	if err != nil {
		t.Fatal(err)
	}
	return iv
}

// link is one into an interview, for an hour, with its secret.
func link(t *testing.T, a *auth.Service, interviewID string, by auth.Account) (l interview.Link, secret string) {
	t.Helper()
	l, secret, err := a.NewLink(t.Context(), interviewID, time.Hour, by.Actor())
	if err != nil {
		t.Fatal(err)
	}
	return l, secret
}

// with is a request that carries the session token.
func with(token string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: auth.CookieName, Value: token})
	return r
}

// flip changes the first character of a secret.
func flip(secret string) string {
	if secret[0] == 'A' {
		return "B" + secret[1:]
	}
	return "A" + secret[1:]
}

func TestCreateUserRefuses(t *testing.T) {
	a, s, _ := service(t)
	good := auth.NewAccount{Name: " Ana Lima ", Email: " Ana@Example.org ", Password: password, Roles: []auth.Role{auth.Admin, auth.Interviewer, auth.Admin}}
	for name, tc := range map[string]struct {
		change func(*auth.NewAccount)
		field  string
	}{
		"no name":       {func(n *auth.NewAccount) { n.Name = "  " }, "name"},
		"long name":     {func(n *auth.NewAccount) { n.Name = strings.Repeat("é", 101) }, "name"},
		"no address":    {func(n *auth.NewAccount) { n.Email = "" }, "email"},
		"not address":   {func(n *auth.NewAccount) { n.Email = "ana" }, "email"},
		"named address": {func(n *auth.NewAccount) { n.Email = "Ana <ana@example.org>" }, "email"},
		"no role":       {func(n *auth.NewAccount) { n.Roles = nil }, "roles"},
		"unknown role":  {func(n *auth.NewAccount) { n.Roles = []auth.Role{"boss"} }, "roles"},
		"short":         {func(n *auth.NewAccount) { n.Password = "éééééééééééé"[:22] }, "password"}, // 11 characters, 22 bytes
		"long":          {func(n *auth.NewAccount) { n.Password = strings.Repeat("x", 257) }, "password"},
		"own address":   {func(n *auth.NewAccount) { n.Password = "ANA@example.org" }, "password"},
		"own name":      {func(n *auth.NewAccount) { n.Name, n.Password = "Ana Maria Lima", "ana maria lima" }, "password"},
	} {
		n := good
		tc.change(&n)
		var field *interview.FieldError
		if _, err := a.CreateUser(t.Context(), auth.Command, n); !errors.As(err, &field) || field.Field != tc.field {
			t.Errorf("%s: %v, want one about %s", name, err, tc.field)
		}
	}
	if n, err := s.CountAccounts(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d accounts after refusals only, %v", n, err)
	}
	u, err := a.CreateUser(t.Context(), auth.Command, good)
	if err != nil || u.Name != "Ana Lima" || u.Email != "ana@example.org" || len(u.Roles) != 2 || u.Roles[0] != auth.Interviewer {
		t.Errorf("created %+v, %v", u, err)
	}
	if !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %q", u.PasswordHash)
	}
	if _, err := a.CreateUser(t.Context(), auth.Command, good); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("the same again: %v", err)
	}
	if found, err := a.AccountOf(t.Context(), "ANA@example.org"); err != nil || found.ID != u.ID {
		t.Errorf("by address: %+v, %v", found, err)
	}
	if _, err := a.AccountOf(t.Context(), "ben@example.org"); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("an unknown address: %v", err)
	}
	entries, err := s.Entries(t.Context(), store.EntryQuery{})
	if err != nil || len(entries) != 1 || entries[0].Kind != evidence.EntryUserCreated || entries[0].Actor != auth.Command ||
		strings.Contains(string(entries[0].Payload), "Ana") || !strings.Contains(string(entries[0].Part), "Ana Lima") {
		t.Errorf("entries: %+v, %v; want one, the name in its part only", entries, err)
	}
}

func TestPasswordHashes(t *testing.T) {
	one, err := auth.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	two, err := auth.HashPassword(password)
	if err != nil || one == two {
		t.Errorf("two hashes of one password are equal, %v", err)
	}
	// Made by the reference implementation's command:
	// printf 'four random words' | argon2 somesaltsomesalt -id -t 3 -k 4096 -p 2 -l 32 -e
	const reference = "$argon2id$v=19$m=4096,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$iLUO+r9L3/gnFGdwxpZeUfHyZpGcWW4VAop+fToKvrM"
	for _, phc := range []string{one, two, reference} {
		if ok, err := auth.VerifyPassword(phc, password); !ok || err != nil {
			t.Errorf("%s: %v, %v", phc, ok, err)
		}
		if ok, err := auth.VerifyPassword(phc, password+" "); ok || err != nil {
			t.Errorf("%s accepts another password: %v, %v", phc, ok, err)
		}
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", strings.Replace(one, "m=19456", "m=99999999", 1),
		strings.Replace(one, "t=2", "t=0", 1), strings.Replace(one, "v=19", "v=16", 1), one[:len(one)-30], one + "$"} {
		if ok, err := auth.VerifyPassword(bad, password); ok || err == nil {
			t.Errorf("%q: %v, %v; want an error", bad, ok, err)
		}
	}
}

func TestSetup(t *testing.T) {
	a, s, _ := service(t)
	ctx := t.Context()
	n := auth.NewAccount{Name: "Ada", Email: "ada@example.org", Password: password, Roles: []auth.Role{auth.Auditor}}
	if _, err := a.Setup(ctx, "", "192.0.2.1", n); !errors.Is(err, auth.ErrSetupToken) {
		t.Errorf("before a token was drawn: %v", err)
	}
	token, err := a.SetupToken(ctx)
	if err != nil || len(token) < 26 {
		t.Fatalf("token %q, %v", token, err)
	}
	if again, err := a.SetupToken(ctx); again != token || err != nil {
		t.Errorf("asked again: %q, %v", again, err)
	}
	var rate *auth.RateError
	for i := range 5 {
		_, err := a.Setup(ctx, "wrong", "192.0.2.1", n)
		if i < 4 && !errors.Is(err, auth.ErrSetupToken) || i == 4 && !errors.As(err, &rate) {
			t.Errorf("wrong token %d: %v", i+2, err)
		}
	}
	bad := n
	bad.Password = "short"
	if _, err := a.Setup(ctx, token, "192.0.2.2", bad); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("a short password: %v", err)
	}
	first, err := a.Setup(ctx, " "+strings.ToUpper(token), "192.0.2.1", n) // as a person may copy it
	if err != nil || !first.Can(auth.ManageUsers) || !first.Can(auth.HostInterview) {
		t.Fatalf("set-up: %+v, %v", first, err)
	}
	if _, err := a.Setup(ctx, token, "192.0.2.2", n); !errors.Is(err, auth.ErrSetupDone) {
		t.Errorf("a second set-up: %v", err)
	}
	if token, err := a.SetupToken(ctx); token != "" || err != nil {
		t.Errorf("a token of a server that is set up: %q, %v", token, err)
	}
	if entries, err := s.Entries(ctx, store.EntryQuery{}); err != nil || len(entries) != 1 || entries[0].Actor != first.Actor() {
		t.Errorf("entries: %+v, %v", entries, err)
	}
}

func TestLinks(t *testing.T) {
	a, s, c := service(t)
	ctx := t.Context()
	u := user(t, a, "ana@example.org", auth.Interviewer)
	iv := planned(t, s, u)
	l, secret := link(t, a, iv.ID, u)
	if got, err := a.ResolveLink(ctx, secret); err != nil || got != l || got.Interview != iv.ID {
		t.Errorf("resolved %+v, %v; want %+v", got, err, l)
	}
	for _, wrong := range []string{"", "x", secret[1:], flip(secret), strings.Repeat("A", 43)} {
		if _, err := a.ResolveLink(ctx, wrong); !errors.Is(err, auth.ErrLinkUnknown) {
			t.Errorf("%q: %v, want unknown", wrong, err)
		}
	}
	c.advance(time.Hour)
	if _, err := a.ResolveLink(ctx, secret); !errors.Is(err, auth.ErrLinkExpired) {
		t.Errorf("after its time: %v", err)
	}
	if _, _, err := s.StartInterview(ctx, iv.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := a.ResolveLink(ctx, secret); err != nil || got != l {
		t.Errorf("after its time in a live interview: %+v, %v", got, err)
	}
	if _, err := s.EndInterview(ctx, iv.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ResolveLink(ctx, secret); !errors.Is(err, auth.ErrLinkExpired) {
		t.Errorf("after the end: %v", err)
	}
	l2, secret2, err := a.NewLink(ctx, iv.ID, time.Hour, u.Actor())
	if err != nil || secret2 == secret {
		t.Fatal(err)
	}
	if err := s.RevokeLink(ctx, iv.ID, l2.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ResolveLink(ctx, secret2); !errors.Is(err, auth.ErrLinkRevoked) {
		t.Errorf("revoked: %v", err)
	}
	records, err := s.Records(ctx, store.EntryQuery{Interview: iv.ID})
	if err != nil || len(records) != 2 {
		t.Fatalf("%d entries, %v", len(records), err)
	}
	if text := string(records[0].Canonical); strings.Contains(text, secret) || !strings.Contains(text, l.ID) {
		t.Errorf("the entry is %s", text)
	}
	if _, _, err := a.NewLink(ctx, "nowhere", time.Hour, u.Actor()); err == nil {
		t.Error("a link into an interview that does not exist was made")
	}
}

// A link still leads the candidate to their own record after the cancelling,
// however old it is; one that was withdrawn tells nothing, not even that.
func TestLinkOfACancelledInterview(t *testing.T) {
	a, s, c := service(t)
	ctx := t.Context()
	u := user(t, a, "ana@example.org", auth.Interviewer)
	iv := planned(t, s, u)
	kept, secret := link(t, a, iv.ID, u)
	withdrawn, old := link(t, a, iv.ID, u)
	if err := s.RevokeLink(ctx, iv.ID, withdrawn.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ResolveOwnRecord(ctx, secret); !errors.Is(err, auth.ErrNotHeldYet) {
		t.Errorf("own record before: %v", err)
	}
	if err := s.CancelInterview(ctx, iv.ID, "She took another offer", u.Actor()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.ResolveLink(ctx, secret); !errors.Is(err, auth.ErrCancelled) {
			t.Errorf("invitation: %v", err)
		}
		if got, err := a.ResolveOwnRecord(ctx, secret); err != nil || got != kept {
			t.Errorf("own record: %+v, %v", got, err)
		}
		_, err1 := a.ResolveLink(ctx, old)
		_, err2 := a.ResolveOwnRecord(ctx, old)
		if !errors.Is(err1, auth.ErrLinkRevoked) || !errors.Is(err2, auth.ErrLinkRevoked) {
			t.Errorf("the link withdrawn before: %v, %v", err1, err2)
		}
		c.advance(1000 * time.Hour)
	}
}

func TestCookie(t *testing.T) {
	for _, secure := range []bool{true, false} {
		w := httptest.NewRecorder()
		auth.SetCookie(w, "t", secure)
		c := w.Result().Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != secure || c.Path != "/" || c.Name != "bonafide_session" || c.MaxAge <= 0 {
			t.Errorf("cookie %+v", c)
		}
		w = httptest.NewRecorder()
		auth.ClearCookie(w, secure)
		if c := w.Result().Cookies()[0]; c.MaxAge >= 0 || c.Value != "" || c.Name != "bonafide_session" {
			t.Errorf("cleared cookie %+v", c)
		}
	}
}

// TestUnknownAccountsCostTheSame compares the work of sign-ins with a wrong
// password and with an unknown address. Hashing dominates both by far, so a
// missing hash would show as a factor of ten or more.
func TestUnknownAccountsCostTheSame(t *testing.T) {
	a, _, _ := service(t)
	user(t, a, "ana@example.org", auth.Interviewer)
	fastest := func(email string) time.Duration {
		best := time.Hour
		for range 4 {
			began := time.Now()
			if _, _, err := a.SignIn(context.Background(), email, "wrong", "", "192.0.2.1", ""); !errors.Is(err, auth.ErrBadPassword) {
				t.Fatal(err)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	known, unknown := fastest("ana@example.org"), fastest("zoe@example.org")
	if unknown < known/3 {
		t.Errorf("an unknown account takes %v, a known one %v", unknown, known)
	}
	t.Logf("known %v, unknown %v", known, unknown)
}

func TestTable(t *testing.T) {
	for _, r := range auth.Roles {
		if !auth.ValidRole(r) || len(auth.Permissions([]auth.Role{r})) != len(auth.Table[r]) {
			t.Errorf("role %s: %v of %v", r, auth.Permissions([]auth.Role{r}), auth.Table[r])
		}
	}
	if auth.ValidRole("boss") || auth.Can(nil, auth.ReadOwn) {
		t.Error("a role that does not exist may do something")
	}
	me := auth.Account{ID: "me", Active: true}
	mine, hosted, others := interview.Interview{CreatedBy: "me"}, interview.Interview{Interviewers: []string{"x", "me"}}, interview.Interview{CreatedBy: "x"}
	for _, tc := range []struct {
		role auth.Role
		may  func(auth.Account, interview.Interview) bool
		name string
		want [3]bool // mine, hosted, others
	}{
		{auth.Interviewer, auth.Account.MayRead, "read", [3]bool{true, true, false}},
		{auth.Interviewer, auth.Account.MayChange, "change", [3]bool{true, true, false}},
		{auth.Interviewer, auth.Account.MayHost, "host", [3]bool{true, true, false}},
		{auth.Reviewer, auth.Account.MayRead, "read", [3]bool{true, true, true}},
		{auth.Reviewer, auth.Account.MayChange, "change", [3]bool{false, false, false}},
		{auth.Reviewer, auth.Account.MayHost, "host", [3]bool{false, false, false}},
		{auth.Auditor, auth.Account.MayRead, "read", [3]bool{true, true, true}},
		{auth.Auditor, auth.Account.MayChange, "change", [3]bool{false, false, false}},
		{auth.Admin, auth.Account.MayRead, "read", [3]bool{true, true, true}},
		{auth.Admin, auth.Account.MayChange, "change", [3]bool{true, true, true}},
		{auth.Admin, auth.Account.MayHost, "host", [3]bool{true, true, false}},
	} {
		me.Roles = []auth.Role{tc.role}
		for i, iv := range []interview.Interview{mine, hosted, others} {
			if got := tc.may(me, iv); got != tc.want[i] {
				t.Errorf("%s may %s interview %d: %v", tc.role, tc.name, i, got)
			}
			off := me
			off.Active = false
			if tc.may(off, iv) {
				t.Errorf("a deactivated %s may %s interview %d", tc.role, tc.name, i)
			}
		}
	}
}

func TestLimiterIsBounded(t *testing.T) {
	c := &clock{time.UnixMilli(0)}
	l := auth.NewLimiter(time.Minute, 2, func() time.Time { return c.now })
	for i := range 3 {
		if err := l.Take("a"); (err != nil) != (i == 2) {
			t.Errorf("attempt %d: %v", i+1, err)
		}
	}
	c.advance(90 * time.Second) // refused attempts do not count, so one is back
	for i := range 2 {
		if err := l.Take("a"); (err != nil) != (i == 1) {
			t.Errorf("later attempt %d: %v", i+1, err)
		}
	}
	l.Reset("a")
	if err := l.Take("a"); err != nil {
		t.Errorf("after a reset: %v", err)
	}
	for _, tc := range [][2]string{{"192.0.2.1", "192.0.2.1"}, {"2001:db8:1:2:3::4", "2001:db8:1:2::/64"}, {"::ffff:192.0.2.1", "192.0.2.1"}, {"odd", "odd"}} {
		if got := auth.Network(tc[0]); got != tc[1] {
			t.Errorf("Network(%s) = %s, want %s", tc[0], got, tc[1])
		}
	}
}
