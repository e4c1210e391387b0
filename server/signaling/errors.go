package signaling

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"bonafide/server/interview"
	"bonafide/server/relay"
)

// Errors that a Backend wraps where somebody is not let in.
var (
	ErrForbidden = errors.New("forbidden")
	ErrNotFound  = errors.New("not found")
)

// ErrDraining says that the server is about to stop and opens no more rooms.
var ErrDraining = errors.New("draining")

// problem is an error that the client is told as it is.
type problem struct{ code, field, text string }

func (p *problem) Error() string {
	if p.field != "" {
		return p.field + ": " + p.text
	}
	return p.text
}

func invalid(field, format string, args ...any) error {
	return &problem{"invalid", field, fmt.Sprintf(format, args...)}
}

func forbidden(field, format string, args ...any) error {
	return &problem{"forbidden", field, fmt.Sprintf(format, args...)}
}

func conflict(field, format string, args ...any) error {
	return &problem{"conflict", field, fmt.Sprintf(format, args...)}
}

// unavailable is for what may go well in a moment: the client joins again.
func unavailable(format string, args ...any) error {
	return &problem{"unavailable", "", fmt.Sprintf(format, args...)}
}

// explain turns an error into what the client is told. known is false for
// faults of our own, of which the client learns nothing more.
func explain(err error) (msg Error, known bool) {
	var p *problem
	var f *interview.FieldError
	switch {
	case errors.As(err, &p):
		return Error{Code: p.code, Field: p.field, Message: p.Error()}, true
	case errors.As(err, &f):
		return Error{Code: "invalid", Field: f.Field, Message: f.Error()}, true
	case errors.Is(err, interview.ErrInvalid), errors.Is(err, relay.ErrInvalid):
		field, _, _ := strings.Cut(err.Error(), ":")
		return Error{Code: "invalid", Field: field, Message: err.Error()}, true
	case errors.Is(err, ErrForbidden):
		return Error{Code: "forbidden", Message: "this link or account does not admit you to the interview; ask the organiser for a new link, or sign in"}, true
	case errors.Is(err, ErrNotFound):
		return Error{Code: "not_found", Message: "there is no such interview; check the link"}, true
	case errors.Is(err, ErrDraining):
		return Error{Code: "unavailable", Message: "the server is about to restart; try again in a minute"}, true
	case errors.Is(err, relay.ErrClosed):
		return Error{Code: "unavailable", Message: "this room is closing; join again"}, true
	}
	return Error{Code: "internal", Message: "internal error"}, false
}

// decode reads one JSON value strictly: unknown fields are errors that name
// the field.
func decode(raw json.RawMessage, v any) error {
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			return invalid("data", "more than one JSON value")
		}
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return invalid(wrong.Field, "is a JSON %s; send a %s", wrong.Value, wrong.Type)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return invalid(strings.Trim(name, `"`), "is not a field of this message")
	}
	return invalid("data", "%v", err)
}
