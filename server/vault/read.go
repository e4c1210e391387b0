package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
)

// index tells where plaintext lies.
type index struct {
	size    int64
	regions []region
	patches []patch // oldest first
}

// region is where plaintext from an offset on begins in the file; it ends
// where the next one begins.
type region struct{ off, place int64 }

// patch covers plaintext that was written before.
type patch struct{ off, n, place int64 }

// add takes note of a record.
func (x *index) add(kind byte, off, n, place int64) {
	switch kind {
	case recordData:
		if last := len(x.regions) - 1; last < 0 || off-x.regions[last].off >= regionSize {
			x.regions = append(x.regions, region{off, place})
		}
		x.size = off + n
	case recordPatch:
		x.patches = append(x.patches, patch{off, n, place})
	case recordCut:
		for len(x.regions) > 0 && x.regions[len(x.regions)-1].off >= off {
			x.regions = x.regions[:len(x.regions)-1]
		}
		x.regions = append(x.regions, region{off, place})
		kept := x.patches[:0]
		for _, p := range x.patches {
			if p.n = min(p.n, off-p.off); p.n > 0 {
				kept = append(kept, p)
			}
		}
		x.patches, x.size = kept, off
	}
}

func (x *index) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(x.size))
	b = binary.AppendUvarint(b, uint64(len(x.regions)))
	for _, r := range x.regions {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.off)), uint64(r.place))
	}
	b = binary.AppendUvarint(b, uint64(len(x.patches)))
	for _, p := range x.patches {
		b = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(b, uint64(p.off)), uint64(p.n)), uint64(p.place))
	}
	return b
}

// decodeIndex undoes encode. The bytes were authenticated, so only whoever
// holds the key could have made them wrong; it still refuses nonsense.
func decodeIndex(b []byte) (x index, ok bool) {
	ok = true
	next := func() int64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > 1<<62 {
			ok, b = false, nil
			return 0
		}
		b = b[n:]
		return int64(v)
	}
	x.size = next()
	for n := next(); ok && n > 0; n-- {
		x.regions = append(x.regions, region{next(), next()})
	}
	for n := next(); ok && n > 0; n-- {
		x.patches = append(x.patches, patch{next(), next(), next()})
	}
	return x, ok && len(b) == 0
}

// load finds out what an existing file holds: from its index, or by walking
// through its records.
func (x *File) load(size int64) error {
	trailer := make([]byte, trailerSize)
	if size >= firstRecord+trailerSize {
		if _, err := x.f.ReadAt(trailer, size-trailerSize); err != nil {
			return err
		}
		if place := int64(binary.BigEndian.Uint64(trailer)); string(trailer[8:]) == trailerMark && place >= firstRecord && place < size {
			if kind, _, plain, next, err := x.readRecord(place, size-trailerSize); err == nil && kind == recordIndex && next == size-trailerSize {
				if i, ok := decodeIndex(plain); ok {
					x.index, x.end = i, place
					return nil
				}
			}
		}
	}
	for x.end = firstRecord; x.end < size; {
		kind, off, plain, next, err := x.readRecord(x.end, size)
		if errors.Is(err, ErrDamaged) || err == nil && !x.fits(kind, off, int64(len(plain))) {
			x.torn = !x.blank(size)
			break
		}
		if err != nil {
			return err
		}
		if kind == recordIndex {
			break // what follows is its end
		}
		x.index.add(kind, off, int64(len(plain)), x.end)
		x.end = next
	}
	x.changed = true // the index is missing
	return nil
}

// blank tells that only what was reserved follows the last record.
func (x *File) blank(size int64) bool {
	rest := make([]byte, min(size-x.end, 2*reserve))
	if _, err := x.f.ReadAt(rest, x.end); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	for _, b := range rest {
		if b != 0 {
			return false
		}
	}
	return true
}

// fits tells that a record can follow those before it.
func (x *File) fits(kind byte, off, n int64) bool {
	switch kind {
	case recordData, recordIndex:
		return off == x.index.size
	case recordPatch, recordCut:
		return off >= 0 && off+n <= x.index.size
	}
	return false
}

// readRecord reads and decrypts the record at a place; next is where it ends.
// What is not a whole record is ErrDamaged.
func (x *File) readRecord(place, limit int64) (kind byte, off int64, plain []byte, next int64, err error) {
	var head [recordHead]byte
	if place+recordExtra > limit {
		return 0, 0, nil, 0, ErrDamaged
	}
	if _, err := x.f.ReadAt(head[:], place); err != nil {
		return 0, 0, nil, 0, err
	}
	n := int64(binary.BigEndian.Uint32(head[1:]))
	next = place + recordExtra + n
	if n > maxRecord || next > limit {
		return 0, 0, nil, 0, ErrDamaged
	}
	body := make([]byte, recordExtra-recordHead+n)
	if _, err := x.f.ReadAt(body, place+recordHead); err != nil {
		return 0, 0, nil, 0, err
	}
	plain, err = x.aead.Open(body[:0], nil, body, bound(head[:], place))
	if err != nil {
		return 0, 0, nil, 0, ErrDamaged
	}
	return head[0], int64(binary.BigEndian.Uint64(head[5:])), plain, next, nil
}

// ReadAt reads plaintext.
func (x *File) ReadAt(p []byte, at int64) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if at < 0 {
		return 0, fmt.Errorf("reading a sealed file at byte %d: it begins at 0", at)
	}
	done := 0
	for done < len(p) {
		if at >= x.index.size {
			return done, io.EOF
		}
		i := sort.Search(len(x.index.regions), func(i int) bool { return x.index.regions[i].off > at }) - 1
		if i < 0 {
			return done, fmt.Errorf("reading a sealed file: its index has no place for byte %d: %w", at, ErrDamaged)
		}
		plain, err := x.region(i)
		if err != nil {
			return done, fmt.Errorf("reading a sealed file at byte %d: %w", at, err)
		}
		n := copy(p[done:], plain[at-x.index.regions[i].off:])
		if n == 0 {
			return done, fmt.Errorf("reading a sealed file at byte %d: %w", at, ErrDamaged)
		}
		done += n
		at += int64(n)
	}
	return done, nil
}

// region decrypts the plaintext from one region to the next.
func (x *File) region(i int) ([]byte, error) {
	if x.cached == i {
		return x.cache, nil
	}
	r := x.index.regions[i]
	until, limit := x.index.size, x.end
	if i+1 < len(x.index.regions) {
		until, limit = x.index.regions[i+1].off, x.index.regions[i+1].place
	}
	if until-r.off > maxRecord+regionSize || until < r.off {
		return nil, ErrDamaged
	}
	out := make([]byte, until-r.off)
	covered := int64(0)
	for place := r.place; place < limit && covered < int64(len(out)); {
		kind, off, plain, next, err := x.readRecord(place, limit)
		if err != nil {
			return nil, err
		}
		if kind == recordData {
			if off != r.off+covered {
				return nil, ErrDamaged
			}
			covered += int64(copy(out[covered:], plain))
		}
		place = next
	}
	if covered < int64(len(out)) {
		return nil, ErrDamaged
	}
	for _, p := range x.index.patches {
		if p.off >= until || p.off+p.n <= r.off {
			continue
		}
		_, _, plain, _, err := x.readRecord(p.place, x.end)
		if err != nil {
			return nil, err
		}
		if int64(len(plain)) < p.n {
			return nil, ErrDamaged
		}
		from := max(p.off, r.off)
		copy(out[from-r.off:], plain[from-p.off:p.n])
	}
	x.cached, x.cache = i, out
	return out, nil
}
