package vault

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"bonafide/server/evidence"
)

// A sealed file is a head, a salt, and records that are only ever appended:
//
//	head | salt | record … | index record | place of the index, mark
//	record: kind (1) | length (4) | offset (8) | nonce (12) | ciphertext | tag (16)
//
// Every write becomes one record, with a nonce of its own; its first thirteen
// bytes and its place in the file are authenticated with it. What is written
// over something (the finished head of a recording) is a later record that
// covers the earlier one, so no nonce is used twice and a crash can tear only
// what was being written. The index, written when the file is closed, makes it
// seekable; without it the records are walked through.
const (
	saltSize    = 32
	firstRecord = headSize + saltSize
	recordHead  = 13
	recordExtra = recordHead + 12 + 16 // bytes beside the plaintext
	// reserve is how many bytes of the storage are taken ahead, so that a file can
	// be finished on a disk that is full: what is patched then needs room too.
	reserve     = 8 << 10
	trailerMark = "BFINDEX1"
	trailerSize = 16
	maxRecord   = 64 << 20
	regionSize  = 64 << 10 // plaintext bytes that are found and decrypted together, at least
	fileUse     = "bonafide file v1"
)

// The kinds of record.
const (
	recordData  = 'D' // plaintext added at the end
	recordPatch = 'P' // plaintext over what is there
	recordCut   = 'T' // the plaintext ends at the offset
	recordIndex = 'I'
)

// Storage is what a sealed file lies in; *os.File is one.
type Storage interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// File is plaintext that lies encrypted in a Storage. It is safe for concurrent use.
type File struct {
	f    Storage
	aead cipher.AEAD

	mu      sync.Mutex
	index   index
	end     int64 // of the last whole record
	room    int64 // size of the storage, with what is reserved
	changed bool  // since the index was written
	torn    bool  // something that is no record followed the last one when it was opened
	buf     []byte
	cached  int // number of the region in cache, -1 for none
	cache   []byte
}

// CreateFile begins a sealed file of a part of an interview's record in an
// empty storage, which the File then owns.
func (v *Vault) CreateFile(interview string, part evidence.RecordPart, f Storage) (*File, error) {
	k, key, err := v.sealing(interview, part)
	if err != nil {
		return nil, fmt.Errorf("beginning a sealed file: %w", err)
	}
	salt, err := draw(saltSize)
	if err != nil {
		return nil, err
	}
	aead, err := derive(key, salt, fileUse)
	if err != nil {
		return nil, err
	}
	if _, err := f.WriteAt(append(makeHead(fileMark, k), salt...), 0); err != nil {
		return nil, fmt.Errorf("beginning a sealed file: %w", err)
	}
	return &File{f: f, aead: aead, end: firstRecord, cached: -1, changed: true}, nil
}

// OpenFile opens a sealed file of size bytes, finished or not. The File owns
// f. A file whose head is not that of a sealed one is ErrDamaged.
func (v *Vault) OpenFile(interview string, f Storage, size int64) (*File, error) {
	head := make([]byte, firstRecord)
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("opening a sealed file: %w", err)
	}
	k, ok := parseHead(head, fileMark, interview)
	if !ok || size < firstRecord {
		return nil, fmt.Errorf("opening a sealed file: its head: %w", ErrDamaged)
	}
	key, err := v.key(k)
	if err != nil {
		return nil, fmt.Errorf("opening the %s of %q: %w", k.part, interview, err)
	}
	aead, err := derive(key, head[headSize:], fileUse)
	if err != nil {
		return nil, err
	}
	x := &File{f: f, aead: aead, cached: -1}
	if err := x.load(size); err != nil {
		return nil, fmt.Errorf("opening the %s of %q: %w", k.part, interview, err)
	}
	return x, nil
}

// Size is the length of the plaintext, in bytes.
func (x *File) Size() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.size
}

// Torn tells that the file, when it was opened, ended with something that was
// not wholly written.
func (x *File) Torn() bool { return x.torn }

// WriteAt writes plaintext at an offset within it or at its end.
func (x *File) WriteAt(p []byte, at int64) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if at < 0 || at > x.index.size {
		return 0, fmt.Errorf("writing at byte %d of a sealed file of %d: it may not have holes", at, x.index.size)
	}
	over := min(int64(len(p)), x.index.size-at)
	done := 0
	if over > 0 {
		if err := x.record(recordPatch, p[:over], at); err != nil {
			return 0, err
		}
		done = int(over)
	}
	for done < len(p) {
		n := min(len(p)-done, maxRecord)
		if err := x.record(recordData, p[done:done+n], x.index.size); err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// Truncate makes the plaintext end at a size that it has reached already.
func (x *File) Truncate(size int64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case size < 0 || size > x.index.size:
		return fmt.Errorf("cutting a sealed file of %d bytes at %d: it can only become shorter", x.index.size, size)
	case size < x.index.size:
		return x.record(recordCut, nil, size)
	}
	return nil
}

// takeRoom makes the storage large enough for a record of n bytes and the reserve.
func (x *File) takeRoom(n int64) error {
	for x.room < x.end+n+reserve {
		if _, err := x.f.WriteAt(make([]byte, reserve), max(x.room, x.end)); err != nil {
			return err
		}
		x.room = max(x.room, x.end) + reserve
	}
	return nil
}

// record appends a record. What a failed write leaves is overwritten by the next.
func (x *File) record(kind byte, p []byte, at int64) error {
	if kind == recordData {
		if err := x.takeRoom(int64(len(p)) + recordExtra); err != nil {
			return err
		}
	}
	x.buf = append(x.buf[:0], kind)
	x.buf = binary.BigEndian.AppendUint32(x.buf, uint32(len(p)))
	x.buf = binary.BigEndian.AppendUint64(x.buf, uint64(at))
	x.buf = x.aead.Seal(x.buf, nil, p, bound(x.buf[:recordHead], x.end))
	if _, err := x.f.WriteAt(x.buf, x.end); err != nil {
		return err
	}
	x.index.add(kind, at, int64(len(p)), x.end)
	x.end += int64(len(x.buf))
	x.room = max(x.room, x.end)
	x.changed, x.cached = true, -1
	return nil
}

// bound is what a record is authenticated with: its head and its place.
func bound(head []byte, place int64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, recordHead+8), head...), uint64(place))
}

// Sync makes what was written survive a loss of power.
func (x *File) Sync() error { return x.f.Sync() }

// Close writes the index, if something was written, and closes the storage. An
// index that finds no room is left out: the file can be read without it.
func (x *File) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.changed {
		x.changed = false
		at, plain := x.end, x.index.encode()
		err := x.record(recordIndex, plain, x.index.size)
		if err == nil {
			trailer := append(binary.BigEndian.AppendUint64(nil, uint64(at)), trailerMark...)
			_, err = x.f.WriteAt(trailer, x.end)
			x.end += trailerSize
		}
		if err != nil {
			x.end = at
		}
		if err := x.f.Truncate(x.end); err != nil {
			return errors.Join(fmt.Errorf("cutting off an unfinished record: %w", err), x.f.Close())
		}
		x.changed = false
	}
	return x.f.Close()
}
