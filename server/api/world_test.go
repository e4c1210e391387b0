package api

import (
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
	"bonafide/server/vault"
)

const (
	password = "four random words"
	host     = "interviews.example.org"
)

// world is a server over a real store, with an account of each role and two
// interviews: {mine}, created by the interviewer, and {other}, by the admin.
type world struct {
	t       *testing.T
	store   *store.Store
	auth    *auth.Service
	config  Config
	handler http.Handler // api, or what a test puts in its place
	api     *API
	now     time.Time
	tokens  map[string]string // by who: "interviewer", "reviewer", "auditor", "admin", "deactivated"
	names   []string          // pairs for a strings.Replacer
	media   string
}

// exec changes the database behind the program's back.
func (w *world) exec(change string) {
	w.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(filepath.Dir(w.media), "a.db"))
	if err == nil {
		_, err = db.ExecContext(w.t.Context(), change)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// empty returns a server without any account.
func empty(t *testing.T, change func(*Config)) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	v, err := vault.Open(vault.Config{Dir: filepath.Join(dir, "keystore"), Master: filepath.Join(dir, "master.key")}, log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(dir, "a.db"), log, store.WithVault(v))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, store: s, auth: auth.New(s, log), now: time.UnixMilli(1700000000000), tokens: map[string]string{}, media: filepath.Join(dir, "media")}
	s.Now = func() time.Time { return w.now }
	w.auth.Now = s.Now
	if err := os.Mkdir(w.media, 0o700); err != nil {
		t.Fatal(err)
	}
	w.config = Config{Store: s, Vault: v, Auth: w.auth, MediaDir: w.media, Policy: interview.AllowUnrecorded, KeepDays: 90, Operator: "Example Ltd", Version: "test", LinkHours: 72,
		Signaling: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the socket") }),
		Web: fstest.MapFS{
			"index.html":          {Data: []byte("<!doctype html><title>pages</title>")},
			"favicon.svg":         {Data: []byte("<svg/>")},
			"assets/app-abc12.js": {Data: []byte("export {}")},
		}}
	if change != nil {
		change(&w.config)
	}
	a, err := New(w.config, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w.handler, w.api = a, a
	return w
}

// populated returns a server with accounts and interviews.
func populated(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w := empty(t, change)
	accounts := map[string]auth.Account{}
	for _, who := range []string{"admin", "interviewer", "reviewer", "auditor", "deactivated"} {
		role := auth.Role(who)
		if who == "deactivated" {
			role = auth.Admin
		}
		// Hashing real passwords would cost more than the rest of the test.
		a := auth.Account{ID: auth.NewID(), Name: "The " + who, Email: who + "@example.org", Roles: []auth.Role{role}, PasswordHash: "none", Active: true, CreatedMS: 5}
		if err := w.store.CreateAccount(t.Context(), a, false); err != nil {
			t.Fatal(err)
		}
		token, err := w.auth.StartSession(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		accounts[who], w.tokens[who] = a, token
		w.names = append(w.names, "{"+who+"}", a.ID)
	}
	_, err := w.store.UpdateAccount(t.Context(), accounts["deactivated"].ID, func(a *auth.Account) (bool, []evidence.NewEntry, error) {
		a.Active = false
		return false, nil, nil // the session stays, so that it is the account that is refused
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]string{"mine": "interviewer", "other": "admin"} {
		iv, err := w.store.CreateInterview(t.Context(), interview.Interview{CandidateName: "Zoë " + name, Role: "Pilot", ScheduledMS: 1800000000000,
			Place: "Lisbon", TimeZone: "Europe/Lisbon", Interviewers: []string{accounts[by].ID}, CreatedBy: accounts[by].ID})
		if err != nil {
			t.Fatal(err)
		}
		w.names = append(w.names, "{"+name+"}", iv.ID, "{candidate of "+name+"}", iv.Candidate)
	}
	return w
}

// fill replaces {mine}, {admin} and the like by identifiers.
func (w *world) fill(text string) string { return strings.NewReplacer(w.names...).Replace(text) }

// scenario is one request and what its answer must be.
type scenario struct {
	name    string
	as      string // whose session; "" for none
	request string // "GET /path"
	body    string // JSON; sent when not empty
	header  map[string]string
	status  int
	has     []string // in the body, or a header line "Name: value"
	hasNot  []string
}

func (w *world) run(all []scenario) {
	w.t.Helper()
	for _, s := range all {
		name := s.name
		if name == "" {
			name = s.as + " " + s.request
		}
		w.t.Run(name, func(t *testing.T) {
			t.Helper()
			got := w.send(s)
			text := dump(got)
			if got.Code != s.status {
				t.Fatalf("status %d, want %d:\n%s", got.Code, s.status, text)
			}
			for _, want := range s.has {
				if !strings.Contains(text, w.fill(want)) {
					t.Errorf("%q is not in\n%s", w.fill(want), text)
				}
			}
			for _, no := range s.hasNot {
				if strings.Contains(text, w.fill(no)) {
					t.Errorf("%q is in\n%s", w.fill(no), text)
				}
			}
		})
	}
}

func (w *world) send(s scenario) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(w.fill(s.request), " ")
	r := httptest.NewRequest(method, target, strings.NewReader(w.fill(s.body)))
	r.Host = host
	if s.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range s.header {
		if k == "Host" {
			r.Host = v
			continue
		}
		r.Header.Set(k, v)
	}
	if s.as != "" {
		r.AddCookie(&http.Cookie{Name: auth.CookieName, Value: w.tokens[s.as]})
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r.WithContext(w.t.Context()))
	return rec
}

func dump(rec *httptest.ResponseRecorder) string {
	var b strings.Builder
	for k, v := range rec.Header() {
		b.WriteString(k + ": " + strings.Join(v, ", ") + "\n")
	}
	return b.String() + "\n" + rec.Body.String()
}

// ask runs one request that must succeed and decodes its answer.
func ask[T any](w *world, as, request, body string) T {
	w.t.Helper()
	rec := w.send(scenario{as: as, request: request, body: body})
	var v T
	if rec.Code/100 != 2 {
		w.t.Fatalf("%s: status %d: %s", request, rec.Code, rec.Body)
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		w.t.Fatalf("%s: %v in %s", request, err, rec.Body)
	}
	return v
}

// kinds returns the kinds of all entries of the log after seq.
func (w *world) kinds(after int64) string {
	w.t.Helper()
	entries, err := w.store.Entries(w.t.Context(), store.EntryQuery{After: after})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, string(e.Kind))
	}
	return strings.Join(out, " ")
}
