// Package audit makes the evidence log provable: the Merkle tree over its
// entries (RFC 6962), signed checkpoints of the tree (C2SP tlog-checkpoint,
// Ed25519), and the bundle of one interview, which it writes and checks. It
// knows no database and no media, so that the auditor's program is small.
package audit

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 of the tree; as text it is standard base64.
type Hash = tlog.Hash

// EmptyRoot is the root of a log without entries: SHA-256 of nothing.
var EmptyRoot = Hash(sha256.Sum256(nil))

// NodeHash is the hash above two: SHA-256 of a one byte and both.
func NodeHash(left, right Hash) Hash { return tlog.NodeHash(left, right) }

// HashReader returns stored hashes of the tree by their positions, in the
// order asked for.
type HashReader func(positions []int64) ([]Hash, error)

// ReadHashes makes a HashReader what the tree's arithmetic asks for.
func (r HashReader) ReadHashes(positions []int64) ([]Hash, error) {
	if len(positions) == 0 {
		return nil, nil
	}
	return r(positions)
}

// LeafHash is the hash of an entry in the tree: SHA-256 of a zero byte and
// the entry's canonical bytes.
func LeafHash(canonical []byte) Hash { return tlog.RecordHash(canonical) }

// Position is where the leaf hash of entry seq (1, 2, …) is stored.
func Position(seq int64) int64 { return tlog.StoredHashIndex(0, seq-1) }

// Positions is how many hashes are stored for a log of size entries.
func Positions(size int64) int64 { return tlog.StoredHashCount(size) }

// NewHashes returns the hashes to store when entry seq is added, and the
// position of the first; the others follow it. read gives those of the
// entries before.
func NewHashes(seq int64, leaf Hash, read HashReader) (first int64, hashes []Hash, err error) {
	hashes, err = tlog.StoredHashesForRecordHash(seq-1, leaf, read)
	if err != nil {
		return 0, nil, fmt.Errorf("adding entry %d to the tree: %w", seq, err)
	}
	return Positions(seq - 1), hashes, nil
}

// Root is the root hash of the tree over the first size entries.
func Root(size int64, read HashReader) (Hash, error) {
	h, err := tlog.TreeHash(size, read)
	if err != nil {
		return Hash{}, fmt.Errorf("computing the root of %d entries: %w", size, err)
	}
	return h, nil
}

// ProveEntry proves that entry seq is in the tree of size entries.
func ProveEntry(seq, size int64, read HashReader) ([]Hash, error) {
	p, err := tlog.ProveRecord(size, seq-1, read)
	if err != nil {
		return nil, fmt.Errorf("proving entry %d of %d: %w", seq, size, err)
	}
	return p, nil
}

// CheckEntry checks what ProveEntry made against a root.
func CheckEntry(proof []Hash, seq, size int64, root, leaf Hash) error {
	if seq < 1 || seq > size {
		return fmt.Errorf("entry %d is not among the %d of the checkpoint", seq, size)
	}
	return tlog.CheckRecord(proof, size, root, seq-1, leaf)
}

// ProveGrowth proves that the tree of size entries begins with that of old.
func ProveGrowth(old, size int64, read HashReader) ([]Hash, error) {
	if old == 0 || old == size {
		return nil, nil
	}
	p, err := tlog.ProveTree(size, old, read)
	if err != nil {
		return nil, fmt.Errorf("proving that %d entries grew to %d: %w", old, size, err)
	}
	return p, nil
}

// CheckGrowth checks what ProveGrowth made against both roots.
func CheckGrowth(proof []Hash, old, size Checkpoint) error {
	switch {
	case old.Size > size.Size:
		return fmt.Errorf("the tree of %d entries is larger than that of %d", old.Size, size.Size)
	case old.Size == size.Size && old.Root != size.Root:
		return fmt.Errorf("two different logs of %d entries", old.Size)
	case old.Size == 0 || old.Size == size.Size:
		return nil
	}
	return tlog.CheckTree(proof, size.Size, size.Root, old.Size, old.Root)
}

// ParseRoot reads a hash in the form in which Hash.String writes it.
func ParseRoot(text string) (Hash, error) { return tlog.ParseHash(text) }
