package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"bonafide/server/auth"
)

// The cookie that keeps a sign-in with an identity provider together, and how
// long it may take.
const (
	flowCookie = "bonafide_oidc"
	flowPath   = "/api/oidc"
	flowTime   = 10 * time.Minute
)

// getOIDC sends the browser to the identity provider.
func (a *API) getOIDC(w http.ResponseWriter, r *http.Request, _ call) error {
	if a.OIDC == nil {
		return errNoRoute
	}
	if err := a.lobby.Take(auth.Network(a.address(r))); err != nil {
		return err
	}
	address, flow, err := a.OIDC.Begin(r.Context())
	if err != nil {
		a.log.Error("the identity provider cannot be asked", "error", err)
		return a.backToSignIn(w, r, "oidc_down")
	}
	text, err := json.Marshal(flow)
	if err != nil {
		return err
	}
	// Lax, because the browser comes back by a link on the provider's site.
	http.SetCookie(w, &http.Cookie{Name: flowCookie, Value: base64.RawURLEncoding.EncodeToString(text), Path: flowPath, HttpOnly: true,
		Secure: a.https(r), SameSite: http.SameSiteLaxMode, MaxAge: int(flowTime / time.Second)})
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// getOIDCCallback is where the browser comes back to. Failures lead to the
// sign-in page, which says what they mean.
func (a *API) getOIDCCallback(w http.ResponseWriter, r *http.Request, _ call) error {
	if a.OIDC == nil {
		return errNoRoute
	}
	http.SetCookie(w, &http.Cookie{Name: flowCookie, Path: flowPath, HttpOnly: true, Secure: a.https(r), SameSite: http.SameSiteLaxMode, MaxAge: -1})
	email, err := a.OIDC.Finish(r.Context(), flowOf(r), r.URL.Query())
	if err == nil {
		var token string
		if _, token, err = a.Auth.SignInAs(r.Context(), email, a.address(r), auth.Token(r)); err == nil {
			auth.SetCookie(w, token, a.https(r))
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return nil
		}
	}
	var rate *auth.RateError
	switch {
	case errors.As(err, &rate):
		return err
	case errors.Is(err, auth.ErrOIDCUnverified):
		return a.backToSignIn(w, r, "oidc_unverified")
	case errors.Is(err, auth.ErrOIDCUnknown):
		return a.backToSignIn(w, r, "oidc_unknown")
	case errors.Is(err, auth.ErrDeactivated):
		return a.backToSignIn(w, r, "deactivated")
	}
	a.log.Warn("a sign-in with the identity provider failed", "error", err)
	return a.backToSignIn(w, r, "oidc_failed")
}

// flowOf reads the cookie; the zero value where there is none.
func flowOf(r *http.Request) (flow auth.OIDCFlow) {
	c, err := r.Cookie(flowCookie)
	if err != nil {
		return flow
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(text, &flow) != nil {
		return auth.OIDCFlow{}
	}
	return flow
}

func (a *API) backToSignIn(w http.ResponseWriter, r *http.Request, why string) error {
	http.Redirect(w, r, "/sign-in?failed="+why, http.StatusSeeOther)
	return nil
}
