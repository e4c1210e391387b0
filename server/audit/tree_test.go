package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// reference computes the tree hash of RFC 6962, section 2.1, as it is written.
func reference(entries [][]byte) [32]byte {
	switch n := len(entries); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := reference(entries[:k]), reference(entries[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

func TestTree(t *testing.T) {
	// Known answer: the root of the first seven leaves of the Certificate
	// Transparency test data.
	known := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657"}
	const root7 = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
	var entries [][]byte
	r := newRig(t)
	for i := range 70 {
		e := []byte{byte(i)}
		if i < len(known) {
			e, _ = hex.DecodeString(known[i])
		}
		entries = append(entries, e)
		first, hashes, err := NewHashes(int64(i+1), LeafHash(e), r.read)
		if err != nil || first != int64(len(r.hashes)) || Position(int64(i+1)) != first {
			t.Fatalf("entry %d is stored at %d, %v; want %d", i+1, first, err, len(r.hashes))
		}
		r.hashes = append(r.hashes, hashes...)
	}
	for n := range len(entries) + 1 {
		root, err := Root(int64(n), r.read)
		if err != nil || root != Hash(reference(entries[:n])) {
			t.Fatalf("root of %d: %s, %v", n, root, err)
		}
		if n == 7 && hex.EncodeToString(root[:]) != root7 {
			t.Errorf("root of the known leaves: %x", root)
		}
		if Positions(int64(n)) > int64(len(r.hashes)) {
			t.Errorf("%d entries store %d hashes", n, Positions(int64(n)))
		}
	}
	size := int64(len(entries))
	root, err := Root(size, r.read)
	must(t, err)
	newest := Checkpoint{"o", size, root}
	for i, e := range entries {
		seq := int64(i + 1)
		p, err := ProveEntry(seq, size, r.read)
		must(t, err)
		if err := CheckEntry(p, seq, size, root, LeafHash(e)); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
		if err := CheckEntry(p, seq%size+1, size, root, LeafHash(e)); err == nil {
			t.Errorf("entry %d is proved at another place", seq)
		}
		g, err := ProveGrowth(seq, size, r.read)
		must(t, err)
		old := Checkpoint{"o", seq, Hash(reference(entries[:i+1]))}
		if err := CheckGrowth(g, old, newest); err != nil {
			t.Errorf("growth from %d: %v", seq, err)
		}
		old.Root[0] ^= 1
		if err := CheckGrowth(g, old, newest); err == nil {
			t.Errorf("growth from another log of %d", seq)
		}
	}
	for _, seq := range []int64{0, -1, size + 1} {
		if err := CheckEntry(nil, seq, size, root, Hash{}); err == nil {
			t.Errorf("entry %d of %d is proved", seq, size)
		}
	}
	if err := CheckGrowth(nil, newest, Checkpoint{"o", size - 1, root}); err == nil {
		t.Error("a log shrank")
	}
}
