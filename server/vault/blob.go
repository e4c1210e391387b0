package vault

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"bonafide/server/evidence"
)

// A head begins everything that is sealed: a mark of the format, the part, and
// the number of its key. The interview is not in it; it is bound by the key.
const (
	blobMark  = "BFBLOB1\n"
	fileMark  = "BFFILE1\n"
	markSize  = 8
	partRoom  = 28 // bytes of the part's name, filled up with zeros
	headSize  = markSize + partRoom + 4
	blobUse   = "bonafide blob v1"
	maxSealed = 256 << 20 // bytes of something that is read whole
)

func makeHead(mark string, k keyName) []byte {
	b := make([]byte, headSize)
	copy(b, mark)
	copy(b[markSize:markSize+partRoom], k.part)
	binary.BigEndian.PutUint32(b[markSize+partRoom:], k.n)
	return b
}

func parseHead(b []byte, mark, interview string) (keyName, bool) {
	if len(b) < headSize || string(b[:markSize]) != mark {
		return keyName{}, false
	}
	part := evidence.RecordPart(bytes.TrimRight(b[markSize:markSize+partRoom], "\x00"))
	return keyName{interview, part, binary.BigEndian.Uint32(b[markSize+partRoom:])}, part.Valid()
}

// Sealed tells bytes that Seal made from plain ones.
func Sealed(b []byte) bool { return bytes.HasPrefix(b, []byte(blobMark)) }

// PartOf tells to which part something sealed belongs; "" for plain bytes.
func PartOf(b []byte) evidence.RecordPart {
	part, _ := Head(b)
	return part
}

// Head tells from the first 64 bytes to which part something sealed belongs,
// and the number of its key; "" and 0 for plain bytes.
func Head(b []byte) (evidence.RecordPart, uint32) {
	for _, mark := range []string{blobMark, fileMark} {
		if k, ok := parseHead(b, mark, ""); ok {
			return k.part, k.n
		}
	}
	return "", 0
}

// Seal encrypts something small of a part of an interview's record, "" for
// what belongs to none.
func (v *Vault) Seal(interview string, part evidence.RecordPart, plain []byte) ([]byte, error) {
	k, key, err := v.sealing(interview, part)
	if err != nil {
		return nil, fmt.Errorf("sealing the %s of %q: %w", part, interview, err)
	}
	aead, err := derive(key, nil, blobUse)
	if err != nil {
		return nil, err
	}
	head := makeHead(blobMark, k)
	return aead.Seal(bytes.Clone(head), nil, plain, head), nil
}

// Unseal decrypts what Seal made. Its errors wrap ErrDestroyed, ErrNoKey and ErrDamaged.
func (v *Vault) Unseal(interview string, sealed []byte) ([]byte, error) {
	k, ok := parseHead(sealed, blobMark, interview)
	if !ok {
		return nil, fmt.Errorf("opening something sealed of %q: its head: %w", interview, ErrDamaged)
	}
	key, err := v.key(k)
	if err != nil {
		return nil, fmt.Errorf("opening the %s of %q: %w", k.part, interview, err)
	}
	aead, err := derive(key, nil, blobUse)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed[headSize:], sealed[:headSize])
	if err != nil {
		return nil, fmt.Errorf("opening the %s of %q: %w", k.part, interview, ErrDamaged)
	}
	return plain, nil
}

// readBlob reads a file that holds one sealed thing.
func readBlob(f io.ReaderAt, size int64) ([]byte, error) {
	if size > maxSealed {
		return nil, fmt.Errorf("it has %d bytes, at most %d are read whole", size, maxSealed)
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return b, nil
}
