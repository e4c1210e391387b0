package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// getLog answers with a page of an interview's entries, oldest first.
func (a *API) getLog(w http.ResponseWriter, r *http.Request, c call) error {
	return a.logPage(w, r, store.EntryQuery{Interview: c.interview.ID})
}

// getServerLog answers with a page of the entries that belong to no interview:
// what happened to the server, its accounts and its key.
func (a *API) getServerLog(w http.ResponseWriter, r *http.Request, _ call) error {
	return a.logPage(w, r, store.EntryQuery{Outside: true})
}

func (a *API) logPage(w http.ResponseWriter, r *http.Request, q store.EntryQuery) error {
	after, err := number(r, "after", 0, 0, math.MaxInt64)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", 100, 1, 1000)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("newest") == "true" {
		q.After, q.Limit, q.Newest = after, int(limit), true
	} else {
		q.After, q.Limit = after, int(limit)+1 // one more than asked tells whether there is a next page
	}
	entries, err := a.Store.Entries(r.Context(), q)
	if err != nil {
		return err
	}
	page := LogPage{Entries: []LogEntry{}}
	if len(entries) > int(limit) {
		entries = entries[:limit]
		page.Next = entries[limit-1].Seq
	}
	names, err := a.actors(r.Context(), entries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		line := LogEntry{Entry: e, By: names[e.Actor.ID]}
		if e.Part != nil {
			line.Part = e.Part
			if e.Kind == evidence.EntryTemplateKept {
				line.Part = hiddenTemplate
			}
		}
		page.Entries = append(page.Entries, line)
	}
	return answer(w, http.StatusOK, page)
}

// hiddenTemplate stands for the numbers of a face, which no page shows.
var hiddenTemplate = json.RawMessage(`{"text": "The numbers of a face; they are kept encrypted and never shown."}`)

// entriesOf returns all of an interview's entries of some kinds.
func (a *API) entriesOf(ctx context.Context, id string, kinds ...evidence.EntryKind) ([]evidence.Entry, error) {
	return a.Store.Entries(ctx, store.EntryQuery{Interview: id, Kinds: kinds})
}

// actors returns the names of those who caused the entries, by identifier.
func (a *API) actors(ctx context.Context, entries []evidence.Entry) (map[string]string, error) {
	seen, ids := map[string]bool{"": true}, []string{}
	for _, e := range entries {
		if !seen[e.Actor.ID] {
			seen[e.Actor.ID] = true
			ids = append(ids, e.Actor.ID)
		}
	}
	return a.Store.Names(ctx, ids)
}
