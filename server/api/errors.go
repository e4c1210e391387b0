package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"bonafide/server/auth"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// Errors of the HTTP layer itself.
var (
	errNoRoute     = errors.New("no such address")
	errCrossOrigin = errors.New("the request came from another site")
	errNotJSON     = errors.New("the content type is not application/json")
	errNotYours    = fmt.Errorf("an interview that the account may not read: %w", store.ErrNotFound)
	ErrVerifying   = errors.New("a verification is running already; wait until it is done")
	errKeepOwn     = errors.New("this is your own account")
)

// problems is the one table that says what an error becomes. The first line
// that fits counts; an error that fits none is internal. An empty message
// takes the error's own text.
var problems = []struct {
	err     error
	status  int
	code    string
	field   string
	message string
}{
	{auth.ErrNoSession, http.StatusUnauthorized, "unauthorized", "", ""},
	{auth.ErrBadPassword, http.StatusUnauthorized, "unauthorized", "", ""},
	{auth.ErrSecondNeeded, http.StatusUnauthorized, "second_factor", "code", ""},
	{auth.ErrBadCode, http.StatusUnauthorized, "second_factor", "code", ""},
	{auth.ErrOwnPassword, http.StatusForbidden, "forbidden", "present", ""},
	{auth.ErrMustEnrol, http.StatusForbidden, "enrol", "", ""},
	{auth.ErrSecondKept, http.StatusConflict, "conflict", "", ""},
	{auth.ErrHasSecond, http.StatusConflict, "conflict", "", ""},
	{auth.ErrDeactivated, http.StatusForbidden, "forbidden", "", ""},
	{auth.ErrForbidden, http.StatusForbidden, "forbidden", "", ""},
	{auth.ErrSetupToken, http.StatusForbidden, "forbidden", "token", ""},
	{auth.ErrSetupDone, http.StatusConflict, "conflict", "", ""},
	{auth.ErrEmailTaken, http.StatusConflict, "conflict", "email", ""},
	{auth.ErrLastAdmin, http.StatusConflict, "conflict", "", ""},
	{auth.ErrLinkUnknown, http.StatusNotFound, "not_found", "link", ""},
	{auth.ErrLinkExpired, http.StatusGone, "not_found", "link", ""},
	{auth.ErrLinkRevoked, http.StatusGone, "not_found", "link", ""},
	{auth.ErrCancelled, http.StatusGone, "cancelled", "link", ""},
	{store.ErrNameTaken, http.StatusConflict, "conflict", "name", "You already have a search of this name; choose another."},
	{store.ErrTooMany, http.StatusConflict, "conflict", "name", "You keep as many searches as fit; delete one first."},
	{store.ErrNoTextSearch, http.StatusNotImplemented, "invalid", "text", ""},
	{auth.ErrNotHeldYet, http.StatusConflict, "conflict", "link", ""},
	{errTooManyAnswers, http.StatusConflict, "conflict", "text", "As many answers as fit were written; ask your contact for another way."},
	{ErrVerifying, http.StatusConflict, "conflict", "", ""},
	{store.ErrHeld, http.StatusConflict, "conflict", "", "The record is on legal hold; release the hold first."},
	{errAnswered, http.StatusConflict, "conflict", "", "The request was answered already; load the page again."},
	{store.ErrCancelled, http.StatusConflict, "conflict", "", "The interview was cancelled. Plan a new one instead."},
	{store.ErrBegun, http.StatusConflict, "conflict", "", "The interview has begun and cannot be cancelled any more; hang up in its room to end it."},
	{store.ErrEnded, http.StatusConflict, "conflict", "", "The interview has ended and cannot be changed any more."},
	{store.ErrFull, http.StatusInsufficientStorage, "internal", "", "The server's disk is full; nothing was saved. Tell the server's operator."},
	{store.ErrNotFound, http.StatusNotFound, "not_found", "", "This does not exist, or you may not see it."},
	{store.ErrConflict, http.StatusConflict, "conflict", "", "Somebody else changed this at the same time; load the page again."},
	{errBusyPicture, http.StatusTooManyRequests, "rate", "picture", "Other pictures are being read; try again in a moment."},
	{errNoRoute, http.StatusNotFound, "not_found", "", "There is nothing at this address."},
	{errCrossOrigin, http.StatusForbidden, "forbidden", "", "The request came from another site and was refused."},
	{errNotJSON, http.StatusUnsupportedMediaType, "invalid", "", "The request's content type must be application/json."},
	{errKeepOwn, http.StatusConflict, "conflict", "", "You cannot deactivate your own account; ask another administrator."},
}

// problem returns what the person is told of an error.
func problem(err error) (int, Problem) {
	var field *interview.FieldError
	var rate *auth.RateError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &field):
		return http.StatusBadRequest, Problem{Code: "invalid", Field: field.Field, Message: sentence(strings.ReplaceAll(field.Field, "_", " ") + " " + field.Problem)}
	case errors.As(err, &rate):
		return http.StatusTooManyRequests, Problem{Code: "rate", Message: sentence(rate.Error())}
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, Problem{Code: "too_large", Message: fmt.Sprintf("The request is too large; at most %d bytes are accepted.", tooLarge.Limit)}
	}
	for _, p := range problems {
		if errors.Is(err, p.err) {
			message := p.message
			if message == "" {
				message = sentence(p.err.Error())
			}
			return p.status, Problem{Code: p.code, Field: p.field, Message: message}
		}
	}
	return http.StatusInternalServerError, Problem{Code: "internal", Message: "Internal error; it was logged. Try again, or tell the server's operator."}
}

// sentence makes an error's text a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// fail answers a request with a problem; internal ones are logged in full.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, p := problem(err)
	var rate *auth.RateError
	if errors.As(err, &rate) {
		w.Header().Set("Retry-After", fmt.Sprint(rate.Seconds()))
	}
	if r.Context().Err() != nil {
		return // nobody waits for an answer any more
	}
	if status >= 500 {
		a.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	} else {
		a.log.Debug("request refused", "method", r.Method, "path", r.URL.Path, "status", status, "error", err)
	}
	for _, h := range []string{"ETag", "Content-Disposition", "Last-Modified"} {
		w.Header().Del(h)
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := answer(w, status, p); err != nil {
		a.log.Debug("answering failed", "path", r.URL.Path, "error", err)
	}
}
