package audit

import (
	"bytes"
	"encoding/json"
	"testing"
)

// With `-fuzzminimizetime 10x` the fuzzing of whole bundles and of tokens gets
// on; otherwise it spends its time on making interesting inputs smaller.

// FuzzReceipt feeds receipts and checkpoints from outside to their readers:
// what is accepted reads the same when it is written again.
func FuzzReceipt(f *testing.F) {
	r := newRig(f)
	s := r.interview()
	f.Add(s.Note)
	f.Add(Receipt("Receipt", s))
	f.Add([]byte("bonafide-log/x\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— bonafide-log/x AAAA\n"))
	f.Add([]byte("a\n-1\nb\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := PeekReceipt(text)
		if err == nil {
			if again, err := parseText(c.Text()); err != nil || again != c {
				t.Errorf("%+v reads back as %+v, %v", c, again, err)
			}
		}
		if signed, err := ReadReceipt(text); err == nil {
			if c, by, err := Open(signed, s.Keys); err == nil && (c != s.Checkpoint || len(by) != 1) {
				t.Errorf("a checkpoint that was never signed holds: %+v", c)
			}
		}
	})
}

// FuzzProofs feeds proofs to their checks: none but the right one holds.
func FuzzProofs(f *testing.F) {
	r := newRig(f)
	r.interview()
	whole := unpack(f, r.bundle())
	f.Add(whole[fileProofs])
	f.Add([]byte(`{"keys":[],"earlier":[{"growth":["AAAA"]}],"entries":[{"seq":9223372036854775807,"proof":null}],"anchors":[]}`))
	leaf := LeafHash([]byte("not in the log"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Proofs
		if decode(text, &p) != nil {
			return
		}
		for _, e := range p.Entries {
			if CheckEntry(e.Proof, e.Seq, r.Newest.Size, r.Newest.Root, leaf) == nil {
				t.Errorf("an entry that is not in the log is proved as %d", e.Seq)
			}
		}
		for _, a := range p.Anchors {
			if a.Size > 0 && CheckGrowth(a.Growth, Checkpoint{Size: a.Size}, r.Newest.Checkpoint) == nil {
				t.Errorf("growth from a log that never was")
			}
		}
	})
}

// FuzzBundle feeds whole archives: nothing but the bundle itself holds with
// its key.
func FuzzBundle(f *testing.F) {
	r := newRig(f)
	r.interview()
	whole := r.bundle()
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Fuzz(func(t *testing.T, b []byte) {
		v := check(t, b, Options{Keys: r.Newest.Keys})
		if v.OK() && v.Newest != r.Newest.Checkpoint {
			t.Errorf("another bundle holds: %+v", v)
		}
	})
}

// FuzzFiles changes what is within a bundle, behind a manifest that fits and
// is signed: what the log proves cannot be changed even then. People's names
// are not in the log, so they are not among the files.
func FuzzFiles(f *testing.F) {
	r := newRig(f)
	r.interview()
	whole := unpack(f, r.bundle())
	names := []string{fileEntries, fileParts, fileProofs, fileCheckpoint, fileManifest, fileSignature}
	for i, n := range names {
		f.Add(i, whole[n])
	}
	f.Fuzz(func(t *testing.T, which int, content []byte) {
		name := names[uint(which)%uint(len(names))]
		u := unpacked{}
		for n, b := range whole {
			u[n] = b
		}
		u[name] = content
		if name != fileManifest && name != fileSignature {
			u.relist(t, r.SignText)
		}
		v := check(t, u.pack(t), Options{})
		if v.OK() && !bytes.Equal(content, whole[name]) && !sameJSON(content, whole[name]) && name != fileSignature {
			t.Errorf("%s holds as\n%s", name, content)
		}
	})
}

// sameJSON reports whether two texts say the same: a manifest that the key
// signs may be spaced otherwise.
func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
