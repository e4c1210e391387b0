package app

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/interview"
	"bonafide/server/signaling"
	"bonafide/server/store"
)

// admissions says who may join which room, and as what. Columns: an interview
// that the account interviews in, and another one; each as an interviewer and as
// an observer. "i" and "o" are let in as that, "x" is refused, "?" is told
// that there is no such interview.
const admissions = `
nobody            x x  x x
interviewer       i o  ? ?
reviewer          x x  x x
auditor           x x  x x
admin             i o  x x
deactivated       x x  x x
`

// TestAdmissions holds the door of the socket against the table, and candidates'
// links against interviews that they are not of.
func TestAdmissions(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), log)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	b := backend{store: s, auth: auth.New(s, log)}
	account := func(name string, active bool, roles ...auth.Role) auth.Account {
		a := auth.Account{ID: auth.NewID(), Name: name, Email: name + "@example.org", Roles: roles, PasswordHash: "none", Active: active}
		ok(t, s.CreateAccount(t.Context(), a, false))
		return a
	}
	people := map[string]auth.Account{
		"interviewer": account("interviewer", true, auth.Interviewer), "reviewer": account("reviewer", true, auth.Reviewer),
		"auditor": account("auditor", true, auth.Auditor), "admin": account("admin", true, auth.Admin), "deactivated": account("deactivated", true, auth.Interviewer),
	}
	planned := func(name string, by ...auth.Account) interview.Interview {
		iv := interview.Interview{CandidateName: name, Role: "Engineer", ScheduledMS: 1, CreatedBy: by[0].ID}
		for _, a := range by {
			iv.Interviewers = append(iv.Interviewers, a.ID)
		}
		iv, err := s.CreateInterview(t.Context(), iv)
		ok(t, err)
		return iv
	}
	mine := planned("Ada", people["interviewer"], people["admin"], people["deactivated"])
	other := planned("Bo", account("another", true, auth.Interviewer))
	sessions := map[string]string{}
	for name, a := range people {
		sessions[name], err = b.auth.StartSession(t.Context(), a)
		ok(t, err)
	}
	no := false
	_, err = b.auth.ChangeUser(t.Context(), auth.Command, people["deactivated"].ID, auth.Change{Active: &no})
	ok(t, err)

	join := func(who string, j signaling.Join) (interview.Interview, interview.Participant, error) {
		r := httptest.NewRequest("GET", "/ws", nil)
		if token := sessions[who]; token != "" {
			w := httptest.NewRecorder()
			auth.SetCookie(w, token, false)
			r.Header.Set("Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
		}
		return b.Admission(t.Context(), r, j)
	}
	for _, line := range strings.Split(strings.TrimSpace(admissions), "\n") {
		f := strings.Fields(line)
		if len(f) != 5 || f[0] != "nobody" && sessions[f[0]] == "" {
			t.Fatalf("the line %q", line)
		}
		for i, want := range f[1:] {
			j := signaling.Join{Interview: []interview.Interview{mine, other}[i/2].ID, Observe: i%2 == 1}
			iv, p, err := join(f[0], j)
			got := map[interview.Role]string{interview.Interviewer: "i", interview.Observer: "o"}[p.Role]
			switch {
			case errors.Is(err, signaling.ErrForbidden):
				got = "x"
			case errors.Is(err, signaling.ErrNotFound):
				got = "?"
			case err != nil || iv.ID != j.Interview || p.Interview != j.Interview:
				t.Errorf("%s joining %+v: %+v in %q, %v", f[0], j, p, iv.ID, err)
			}
			if got != want {
				t.Errorf("%s joining %+v: %q, want %q (%v)", f[0], j, got, want, err)
			}
		}
	}

	// A link opens its own interview, as the candidate, whoever holds it and
	// whatever else is asked for.
	link := func(iv interview.Interview) (interview.Link, string) {
		l, secret, err := b.auth.NewLink(t.Context(), iv.ID, time.Hour, auth.Command)
		ok(t, err)
		return l, secret
	}
	_, toMine := link(mine)
	revoked, toOther := link(other)
	for _, who := range []string{"nobody", "interviewer", "admin"} {
		for secret, want := range map[string]interview.Interview{toMine: mine, toOther: other} {
			iv, p, err := join(who, signaling.Join{Link: secret, Interview: mine.ID, Observe: true})
			if err != nil || iv.ID != want.ID || p.ID != want.Candidate || p.Role != interview.Candidate {
				t.Errorf("%s with the link of %s: %+v in %q, %v", who, want.CandidateName, p, iv.ID, err)
			}
		}
	}
	ok(t, s.RevokeLink(t.Context(), other.ID, revoked.ID))
	for _, secret := range []string{toOther, "none", mine.ID, mine.Candidate} {
		if iv, p, err := join("interviewer", signaling.Join{Link: secret}); !errors.Is(err, interview.ErrInvalid) {
			t.Errorf("with a link that is none or was revoked: %+v in %q, %v", p, iv.ID, err)
		}
	}
	_, _, err = s.StartInterview(t.Context(), mine.ID)
	ok(t, err)
	_, err = s.EndInterview(t.Context(), mine.ID)
	ok(t, err)
	for _, j := range []signaling.Join{{Link: toMine}, {Interview: mine.ID}} {
		if _, p, err := join("interviewer", j); !errors.Is(err, interview.ErrInvalid) {
			t.Errorf("into an interview that has ended, by %+v: %+v, %v", j, p, err)
		}
	}
}
