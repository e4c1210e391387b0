package audit

import (
	"strings"
	"testing"

	"bonafide/server/evidence"
)

// TestAnchors compares a bundle with checkpoints that were kept elsewhere.
func TestAnchors(t *testing.T) {
	r := newRig(t)
	first := func() Signed { r.noise(2); return r.sign("hour") }()
	r.Earlier, r.Newest = nil, first // bundles do not hold every hour's checkpoint
	r.keep(first, "hour")
	r.Earlier = nil
	receipt := r.interview()
	r.Earlier = r.Earlier[1:]
	whole := r.bundle()
	last := r.Newest
	r.noise(4)
	younger := r.sign("hour")

	other := newRig(t)
	otherReceipt := other.interview()

	// The holder of the key writes the log anew, without the note.
	forged := newRig(t)
	forged.keys = r.keys
	forged.noise(5)
	forged.add(iv, evidence.EntryInterviewCreated, evidence.InterviewPayload{}, nil)
	forged.add(iv, evidence.EntrySealed, evidence.CountPayload{Entries: 1}, nil)
	forged.noise(20)
	forged.Newest.Note = r.Newest.Note
	root, err := Root(forged.seq, forged.read)
	must(t, err)
	s, err := forged.keys.Sign(forged.seq, root, r.Newest.Note)
	must(t, err)
	forged.Newest = Signed{}
	forged.keep(*s, "")
	rewritten := forged.bundle()
	forged.Anchors = []int64{receipt.Size}
	rewrittenWithProof := forged.bundle()

	r.rotate(false)
	rotated := r.bundle()

	text := func(s Signed) []byte { return Receipt("Receipt", s) }
	for _, c := range []struct {
		name   string
		bundle []byte
		anchor []byte
		want   string // "" where it holds
	}{
		{"the receipt of the end", whole, text(receipt), ""},
		{"with other line ends", whole, []byte(strings.ReplaceAll(string(text(receipt)), "\n", "\r\n")), ""},
		{"the bare checkpoint", whole, receipt.Note, ""},
		{"the bundle's own", whole, last.Note, ""},
		{"after a rotation of the key", rotated, text(receipt), ""},
		{"one that the bundle does not prove", whole, text(first), "has no proof for its 2 entries; export the interview again with"},
		{"one that is younger", whole, text(younger), "younger than the bundle"},
		{"of another log", whole, text(otherReceipt), "signed with another key"},
		{"a forged size", whole, []byte(strings.Replace(string(receipt.Note), "\n16\n", "\n17\n", 1)), "a signature on it is wrong"},
		{"not a receipt", whole, []byte("hello"), "neither a receipt"},
		{"cut off", whole, text(receipt)[:len(text(receipt))-10], "was cut off"},
		{"too long", whole, make([]byte, maxCheckpoint+1), "at most"},
		{"the log was rewritten", rewritten, text(receipt), "has no proof"},
		{"the log was rewritten, and the proof given", rewrittenWithProof, text(receipt), "the log was rewritten"},
	} {
		v := check(t, c.bundle, Options{Anchors: [][]byte{c.anchor}})
		if v.OK() != (c.want == "") || !strings.Contains(said(v, Fails), c.want) || (v.Anchored > 0) != (c.want == "") {
			t.Errorf("%s: anchored %d\n%s\nwant %q", c.name, v.Anchored, said(v, Fails), c.want)
		}
	}
	if v := check(t, rewritten, Options{}); !v.OK() || !strings.Contains(v.Worth(), "holder of the key could have written another") {
		t.Errorf("rewritten by the holder of the key, without an anchor: %s; %s", said(v, Fails), v.Worth())
	}
	r.Anchors = []int64{first.Size}
	if v := check(t, r.bundle(), Options{Anchors: [][]byte{text(first)}}); !v.OK() || v.Anchored != first.Size {
		t.Errorf("with the proof asked for: %s", said(v, Fails))
	}
	if v := check(t, rotated, Options{Keys: last.Keys}); !v.OK() {
		t.Errorf("with the key of before the rotation: %s", said(v, Fails))
	}
	if v := check(t, whole, Options{Keys: otherReceipt.Keys}); v.OK() || !strings.Contains(said(v, Fails), "not the key that was given") {
		t.Errorf("with another key: %s", said(v, Fails))
	}
}

// TestReceiptSaysLittle holds that a receipt can be given to anybody.
func TestReceipt(t *testing.T) {
	r := newRig(t)
	s := r.interview()
	text := Receipt("Receipt of\nsomething", s)
	c, err := PeekReceipt(text)
	if err != nil || c != s.Checkpoint {
		t.Errorf("read back: %+v, %v", c, err)
	}
	if !strings.HasPrefix(string(text), "Receipt of something\n") || strings.Contains(string(text), "Zoë") {
		t.Errorf("the receipt:\n%s", text)
	}
}
