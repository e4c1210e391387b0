package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// shows says which routes show something of a record: each visit to them is an
// entry of the log. Files and pictures are logged by their handlers, which know
// that they exist; levels, receipts and the like are shown within these.
var shows = map[string]evidence.AccessWhat{
	"GET /api/interviews/{id}":         evidence.AccessInterview,
	"GET /api/interviews/{id}/review":  evidence.AccessReview,
	"GET /api/interviews/{id}/log":     evidence.AccessLog,
	"GET /api/interviews/{id}/matches": evidence.AccessMatches,
}

// A visit ends when nothing was asked for within visitIdle; one that goes on
// is written down again after visitLong, because pages that stay open keep asking.
const (
	visitIdle = 10 * time.Minute
	visitLong = time.Hour
)

// maxVisits bounds the memory of visits; beyond it they are forgotten, which
// adds entries and loses none.
const maxVisits = 20000

// visits knows what was written down lately, so that a visit is one entry.
type visits struct {
	mu  sync.Mutex
	all map[string]visit
}

type visit struct{ logged, seen time.Time }

// begins reports whether what key names is a new visit, and notes it.
func (v *visits) begins(key string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.all == nil {
		v.all = map[string]visit{}
	}
	last, known := v.all[key]
	if known && now.Sub(last.seen) < visitIdle && now.Sub(last.logged) < visitLong {
		v.all[key] = visit{last.logged, now}
		return false
	}
	if len(v.all) >= maxVisits {
		for k, last := range v.all {
			if now.Sub(last.seen) >= visitIdle {
				delete(v.all, k)
			}
		}
		if len(v.all) >= maxVisits {
			clear(v.all)
		}
	}
	v.all[key] = visit{now, now}
	return true
}

// forget makes the next request a new visit.
func (v *visits) forget(key string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.all, key)
}

// seen writes down that the caller is shown something of an interview, before
// it is shown. The record of an interview that is over is not shown when that
// cannot be written; in a call, which must go on, it is.
func (a *API) seen(ctx context.Context, c call, what evidence.AccessWhat, object string) error {
	roles := roleNames(c.account)
	err := a.visited(ctx, c.interview, c.account.Actor(), evidence.EntryAccessViewed, evidence.AccessPayload{What: what, Object: object, Roles: roles})
	if err != nil && !c.interview.State.Over() {
		a.log.Error("a view of an interview was not logged", "interview", c.interview.ID, "what", what, "error", err)
		return nil
	}
	return err
}

// visited appends an access entry unless it continues a visit.
func (a *API) visited(ctx context.Context, iv interview.Interview, by evidence.Actor, kind evidence.EntryKind, p evidence.AccessPayload) error {
	key := fmt.Sprintf("%s %s %s %s %s %s", kind, by.Type, by.ID, iv.ID, p.What, p.Object)
	if !a.visits.begins(key, a.now()) {
		return nil
	}
	if _, err := a.Store.Append(ctx, evidence.NewEntry{Interview: iv.ID, Actor: by, Kind: kind, Payload: p}); err != nil {
		a.visits.forget(key)
		return fmt.Errorf("logging who sees a record: %w", err)
	}
	return nil
}

// refused writes down that an account asked for something of an existing
// interview that it may not see.
func (a *API) refused(ctx context.Context, rt route, r *http.Request, c call) {
	if c.account.ID == "" || r.PathValue("id") == "" {
		return
	}
	iv := c.interview
	if iv.ID == "" { // refused before the interview was read
		var err error
		if iv, err = a.Store.Interview(ctx, r.PathValue("id")); err != nil {
			return // it does not exist
		}
	}
	what, ok := shows[rt.method+" "+rt.pattern]
	if !ok {
		what = evidence.AccessOther
	}
	err := a.visited(ctx, iv, c.account.Actor(), evidence.EntryAccessRefused, evidence.AccessPayload{What: what, Roles: roleNames(c.account)})
	if err != nil {
		a.log.Error("a refused request was not logged", "interview", iv.ID, "user", c.account.ID, "error", err)
	}
}

// wasRefused tells errors of permission from all others.
func wasRefused(err error) bool {
	return errors.Is(err, auth.ErrForbidden) || errors.Is(err, errNotYours)
}

