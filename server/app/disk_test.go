package app

import (
	"errors"
	"log/slog"
	"testing"
)

func TestDiskWatch(t *testing.T) {
	type call struct {
		low  bool
		free int64
	}
	var calls []call
	free, failing := int64(100), false
	d := &diskWatch{path: "x", least: 50, log: slog.New(slog.DiscardHandler),
		changed: func(low bool, n int64) { calls = append(calls, call{low, n}) },
		free: func(string) (int64, error) {
			if failing {
				return 0, errors.New("no such file system")
			}
			return free, nil
		}}
	for _, n := range []int64{100, 49, 10, 50, 51} {
		free = n
		d.look()
	}
	failing = true
	d.look() // an unknown free space changes nothing
	want := []call{{true, 49}, {false, 50}}
	if len(calls) != len(want) || calls[0] != want[0] || calls[1] != want[1] {
		t.Errorf("changes %v, want %v", calls, want)
	}
	if d.Low() {
		t.Error("the disk is said to be low at 51 of 50 bytes")
	}
}

func TestFreeBytes(t *testing.T) {
	n, err := freeBytes(t.TempDir())
	if err != nil || n <= 0 {
		t.Errorf("free bytes of a temporary folder: %d, %v", n, err)
	}
	if _, err := freeBytes("/no/such/folder"); err == nil {
		t.Error("a missing folder has free space")
	}
}
