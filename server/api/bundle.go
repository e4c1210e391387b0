package api

import (
	"errors"
	"net/http"

	"bonafide/server/auth"
	"bonafide/server/store"
)

// getReceipt answers with the checkpoint that closed an interview's log, for
// an interviewer to keep.
func (a *API) getReceipt(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Receipt == nil {
		return errNoRoute
	}
	receipt, err := a.Receipt(r.Context(), c.interview)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, receipt)
}

// postLobbyReceipt answers with the same for the candidate, known by the link
// alone: whoever may see the record may keep its receipt.
func (a *API) postLobbyReceipt(w http.ResponseWriter, r *http.Request, _ call) error {
	if a.Receipt == nil {
		return errNoRoute
	}
	var in LobbyRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv, err := a.own(r, in.Link)
	if errors.Is(err, auth.ErrNotHeldYet) {
		return answer(w, http.StatusOK, Receipt{})
	}
	if err != nil {
		return err
	}
	receipt, err := a.Receipt(r.Context(), iv)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, receipt)
}

// getBundle writes the bundle of an interview as a download. The export is an
// entry of the log, so a request that only asks for the headers makes none.
func (a *API) getBundle(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Export == nil {
		return errNoRoute
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "application/zip")
		return nil
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return errCrossOrigin // a link on another site must not export
	}
	out := &download{w: w, name: "interview-" + c.interview.ID + ".zip"}
	err := a.Export(r.Context(), c.interview.ID, c.account.Actor(), out)
	if err != nil && out.begun {
		if r.Context().Err() == nil {
			a.log.Error("export broke off", "interview", c.interview.ID, "error", err)
		}
		panic(http.ErrAbortHandler) // so that the browser sees that the file is not whole
	}
	if err == nil && !out.begun {
		return store.ErrNotFound
	}
	return err
}

// download sets the headers of a file when its first bytes come, so that an
// error before them is still an answer of its own.
type download struct {
	w     http.ResponseWriter
	name  string
	begun bool
}

func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.w.Header().Set("Content-Type", "application/zip")
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	}
	return d.w.Write(p)
}
