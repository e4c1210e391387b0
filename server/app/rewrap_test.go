package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/store"
)

// TestRewrapKeys replaces the master key of a folder: the record still reads and
// verifies, the log says so, and the copy of the key store follows with the next
// backup.
func TestRewrapKeys(t *testing.T) {
	f := newFolder(t)
	base := t.TempDir()
	dir, keys, old := filepath.Join(base, "b"), filepath.Join(base, "keys"), filepath.Join(base, "old-keys")
	_, err := Backup(t.Context(), f.cfg, dir, keys, f.log)
	ok(t, err)
	ok(t, os.CopyFS(old, os.DirFS(keys)))
	if _, _, err := RewrapKeys(t.Context(), f.cfg.Data, f.log); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "stop the server") {
		t.Errorf("beside somebody who uses the folder: %v", err)
	}
	f.close()
	n, file, err := RewrapKeys(t.Context(), f.cfg.Data, f.log)
	if err != nil || n == 0 || file != f.cfg.masterKeyFile() {
		t.Fatalf("%d keys, %s, %v", n, file, err)
	}
	f.open()
	entries, err := f.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryMasterKeyReplaced}})
	if err != nil || len(entries) != 1 || !strings.Contains(string(entries[0].Payload), `"keys":`) {
		t.Errorf("the log says %+v, %v", entries, err)
	}
	if v := f.verdict(); !v.OK() {
		t.Errorf("the record: %s", texts(v))
	}
	iv, err := f.store.Interview(t.Context(), f.iv.ID)
	if err != nil || iv.CandidateName != keptName {
		t.Errorf("the interview: %+v, %v", iv, err)
	}
	// What was copied before is opened by the old master key alone, and cannot be
	// put over what is newer.
	if _, _, err := f.restoreTo(dir, old); err == nil {
		t.Error("the old copy of the key store was opened with the new master key")
	}
	if _, err := Backup(t.Context(), f.cfg, dir, keys, f.log); err != nil {
		t.Fatalf("the next backup: %v", err)
	}
	to, restored, err := f.restoreTo(dir, keys)
	if err != nil || len(restored.Faults) > 0 || len(restored.Log.Faults) > 0 || restored.Lacking > 0 {
		t.Fatalf("restored: %+v, %v", restored, err)
	}
	ok(t, os.Remove(to.cfg.databasePath()))
	if _, err := Restore(t.Context(), to.cfg, dir, old, f.log); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "is from before the master key") {
		t.Errorf("an old copy over a newer key store: %v", err)
	}
}
