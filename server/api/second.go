package api

import (
	"fmt"
	"image/color"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"bonafide/server/auth"
)

// newSession gives the caller a fresh session after a change that ended theirs.
func (a *API) newSession(w http.ResponseWriter, r *http.Request, account auth.Account) error {
	token, err := a.Auth.StartSession(r.Context(), account)
	if err != nil {
		return err
	}
	auth.SetCookie(w, token, a.https(r))
	return nil
}

func (a *API) getAccount(w http.ResponseWriter, r *http.Request, c call) error {
	left, err := a.Store.RecoveryLeft(r.Context(), c.account.ID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, OwnAccount{User: userOf(c.account), RecoveryLeft: left})
}

func (a *API) postPassword(w http.ResponseWriter, r *http.Request, c call) error {
	var in PasswordChange
	if err := read(w, r, &in); err != nil {
		return err
	}
	if err := a.Auth.ChangeOwnPassword(r.Context(), c.account, in.Present, in.Password); err != nil {
		return err
	}
	if err := a.newSession(w, r, c.account); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postSecond begins the set-up of a second factor.
func (a *API) postSecond(w http.ResponseWriter, r *http.Request, c call) error {
	var in OwnPassword
	if err := read(w, r, &in); err != nil {
		return err
	}
	e, err := a.Auth.BeginSecond(r.Context(), c.account, in.Present)
	if err != nil {
		return err
	}
	picture, err := qrSVG(e.URI)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, SecondBegun{Secret: e.Secret, URI: e.URI, QR: picture})
}

func (a *API) postSecondConfirm(w http.ResponseWriter, r *http.Request, c call) error {
	var in SecondConfirm
	if err := read(w, r, &in); err != nil {
		return err
	}
	codes, err := a.Auth.ConfirmSecond(r.Context(), c.account, in.Code)
	if err != nil {
		return err
	}
	if err := a.newSession(w, r, c.account); err != nil {
		return err
	}
	return answer(w, http.StatusOK, RecoveryCodes{Codes: codes})
}

func (a *API) postSecondRemove(w http.ResponseWriter, r *http.Request, c call) error {
	var in OwnPassword
	if err := read(w, r, &in); err != nil {
		return err
	}
	if err := a.Auth.RemoveSecond(r.Context(), c.account, in.Present); err != nil {
		return err
	}
	if err := a.newSession(w, r, c.account); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteSecond takes the second factor of another account away, whose owner
// lost it.
func (a *API) deleteSecond(w http.ResponseWriter, r *http.Request, c call) error {
	if err := a.Auth.ResetSecond(r.Context(), c.account.Actor(), r.PathValue("user")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// qrSVG draws a text as a QR code (ISO/IEC 18004), with the quiet zone of four
// modules that readers need. It is made here, so that the secret in it goes to
// nobody else.
func qrSVG(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if code.At(x, y) == color.Black {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dh-%[1]dz"/><path d="%[2]s"/></svg>`, size+2*quiet, path.String()), nil
}
