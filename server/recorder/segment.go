package recorder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/vault"
	"bonafide/server/webm"
)

// diskFile is a file on disk, or in tests one that fails.
type diskFile interface {
	webm.File
	io.ReaderAt
	io.Closer
}

// dataFile flushes contents and size, not access times.
type dataFile struct{ *os.File }

// Sync flushes with fdatasync.
func (f dataFile) Sync() error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = syscall.Fdatasync(int(fd)) }); err != nil {
		return err
	}
	return result
}

// createFile makes a new file, which must not exist yet.
func createFile(root *os.Root, name string) (diskFile, error) {
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	return dataFile{f}, nil
}

// segment is the file that a session is writing.
type segment struct {
	info    evidence.Segment
	file    diskFile
	w       *webm.Writer
	start   time.Duration // interview time of the file's beginning
	flushed time.Duration // interview time of the last flush
	dirty   bool          // written since
}

// openSegment begins the next file of a stream with its first track.
func (s *session) openSegment(start time.Duration, first webm.Track) (*segment, error) {
	start = start.Truncate(time.Millisecond)
	seg := &segment{start: start, info: evidence.Segment{
		Interview: s.key.interview, Participant: s.key.participant, Stream: s.key.stream,
		StartMS: start.Milliseconds(), EndMS: start.Milliseconds(),
	}}
	if err := s.rec.root.MkdirAll(s.key.interview, 0o750); err != nil {
		return seg, fmt.Errorf("making the interview's folder: %w", err)
	}
	last, err := lastNumber(s.rec.root, s.key)
	if err != nil {
		return seg, err
	}
	seg.info.N = last + 1
	seg.info.File = fileName(s.key, seg.info.N)
	if seg.file, err = s.rec.cfg.create(s.rec.root, seg.info.File); err != nil {
		return seg, fmt.Errorf("making the file: %w", err)
	}
	if v := s.rec.cfg.Vault; v != nil {
		sealed, err := v.CreateFile(s.key.interview, evidence.PartRecording, seg.file)
		if err != nil {
			return seg, errors.Join(err, seg.file.Close(), s.rec.root.Remove(seg.info.File))
		}
		seg.file = sealed
	}
	seg.w, err = webm.NewWriter(seg.file, webm.Header{Start: start, Wall: s.epoch.Add(start).Round(0).UTC(), Tracks: []webm.Track{first}})
	if err != nil {
		// A file without a head is of no use to anybody.
		return seg, errors.Join(err, seg.file.Close(), s.rec.root.Remove(seg.info.File))
	}
	return seg, nil
}

// write appends one sample, declaring its track before its first one.
func (g *segment) write(t webm.Track, b webm.Block) error {
	if _, ok := trackOf(g.w.Tracks(), t.Number); !ok {
		if err := g.w.AddTrack(t); err != nil {
			return err
		}
	}
	g.dirty = true
	return g.w.WriteBlock(b)
}

func trackOf(tracks []webm.Track, number int) (webm.Track, bool) {
	return webm.Header{Tracks: tracks}.Track(number)
}

// flush makes the file durable.
func (g *segment) flush(now time.Duration) error {
	if !g.dirty {
		g.flushed = now
		return nil
	}
	if err := g.w.Sync(); err != nil {
		return err
	}
	g.flushed, g.dirty = now, false
	return nil
}

// finish completes and closes the file and fills in what is then known of it.
// When it fails after the file was closed the file is left for a repair.
func (g *segment) finish(root *os.Root, v *vault.Vault) error {
	err := errors.Join(g.w.Finish(), g.file.Close())
	describe(&g.info, g.w.Tracks(), g.w.Duration())
	sum, size, hashErr := hashFile(root, v, g.info.File)
	g.info.SHA256, g.info.Bytes = sum, size
	return errors.Join(err, hashErr)
}

// describe fills in what a finished file holds.
func describe(info *evidence.Segment, tracks []webm.Track, length time.Duration) {
	info.EndMS = info.StartMS + length.Milliseconds()
	for _, t := range tracks {
		info.HasVideo = info.HasVideo || t.Video()
		info.HasAudio = info.HasAudio || !t.Video()
	}
}

// hashFile gives the SHA-256 of what was recorded, before encryption, as
// lower-case hex, and its size.
func hashFile(root *os.Root, v *vault.Vault, name string) (string, int64, error) {
	f, err := v.OpenMedia(root, name)
	if err != nil {
		return "", 0, fmt.Errorf("hashing a recording: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f.Reader())
	if err != nil {
		return "", 0, fmt.Errorf("hashing a recording: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// failureCode puts an error into the vocabulary of the log.
func failureCode(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "disk_full"
	}
	return "write_failed"
}
