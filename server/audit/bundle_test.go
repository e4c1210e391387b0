package audit

import (
	"strings"
	"testing"
)

func said(v *Verdict, s Status) string {
	var out []string
	for _, l := range v.Lines {
		if l.Status == s {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, "\n")
}

func TestBundleHolds(t *testing.T) {
	r := newRig(t)
	receipt := r.interview()
	b := r.bundle()
	v := check(t, b, Options{})
	if !v.OK() || len(said(v, Holds)) == 0 {
		t.Fatalf("an untouched bundle: %+v", v.Lines)
	}
	for _, l := range v.Lines {
		t.Log(l.Status, l.Text)
	}
	if !strings.Contains(v.Worth(), "but the holder of the log's key") {
		t.Errorf("without an anchor: %s", v.Worth())
	}
	v = check(t, b, Options{Anchors: [][]byte{Receipt("Interview of today", receipt)}})
	if !v.OK() || v.Anchored != receipt.Size || !strings.Contains(v.Worth(), "not even the holder") {
		t.Errorf("with the receipt: %+v, %s", v.Lines, v.Worth())
	}
}
