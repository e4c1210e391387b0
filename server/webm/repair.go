package webm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Report says what a repair found and did.
type Report struct {
	// Finished tells that the file was whole already and nothing was changed;
	// then Blocks, LostBytes and Torn are not determined.
	Finished  bool
	Header    Header        // with the final duration
	Duration  time.Duration // up to the end of the last whole block
	Blocks    int
	Bytes     int64  // size of the finished file
	LostBytes int64  // of a torn block, cut off
	Torn      string // why the blocks ended before the file did; "" if they did not
}

// Repair finishes a file of ours whose writer did not: whatever follows the
// last whole block is cut off, and index, sizes and duration are filled in.
// Repairing twice, or a finished file, changes nothing. A file of which not
// even the head was written gives an error that wraps ErrNotWebM and is left as
// it is.
func Repair(path string) (Report, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return Report{}, fmt.Errorf("opening a recording to repair it: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return Report{}, fmt.Errorf("opening a recording to repair it: %w", err)
	}
	rep, err := RepairFile(f, st.Size())
	if err != nil {
		return rep, fmt.Errorf("repairing %s: %w", path, err)
	}
	return rep, f.Close()
}

// ReadWriteFile is what a repair works on.
type ReadWriteFile interface {
	File
	io.ReaderAt
}

// RepairFile is Repair of an open file of size bytes, which it leaves open.
func RepairFile(f ReadWriteFile, size int64) (Report, error) {
	r, err := NewReader(f, size)
	if err != nil {
		return Report{}, err
	}
	if r.app != appName {
		return Report{}, fmt.Errorf("it was written by %q, and only our own files are repaired: %w", r.app, ErrNotWebM)
	}
	rep := Report{Header: r.header}
	if r.marked {
		rep.Finished, rep.Duration, rep.Bytes = true, r.header.Duration, size
		return rep, nil
	}
	_, l, err := encodeHead(r.header)
	if err != nil {
		return rep, fmt.Errorf("its head is damaged: %w", err)
	}
	if r.good != l.firstBlocks {
		return rep, fmt.Errorf("its blocks begin at byte %d instead of %d: %w", r.good, l.firstBlocks, ErrNotWebM)
	}
	w := newWriter(f, r.header, l, r.good)
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return rep, err
		}
		if w.cluster != r.cluster {
			w.cluster = r.cluster
			w.cues = append(w.cues, cue{at: b.At.Milliseconds(), track: b.Track, cluster: r.cluster - 4 - l.segmentData})
		}
		w.count(b.Track, b.At)
	}
	w.pos = r.good
	rep.LostBytes, rep.Torn = size-r.good, r.torn
	if r.hasCues && r.torn == "" {
		rep.LostBytes = 0 // an index that is written anew is no loss
	}
	if err := w.Finish(); err != nil {
		return rep, err
	}
	rep.Blocks, rep.Duration, rep.Bytes = w.blocks, w.end, w.pos
	rep.Header.Duration = w.end
	return rep, nil
}
