package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
	"time"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/retention"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// records deletes parts of interviews' records, by hand and by policy, and
// says what becomes of them. A deletion is: rows and tombstone in one act of
// the database, then the keys, then the files, then a checkpoint; what a crash
// leaves undone is finished at the next start.
type records struct {
	data   string // the data folder
	store  *store.Store
	vault  *vault.Vault
	proofs *proofs
	media  *os.Root
	log    *slog.Logger
}

func newRecords(cfg Config, s *store.Store, v *vault.Vault, p *proofs, log *slog.Logger) (*records, error) {
	media, err := os.OpenRoot(cfg.mediaDir())
	if err != nil {
		return nil, fmt.Errorf("opening the folder of recordings: %w", err)
	}
	return &records{cfg.Data, s, v, p, media, log}, nil
}

func (r *records) close() error { return r.media.Close() }

// keptFile is a file of an interview's folder, and what it belongs to.
type keptFile struct {
	name  string // slash path below the recordings folder
	bytes int64
	part  evidence.RecordPart
	key   uint32 // that it is encrypted with; 0 for plain ones
}

// files lists what lies in an interview's folder.
func (r *records) files(ctx context.Context, id string) ([]keptFile, error) {
	var out []keptFile
	var plainStills map[string]evidence.RecordPart
	for _, dir := range []string{id, path.Join(id, "stills")} {
		entries, err := fs.ReadDir(r.media.FS(), dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("listing the files of interview %q: %w", id, err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			f, err := r.file(path.Join(dir, e.Name()))
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed meanwhile
			}
			if err != nil {
				return nil, err
			}
			if f.part == "" { // plain, from an earlier version
				f.part = evidence.PartRecording
				if dir != id {
					if plainStills == nil {
						content, err := r.store.Content(ctx, id)
						if err != nil {
							return nil, err
						}
						plainStills = content.Stills
					}
					if f.part = plainStills[strings.TrimSuffix(e.Name(), ".jpg")]; f.part == "" {
						f.part = evidence.PartStills
					}
				}
			}
			out = append(out, f)
		}
	}
	return out, nil
}

func (r *records) file(name string) (keptFile, error) {
	f, err := r.media.Open(name)
	if err != nil {
		return keptFile{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return keptFile{}, fmt.Errorf("looking at %s: %w", name, err)
	}
	head := make([]byte, 64)
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return keptFile{}, fmt.Errorf("looking at %s: %w", name, err)
	}
	part, key := vault.Head(head)
	return keptFile{name, info.Size(), part, key}, nil
}

// plainRecordings counts the recordings that are not encrypted.
func (r *records) plainRecordings(ctx context.Context) (int, error) {
	files, err := r.store.AllSegmentFiles(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, name := range files {
		f, err := r.file(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return n, err
		}
		if f.part == "" {
			n++
		}
	}
	return n, nil
}

// Delete deletes a part of a record for good; d.UpTo and d.Files are filled
// in. A record on hold is store.ErrHeld.
func (r *records) Delete(ctx context.Context, d store.Deletion) (store.Tombstone, error) {
	if !d.Part.Valid() {
		return store.Tombstone{}, fmt.Errorf("%w: %q is not a part of a record", ErrUsage, d.Part)
	}
	files, err := r.files(ctx, d.Interview)
	if err != nil {
		return store.Tombstone{}, err
	}
	for _, f := range files {
		if f.part == d.Part && !strings.HasSuffix(f.name, ".levels.json") {
			d.Files++
		}
	}
	if d.UpTo, err = r.vault.Retire(d.Interview, d.Part); err != nil {
		return store.Tombstone{}, err
	}
	t, err := r.store.DeletePart(ctx, d)
	if err != nil {
		return t, err
	}
	r.log.Info("a part of a record is deleted", "interview", t.Interview, "part", t.Part, "reason", t.Reason, "policy", t.Policy, "entry", t.Seq, "files", t.Files, "texts", t.Texts)
	// The tombstone stands: from here on nothing is given up because somebody
	// closed a page.
	ctx = context.WithoutCancel(ctx)
	if err := r.finish(ctx, t); err != nil {
		return t, fmt.Errorf("the deletion of entry %d is noted, but not complete; the next start finishes it: %w", t.Seq, err)
	}
	if _, err := r.proofs.checkpoint(ctx, store.AtDemand); err != nil {
		return t, err
	}
	return t, r.Refresh(ctx, d.Interview)
}

// finish destroys the keys and removes the files of a deletion.
func (r *records) finish(ctx context.Context, t store.Tombstone) error {
	if err := r.vault.Destroy(t.Interview, t.Part, t.UpTo, vault.Gone{Reason: t.Reason, Policy: t.Policy, Request: t.Request}); err != nil {
		return err
	}
	files, err := r.files(ctx, t.Interview)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.part != t.Part || f.key > t.UpTo {
			continue
		}
		if err := r.media.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing %s: %w", f.name, err)
		}
	}
	if _, err := r.store.Scrub(ctx); err != nil {
		return err
	}
	return r.store.FinishDeletion(ctx, t.Seq)
}

