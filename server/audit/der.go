package audit

import (
	"errors"
	"fmt"
)

// Bounds of a time-stamp token; real ones have some kilobytes and a dozen levels.
const (
	maxToken = 1 << 20 // bytes
	maxDepth = 40      // elements within elements
)

// CheckDER refuses bytes that are not DER (X.690, section 10): every length
// definite and written as short as possible, every element whole and within the
// one that holds it. The parser of signed data that follows also takes BER, and
// there, with lengths left open, a hundred bytes keep it busy for seconds, and
// each dozen more for ten times as long. Time-stamps are DER (RFC 3161, section
// 3.4).
func CheckDER(b []byte) error {
	if len(b) == 0 || len(b) > maxToken {
		return fmt.Errorf("it has %d bytes; 1 to %d are expected", len(b), maxToken)
	}
	return walkDER(b, maxDepth)
}

func walkDER(b []byte, depth int) error {
	if depth == 0 {
		return fmt.Errorf("its elements are nested more than %d deep", maxDepth)
	}
	for len(b) > 0 {
		tag, n, head, err := derHead(b)
		if err != nil {
			return err
		}
		if n > len(b)-head {
			return errors.New("an element is longer than what holds it")
		}
		if constructed := tag&0x20 != 0; constructed {
			if err := walkDER(b[head:head+n], depth-1); err != nil {
				return err
			}
		}
		b = b[head+n:]
	}
	return nil
}

// derHead reads the tag and the length of an element, and the size of both.
func derHead(b []byte) (tag byte, length, size int, err error) {
	switch {
	case len(b) < 2:
		return 0, 0, 0, errors.New("an element is cut off")
	case b[0]&0x1f == 0x1f:
		return 0, 0, 0, errors.New("it has a tag of more than one byte, which no time-stamp has")
	case b[1] < 0x80:
		return b[0], int(b[1]), 2, nil
	}
	count := int(b[1] & 0x7f)
	if count == 0 {
		return 0, 0, 0, errors.New("the length of an element is left open; time-stamps are DER")
	}
	if count > 3 || len(b) < 2+count {
		return 0, 0, 0, errors.New("the length of an element is cut off or too large")
	}
	for _, x := range b[2 : 2+count] {
		length = length<<8 | int(x)
	}
	if b[2] == 0 || length < 0x80 {
		return 0, 0, 0, errors.New("the length of an element is not written as short as possible; time-stamps are DER")
	}
	return b[0], length, 2 + count, nil
}
