// Package recorder keeps what participants send: one WebM file for camera and
// microphone and one for a shared screen with its sound, VP8 and Opus as
// received. One goroutine owns each file with its jitter buffers. A file is on
// disk up to the last second at any time, and is finished, with its hash, when
// the participant is; files of a killed program are finished at the next start.
package recorder

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/vault"
)

// The streams, each of which has files of its own.
const (
	StreamCamera = "camera" // with the microphone
	StreamScreen = "screen" // with the screen's audio
)

// ErrClosed is returned by a recorder that was closed.
var ErrClosed = errors.New("recorder is closed")

// Config sets a Recorder. Zero values mean the defaults.
type Config struct {
	Dir string // recordings folder; made if missing
	// Vault encrypts the files; nil leaves them plain.
	Vault *vault.Vault
	// MaxDelay is how long a missing packet is waited for; default 300 ms.
	MaxDelay time.Duration
	// FlushEvery is how often a file is flushed to the disk itself; default 1 s.
	FlushEvery time.Duration
	// KeyFrameEvery is how often a key frame is asked for, which is what makes
	// a file seekable; default 4 s.
	KeyFrameEvery time.Duration
	// QueueLen is how many packets of one track may wait; default 1024, eight
	// seconds of 720p video.
	QueueLen int
	// RetryAfter is the pause after a failed write before a new file is tried;
	// default 5 s.
	RetryAfter time.Duration

	now    func() time.Time                                   // for tests; default time.Now
	create func(root *os.Root, name string) (diskFile, error) // for tests; default createFile
}

// Events are told what happens to recordings. Every function is called from
// the goroutine of a file, so several may be called at once, and must be quick.
// A nil function is not called.
type Events struct {
	// SegmentStarted tells that a file was begun; only the fields that name it
	// and StartMS are set.
	SegmentStarted func(evidence.Segment)
	// SegmentFinished tells that a file is complete and will not change.
	SegmentFinished func(evidence.Segment)
	// Gap tells of a hole after it ended.
	Gap func(media.Track, media.Gap)
	// Failed tells at once that nothing is being written any more. Recording
	// is tried again by itself; Health says whether that worked.
	Failed func(Failure)
	// Health is told of every file once a second.
	Health func(Health)
}

// Failure is a file that could not be begun, written or finished.
type Failure struct {
	Segment evidence.Segment
	Code    string // "disk_full" or "write_failed"
	Err     error
}

// Health is the state of one participant's recording of one stream.
type Health struct {
	Interview   string `json:"interview"`
	Participant string `json:"participant"`
	Stream      string `json:"stream"`
	N           int    `json:"n"`             // of the current segment; 0 before the first
	Bytes       int64  `json:"bytes"`         // on disk, all segments since the start of this recording
	AtMS        int64  `json:"at_ms"`         // interview time of this report
	LastFlushMS int64  `json:"last_flush_ms"` // interview time of the last flush; 0 before the first
	Gaps        int    `json:"gaps"`
	Failed      string `json:"failed,omitempty"` // code of the failure that holds now
}

// key names a session.
type key struct{ interview, participant, stream string }

// Recorder records participants. It is safe for concurrent use.
type Recorder struct {
	cfg    Config
	log    *slog.Logger
	events Events
	root   *os.Root

	mu       sync.Mutex
	sessions map[key]*session
	away     map[key]absence // since the latest session of a camera stream ended
	closed   bool
	wg       sync.WaitGroup
}

// New makes a recorder that writes below cfg.Dir.
func New(cfg Config, log *slog.Logger, events Events) (*Recorder, error) {
	if cfg.Dir == "" {
		return nil, errors.New("recorder: Dir is empty, must be a folder")
	}
	setDefault(&cfg.MaxDelay, 300*time.Millisecond)
	setDefault(&cfg.FlushEvery, time.Second)
	setDefault(&cfg.KeyFrameEvery, 4*time.Second)
	setDefault(&cfg.RetryAfter, 5*time.Second)
	if cfg.QueueLen <= 0 {
		cfg.QueueLen = 1024
	}
	if cfg.now == nil {
		cfg.now = time.Now
	}
	if cfg.create == nil {
		cfg.create = createFile
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the recordings folder: %w", err)
	}
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the recordings folder: %w", err)
	}
	return &Recorder{cfg: cfg, log: log, events: events, root: root, sessions: map[key]*session{}, away: map[key]absence{}}, nil
}

func setDefault(d *time.Duration, v time.Duration) {
	if *d <= 0 {
		*d = v
	}
}

// Sink begins or goes on recording a track and gives the sink for its packets.
// A track with the source of an earlier one of the same participant continues
// that one in the same file. It fails for a track that cannot be recorded and
// after Close; it does not touch the disk.
func (r *Recorder) Sink(t media.Track) (media.Sink, error) {
	stream := StreamCamera
	if t.Source == media.SourceScreen || t.Source == media.SourceScreenAudio {
		stream = StreamScreen
	}
	if err := checkName("interview", t.Interview); err != nil {
		return nil, fmt.Errorf("recording track %q: %w", t.ID, err)
	}
	if err := checkName("participant", t.Participant); err != nil {
		return nil, fmt.Errorf("recording track %q: %w", t.ID, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	k := key{t.Interview, t.Participant, stream}
	s := r.sessions[k]
	if s == nil {
		s = newSession(r, k, t.Epoch)
	}
	sink, err := s.attach(t)
	if errors.Is(err, ErrClosed) { // a screen share that is over
		prev := s
		s = newSession(r, k, t.Epoch)
		s.prev = prev
		sink, err = s.attach(t)
	}
	if err != nil {
		return nil, fmt.Errorf("recording track %q: %w", t.ID, err)
	}
	if r.sessions[k] != s {
		r.sessions[k] = s
		r.wg.Go(s.run)
	}
	return sink, nil
}

// Finish ends the recording of one participant, who went away, and waits until
// its files are complete. The time until they are recorded again is a gap.
func (r *Recorder) Finish(interview, participant string) {
	r.finish(func(k key) bool { return k.interview == interview && k.participant == participant })
}

// Stop is Finish for a participant who does not agree to being recorded any
// more: what follows is no gap.
func (r *Recorder) Stop(interview, participant string) {
	r.Finish(interview, participant)
	r.forget(func(k key) bool { return k.interview == interview && k.participant == participant })
}

// FinishInterview ends all recordings of an interview and waits until their
// files are complete.
func (r *Recorder) FinishInterview(interview string) {
	r.finish(func(k key) bool { return k.interview == interview })
	r.forget(func(k key) bool { return k.interview == interview })
}

// finish ends the sessions that match, and waits for them.
func (r *Recorder) finish(match func(key) bool) {
	var ending []*session
	r.mu.Lock()
	for k, s := range r.sessions {
		if match(k) {
			ending = append(ending, s)
			delete(r.sessions, k)
		}
	}
	r.mu.Unlock()
	for _, s := range ending {
		s.inbox.close()
	}
	for _, s := range ending {
		<-s.done
	}
}

// Close ends all recordings, waits until their files are complete, and refuses
// further ones.
func (r *Recorder) Close() error {
	r.mu.Lock()
	already := r.closed
	r.closed = true
	r.mu.Unlock()
	r.finish(func(key) bool { return true })
	r.wg.Wait()
	if already {
		return nil
	}
	return r.root.Close()
}
