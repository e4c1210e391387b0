package analysis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// session is the parent's side of one live interview: the state a child must
// be told, the queue to it, and the goroutine that keeps one running.
type session struct {
	m         *Manager
	interview string
	epoch     time.Time
	log       *slog.Logger
	queue     *queue

	dropped  atomic.Int64
	restarts atomic.Int64
	heard    atomic.Pointer[Gate] // the present one, for those who must not wait
	pid      atomic.Int64

	finishing chan struct{} // closed when no more is to come
	done      chan struct{} // closed when run has returned
	killed    context.Context
	kill      context.CancelFunc

	// The run goroutine's.
	book   *book
	models []evidence.ModelRef
	err    error // read after done

	mu     sync.Mutex
	gate   Gate
	tracks map[uint16]*liveTrack
	known  []knownSource // every source there ever was
	next   uint16
	ending bool
	end    time.Duration // interview time of the end; once ending
	stats  Stats
	steps  []liveStep // whose results are still to come
}

// liveTrack is an open camera or microphone.
type liveTrack struct {
	open    openTrack
	muted   bool
	request func()
}

// knownSource is a source of the candidate that is covered, with or without a track at present.
type knownSource struct {
	open  openTrack
	since time.Duration
}

func newSession(m *Manager, interview string, epoch time.Time, gate Gate) *session {
	s := &session{
		m: m, interview: interview, epoch: epoch, gate: gate, queue: newQueue(m.cfg.QueueLen),
		log: m.log.With("interview", interview), tracks: map[uint16]*liveTrack{},
		finishing: make(chan struct{}), done: make(chan struct{}),
		book: newBook(interview, m.cfg.Pipeline.Detectors, m.events),
	}
	s.heard.Store(&gate)
	s.killed, s.kill = context.WithCancel(m.ctx)
	s.brief(false, "")
	return s
}

// now is the interview time.
func (s *session) now() time.Duration { return max(time.Since(s.epoch), 0) }

// tell queues a control. It never blocks; a child that does not read for so
// long that there is no room is killed.
func (s *session) tell(c control) { s.queue.put(item{msgControl, encode(c)}) }

// brief queues what a new child must know to measure from now on. On a restart
// the time since the last one is covered as an outage.
func (s *session) brief(restart bool, why string) {
	s.mu.Lock()
	now, gate := s.now(), s.gate
	if s.ending {
		now = max(s.end, 0)
	}
	s.queue.reset(item{msgControl, encode(control{Do: doHello, At: now, Hello: &hello{
		Interview: s.interview, Run: evidence.RunLive, Config: s.m.cfg.Pipeline, Gate: gate,
	}})})
	for _, k := range s.known {
		s.tell(control{Do: doSource, Open: &k.open, At: now})
	}
	for _, handle := range slices.Sorted(maps.Keys(s.tracks)) {
		t := s.tracks[handle]
		s.tell(control{Do: doOpen, Track: handle, Open: &t.open, Muted: t.muted, At: now})
	}
	s.tellSteps()
	if s.ending {
		s.tell(control{Do: doFinish, At: now})
	}
	s.mu.Unlock()
	if restart {
		s.book.sources(s.sourceList())
		s.book.outage(now, why, gate)
	}
}

// openTrack opens a camera.
func (s *session) openTrack(t media.Track) media.Sink {
	handle := s.openHandle(t, false)
	if handle == 0 {
		return nil
	}
	return &cameraSink{s: s, handle: handle, track: t}
}

// openHandle tells of a new track and gives its number; 0 when it is too late.
func (s *session) openHandle(t media.Track, muted bool) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return 0
	}
	s.next++
	now := s.now()
	lt := &liveTrack{request: t.RequestKeyFrame, muted: muted, open: openTrack{
		Participant: t.Participant, Role: t.Role, Source: string(t.Source), MimeType: t.MimeType, ClockRate: t.ClockRate,
	}}
	s.tracks[s.next] = lt
	if t.Role == roleCandidate {
		n := slices.IndexFunc(s.known, func(k knownSource) bool {
			return k.open.Participant == t.Participant && k.open.Source == string(t.Source)
		})
		if n < 0 {
			s.known = append(s.known, knownSource{lt.open, now})
		} else {
			s.known[n].open = lt.open // it may have been absent
		}
	}
	s.tell(control{Do: doOpen, Track: s.next, Open: &lt.open, Muted: muted, At: now})
	return s.next
}

// expectCamera has the camera of a candidate covered of whom there is a
// microphone: as long as no camera comes, coverage says so.
func (s *session) expectCamera(t media.Track) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending || slices.ContainsFunc(s.known, func(k knownSource) bool {
		return k.open.Participant == t.Participant && k.open.Source == string(media.SourceCamera)
	}) {
		return
	}
	k := knownSource{openTrack{Participant: t.Participant, Role: t.Role, Source: string(media.SourceCamera), Absent: true}, s.now()}
	s.known = append(s.known, k)
	s.tell(control{Do: doSource, Open: &k.open, At: k.since})
}

// hears tells that a participant's sound may be measured.
func (s *session) hears(participant string) bool { return s.heard.Load().hears(participant) }

func (s *session) closeTrack(handle uint16, at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.tracks[handle]; ok {
		delete(s.tracks, handle)
		s.tell(control{Do: doClose, Track: handle, At: at})
	}
}

// setMuted passes a change on and keeps it for a child to come.
func (s *session) setMuted(handle uint16, muted bool, at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tracks[handle]; ok {
		t.muted = muted
		s.tell(control{Do: doMute, Track: handle, Muted: muted, At: at})
	}
}

func (s *session) setGate(g Gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = g
	s.heard.Store(&g)
	s.tell(control{Do: doGate, Gate: &g, At: s.now()})
}

func (s *session) requestKeyFrame(handle uint16) {
	s.mu.Lock()
	t := s.tracks[handle]
	s.mu.Unlock()
	if t != nil && t.request != nil {
		t.request()
	}
}

func (s *session) sourceList() []knownSource {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.known)
}

func (s *session) gateNow() Gate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gate
}

// endTime is when the interview ended, or now.
func (s *session) endTime() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return s.end
	}
	return s.now()
}

// still keeps a picture that a finding will name.
func (s *session) still(jpeg []byte) {
	sum := sha256.Sum256(jpeg)
	name := hex.EncodeToString(sum[:])
	kept, err := jpeg, error(nil)
	if v := s.m.cfg.Vault; v != nil {
		kept, err = v.Seal(s.interview, evidence.PartStills, jpeg)
	}
	if err == nil {
		err = WriteStill(s.m.cfg.MediaDir, s.interview, name, kept)
	}
	if err != nil {
		s.log.Error("still is not kept; its finding goes without", "error", err)
		s.book.lost[name] = true
	}
}

func (s *session) live() Live {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Live{
		Interview: s.interview, PID: int(s.pid.Load()), Dropped: s.dropped.Load(),
		Restarts: int(s.restarts.Load()), Stats: s.stats,
	}
}

// finish ends the interview now and waits for the last findings.
func (s *session) finish(within time.Duration) error {
	s.mu.Lock()
	if !s.ending {
		s.ending, s.end = true, s.now()
		s.tell(control{Do: doFinish, At: s.end})
		close(s.finishing)
	}
	s.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-s.done:
		return s.err
	case <-timer.C:
	}
	s.kill()
	<-s.done
	return fmt.Errorf("finishing analysis of interview %s: not done within %v, killed", s.interview, within)
}
