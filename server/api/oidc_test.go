package api

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/store"
)

// provider is a small OpenID Connect provider that knows one person.
type provider struct {
	t         *testing.T
	server    *httptest.Server
	key       *rsa.PrivateKey
	challenge string         // of PKCE, as it was sent
	claims    map[string]any // of the next ID token; set by the test
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		url := p.server.URL
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": url, "authorization_endpoint": url + "/authorize", "token_endpoint": url + "/token",
			"jwks_uri": url + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

// token exchanges the code "c" for an ID token, when the verifier of PKCE and
// the client's secret are right.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	if r.FormValue("code") != "c" || base64.RawURLEncoding.EncodeToString(sum[:]) != p.challenge || id != "us" || secret != "very secret" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k"}}, nil)
	if err != nil {
		p.t.Error(err)
		return
	}
	text, _ := json.Marshal(p.claims)
	signed, err := signer.Sign(text)
	if err != nil {
		p.t.Error(err)
		return
	}
	raw, _ := signed.CompactSerialize()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": raw})
}

// leave begins a sign-in: the query that the provider is asked with, and the browser's cookie.
func (p *provider) leave(w *world) (asked url.Values, cookie string) {
	p.t.Helper()
	got := w.send(scenario{request: "GET /api/oidc"})
	to, err := url.Parse(got.Header().Get("Location"))
	if err != nil || got.Code != http.StatusSeeOther || !strings.HasPrefix(to.String(), p.server.URL+"/authorize?") {
		p.t.Fatalf("%d to %q, %v", got.Code, to, err)
	}
	cookie, _, _ = strings.Cut(got.Header().Get("Set-Cookie"), ";")
	asked = to.Query()
	p.challenge = asked.Get("code_challenge")
	p.claims = map[string]any{"iss": p.server.URL, "aud": "us", "sub": "1", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		"nonce": asked.Get("nonce"), "email": "Reviewer@example.org", "email_verified": true}
	return asked, cookie
}

func TestOIDC(t *testing.T) {
	p := newProvider(t)
	w := populated(t, func(c *Config) {
		c.OIDC = auth.NewOIDC(auth.OIDCConfig{Issuer: p.server.URL, ClientID: "us", ClientSecret: "very secret", RedirectURL: "https://" + host + "/api/oidc/callback"})
	})
	asked, cookie := p.leave(w)
	if asked.Get("code_challenge_method") != "S256" || asked.Get("redirect_uri") != "https://"+host+"/api/oidc/callback" || asked.Get("client_id") != "us" || !strings.Contains(asked.Get("scope"), "openid") {
		t.Errorf("asked with %v", asked)
	}
	back := func(asked url.Values, cookie, code string) scenario {
		return scenario{request: "GET /api/oidc/callback?code=" + code + "&state=" + asked.Get("state"), header: map[string]string{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}}
	}
	got := w.send(back(asked, cookie, "c"))
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
		t.Fatalf("%d to %q: %s", got.Code, got.Header().Get("Location"), got.Body)
	}
	for _, c := range (&http.Response{Header: got.Header()}).Cookies() {
		if c.Name == auth.CookieName {
			w.tokens["by provider"] = c.Value
		}
	}
	w.run([]scenario{{name: "signed in", as: "by provider", request: "GET /api/session", status: 200, has: []string{"The reviewer"}}})
	for _, tc := range []struct {
		name, why string
		change    func(asked url.Values, cookie *string, code *string)
	}{
		{"no cookie", "oidc_failed", func(_ url.Values, cookie, _ *string) { *cookie = "" }},
		{"another state", "oidc_failed", func(asked url.Values, _, _ *string) { asked.Set("state", "x") }},
		{"another code", "oidc_failed", func(_ url.Values, _, code *string) { *code = "d" }},
		{"another verifier", "oidc_failed", func(url.Values, *string, *string) { p.challenge = "x" }},
		{"another nonce", "oidc_failed", func(url.Values, *string, *string) { p.claims["nonce"] = "x" }},
		{"for another client", "oidc_failed", func(url.Values, *string, *string) { p.claims["aud"] = "them" }},
		{"of another issuer", "oidc_failed", func(url.Values, *string, *string) { p.claims["iss"] = "https://them.example" }},
		{"too old", "oidc_failed", func(url.Values, *string, *string) { p.claims["exp"] = time.Now().Add(-time.Hour).Unix() }},
		{"an address that is not verified", "oidc_unverified", func(url.Values, *string, *string) { p.claims["email_verified"] = false }},
		{"nobody here", "oidc_unknown", func(url.Values, *string, *string) { p.claims["email"] = "nobody@example.org" }},
		{"deactivated", "deactivated", func(url.Values, *string, *string) { p.claims["email"] = "deactivated@example.org" }},
	} {
		asked, cookie := p.leave(w)
		code := "c"
		tc.change(asked, &cookie, &code)
		got := w.send(back(asked, cookie, code))
		if got.Header().Get("Location") != "/sign-in?failed="+tc.why || strings.Contains(strings.Join(got.Header().Values("Set-Cookie"), " "), auth.CookieName+"=") {
			t.Errorf("%s: %d to %q with %q", tc.name, got.Code, got.Header().Get("Location"), got.Header().Values("Set-Cookie"))
		}
	}
	entries, err := w.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntrySignIn}})
	if err != nil || len(entries) != 3 { // one that worked, one unknown, one deactivated
		t.Errorf("%d sign-ins in the log, %v", len(entries), err)
	}
	w = populated(t, nil)
	w.run([]scenario{{name: "not configured", request: "GET /api/oidc", status: 404}, {name: "not configured, back", request: "GET /api/oidc/callback", status: 404}})
}
