package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// Pictures keeps the profile pictures that people add to records.
type Pictures interface {
	// Keep takes an uploaded file; what cannot be taken is an error about the
	// field "picture".
	Keep(ctx context.Context, iv interview.Interview, by evidence.Actor, file []byte) error
}

// maxPictureFile is how large an uploaded picture may be, in bytes; pictureWait
// how long it may take to come.
const (
	maxPictureFile = 12 << 20
	pictureWait    = 2 * time.Minute
)

// maxPictures is how many pictures are read and unpacked at once: each may take
// some 200 MB of memory meanwhile.
const maxPictures = 2

var errBusyPicture = errors.New("as many pictures as are read at once are being read")

// postPicture takes a file, as it is, as the candidate's profile picture.
func (a *API) postPicture(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Pictures == nil {
		return store.ErrNotFound
	}
	select {
	case a.picturing <- struct{}{}:
		defer func() { <-a.picturing }()
	default:
		return errBusyPicture
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(pictureWait))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	file, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPictureFile))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return interview.Invalid("picture", "has more than %d MB; send a smaller file", maxPictureFile>>20)
	case err != nil:
		return interview.Invalid("picture", "did not arrive whole (%v); send it again", err)
	}
	if err := a.Pictures.Keep(r.Context(), c.interview, c.account.Actor(), file); err != nil {
		return err
	}
	kept, err := a.profile(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, kept)
}

// profile is the newest profile picture of an interview; nil without. What was
// deleted is said so.
func (a *API) profile(ctx context.Context, id string) (*ProfilePicture, error) {
	entries, err := a.entriesOf(ctx, id, evidence.EntryPictureKept)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	e := entries[len(entries)-1]
	out := &ProfilePicture{Seq: e.Seq, WallMS: e.WallMS}
	if err := json.Unmarshal(e.Payload, &out.Profile); err != nil {
		return nil, fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	names, err := a.actors(ctx, entries)
	if err != nil {
		return nil, err
	}
	out.By = names[e.Actor.ID]
	tombs, err := a.Store.Tombstones(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, t := range tombs {
		out.Deleted = out.Deleted || t.Part == evidence.PartPicture && t.Seq > e.Seq
	}
	return out, nil
}
