package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// restoreTo restores into a new folder that has the master key of f.
func (f *folder) restoreTo(dir, keys string) (*folder, RestoreReport, error) {
	f.t.Helper()
	to := &folder{t: f.t, cfg: Config{Data: f.t.TempDir()}, iv: f.iv, log: f.log}
	ok(f.t, os.MkdirAll(to.cfg.keysDir(), 0o700))
	for _, name := range []string{"master.key", "current.key"} {
		b, err := os.ReadFile(filepath.Join(f.cfg.keysDir(), name))
		ok(f.t, err)
		ok(f.t, os.WriteFile(filepath.Join(to.cfg.keysDir(), name), b, 0o600))
	}
	r, err := Restore(f.t.Context(), to.cfg, dir, keys, f.log)
	if err == nil {
		to.open()
		f.t.Cleanup(to.close)
	}
	return to, r, err
}

func TestBackupAndRestore(t *testing.T) {
	f := newFolder(t)
	base := t.TempDir()
	dir, keys := filepath.Join(base, "b"), filepath.Join(base, "b-keystore")
	r, err := Backup(t.Context(), f.cfg, dir, "", f.log) // f has the database open, as a server has
	if err != nil || r.New != 3 || r.Manifest.Files != 3 || r.KeyStore != keys || r.Entries == 0 {
		t.Fatalf("the first backup: %+v, %v", r, err)
	}
	for _, text := range []string{keptName, keptNote, keptVideo, keptStill} {
		if in := found(t, base, text); len(in) > 0 {
			t.Errorf("the backup holds %q as it is, in %v", text, in)
		}
	}
	if r, err = Backup(t.Context(), f.cfg, dir, "", f.log); err != nil || r.New != 0 || r.Manifest.Files != 3 {
		t.Errorf("again, with nothing new: %+v, %v", r, err)
	}
	to, restored, err := f.restoreTo(dir, "")
	if err != nil || len(restored.Again) > 0 || len(restored.Faults) > 0 || len(restored.Log.Faults) > 0 || restored.Lacking > 0 || restored.Files != 3 || restored.Log.Size != restored.Entries {
		t.Fatalf("restored: %+v, %v", restored, err)
	}
	iv, err := to.store.Interview(t.Context(), f.iv.ID)
	if err != nil || iv.CandidateName != keptName {
		t.Errorf("restored as %+v, %v", iv, err)
	}
	if v := to.verdict(); !v.OK() {
		t.Errorf("the record of the restored folder: %s", texts(v))
	}
	if _, _, err := f.restoreTo(filepath.Join(base, "none"), keys); !errors.Is(err, ErrUsage) {
		t.Errorf("restored what is no backup: %v", err)
	}
	if _, err := Restore(t.Context(), to.cfg, dir, keys, f.log); !errors.Is(err, ErrUsage) {
		t.Errorf("restored over a database: %v", err)
	}
	if _, err := Backup(t.Context(), f.cfg, dir, filepath.Join(dir, "keys"), f.log); !errors.Is(err, ErrUsage) {
		t.Errorf("the key store was put into the backup: %v", err)
	}
}

// TestOldBackupCannotBringBack restores a backup from before deletions with
// the newest key store: what was deleted cannot be read, is deleted there
// again, and everything still holds.
func TestOldBackupCannotBringBack(t *testing.T) {
	f := newFolder(t)
	base := t.TempDir()
	old, keys := filepath.Join(base, "old"), filepath.Join(base, "keystore")
	_, err := Backup(t.Context(), f.cfg, old, keys, f.log)
	ok(t, err)
	sealedVideo, err := os.ReadFile(filepath.Join(old, "media", f.iv.ID, f.iv.Candidate+"-camera-1.webm"))
	ok(t, err)
	for _, part := range []evidence.RecordPart{evidence.PartRecording, evidence.PartText} {
		_, err := f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: part, By: auth.Command, Reason: evidence.DeletedByRequest, Request: "q"})
		ok(t, err)
	}
	// The newest copy of the key store comes with the next backup.
	r, err := Backup(t.Context(), f.cfg, filepath.Join(base, "new"), keys, f.log)
	if err != nil || r.Manifest.Files != 2 {
		t.Fatalf("the next backup: %+v, %v", r, err)
	}
	to, restored, err := f.restoreTo(old, keys)
	ok(t, err)
	if len(restored.Again) != 2 || len(restored.Faults) > 0 || len(restored.Log.Faults) > 0 || restored.Files != 2 {
		t.Errorf("restored: %+v", restored)
	}
	for _, tomb := range restored.Again {
		if tomb.Reason != evidence.DeletedAgain || tomb.Request != "q" {
			t.Errorf("deleted again: %+v", tomb)
		}
	}
	iv, err := to.store.Interview(t.Context(), f.iv.ID)
	if err != nil || iv.CandidateName != interview.NameDeleted {
		t.Errorf("the name came back: %+v, %v", iv, err)
	}
	for _, text := range []string{keptName, keptNote, keptVideo} {
		if in := found(t, to.cfg.Data, text); len(in) > 0 {
			t.Errorf("%q came back, in %v", text, in)
		}
	}
	// Nor does putting the old file back by hand help.
	name := f.iv.ID + "/" + f.iv.Candidate + "-camera-1.webm"
	ok(t, os.WriteFile(filepath.Join(to.cfg.mediaDir(), name), sealedVideo, 0o600))
	if _, err := to.rec.hash(name); !errors.Is(err, vault.ErrDestroyed) {
		t.Errorf("the deleted recording can be read: %v", err)
	}
	ok(t, os.Remove(filepath.Join(to.cfg.mediaDir(), name)))
	if v := to.verdict(); !v.OK() || !strings.Contains(texts(v), "again, because a backup that was put back still held it") {
		t.Errorf("the record: %s", texts(v))
	}
	// The other way round: an old copy of the keys does not undo the newest store.
	if _, err := os.Stat(filepath.Join(keys, f.iv.ID, "recording.1.key")); err == nil {
		t.Error("the copy of the key store still has the destroyed key")
	}
}

// TestRestoreFindsDamage changes a file of a backup.
func TestRestoreFindsDamage(t *testing.T) {
	f := newFolder(t)
	dir := filepath.Join(t.TempDir(), "b")
	_, err := Backup(t.Context(), f.cfg, dir, "", f.log)
	ok(t, err)
	path := filepath.Join(dir, "media", f.iv.ID, f.iv.Candidate+"-camera-1.webm")
	b, err := os.ReadFile(path)
	ok(t, err)
	b[len(b)/2] ^= 1
	ok(t, os.WriteFile(path, b, 0o600))
	ok(t, os.Remove(filepath.Join(dir, "media", f.iv.ID, "stills", sum(keptStill)+".jpg")))
	_, r, err := f.restoreTo(dir, "")
	if err != nil || len(r.Faults) != 2 || r.Files != 1 {
		t.Errorf("restored: %+v, %v", r, err)
	}
}
