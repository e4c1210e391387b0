package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// onlyFile checks that nothing is left beside a file.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Name() != filepath.Base(path) {
		t.Errorf("the folder holds %v, want %s alone", list, filepath.Base(path))
	}
}

func TestWriteReplacesTheWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"a long text", "short", ""} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != content {
			t.Errorf("read %q, want %q", got, content)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want one for the owner alone", info.Mode())
	}
	onlyFile(t, path)
}

func TestWhatFailsLeavesWhatWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Write(path, []byte("before")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the source broke off")
	err := WriteFrom(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of wh"); err != nil {
			t.Fatal(err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the source", err)
	}
	if got := read(t, path); got != "before" {
		t.Errorf("read %q after a failed write", got)
	}
	onlyFile(t, path)
	if err := Write(filepath.Join(path, "below a file"), nil); err == nil {
		t.Error("a file below a file was written")
	}
}

func TestWriteNewLeavesWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var made atomic.Int32
	var all sync.WaitGroup
	for _, content := range []string{"one", "two", "six", "ten"} {
		all.Go(func() {
			switch err := WriteNew(path, []byte(content)); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, fs.ErrExist):
				t.Errorf("error %v, want one that says that it exists", err)
			}
		})
	}
	all.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("%d of four made the file, want 1", n)
	}
	if got := read(t, path); len(got) != 3 {
		t.Errorf("read %q, want what one of them wrote", got)
	}
	onlyFile(t, path)
}

func TestUnfinished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with [brackets]")
	if err := os.MkdirAll(filepath.Join(dir, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "below", "whole"), []byte("whole")); err != nil {
		t.Fatal(err)
	}
	if left, err := Unfinished(dir); err != nil || len(left) != 0 {
		t.Errorf("%q, %v; want none", left, err)
	}
	tmp, err := begin(filepath.Join(dir, "below", "half"), whole([]byte("as before a rename"))) // and no further
	if err != nil {
		t.Fatal(err)
	}
	if left, err := Unfinished(dir); err != nil || len(left) != 1 || left[0] != tmp {
		t.Errorf("%q, %v; want %s", left, err, tmp)
	}
	if left, err := Unfinished(filepath.Join(dir, "gone")); err != nil || len(left) != 0 {
		t.Errorf("of no folder: %q, %v", left, err)
	}
}
