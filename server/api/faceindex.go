package api

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"bonafide/server/evidence"
	"bonafide/server/gallery"
	"bonafide/server/store"
)

// faceIndex holds the templates of enrolled faces in memory, decrypted, for
// searches. It is filled by the first search and follows the database before
// every one, so that what was deleted or is no longer agreed to is not found.
type faceIndex struct {
	mu  sync.Mutex
	all *gallery.Gallery
	in  map[int64]string // templates by their entries; "" for one that cannot be compared
}

// follow brings the index up to date and returns it with what may be compared.
func (x *faceIndex) follow(ctx context.Context, s *store.Store, log *slog.Logger) (*gallery.Gallery, []store.TemplateRef, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.all == nil {
		x.all, x.in = gallery.New(), map[int64]string{}
	}
	refs, err := s.LiveTemplates(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, missing := make(map[int64]bool, len(refs)), []int64{}
	for _, r := range refs {
		if r.From != evidence.FromEnrolled {
			continue // portraits are of too few pixels to be searched for
		}
		wanted[r.Seq] = true
		if _, there := x.in[r.Seq]; !there {
			missing = append(missing, r.Seq)
		}
	}
	for seq, id := range x.in {
		if !wanted[seq] {
			x.all.Remove(id)
			delete(x.in, seq)
		}
	}
	err = s.FaceTemplates(ctx, missing, func(seq int64, t evidence.FaceTemplate) error {
		err := x.all.Add(gallery.Template{ID: t.ID, Interview: t.Interview, Model: t.Model, From: string(t.From), Vector: t.Vector})
		if err != nil {
			log.Error("a face template is not compared", "entry", seq, "interview", t.Interview, "error", err)
			t.ID = ""
		}
		x.in[seq] = t.ID
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("filling the index of faces: %w", err)
	}
	for _, seq := range missing {
		if _, there := x.in[seq]; !there {
			x.in[seq] = "" // unreadable, as the server's log says; it is not read again
		}
	}
	return x.all, refs, nil
}