// resume finishes what a crash interrupted.
func (r *records) resume(ctx context.Context) error {
	if err := store.RemoveScratch(r.data); err != nil {
		return err
	}
	left, err := r.store.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, t := range left {
		r.log.Warn("finishing a deletion that was interrupted", "interview", t.Interview, "part", t.Part, "entry", t.Seq)
		if err := r.finish(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// Fates says of every part of a record what exists of it, what becomes of it,
// and why.
func (r *records) Fates(ctx context.Context, id string) ([]api.PartFate, error) {
	policies, err := r.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	about, err := r.store.RetentionRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.fates(ctx, about, policies)
}

func (r *records) fates(ctx context.Context, about retention.Record, policies []retention.Policy) ([]api.PartFate, error) {
	content, err := r.store.Content(ctx, about.Interview)
	if err != nil {
		return nil, err
	}
	files, err := r.files(ctx, about.Interview)
	if err != nil {
		return nil, err
	}
	tombs, err := r.store.Tombstones(ctx, about.Interview)
	if err != nil {
		return nil, err
	}
	out := make([]api.PartFate, 0, len(evidence.Parts))
	for _, f := range retention.Fates(about, policies) {
		p := api.PartFate{Fate: f, Texts: content.Texts[f.Part], Deleted: []api.DeletedPart{}}
		for _, k := range files {
			if k.part == f.Part {
				p.Bytes += k.bytes
				if !strings.HasSuffix(k.name, ".levels.json") {
					p.Files++
				}
			}
		}
		for _, t := range tombs {
			if t.Part == f.Part {
				p.Deleted = append(p.Deleted, api.DeletedPart{Seq: t.Seq, WallMS: t.WallMS, Reason: t.Reason, Policy: t.Policy, Files: t.Files, Texts: t.Texts, Done: t.Done})
			}
		}
		p.Exists = p.Files > 0 || p.Texts > 0
		if f.Part == evidence.PartText {
			p.Reasons = content.Reasons
			p.Exists = p.Exists || len(p.Deleted) == 0 // the name is there even where no entry holds it
		}
		if !p.Exists {
			p.Why = []string{}
		}
		out = append(out, p)
	}
	return out, nil
}

// next is when the next part of a record goes by policy; 0 for never.
func next(fates []api.PartFate) int64 {
	due := int64(0)
	for _, f := range fates {
		if f.Exists && !f.Held && f.DueMS > 0 && (due == 0 || f.DueMS < due) {
			due = f.DueMS
		}
	}
	return due
}

// Refresh keeps for searches when the next part of a record goes.
func (r *records) Refresh(ctx context.Context, id string) error {
	fates, err := r.Fates(ctx, id)
	if err != nil {
		return err
	}
	return r.store.SetDue(ctx, map[string]int64{id: next(fates)})
}

// Due is a part of a record that goes now, by policy.
type Due struct {
	Interview string
	Part      evidence.RecordPart
	Policy    string
	DueMS     int64
	Deleted   bool
	Err       error // why it could not be deleted
}

// sweep deletes what is due at a time, unless it is only to be shown, and
// keeps of every record when its next part goes. One record that cannot be
// deleted does not stop the others.
func (r *records) sweep(ctx context.Context, now time.Time, show bool, by evidence.Actor) ([]Due, error) {
	policies, err := r.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	var out []Due
	for after := ""; ; {
		page, err := r.store.RetentionRecords(ctx, after, 200)
		if err != nil || len(page) == 0 {
			return out, err
		}
		dues := map[string]int64{}
		for _, about := range page {
			after = about.Interview
			if err := ctx.Err(); err != nil {
				return out, err
			}
			fates, err := r.fates(ctx, about, policies)
			if err != nil {
				return out, err
			}
			for _, f := range fates {
				if !f.Exists || !f.Due(now) {
					continue
				}
				d := Due{Interview: about.Interview, Part: f.Part, Policy: f.DueBy, DueMS: f.DueMS}
				if !show {
					_, d.Err = r.Delete(ctx, store.Deletion{Interview: about.Interview, Part: f.Part, By: by, Reason: evidence.DeletedByPolicy, Policy: f.DueBy})
					d.Deleted = d.Err == nil
				}
				out = append(out, d)
			}
			dues[about.Interview] = next(fates)
		}
		if err := r.store.SetDue(ctx, dues); err != nil {
			return out, err
		}
	}
}

// every sweeps at the beginning and each time that the interval has passed,
// until ctx ends.
func (r *records) every(ctx context.Context, interval time.Duration) error {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		done, err := r.sweep(ctx, r.store.Now(), false, evidence.System)
		if err != nil && ctx.Err() == nil {
			r.log.Error("looking for what is to be deleted", "err", err)
		}
		for _, d := range done {
			if d.Err != nil && ctx.Err() == nil {
				r.log.Error("a part of a record could not be deleted when it was due", "interview", d.Interview, "part", d.Part, "policy", d.Policy, "err", d.Err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
