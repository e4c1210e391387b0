package api

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

// matrix says for every route what each caller gets before the handler runs.
// Columns: nobody, interviewer, reviewer, auditor, admin; routes about an
// interview have a second group for one that is not the interviewer's own.
// "-" is 401, "x" is 403, "?" is 404, "+" reaches the handler.
const matrix = `
GET    /healthz                                    + + + + +
GET    /api/server                                 + + + + +
GET    /api/kinds                                  + + + + +
POST   /api/setup                                  + + + + +
POST   /api/session                                + + + + +
DELETE /api/session                                + + + + +
GET    /api/oidc                                   + + + + +
GET    /api/oidc/callback                          + + + + +
POST   /api/lobby                                  + + + + +
POST   /api/lobby/receipt                          + + + + +
POST   /api/candidate                              + + + + +
POST   /api/candidate/answers                      + + + + +
POST   /api/candidate/deletions                    + + + + +
GET    /api/session                                - + + + +
GET    /api/account                                - + + + +
POST   /api/account/password                       - + + + +
POST   /api/account/second                         - + + + +
POST   /api/account/second/confirm                 - + + + +
POST   /api/account/second/remove                  - + + + +
DELETE /api/users/{user}/second                    - x x x +
GET    /api/users                                  - x x x +
POST   /api/users                                  - x x x +
PATCH  /api/users/{user}                           - x x x +
GET    /api/people                                 - + x x +
GET    /api/log                                    - x x + +
GET    /api/records                                - x + + +
GET    /api/records/file                           - x + + +
GET    /api/searches                               - x + + +
POST   /api/searches                               - x + + +
DELETE /api/searches/{search}                      - x + + +
GET    /api/verification                           - x x + +
POST   /api/verification                           - x x + +
GET    /api/templates                              - + x x +
POST   /api/templates                              - x x x +
PUT    /api/templates/{template}                   - x x x +
DELETE /api/templates/{template}                   - x x x +
GET    /api/places                                 - + x x +
GET    /api/retention                              - x x x +
PUT    /api/retention/policies/{policy}            - x x x +
POST   /api/retention/requests/{request}/answer    - x x x +
GET    /api/interviews                             - + + + +
POST   /api/interviews                             - + x x +
GET    /api/interviews/{id}                        - + + + +   - ? + + +
PUT    /api/interviews/{id}                        - + x x +   - ? x x +
POST   /api/interviews/{id}/cancel                 - + x x +   - ? x x +
POST   /api/interviews/{id}/links                  - + x x +   - ? x x +
DELETE /api/interviews/{id}/links/{link}           - + x x +   - ? x x +
GET    /api/interviews/{id}/review                 - + + + +   - ? + + +
POST   /api/interviews/{id}/reviews                - + + x +   - ? + x +
POST   /api/interviews/{id}/verdicts               - + x x x   - ? x x +
GET    /api/interviews/{id}/levels/{participant}   - + + + +   - ? + + +
GET    /api/interviews/{id}/faces                  - + + + +   - ? + + +
GET    /api/interviews/{id}/series                 - + + + +   - ? + + +
GET    /api/interviews/{id}/matches                - x + + +   - x + + +
POST   /api/interviews/{id}/picture                - + + x +   - ? + x +
POST   /api/interviews/{id}/matches/verdicts       - x + x +   - x + x +
GET    /api/interviews/{id}/media/{file...}        - + + + +   - ? + + +
GET    /api/interviews/{id}/stills/{sha256}        - + + + +   - ? + + +
GET    /api/interviews/{id}/log                    - x x + +   - x x + +
GET    /api/interviews/{id}/retention              - + + + +   - ? + + +
POST   /api/interviews/{id}/outcome                - + + x +   - ? + x +
POST   /api/interviews/{id}/holds                  - x x x +   - x x x +
POST   /api/interviews/{id}/holds/{hold}/release   - x x x +   - x x x +
POST   /api/interviews/{id}/deletions              - x x x +   - x x x +
POST   /api/interviews/{id}/requests               - x x x +   - x x x +
GET    /api/interviews/{id}/receipt                - + + + +   - ? + + +
GET    /api/interviews/{id}/bundle                 - x + + +   - x + + +
POST   /api/interviews/{id}/played                 - + + + +   - ? + + +
GET    /api/interviews/{id}/check                  - + + + +   - ? + + +
GET    /api/interviews/{id}/access                 - x + + +   - x + + +
`

