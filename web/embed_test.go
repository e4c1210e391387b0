package web

import (
	"io/fs"
	"strings"
	"testing"
)

func TestFSAlwaysHasAnIndex(t *testing.T) {
	b, err := fs.ReadFile(FS(), "index.html")
	if err != nil {
		t.Fatalf("reading index.html: %v", err)
	}
	if !strings.Contains(string(b), "<title>Bonafide") {
		t.Errorf("index.html has no title of ours:\n%s", b)
	}
}
