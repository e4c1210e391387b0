package webm_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"bonafide/server/webm"
)

// TestRepairAfterAnyCut cuts a recording at many places, as a killed writer or
// a lost page would, and wants all whole blocks before the cut back.
func TestRepairAfterAnyCut(t *testing.T) {
	all := blocks(t, 4*time.Second)
	whole, err := os.ReadFile(write(t, header, all, false))
	if err != nil {
		t.Fatal(err)
	}
	// Ends of the blocks, found by writing them one at a time.
	ends := blockEnds(t, all)
	first := ends[0]
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		cut := int(first) + rng.IntN(len(whole)-int(first))
		if n < 60 {
			cut = len(whole) - n
		}
		data := slices.Clone(whole[:cut])
		switch n % 3 {
		case 1: // zeros where the disk never got the data
			data = append(data, make([]byte, rng.IntN(5000)+1)...)
		case 2: // something else where the disk never got the data
			for range rng.IntN(3000) + 1 {
				data = append(data, byte(rng.IntN(16)))
			}
		}
		path := filepath.Join(dir, "cut.webm")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		rep, err := webm.Repair(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := 0
		for _, e := range ends {
			if int(e) <= cut {
				want++
			}
		}
		r, got := read(t, path)
		// What follows a cut may by chance complete the torn block.
		if extra := len(got) - want; extra < 0 || extra > 1 || n%3 == 0 && extra != 0 || !same(got[:want], all[:want]) {
			t.Fatalf("cut at %d: %d blocks after the repair, want the %d before the cut", cut, len(got), want)
		}
		if !r.Finished() || rep.Blocks != len(got) || r.Header().Duration < got[len(got)-1].At {
			t.Fatalf("cut at %d: finished %v, %d blocks reported, duration %v", cut, r.Finished(), rep.Blocks, r.Header().Duration)
		}
		before, _ := os.ReadFile(path)
		again, err := webm.Repair(path)
		after, _ := os.ReadFile(path)
		if err != nil || !again.Finished || !bytes.Equal(before, after) {
			t.Fatalf("cut at %d: repairing again: %+v, %v, changed %v", cut, again, err, !bytes.Equal(before, after))
		}
		if n%50 == 0 {
			ffprobe(t, path)
		}
	}
}

// blockEnds gives the file position after each block.
func blockEnds(t testing.TB, bs []webm.Block) []int64 {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "b.webm"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := webm.NewWriter(f, header)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int64
	for _, b := range bs {
		if err := w.WriteBlock(b); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, w.Size())
	}
	return ends
}

// stopFile fails at the n-th write, as if the program were killed there.
type stopFile struct {
	*os.File
	left int
}

var errStopped = errors.New("stopped")

func (f *stopFile) WriteAt(b []byte, at int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errStopped
	}
	return f.File.WriteAt(b, at)
}

func (f *stopFile) Truncate(size int64) error {
	if f.left < 0 {
		return errStopped
	}
	return f.File.Truncate(size)
}

// TestRepairAfterDyingWhileFinishing stops between any two writes of Finish.
func TestRepairAfterDyingWhileFinishing(t *testing.T) {
	all := blocks(t, 2*time.Second)
	for left := 0; ; left++ {
		path := filepath.Join(t.TempDir(), "a.webm")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		sf := &stopFile{File: f, left: 1 << 30}
		w, err := webm.NewWriter(sf, header)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			if err := w.WriteBlock(b); err != nil {
				t.Fatal(err)
			}
		}
		sf.left = left
		finished := w.Finish() == nil
		if _, err := webm.Repair(path); err != nil {
			t.Fatalf("after %d writes of finishing: %v", left, err)
		}
		if r, got := read(t, path); !same(got, all) || !r.Finished() {
			t.Fatalf("after %d writes of finishing: %d blocks, want %d; finished %v", left, len(got), len(all), r.Finished())
		}
		if finished {
			if left < 4 {
				t.Fatalf("finishing took %d writes, so nothing was tested", left)
			}
			return
		}
	}
}

// fullFile has room for a number of bytes.
type fullFile struct {
	*os.File
	room int64
}

func (f *fullFile) WriteAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > f.room {
		n, _ := f.File.WriteAt(b[:max(f.room-at, 0)], at)
		return n, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func TestFullDisk(t *testing.T) {
	all := blocks(t, 2*time.Second)
	path := filepath.Join(t.TempDir(), "a.webm")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := webm.NewWriter(&fullFile{f, 9000}, header)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, b := range all {
		if err = w.WriteBlock(b); err != nil {
			break
		}
		written++
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("writing to a full disk gave %v, want ENOSPC", err)
	}
	if err := w.Finish(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("finishing on a full disk: %v", err)
	}
	r, got := read(t, path)
	if !same(got, all[:written]) || !r.Finished() {
		t.Errorf("%d blocks, want %d; finished %v", len(got), written, r.Finished())
	}
	ffprobe(t, path)
}
