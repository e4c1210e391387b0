package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// keepMedia is for files that never change; they stay in the one browser.
const keepMedia = "private, max-age=3600, immutable"

// getMedia serves a finished segment, whole or by ranges. {file} is the
// segment's path or its last element.
func (a *API) getMedia(w http.ResponseWriter, r *http.Request, c call) error {
	segments, err := a.Store.Segments(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	file := r.PathValue("file")
	for _, s := range segments {
		if file == s.File || file == path.Base(s.File) {
			return a.serveMedia(w, r, c, served{s.File, s.SHA256, "video/webm", evidence.AccessRecording, path.Base(s.File)})
		}
	}
	return store.ErrNotFound
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// getStill serves a picture that was kept with a finding, by its hash.
func (a *API) getStill(w http.ResponseWriter, r *http.Request, c call) error {
	sum := r.PathValue("sha256")
	if !sha256Hex.MatchString(sum) {
		return store.ErrNotFound
	}
	return a.serveMedia(w, r, c, served{path.Join(c.interview.ID, "stills", sum+".jpg"), sum, "image/jpeg", evidence.AccessStill, sum})
}

// served is a file of the media folder and how it is served and logged.
type served struct {
	name        string // slash path below the folder
	sum         string // SHA-256 of its content; "" where unknown
	contentType string
	what        evidence.AccessWhat
	object      string // what the log calls it
}

// serveMedia serves a file below the media folder, after the log has it that
// it is seen; the folder's handle stops any path that leads out of it.
func (a *API) serveMedia(w http.ResponseWriter, r *http.Request, c call, file served) error {
	name := file.name
	f, err := a.Vault.OpenMedia(a.media, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", name, store.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("opening a recording: %w", err)
	}
	defer f.Close()
	if err := a.seen(r.Context(), c, file.what, file.object); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", file.contentType)
	h.Set("Cache-Control", keepMedia)
	if file.sum != "" {
		h.Set("ETag", `"`+file.sum+`"`)
	}
	h.Set("Content-Disposition", `inline; filename="`+path.Base(name)+`"`)
	http.ServeContent(w, r, "", f.Modified, f.Reader())
	return nil
}
