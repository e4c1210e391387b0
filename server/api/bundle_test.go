package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// TestBundle is about the download itself; what is in it is tested elsewhere.
func TestBundle(t *testing.T) {
	exports, fail := []evidence.Actor{}, ""
	w := populated(t, func(c *Config) {
		c.Export = func(_ context.Context, id string, by evidence.Actor, w io.Writer) error {
			exports = append(exports, by)
			if fail == "before" {
				return errors.New("no luck")
			}
			if _, err := io.WriteString(w, "the bundle of "+id); err != nil {
				return err
			}
			if fail == "within" {
				return errors.New("no luck")
			}
			return nil
		}
	})
	const request = "GET /api/interviews/{mine}/bundle"
	w.run([]scenario{
		{name: "by a reviewer", as: "reviewer", request: request, status: 200, has: []string{w.fill("the bundle of {mine}"),
			"Content-Type: application/zip", w.fill(`Content-Disposition: attachment; filename="interview-{mine}.zip"`), "Cache-Control: no-store"}},
		{name: "headers only", as: "reviewer", request: "HEAD /api/interviews/{mine}/bundle", status: 200, has: []string{"application/zip"}, hasNot: []string{"the bundle of"}},
		{name: "by a link on another site", as: "reviewer", request: request, header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
	})
	if len(exports) != 1 || w.fill("{reviewer}") != exports[0].ID || exports[0].Type != "user" {
		t.Errorf("exports by %+v, want one by the reviewer", exports)
	}
	fail = "before"
	w.run([]scenario{{name: "it fails at once", as: "admin", request: request, status: 500, has: []string{`"code":"internal"`}, hasNot: []string{"application/zip"}}})
	fail = "within"
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("a download that breaks off ends with %v, want the connection to be aborted", p)
			}
		}()
		w.send(scenario{as: "admin", request: w.fill(request)})
	}()
	populated(t, nil).run([]scenario{{name: "not configured", as: "admin", request: request, status: 404}})
}

func TestReceipts(t *testing.T) {
	asked := ""
	w := populated(t, func(c *Config) {
		c.Receipt = func(_ context.Context, iv interview.Interview) (Receipt, error) {
			asked = iv.ID
			return Receipt{Ready: true, File: "r.txt", Text: "text", Size: 7, WallMS: 5}, nil
		}
	})
	want := []string{`{"ready":true,"file":"r.txt","text":"text","size":7,"wall_ms":5}`}
	w.run([]scenario{{name: "for the interviewer", as: "interviewer", request: "GET /api/interviews/{mine}/receipt", status: 200, has: want}})
	link := ask[LinkCreated](w, "interviewer", w.fill("POST /api/interviews/{mine}/links"), `{}`)
	_, secret, _ := strings.Cut(link.URL, "#")
	asked = ""
	before := scenario{name: "before the end", request: "POST /api/lobby/receipt", body: `{"link":"` + secret + `"}`, status: 200, has: []string{`"ready":false`}}
	w.run([]scenario{before})
	if asked != "" {
		t.Error("a receipt was asked for before the end")
	}
	if _, err := w.store.EndInterview(t.Context(), w.fill("{mine}")); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(400 * 24 * time.Hour) // the link does not let anybody in any more
	w.run([]scenario{
		{name: "for the candidate", request: "POST /api/lobby/receipt", body: `{"link":"` + secret + `"}`, status: 200, has: want},
		{name: "with a link that is none", request: "POST /api/lobby/receipt", body: `{"link":"abcdefghijklmnopqrstuvwxyz"}`, status: 404, has: []string{`"field":"link"`}},
	})
	if asked != w.fill("{mine}") {
		t.Errorf("the candidate's link asked for the receipt of %q", asked)
	}
	populated(t, nil).run([]scenario{{name: "not configured", as: "admin", request: "GET /api/interviews/{mine}/receipt", status: 404}})
}
