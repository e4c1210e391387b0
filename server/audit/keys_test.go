package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeysFirstUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	k := NewKeys(dir)
	s, err := k.Sign(0, EmptyRoot, nil)
	if err != nil || s == nil || !strings.HasPrefix(s.Origin, originPrefix) {
		t.Fatalf("the first checkpoint: %+v, %v", s, err)
	}
	info, err := os.Stat(filepath.Join(dir, currentKey))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
	if again, err := NewKeys(dir).Sign(0, EmptyRoot, s.Note); again != nil || err != nil {
		t.Errorf("the same state signed again: %+v, %v", again, err)
	}
	next, err := k.Sign(1, LeafHash([]byte("x")), s.Note)
	if err != nil || next.Origin != s.Origin || next.Keys[0] != s.Keys[0] {
		t.Errorf("the next one: %+v, %v", next, err)
	}
}

func TestKeysRefuse(t *testing.T) {
	dir := t.TempDir()
	k := NewKeys(dir)
	s, err := k.Sign(0, EmptyRoot, nil)
	must(t, err)
	path := filepath.Join(dir, currentKey)
	good, err := os.ReadFile(path)
	must(t, err)
	foreign, err := NewKeys(t.TempDir()).Sign(0, EmptyRoot, nil)
	must(t, err)
	for _, c := range []struct {
		name   string
		change func()
		newest []byte
		want   string
	}{
		{"readable by others", func() { must(t, os.Chmod(path, 0o644)) }, s.Note, "chmod 600"},
		{"one line", func() { must(t, os.WriteFile(path, good[:20], 0o600)) }, s.Note, "has 1 lines"},
		{"not a key", func() { must(t, os.WriteFile(path, []byte("a\nb\n"), 0o600)) }, s.Note, "is not a private key"},
		{"halves of two keys", func() {
			private, _, _ := strings.Cut(string(good), "\n")
			must(t, os.WriteFile(path, []byte(private+"\n"+foreign.Keys[0]+"\n"), 0o600))
		}, s.Note, "not halves of one key"},
		{"another log's key", func() {}, foreign.Note, "not the one that signed the newest checkpoint"},
		{"missing", func() { must(t, os.Remove(path)) }, s.Note, ErrKeyMissing.Error()},
	} {
		must(t, os.WriteFile(path, good, 0o600))
		must(t, os.Chmod(path, 0o600))
		c.change()
		if _, err := k.Sign(1, EmptyRoot, c.newest); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := k.Sign(1, EmptyRoot, s.Note); !errors.Is(err, ErrKeyMissing) {
		t.Errorf("missing: %v", err)
	}
	if _, _, err := k.Rotate(s.Note, false); !errors.Is(err, ErrKeyMissing) {
		t.Errorf("rotating a missing key: %v", err)
	}
}

// TestUnfinishedKeyIsRemoved leaves what a crash leaves while a key is written.
func TestUnfinishedKeyIsRemoved(t *testing.T) {
	k := NewKeys(t.TempDir())
	s, err := k.Sign(0, EmptyRoot, nil)
	must(t, err)
	private, _, err := newKey(s.Origin)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(k.dir, ".new-1"), []byte(private), 0o600))
	if n, err := k.Sign(1, EmptyRoot, s.Note); err != nil || n.Keys[0] != s.Keys[0] {
		t.Errorf("signing beside it: %+v, %v", n, err)
	}
	list, err := os.ReadDir(k.dir)
	if must(t, err); len(list) != 1 || list[0].Name() != currentKey {
		t.Errorf("the folder holds %v, want %s alone", list, currentKey)
	}
}

// TestRotationInterrupted stops a rotation before and after its checkpoint is kept.
func TestRotationInterrupted(t *testing.T) {
	k := NewKeys(t.TempDir())
	s, err := k.Sign(0, EmptyRoot, nil)
	must(t, err)
	_, _, err = k.Rotate(s.Note, false)
	must(t, err)
	// Nothing was kept: the old key goes on.
	n, err := k.Sign(1, EmptyRoot, s.Note)
	if err != nil || n.Keys[0] != s.Keys[0] {
		t.Fatalf("after a rotation that was given up: %+v, %v", n, err)
	}
	verifier, sign, err := k.Rotate(n.Note, false)
	must(t, err)
	both, err := sign(2, EmptyRoot)
	if err != nil || len(both.Keys) != 2 || both.Keys[1] != verifier {
		t.Fatalf("the checkpoint of a rotation: %+v, %v", both, err)
	}
	if _, by, err := Open(both.Note, both.Keys); err != nil || len(by) != 2 {
		t.Errorf("signed by %v, %v", by, err)
	}
	// It was kept, and the process died: the new key signs at the next use.
	n, err = k.Sign(3, EmptyRoot, both.Note)
	if err != nil || n.Keys[0] != verifier || n.Origin != s.Origin {
		t.Errorf("after the rotation: %+v, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(k.dir, nextKey)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("next.key is still there: %v", err)
	}
}

// TestRotations checks bundles over rotated and lost keys.
func TestRotations(t *testing.T) {
	r := newRig(t)
	receipt := r.interview()
	r.rotate(false)
	r.noise(1)
	r.sign("hour")
	r.rotate(false)
	v := check(t, r.bundle(), Options{Anchors: [][]byte{receipt.Note}, Keys: receipt.Keys})
	if !v.OK() || len(v.Keys) != 3 {
		t.Errorf("after two rotations: %d keys\n%s", len(v.Keys), said(v, Fails))
	}
	must(t, os.Remove(filepath.Join(r.keys.dir, currentKey)))
	r.rotate(true)
	v = check(t, r.bundle(), Options{})
	if v.OK() || !strings.Contains(said(v, Fails), "without the signature of the one before") {
		t.Errorf("after the loss of a key: %s", said(v, Fails))
	}
}
