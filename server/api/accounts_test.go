package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
)

// session takes the session token from an answer's cookie.
func session(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	for _, c := range rec.Result().Cookies() {
		if c.Name == auth.CookieName {
			return c.Value
		}
	}
	t.Fatalf("no cookie in %s", dump(rec))
	return ""
}

// TestFirstAccount goes from a new server to a second account that signs in.
func TestFirstAccount(t *testing.T) {
	w := empty(t, func(c *Config) { c.TrustProxy = true })
	token, err := w.auth.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	setup := func(token, password string) string {
		return `{"token":"` + token + `","name":"Ada","email":"ada@example.org","password":"` + password + `"}`
	}
	w.run([]scenario{
		{request: "GET /api/server", status: 200, has: []string{`"setup_needed":true`}},
		{name: "a guess", request: "POST /api/setup", body: setup("guess", password), status: 403, has: []string{`"field":"token"`, "console"}, hasNot: []string{"Set-Cookie"}},
		{name: "short", request: "POST /api/setup", body: setup(token, "short"), status: 400, has: []string{`"field":"password"`, "Password has 5 characters; use at least 12"}},
	})
	rec := w.send(scenario{request: "POST /api/setup", body: setup(token, password), header: map[string]string{"X-Forwarded-Proto": "https"}})
	if rec.Code != 201 || !strings.Contains(rec.Body.String(), `"user.manage"`) || !strings.Contains(dump(rec), "HttpOnly; Secure; SameSite=Lax") {
		t.Fatalf("set-up: %d\n%s", rec.Code, dump(rec))
	}
	w.tokens["ada"] = session(t, rec)
	w.run([]scenario{
		{name: "set up twice", request: "POST /api/setup", body: setup(token, password), status: 409, has: []string{`"code":"conflict"`, "already set up"}},
		{request: "GET /api/server", status: 200, has: []string{`"setup_needed":false`}},
		{as: "ada", request: "GET /api/session", status: 200, has: []string{`"email":"ada@example.org"`, `"roles":["admin"]`, `"interview.create"`}, hasNot: []string{"argon2"}},
		{name: "incomplete", as: "ada", request: "POST /api/users", body: `{"name":"Ben","email":"ben@example.org","password":"` + password + `"}`, status: 400, has: []string{`"field":"roles"`}},
		{name: "taken", as: "ada", request: "POST /api/users", body: `{"name":"Ben","email":"ADA@example.org","password":"` + password + `","roles":["reviewer"]}`, status: 409, has: []string{`"field":"email"`}},
	})
	ben := ask[User](w, "ada", "POST /api/users", `{"name":"Ben","email":"ben@example.org","password":"`+password+`","roles":["reviewer","interviewer"]}`)
	w.names = append(w.names, "{ben}", ben.ID, "{ada}", ask[Me](w, "ada", "GET /api/session", "").User.ID)

	signIn := func(pw string) string { return `{"email":"ben@example.org","password":"` + pw + `"}` }
	w.run([]scenario{
		{name: "wrong password", request: "POST /api/session", body: signIn("wrong"), status: 401, has: []string{`"code":"unauthorized"`, "do not belong together"}, hasNot: []string{"Set-Cookie"}},
		{name: "list", as: "ada", request: "GET /api/users", status: 200, has: []string{`"{ben}"`, `"{ada}"`, `"roles":["interviewer","reviewer"]`}, hasNot: []string{"argon2", "password"}},
		{name: "people", as: "ada", request: "GET /api/people", status: 200, has: []string{`{"id":"{ben}","name":"Ben"}`}, hasNot: []string{"ada@", "ben@"}},
	})
	rec = w.send(scenario{request: "POST /api/session", body: signIn(password)})
	if rec.Code != 200 || strings.Contains(dump(rec), "Secure;") {
		t.Fatalf("sign-in over HTTP: %d\n%s", rec.Code, dump(rec))
	}
	w.tokens["ben"] = session(t, rec)
	w.run([]scenario{
		{name: "signed in", as: "ben", request: "GET /api/session", status: 200, has: []string{`"name":"Ben"`}},
		{name: "rename", as: "ada", request: "PATCH /api/users/{ben}", body: `{"name":"Benedict"}`, status: 200, has: []string{`"name":"Benedict"`, `"email":"ben@example.org"`, `"active":true`}},
		{name: "still signed in", as: "ben", request: "GET /api/session", status: 200},
		{name: "nobody", as: "ada", request: "PATCH /api/users/nobody", body: `{"name":"x"}`, status: 404},
		{name: "oneself", as: "ada", request: "PATCH /api/users/{ada}", body: `{"active":false}`, status: 409, has: []string{"your own account"}},
		{name: "last admin", as: "ada", request: "PATCH /api/users/{ada}", body: `{"roles":["auditor"]}`, status: 409, has: []string{"last active administrator"}},
		{name: "deactivate", as: "ada", request: "PATCH /api/users/{ben}", body: `{"active":false}`, status: 200, has: []string{`"active":false`}},
		{name: "session ended", as: "ben", request: "GET /api/session", status: 401},
		{name: "not chosen any more", as: "ada", request: "GET /api/people", status: 200, hasNot: []string{"{ben}"}},
		{name: "sign in deactivated", request: "POST /api/session", body: signIn(password), status: 403, has: []string{"deactivated"}},
		{name: "sign out", as: "ada", request: "DELETE /api/session", status: 204, has: []string{"bonafide_session=; Path=/; Max-Age=0"}},
		{name: "signed out", as: "ada", request: "GET /api/session", status: 401},
		{name: "sign out again", request: "DELETE /api/session", status: 204},
	})
	const want = "user.created user.created user.sign_in user.sign_in user.changed user.changed user.sign_in"
	if got := w.kinds(0); got != want {
		t.Errorf("the log has %s, want %s", got, want)
	}
}

func TestSignInLimit(t *testing.T) {
	w := populated(t, nil)
	body := `{"email":"nobody@example.org","password":"x"}`
	for range 5 {
		w.run([]scenario{{request: "POST /api/session", body: body, status: 401}})
	}
	w.run([]scenario{
		{name: "sixth", request: "POST /api/session", body: body, status: 429, has: []string{"Retry-After: 30", `"code":"rate"`, "try again in 30 s"}},
		{name: "a made-up address does not help", request: "POST /api/session", body: body, header: map[string]string{"X-Forwarded-For": "198.51.100.7"}, status: 429},
	})
	w.now = w.now.Add(31 * time.Second)
	w.run([]scenario{{name: "later", request: "POST /api/session", body: body, status: 401}})
}

// TestAddress holds which address counts behind a trusted proxy.
func TestAddress(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8::1]:443"
	r.Header.Set("X-Forwarded-For", "spoofed")
	r.Header.Add("X-Forwarded-For", "spoofed, 203.0.113.5")
	for trust, want := range map[bool]string{false: "2001:db8::1", true: "203.0.113.5"} {
		a := &API{Config: Config{TrustProxy: trust}}
		if got := a.address(r); got != want {
			t.Errorf("trusted %v: %s, want %s", trust, got, want)
		}
	}
	r.Header.Del("X-Forwarded-For")
	if got := (&API{Config: Config{TrustProxy: true}}).address(r); got != "2001:db8::1" {
		t.Errorf("without the header: %s", got)
	}
}
