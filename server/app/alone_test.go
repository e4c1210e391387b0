package app

import (
	"errors"
	"testing"
	"time"
)

// TestOneServerAFolder: a second server over the folder of one that runs does
// not start, and does once the first has ended.
func TestOneServerAFolder(t *testing.T) {
	first := openSite(t, t.TempDir(), time.Minute, nil)
	second, err := New(first.ctx, first.app.cfg, first.app.log)
	if !errors.Is(err, ErrRunning) {
		t.Errorf("a second server over the same folder: %v", err)
	}
	if second != nil {
		t.Fatal("it was opened all the same")
	}
	first.end()
	f, err := alone(first.data)
	ok(t, err)
	ok(t, f.Close())
}
