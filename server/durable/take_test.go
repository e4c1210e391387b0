//go:build unix

package durable

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	first, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(path); !errors.Is(err, ErrTaken) {
		t.Errorf("taken twice: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Take(path)
	if err != nil {
		t.Fatalf("after it was given up: %v", err)
	}
	again.Close()
	if _, err := Take(filepath.Join(path, "below")); err == nil || errors.Is(err, ErrTaken) {
		t.Errorf("where no file can be: %v", err)
	}
}