func roleNames(a auth.Account) []string {
	out := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		out[i] = string(r)
	}
	return out
}

// maxSpans bounds the spans of one report.
const maxSpans = 500

// postPlayed takes what a review page's player has played since it last told.
func (a *API) postPlayed(w http.ResponseWriter, r *http.Request, c call) error {
	if err := a.reports.Take(c.account.ID); err != nil {
		return err
	}
	var in PlayedRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	if n := len(in.Spans); n == 0 || n > maxSpans {
		return interview.Invalid("spans", "has %d intervals; send 1 to %d", n, maxSpans)
	}
	const longest = 24 * 60 * 60 * 1000 // ms
	for i, s := range in.Spans {
		if s.StartMS < 0 || s.EndMS <= s.StartMS || s.EndMS > longest {
			return interview.Invalid("spans", "number %d is from %d to %d ms; an interval begins at 0 or later, ends after its beginning and within a day", i+1, s.StartMS, s.EndMS)
		}
	}
	_, err := a.Store.Append(r.Context(), evidence.NewEntry{Interview: c.interview.ID, Actor: c.account.Actor(), Kind: evidence.EntryAccessPlayed,
		Payload: evidence.PlayedPayload{Roles: roleNames(c.account), Spans: evidence.JoinSpans(in.Spans)}})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// accessKinds are the entries that an access history is made of.
var accessKinds = []evidence.EntryKind{evidence.EntryAccessViewed, evidence.EntryAccessPlayed, evidence.EntryAccessRefused, evidence.EntryExport}

// getAccess answers with who saw what of an interview's record.
func (a *API) getAccess(w http.ResponseWriter, r *http.Request, c call) error {
	history, err := a.accessHistory(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, history)
}

// accessHistory reads an interview's access entries, newest first, and adds up
// what each person played.
func (a *API) accessHistory(ctx context.Context, id string) (AccessHistory, error) {
	h := AccessHistory{Lines: []AccessLine{}, Played: []PersonPlayed{}}
	entries, err := a.entriesOf(ctx, id, accessKinds...)
	if err != nil {
		return h, err
	}
	names, err := a.actors(ctx, entries)
	if err != nil {
		return h, err
	}
	played := map[string]int{} // index in h.Played by actor
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		line, err := accessLine(e)
		if err != nil {
			return h, fmt.Errorf("reading entry %d (%s): %w", e.Seq, e.Kind, err)
		}
		line.By = names[e.Actor.ID]
		if e.Kind == evidence.EntryExport && e.Actor.Type == "user" {
			if line.Roles, err = a.rolesNow(ctx, e.Actor.ID); err != nil {
				return h, err
			}
		}
		h.Lines = append(h.Lines, line)
		if e.Kind != evidence.EntryAccessPlayed {
			continue
		}
		n, known := played[e.Actor.ID]
		if !known {
			n = len(h.Played)
			played[e.Actor.ID] = n
			h.Played = append(h.Played, PersonPlayed{By: line.By})
		}
		h.Played[n].Spans = append(h.Played[n].Spans, line.Spans...)
	}
	for i := range h.Played {
		h.Played[i].Spans = evidence.JoinSpans(h.Played[i].Spans)
	}
	return h, nil
}

// rolesNow are the roles that an account has today; none where there is no such
// account any more.
func (a *API) rolesNow(ctx context.Context, id string) ([]string, error) {
	account, err := a.Store.Account(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("reading the roles of an account: %w", err)
	}
	return append([]string{}, roleNames(account)...), nil
}

func accessLine(e evidence.Entry) (AccessLine, error) {
	line := AccessLine{Seq: e.Seq, WallMS: e.WallMS, Kind: e.Kind, Actor: e.Actor.Type, Roles: []string{}, Spans: []evidence.Span{}}
	switch e.Kind {
	case evidence.EntryExport:
		line.What = evidence.AccessBundle
	case evidence.EntryAccessPlayed:
		var p evidence.PlayedPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return line, err
		}
		line.What, line.Spans, line.Roles = evidence.AccessRecording, append(line.Spans, p.Spans...), append(line.Roles, p.Roles...)
	default:
		var p evidence.AccessPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return line, err
		}
		line.What, line.Object, line.Roles = p.What, p.Object, append(line.Roles, p.Roles...)
	}
	return line, nil
}
