package webm

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Bounds on what a file may claim, so that a damaged one costs no memory.
const (
	maxHead  = 1 << 20  // a Tracks, Info or Tags element
	maxBlock = 16 << 20 // one block; a VP8 key frame of 4096x4096 is far smaller
)

// ErrNotWebM wraps errors of files that have no readable head.
var ErrNotWebM = errors.New("not a WebM file")

// Reader reads the blocks of a file in the order in which they were written.
// It takes files that are still being written or were cut off anywhere: the
// blocks end where the file stops making sense. One goroutine owns it.
type Reader struct {
	src    io.ReaderAt
	size   int64
	closer io.Closer
	in     *bufio.Reader
	pos    int64

	header   Header
	app      string
	tick     time.Duration
	marked   bool // the segment has a size, and it is the file's
	ended    bool
	torn     string // why the blocks ended before the file did
	good     int64  // end of the last whole block
	cluster  int64  // position of the size of the current cluster
	clusterT int64  // its time, ticks
	hasCues  bool
}

// Open opens a file.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a recording: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("opening a recording: %w", err)
	}
	r, err := NewReader(f, st.Size())
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	r.closer = f
	return r, nil
}

// NewReadCloser is NewReader of something that Close closes too.
func NewReadCloser(src interface {
	io.ReaderAt
	io.Closer
}, size int64) (*Reader, error) {
	r, err := NewReader(src, size)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	r.closer = src
	return r, nil
}

// NewReader reads the head of a file of size bytes. An error wraps ErrNotWebM
// or is src's own.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{src: src, size: size, tick: time.Millisecond}
	r.seek(0)
	id, n, _, err := r.head()
	if err != nil || id != idEBML || n == unknownSize {
		return nil, fmt.Errorf("it does not begin with an EBML header: %w", ErrNotWebM)
	}
	r.skip(n)
	for {
		at := r.pos
		id, n, _, err := r.head()
		if err != nil {
			return nil, fmt.Errorf("its head is cut off at byte %d: %w", at, ErrNotWebM)
		}
		switch id {
		case idSegment:
			r.marked = n != unknownSize && r.pos+n == size
			continue
		case idCluster:
			if len(r.header.Tracks) == 0 {
				return nil, fmt.Errorf("its blocks begin before any tracks are named: %w", ErrNotWebM)
			}
			r.seek(at)
			r.good = at
			return r, nil
		case idInfo, idTracks, idTags:
			if n == unknownSize || n > maxHead || n > size-r.pos {
				return nil, fmt.Errorf("its head is cut off or damaged at byte %d: %w", at, ErrNotWebM)
			}
			b := make([]byte, n)
			if _, err := io.ReadFull(r.in, b); err != nil {
				return nil, fmt.Errorf("reading the head: %w", err)
			}
			r.pos += n
			r.parse(id, b)
		default:
			if n == unknownSize || n > size-r.pos {
				return nil, fmt.Errorf("its head is cut off or damaged at byte %d: %w", at, ErrNotWebM)
			}
			r.skip(n)
		}
		if r.pos == size && len(r.header.Tracks) > 0 {
			r.good = r.pos
			return r, nil // no blocks yet
		}
	}
}

func (r *Reader) parse(id uint32, b []byte) {
	switch id {
	case idInfo:
		r.tick, r.app = parseInfo(b, &r.header)
	case idTracks:
		r.header.Tracks = parseTracks(b)
	case idTags:
		parseTags(b, &r.header)
	}
}

// Header tells what the file says about itself.
func (r *Reader) Header() Header { return r.header }

// Finished tells that the file was closed properly: its segment's size is that
// of the file.
func (r *Reader) Finished() bool { return r.marked }

// Torn tells, after Next gave io.EOF, why the blocks ended before the file did,
// or "".
func (r *Reader) Torn() string { return r.torn }

// Close closes a file that Open opened.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Next gives the next block, or io.EOF after the last whole one. The caller
// owns the data. Other errors are those of reading the file.
func (r *Reader) Next() (Block, error) {
	for !r.ended {
		if r.pos >= r.size {
			r.ended = true
			break
		}
		at := r.pos
		id, n, _, err := r.head()
		if err != nil {
			if errors.Is(err, errDisk) {
				return Block{}, err
			}
			r.tear(at, err.Error())
			break
		}
		b, ok, err := r.step(id, n, at)
		if err != nil || ok {
			return b, err
		}
	}
	return Block{}, io.EOF
}

