package webm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxCluster bounds how long a cluster lasts, and with that how much a reader
// without an index has to look through.
const maxCluster = 5 * time.Second

// Block is one frame in a file.
type Block struct {
	Track int           // number
	At    time.Duration // from the beginning of the file
	Key   bool          // key frame; always true for sound
	Data  []byte
}

// File is what a Writer writes to; *os.File is one.
type File interface {
	io.WriterAt
	Truncate(size int64) error
	Sync() error
}

// cue is one entry of the seek index.
type cue struct {
	at      int64 // ms
	track   int
	cluster int64 // position within the segment
}

// Writer writes a file block by block. Each block is handed to the file at
// once, so a writer that is killed loses none that was written. After an error
// only Finish may be called. One goroutine owns it.
type Writer struct {
	f      File
	header Header
	layout layout
	pos    int64 // end of the last whole element

	cluster     int64 // position of the open cluster's size; 0 for none
	clusterAt   int64 // its time, ms
	cues        []cue
	end         time.Duration // of the last block, with what it lasts
	lastAt      map[int]time.Duration
	usual       map[int]time.Duration // distance between blocks of a track
	blocks      int
	buf         []byte
	finishError error
	finished    bool
}

// NewWriter writes the head of a new, empty file. Duration in h is ignored.
func NewWriter(f File, h Header) (*Writer, error) {
	head, l, err := encodeHead(h)
	if err != nil {
		return nil, fmt.Errorf("making the file's head: %w", err)
	}
	if _, err := f.WriteAt(head, 0); err != nil {
		return nil, fmt.Errorf("writing the file's head: %w", err)
	}
	return newWriter(f, h, l, int64(len(head))), nil
}

func newWriter(f File, h Header, l layout, pos int64) *Writer {
	h.Tracks = append([]Track(nil), h.Tracks...)
	return &Writer{f: f, header: h, layout: l, pos: pos,
		lastAt: map[int]time.Duration{}, usual: map[int]time.Duration{}}
}

// AddTrack adds a track to a file that is being written.
func (w *Writer) AddTrack(t Track) error {
	if _, ok := w.header.Track(t.Number); ok {
		return fmt.Errorf("adding a track: number %d is taken", t.Number)
	}
	tracks := append(append([]Track(nil), w.header.Tracks...), t)
	b, err := encodeTracks(tracks)
	if err != nil {
		return fmt.Errorf("adding a track: %w", err)
	}
	if _, err := w.f.WriteAt(b, w.layout.tracks); err != nil {
		return fmt.Errorf("adding a track: %w", err)
	}
	w.header.Tracks = tracks
	return nil
}

// WriteBlock appends a block. Blocks of one track come in order of time; across
// tracks they may be a few seconds out of order.
func (w *Writer) WriteBlock(b Block) error {
	if w.finished {
		return errors.New("writing a block: the file is finished")
	}
	t, ok := w.header.Track(b.Track)
	if !ok {
		return fmt.Errorf("writing a block: the file has no track %d", b.Track)
	}
	ms := max(b.At.Milliseconds(), 0)
	rel := ms - w.clusterAt
	if w.cluster == 0 || (t.Video() && b.Key) || rel >= maxCluster.Milliseconds() || rel < -30000 {
		if err := w.openCluster(ms); err != nil {
			return err
		}
		w.cues = append(w.cues, cue{at: ms, track: b.Track, cluster: w.cluster - 4 - w.layout.segmentData})
		rel = 0
	}
	w.buf = appendSize(appendID(w.buf[:0], idSimpleBlock), 4+len(b.Data))
	w.buf = append(w.buf, 0x80|byte(b.Track))
	w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(int16(rel)))
	if b.Key {
		w.buf = append(w.buf, 0x80)
	} else {
		w.buf = append(w.buf, 0)
	}
	w.buf = append(w.buf, b.Data...)
	if _, err := w.f.WriteAt(w.buf, w.pos); err != nil {
		return fmt.Errorf("writing a block: %w", err)
	}
	w.pos += int64(len(w.buf))
	w.count(b.Track, b.At)
	return nil
}

// count keeps what is needed to tell the duration of the file: its last block
// lasts as long as is usual for its track.
func (w *Writer) count(track int, at time.Duration) {
	if last, ok := w.lastAt[track]; ok && at > last && at-last < 200*time.Millisecond {
		w.usual[track] = at - last
	}
	w.lastAt[track] = at
	w.end = max(w.end, at+w.usual[track])
	w.blocks++
}

