package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bonafide/server/interview"
)

// maxBody is how large a request's body may be, in bytes, and bodyWait how long
// it may take to come.
const (
	maxBody  = 1 << 20
	bodyWait = 30 * time.Second
)

// read decodes a request's JSON body into v. Unknown fields, wrong types and
// anything after the value are field errors.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return errNotJSON
	}
	// Errors mean that w has no connection below it, as in a test.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyWait))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bodyError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return interview.Invalid("body", "has something after its JSON object; send one object only")
	}
	return nil
}

// bodyError turns an error of the decoder into one about a field.
func bodyError(err error) error {
	var wrongType *json.UnmarshalTypeError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return interview.Invalid(wrongType.Field, "is a %s; %s is expected", wrongType.Value, wrongType.Type)
	case errors.Is(err, io.EOF):
		return interview.Invalid("body", "is empty; send a JSON object")
	}
	// The decoder has no type for this case, only a text.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if field, err := strconv.Unquote(name); err == nil {
			return interview.Invalid(field, "is not a field of this request; leave it out")
		}
	}
	return interview.Invalid("body", "is not the JSON that is expected here (%v)", err)
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding an answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	if err != nil {
		return nil // the browser has gone; there is nobody to tell
	}
	return nil
}

// number reads a whole number from the query: least to most, or preset if absent.
func number(r *http.Request, name string, preset, least, most int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return preset, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, interview.Invalid(name, "%q is not a whole number from %d to %d", text, least, most)
	}
	return n, nil
}

// words checks a text that a person types: without the space around it, least
// to maxNote characters.
func words(field, text string, least int) (string, error) {
	text = strings.TrimSpace(text)
	if n := len([]rune(text)); n < least || n > maxNote {
		return "", interview.Invalid(field, "has %d characters; enter %d to %d", n, least, maxNote)
	}
	return text, nil
}

// hostname is the host of a Host header without its port and brackets.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// address is the network address of whoever sent the request.
func (a *API) address(r *http.Request) string {
	if a.TrustProxy {
		// The last address is the one that the proxy in front of us saw. A proxy
		// may add it as a line of its own behind what the client sent.
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(all[len(all)-1]); last != "" {
			return last
		}
	}
	return hostname(r.RemoteAddr)
}