// step handles one element, whose head was read, and gives a block if it is one.
func (r *Reader) step(id uint32, n, at int64) (Block, bool, error) {
	switch id {
	case idCluster:
		r.cluster, r.clusterT = at+4, 0
		return Block{}, false, nil // go on inside, whatever its size
	case idBlockGroup, idSegment:
		return Block{}, false, nil
	}
	if n == unknownSize || n > r.size-r.pos {
		r.tear(at, "an element reaches beyond the end")
		return Block{}, false, nil
	}
	switch id {
	case idTimestamp, idSimpleBlock, idBlock:
		if n > maxBlock {
			r.tear(at, fmt.Sprintf("a block claims %d bytes", n))
			return Block{}, false, nil
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(r.in, data); err != nil {
			return Block{}, false, fmt.Errorf("reading a block: %w", err)
		}
		r.pos += n
		if id == idTimestamp {
			r.clusterT = int64(parseUint(data))
			return Block{}, false, nil
		}
		b, err := r.block(id, data)
		if err != nil {
			r.tear(at, err.Error())
			return Block{}, false, nil
		}
		r.good = r.pos
		return b, true, nil
	case idCues:
		r.hasCues = true
	case idVoid, idCRC32, idPosition, idPrevSize, idBlockDuration, idReferenceBlock, idDiscardPadding,
		idSeekHead, idInfo, idTracks, idTags, idChapters, idAttachments:
	default:
		// Our own files hold nothing else; a foreign one may.
		if r.app == appName {
			r.tear(at, fmt.Sprintf("unknown element 0x%X", id))
			return Block{}, false, nil
		}
	}
	r.skip(n)
	return Block{}, false, nil
}

// block reads the content of a SimpleBlock or Block.
func (r *Reader) block(id uint32, data []byte) (Block, error) {
	if len(data) < 4 || data[0]&0x80 == 0 {
		return Block{}, errors.New("a block without a head, or with a track number over 126")
	}
	b := Block{Track: int(data[0] & 0x7f), Data: data[4:]}
	t, ok := r.header.Track(b.Track)
	if !ok {
		return Block{}, fmt.Errorf("a block of track %d, which the file does not have", b.Track)
	}
	if data[3]&0x06 != 0 {
		return Block{}, errors.New("a block with several frames (lacing), which is not supported")
	}
	rel := int64(int16(binary.BigEndian.Uint16(data[1:])))
	b.At = time.Duration(r.clusterT+rel) * r.tick
	b.Key = data[3]&0x80 != 0
	switch {
	case !t.Video():
		b.Key = true
	case id == idBlock: // says it in a later element; the frame itself knows
		b.Key = t.Codec == VP8 && len(b.Data) > 0 && b.Data[0]&1 == 0
	}
	return b, nil
}

func (r *Reader) tear(at int64, why string) {
	r.ended = true
	r.torn = fmt.Sprintf("at byte %d: %s", at, why)
}

// errDisk marks errors of reading the file, as opposed to its content.
var errDisk = errors.New("reading the recording")

// head reads the head of the next element.
func (r *Reader) head() (id uint32, size int64, n int, err error) {
	b, err := r.in.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, 0, fmt.Errorf("%w: %w", errDisk, err)
	}
	id, size, n, err = parseHead(b)
	if err != nil {
		return 0, 0, 0, err
	}
	r.in.Discard(n)
	r.pos += int64(n)
	return id, size, n, nil
}

// skip leaves out n bytes, which lie within the file.
func (r *Reader) skip(n int64) {
	if n <= int64(r.in.Buffered()) {
		r.in.Discard(int(n))
		r.pos += n
		return
	}
	r.seek(r.pos + n)
}

func (r *Reader) seek(pos int64) {
	r.pos = min(pos, r.size)
	r.in = bufio.NewReaderSize(io.NewSectionReader(r.src, r.pos, r.size-r.pos), 1<<16)
}