// openCluster closes the open cluster and begins one at ms.
func (w *Writer) openCluster(ms int64) error {
	if err := w.closeCluster(); err != nil {
		return err
	}
	b := appendSizeN(appendID(nil, idCluster), unknownSize, 8)
	b = append(b, uintElement(idTimestamp, uint64(ms))...)
	if _, err := w.f.WriteAt(b, w.pos); err != nil {
		return fmt.Errorf("beginning a cluster: %w", err)
	}
	w.cluster, w.clusterAt = w.pos+4, ms
	w.pos += int64(len(b))
	return nil
}

// closeCluster fills in the size of the open cluster.
func (w *Writer) closeCluster() error {
	if w.cluster == 0 {
		return nil
	}
	size := appendSizeN(nil, w.pos-w.cluster-8, 8)
	if _, err := w.f.WriteAt(size, w.cluster); err != nil {
		return fmt.Errorf("ending a cluster: %w", err)
	}
	w.cluster = 0
	return nil
}

// Sync makes what was written survive a loss of power.
func (w *Writer) Sync() error {
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("flushing the file: %w", err)
	}
	return nil
}

// Tracks gives the tracks that the file has so far.
func (w *Writer) Tracks() []Track { return append([]Track(nil), w.header.Tracks...) }

// Size is the number of bytes written.
func (w *Writer) Size() int64 { return w.pos }

// Duration is the time from the file's beginning to the end of its last block.
func (w *Writer) Duration() time.Duration { return w.end }

// Blocks is the number of blocks written.
func (w *Writer) Blocks() int { return w.blocks }

// Finish writes the index and fills in the sizes and the duration, so that the
// file can be sought in. The size of the segment comes last: it marks a
// finished file. When there is no room for the index the file is finished
// without it and the error says so. Finish does not close the file.
func (w *Writer) Finish() error {
	if w.finished {
		return w.finishError
	}
	w.finished = true
	w.finishError = w.finish()
	return w.finishError
}

func (w *Writer) finish() error {
	if err := w.f.Truncate(w.pos); err != nil {
		return fmt.Errorf("cutting off an unfinished block: %w", err)
	}
	if err := w.closeCluster(); err != nil {
		return err
	}
	var noIndex error
	cues, cuesAt := encodeCues(w.cues), w.pos
	if len(w.cues) == 0 {
		cues, cuesAt = nil, 0
	}
	if _, err := w.f.WriteAt(cues, w.pos); err != nil {
		noIndex = fmt.Errorf("writing the seek index: %w", err)
		cues, cuesAt = nil, 0
		if err := w.f.Truncate(w.pos); err != nil {
			return errors.Join(noIndex, err)
		}
	}
	end := w.pos + int64(len(cues))
	ms := float64(w.end) / float64(scale)
	patches := []struct {
		at   int64
		data []byte
	}{
		{w.layout.duration, floatElement(idDuration, ms)},
		{w.layout.seekHead, w.encodeSeekHead(cuesAt)},
		{w.layout.segmentSize, appendSizeN(nil, end-w.layout.segmentData, 8)},
	}
	for i, p := range patches {
		if i == len(patches)-1 {
			// Everything else is on disk before the mark that says so.
			if err := w.Sync(); err != nil {
				return errors.Join(noIndex, err)
			}
		}
		if _, err := w.f.WriteAt(p.data, p.at); err != nil {
			return errors.Join(noIndex, fmt.Errorf("finishing the file's head: %w", err))
		}
	}
	w.pos = end
	return errors.Join(noIndex, w.Sync())
}

// encodeSeekHead makes the table of contents; cuesAt is 0 without an index.
func (w *Writer) encodeSeekHead(cuesAt int64) []byte {
	var seeks []byte
	for _, s := range []struct {
		id uint32
		at int64
	}{{idInfo, w.layout.info}, {idTracks, w.layout.tracks}, {idTags, w.layout.tags}, {idCues, cuesAt}} {
		if s.at > 0 {
			seeks = append(seeks, element(idSeek, element(idSeekID, appendID(nil, s.id)),
				fixedElement(idSeekPosition, uint64(s.at-w.layout.segmentData)))...)
		}
	}
	b, _ := fill(element(idSeekHead, seeks), seekHeadRoom) // four entries take 89 of 96 bytes
	return b
}

func encodeCues(cues []cue) []byte {
	var points []byte
	for _, c := range cues {
		points = append(points, element(idCuePoint, uintElement(idCueTime, uint64(c.at)),
			element(idCuePositions, uintElement(idCueTrack, uint64(c.track)), uintElement(idCueCluster, uint64(c.cluster))))...)
	}
	return element(idCues, points)
}
