package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// postCancel cancels a planned interview and sends those away who wait for it.
func (a *API) postCancel(w http.ResponseWriter, r *http.Request, c call) error {
	var q CancelRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	reason, err := words("reason", q.Reason, 3)
	if err != nil {
		return err
	}
	if err := a.Store.CancelInterview(r.Context(), c.interview.ID, reason, c.account.Actor()); err != nil {
		return err
	}
	if a.Cancelled != nil {
		a.Cancelled(c.interview.ID)
	}
	iv, err := a.Store.Interview(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	return a.answerInterview(w, r, http.StatusOK, iv)
}

// cancellation reads from the log who cancelled an interview; nil for one that
// was not cancelled.
func (a *API) cancellation(ctx context.Context, iv interview.Interview) (*Cancellation, error) {
	if iv.State != interview.Cancelled {
		return nil, nil
	}
	entries, err := a.entriesOf(ctx, iv.ID, evidence.EntryInterviewCancelled)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	e := entries[0]
	names, err := a.actors(ctx, entries)
	if err != nil {
		return nil, err
	}
	var note evidence.NotePart
	if e.Part != nil {
		if err := json.Unmarshal(e.Part, &note); err != nil {
			return nil, fmt.Errorf("reading entry %d (%s): %w", e.Seq, e.Kind, err)
		}
	}
	return &Cancellation{WallMS: e.WallMS, By: names[e.Actor.ID], Reason: note.Text}, nil
}
