package api

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"bonafide/server/auth"
)

// TestSecondFactor: from the set-up page to a sign-in with a code.
func TestSecondFactor(t *testing.T) {
	w := populated(t, nil)
	made := ask[User](w, "admin", "POST /api/users", `{"name":"Bo","email":"bo@example.org","password":"`+password+`","roles":["auditor"]}`)
	signIn := func(code string) scenario {
		return scenario{name: "sign in with " + code, request: "POST /api/session", body: `{"email":"bo@example.org","password":"` + password + `","code":"` + code + `"}`}
	}
	cookie := func(s scenario) {
		t.Helper()
		got := w.send(s)
		for _, c := range (&http.Response{Header: got.Header()}).Cookies() {
			if c.Name == auth.CookieName && c.Value != "" {
				w.tokens["bo"] = c.Value
				return
			}
		}
		t.Fatalf("%s: no session: %d %s", s.name, got.Code, got.Body)
	}
	cookie(signIn(""))
	before := w.tokens["bo"]
	w.run([]scenario{
		{name: "required by an administrator", as: "admin", request: "PATCH /api/users/" + made.ID, body: `{"second_required":true}`, status: 200, has: []string{`"second_required":true`}},
		{name: "nothing is permitted", as: "bo", request: "GET /api/log", status: 403, has: []string{`"code":"enrol"`}},
		{name: "who one is", as: "bo", request: "GET /api/session", status: 200, has: []string{`"permissions":[]`, `"must_enrol":true`}},
		{name: "with another password", as: "bo", request: "POST /api/account/second", body: `{"present":"x"}`, status: 403, has: []string{`"field":"present"`}},
	})
	begun := ask[SecondBegun](w, "bo", "POST /api/account/second", `{"present":"`+password+`"}`)
	if err := wellFormed(begun.QR); err != nil || !strings.HasPrefix(begun.QR, "<svg ") {
		t.Errorf("the picture is no SVG: %v", err)
	}
	code, err := totp.GenerateCode(begun.Secret, w.now)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{name: "confirm", as: "bo", request: "POST /api/account/second/confirm", body: `{"code":"` + code + `"}`}
	got := w.send(s)
	if got.Code != 200 || strings.Count(got.Body.String(), "-") != 30 || got.Header().Get("Set-Cookie") == "" {
		t.Fatalf("confirmed: %d %s", got.Code, got.Body)
	}
	w.tokens["bo"] = strings.TrimPrefix(strings.Split(got.Header().Get("Set-Cookie"), ";")[0], auth.CookieName+"=")
	if w.tokens["bo"] == before {
		t.Error("the session was not renewed")
	}
	w.tokens["before"] = before
	w.run([]scenario{
		{name: "the session from before", as: "before", request: "GET /api/session", status: 401},
		{name: "permitted now", as: "bo", request: "GET /api/log", status: 200, hasNot: []string{begun.Secret, code}},
		{name: "it cannot be removed", as: "bo", request: "POST /api/account/second/remove", body: `{"present":"` + password + `"}`, status: 409},
		{name: "one at a time", as: "bo", request: "POST /api/account/second", body: `{"present":"` + password + `"}`, status: 409},
		{name: "ten codes", as: "bo", request: "GET /api/account", status: 200, has: []string{`"recovery_left":10`, `"second_factor":true`}},
	})
	without := signIn("")
	without.status, without.has, without.hasNot = 401, []string{`"code":"second_factor"`, `"field":"code"`}, []string{"Set-Cookie"}
	again := signIn(code)
	again.status, again.hasNot = 401, []string{"Set-Cookie"}
	w.run([]scenario{without, again,
		{name: "reset by an administrator", as: "admin", request: "DELETE /api/users/" + made.ID + "/second", status: 204},
		{name: "signed out", as: "bo", request: "GET /api/session", status: 401},
	})
	cookie(signIn(""))
}

func wellFormed(text string) error {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestOwnChangesKeepTheSession: whoever changes their own password goes on, with another session.
func TestOwnChangesKeepTheSession(t *testing.T) {
	w := populated(t, nil)
	made := ask[User](w, "admin", "POST /api/users", `{"name":"Bo","email":"bo@example.org","password":"`+password+`","roles":["admin"]}`)
	account, err := w.store.Account(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if w.tokens["bo"], err = w.auth.StartSession(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	for _, s := range []scenario{
		{name: "own password", as: "bo", request: "POST /api/account/password", body: `{"present":"` + password + `","password":"five other random words"}`, status: 204},
		{name: "own roles", as: "bo", request: "PATCH /api/users/" + made.ID, body: `{"roles":["admin","auditor"]}`, status: 200},
	} {
		got := w.send(s)
		if got.Code != s.status {
			t.Fatalf("%s: %d %s", s.name, got.Code, got.Body)
		}
		w.run([]scenario{{name: s.name + ", the old session", as: "bo", request: "GET /api/session", status: 401}})
		w.tokens["bo"] = strings.TrimPrefix(strings.Split(got.Header().Get("Set-Cookie"), ";")[0], auth.CookieName+"=")
		w.run([]scenario{{name: s.name + ", the new session", as: "bo", request: "GET /api/session", status: 200}})
	}
}
