package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"slices"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// Shape of the levels that are served.
const (
	levelStepMS = 100
	noSound     = -100             // dBFS where nothing was recorded
	maxLevelMS  = 24 * 3600 * 1000 // an interview's clock beyond this is a fault
)

// getLevels answers with the loudness of a participant's microphone over the
// whole interview, put together from the segments.
func (a *API) getLevels(w http.ResponseWriter, r *http.Request, c call) error {
	people, err := a.Store.Participants(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	id := r.PathValue("participant")
	if a.Levels == nil || !slices.ContainsFunc(people, func(p interview.Participant) bool { return p.ID == id }) {
		return store.ErrNotFound
	}
	segments, err := a.Store.Segments(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	out := Levels{StepMS: levelStepMS, DBFS: []float32{}}
	for _, s := range segments {
		if s.Participant != id || !hasLevels(s) {
			continue
		}
		values, err := a.segmentLevels(s)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted; its place stays silent
		}
		if err != nil {
			return fmt.Errorf("reading the levels of %s: %w", s.File, err)
		}
		out.DBFS = mix(out.DBFS, values, int(s.StartMS/levelStepMS))
	}
	return answer(w, http.StatusOK, out)
}

// hasLevels reports whether a segment has a microphone to measure.
func hasLevels(s evidence.Segment) bool {
	return s.Stream == "camera" && s.HasAudio && s.StartMS >= 0 && s.EndMS <= maxLevelMS
}

// PrepareLevels computes the levels of an interview's recordings ahead, so
// that the first person to open the review need not wait: decoding an hour of
// sound takes about half a minute. It goes on after an error and returns all.
func (a *API) PrepareLevels(ctx context.Context, interviewID string) error {
	if a.Levels == nil {
		return nil
	}
	segments, err := a.Store.Segments(ctx, interviewID)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range segments {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if !hasLevels(s) {
			continue
		}
		if _, err := a.segmentLevels(s); err != nil {
			errs = append(errs, fmt.Errorf("reading the levels of %s: %w", s.File, err))
		}
	}
	return errors.Join(errs...)
}

// mix writes values into all from step `from` on; the louder wins where
// they overlap. Values are rounded to a tenth, which is finer than any drawing.
func mix(all, values []float32, from int) []float32 {
	for len(all) < from+len(values) {
		all = append(all, noSound)
	}
	for i, v := range values {
		all[from+i] = max(all[from+i], float32(math.Round(float64(v)*10)/10))
	}
	return all
}

// keptLevels is the file that lies beside a segment once its levels have been
// computed; the hash tells whether they are still of this file.
type keptLevels struct {
	SHA256 string    `json:"sha256"`
	DBFS   []float32 `json:"dbfs"`
}

// segmentLevels returns a segment's levels, computing them at the first call.
// Requests for the same file at the same time share one computation.
func (a *API) segmentLevels(s evidence.Segment) ([]float32, error) {
	v, err, _ := a.computing.Do(s.File, func() (any, error) {
		cache := s.File + ".levels.json"
		if b, err := fs.ReadFile(a.Vault.FS(a.media), cache); err == nil {
			var kept keptLevels
			if json.Unmarshal(b, &kept) == nil && kept.SHA256 == s.SHA256 {
				return kept.DBFS, nil
			}
		}
		// Through the root: a path that leads out of the folder ends here.
		recording, err := a.Vault.OpenMedia(a.media, s.File)
		if err != nil {
			return nil, err
		}
		defer recording.Close()
		// One at a time: decoding must not take the processor from live calls.
		a.decoding <- struct{}{}
		defer func() { <-a.decoding }()
		values, err := a.Levels(recording, recording.Bytes)
		if err != nil {
			return nil, err
		}
		if err := a.keep(s.Interview, cache, keptLevels{SHA256: s.SHA256, DBFS: values}); err != nil {
			a.log.Warn("levels could not be kept; they will be computed again", "file", cache, "error", err)
		}
		return values, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]float32), nil
}

// keep writes a file whole or not at all, encrypted like the recording that it
// was made of.
func (a *API) keep(interviewID, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if a.Vault != nil {
		if b, err = a.Vault.Seal(interviewID, evidence.PartRecording, b); err != nil {
			return err
		}
	}
	tmp := name + "." + rand.Text() + ".tmp"
	if err := a.media.WriteFile(tmp, b, 0o600); err != nil {
		return errors.Join(err, ignoreMissing(a.media.Remove(tmp)))
	}
	if err := a.media.Rename(tmp, name); err != nil {
		return errors.Join(err, ignoreMissing(a.media.Remove(tmp)))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