func TestAccessMatrix(t *testing.T) {
	w := populated(t, nil)
	a, err := build(w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(matrix), "\n") {
		f := strings.Fields(line)
		expected[f[0]+" "+f[1]] = f[2:]
	}
	// The routes as they are, with handlers that only say that they were reached.
	const reached = 299
	mux := http.NewServeMux()
	for _, rt := range routes {
		if _, ok := expected[rt.method+" "+rt.pattern]; !ok {
			t.Errorf("%s %s is not in the matrix", rt.method, rt.pattern)
		}
		if strings.Contains(rt.pattern, "{id}") != (rt.scope != nil) || (rt.access == permitted) != (rt.need != nil) {
			t.Errorf("%s %s: its scope or permissions do not fit its path and access", rt.method, rt.pattern)
		}
		rt.handle = func(_ *API, w http.ResponseWriter, _ *http.Request, _ call) error {
			w.WriteHeader(reached)
			return nil
		}
		mux.Handle(rt.method+" "+rt.pattern, a.serve(rt))
	}
	w.handler = mux
	status := map[string]int{"-": http.StatusUnauthorized, "x": http.StatusForbidden, "?": http.StatusNotFound, "+": reached}
	callers := []string{"", "interviewer", "reviewer", "auditor", "admin"}
	for request, marks := range expected {
		scoped := strings.Contains(request, "{id}")
		if len(marks) != 5 && !scoped || len(marks) != 10 && scoped {
			t.Fatalf("%s has %d columns", request, len(marks))
		}
		for i, mark := range marks {
			which := "{mine}"
			if i >= 5 {
				which = "{other}"
			}
			path := strings.NewReplacer("{id}", which, "{user}", "u", "{link}", "l", "{participant}", "p", "{file...}", "a/b.webm", "{sha256}", "s").Replace(request)
			got := w.send(scenario{as: callers[i%5], request: path})
			if got.Code != status[mark] {
				t.Errorf("%q on %s: status %d, want %d (%s)", callers[i%5], path, got.Code, status[mark], got.Body)
			}
		}
		// Neither a deactivated administrator nor a made-up session gets further than nobody.
		path := strings.NewReplacer("{id}", "{mine}").Replace(request)
		for _, as := range []string{"deactivated", "no such session"} {
			if got := w.send(scenario{as: as, request: path}); got.Code != status[marks[0]] {
				t.Errorf("%s on %s: status %d, want %d", as, request, got.Code, status[marks[0]])
			}
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	w := populated(t, nil)
	ok := `{"email":"nobody@example.org","password":"x"}`
	w.run([]scenario{
		{name: "other site by fetch metadata", request: "POST /api/session", body: ok, header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403, has: []string{"another site"}},
		{name: "same site, other origin", request: "DELETE /api/session", header: map[string]string{"Sec-Fetch-Site": "same-site"}, status: 403},
		{name: "other origin", request: "POST /api/session", body: ok, header: map[string]string{"Origin": "https://evil.example"}, status: 403},
		{name: "no origin", request: "POST /api/session", body: ok, status: 401},
		{name: "own origin", request: "POST /api/session", body: ok, header: map[string]string{"Origin": "http://" + host, "Sec-Fetch-Site": "same-origin"}, status: 401},
		{name: "a form", request: "POST /api/session", body: ok, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415, has: []string{"application/json"}},
		{name: "plain text", as: "admin", request: "POST /api/interviews", body: "{}", header: map[string]string{"Content-Type": "text/plain"}, status: 415},
		{name: "no type", as: "admin", request: "POST /api/interviews", status: 415},
		{name: "reading is free", request: "GET /api/server", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 200},
	})
}

func TestBodies(t *testing.T) {
	w := populated(t, nil)
	w.run([]scenario{
		{name: "unknown field", as: "admin", request: "POST /api/interviews", body: `{"candidate":"x"}`, status: 400, has: []string{`"code":"invalid"`, `"field":"candidate"`, "not a field"}},
		{name: "wrong type", as: "admin", request: "POST /api/interviews", body: `{"scheduled_ms":"soon"}`, status: 400, has: []string{`"field":"scheduled_ms"`, "Scheduled ms is a string"}},
		{name: "not JSON", as: "admin", request: "POST /api/interviews", body: `{`, status: 400, has: []string{`"field":"body"`}},
		{name: "two objects", as: "admin", request: "POST /api/lobby", body: `{"link":"x"} {}`, status: 400, has: []string{"one object only"}},
		{name: "too large", as: "admin", request: "POST /api/interviews", body: `{"place":"` + strings.Repeat("x", maxBody) + `"}`, status: 413, has: []string{`"code":"too_large"`, "1048576"}},
		{name: "too large behind", request: "POST /api/lobby", body: `{"link":"x"}` + strings.Repeat(" ", maxBody), status: 413},
		{name: "no such route", request: "GET /api/nothing", status: 404, has: []string{`"code":"not_found"`}},
		{name: "wrong method", request: "DELETE /api/kinds", status: 404, has: []string{`"code":"not_found"`}},
	})
}

func TestPagesAndHeaders(t *testing.T) {
	w := populated(t, nil)
	safe := []string{"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "script-src 'self';", "frame-ancestors 'none'", "media-src 'self' blob:",
		"connect-src 'self' ws://" + host + " wss://" + host + ";", "camera=(self), microphone=(self), display-capture=(self)"}
	page := append([]string{"<title>pages</title>", "Content-Type: text/html; charset=utf-8", "Cache-Control: no-cache"}, safe...)
	w.run([]scenario{
		{request: "GET /", status: 200, has: page, hasNot: []string{"Strict-Transport", "script-src 'self' 'unsafe"}},
		{request: "GET /interviews/abc/review", status: 200, has: page},
		{request: "GET /index.html", status: 200, has: page},
		{request: "GET /join", status: 200, has: page},
		{request: "GET /assets/app-abc12.js", status: 200, has: []string{"export {}", "text/javascript", "immutable", "nosniff"}},
		{request: "GET /favicon.svg", status: 200, has: []string{"<svg/>", "image/svg+xml", "no-cache"}},
		{request: "GET /assets/gone-123.js", status: 404, hasNot: []string{"<title>"}},
		{request: "GET /assets", status: 200, has: page},
		{request: "GET /x/..%2f..%2f..%2fetc/passwd.txt", status: 404},
		{request: "POST /interviews", status: 405},
		{request: "GET /ws", status: 200, has: append([]string{"the socket"}, safe...)},
		{request: "GET /api/server", status: 200, has: append([]string{"Cache-Control: no-store"}, safe...)},
		{name: "a strange Host is not repeated", request: "GET /", header: map[string]string{"Host": "a;script-src *"}, status: 200, has: []string{"connect-src 'self';"}, hasNot: []string{"script-src *"}},
		{name: "HTTPS by a proxy that is not trusted", request: "GET /", header: map[string]string{"X-Forwarded-Proto": "https"}, status: 200, hasNot: []string{"Strict-Transport"}},
	})
	w = populated(t, func(c *Config) { c.TLS = true })
	w.run([]scenario{{name: "TLS", request: "GET /", status: 200, has: append(safe, "Strict-Transport-Security: max-age=31536000")}})
}

func TestServerInfo(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Config)
		header map[string]string
		has    []string
	}{
		{"plain", nil, nil, []string{`"secure":false`, `"setup_needed":false`, `"policy":"allow"`, `"keep_days":90`, `"operator":"Example Ltd"`, `"disk_low":false`, `"face.absent"`, `"version":"test"`}},
		{"localhost", nil, map[string]string{"Host": "localhost:8080"}, []string{`"secure":true`}},
		{"127.0.0.1", nil, map[string]string{"Host": "127.0.0.1:8080"}, []string{`"secure":true`}},
		{"::1", nil, map[string]string{"Host": "[::1]:8080"}, []string{`"secure":true`}},
		{"not localhost", nil, map[string]string{"Host": "localhost.evil.example"}, []string{`"secure":false`}},
		{"TLS", func(c *Config) { c.TLS = true }, nil, []string{`"secure":true`}},
		{"trusted proxy", func(c *Config) { c.TrustProxy = true }, map[string]string{"X-Forwarded-Proto": "https"}, []string{`"secure":true`}},
		{"untrusted proxy", nil, map[string]string{"X-Forwarded-Proto": "https"}, []string{`"secure":false`}},
		{"public URL", func(c *Config) { c.PublicURL = "https://" + host }, nil, []string{`"secure":true`}},
		{"other than the public URL", func(c *Config) { c.PublicURL = "https://" + host }, map[string]string{"Host": "10.0.0.1"}, []string{`"secure":false`}},
		{"disk", func(c *Config) { c.DiskLow = func() bool { return true } }, nil, []string{`"disk_low":true`}},
	} {
		populated(t, tc.change).run([]scenario{{name: tc.name, request: "GET /api/server", header: tc.header, status: 200, has: tc.has}})
	}
}

func TestHealth(t *testing.T) {
	w := populated(t, func(c *Config) { c.DiskLow = func() bool { return true } })
	w.run([]scenario{{request: "GET /healthz", status: 200, has: []string{`{"status":"ok","database":"ok","disk":"low","version":"test"}`}}})
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.run([]scenario{
		{name: "closed database", request: "GET /healthz", status: 503, has: []string{`"status":"failing"`, `"database":"failing"`}},
		{name: "internal errors keep their secrets", request: "GET /api/server", status: 500, has: []string{`"code":"internal"`, "Internal error"}, hasNot: []string{"sql", "database"}},
	})
}

func TestNewRefuses(t *testing.T) {
	w := empty(t, nil)
	for name, change := range map[string]func(*Config){
		"Signaling is missing": func(c *Config) { c.Signaling = nil },
		"Web is missing":       func(c *Config) { c.Web = nil },
		"use 1 to 720":         func(c *Config) { c.LinkHours = 0 },
		"no such file":         func(c *Config) { c.MediaDir += "/gone" },
	} {
		c := w.config
		change(&c)
		if _, err := New(c, slog.New(slog.NewTextHandler(io.Discard, nil))); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
