package recorder

import (
	"log/slog"
	"slices"
	"time"

	"bonafide/server/media"
	"bonafide/server/webm"
)

const (
	tickEvery   = 50 * time.Millisecond  // how often missing packets are given up
	holdBeyond  = 100 * time.Millisecond // samples are put in order of time for this long beyond MaxDelay
	maxPending  = 4096                   // samples that wait to be put in order
	healthEvery = time.Second
	askEvery    = 500 * time.Millisecond // for a key frame, while pictures are withheld
	minAway     = 300 * time.Millisecond // a shorter absence of a participant is not a gap
)

// The numbers of the tracks in a file.
const (
	videoNumber = 1
	audioNumber = 2
)

// slot is one track of the file. It outlives the participant's tracks.
type slot struct {
	track  webm.Track
	source media.Track // the latest that fed it
	sink   *trackSink  // nil while the participant is away

	left      bool          // the participant went away without muting before
	leftAt    time.Duration // and this is up to when there is media
	lastKey   time.Duration // interview time of the last key frame
	asked     time.Duration // when one was last asked for
	needKey   bool          // the file has no key frame yet
	failing   bool          // samples are being lost to a failed write
	failedAt  time.Duration // since this interview time
	failCount int           // samples lost
}

// pendingSample waits to be written in order of time.
type pendingSample struct {
	slot   *slot
	sample media.Sample
}

// session records one stream of one participant. Everything but inbox
// and done belongs to its goroutine.
type session struct {
	rec   *Recorder
	key   key
	log   *slog.Logger
	inbox *inbox
	done  chan struct{}
	prev  *session // of the same stream, which may still be finishing its file

	epoch   time.Time
	clock   *media.ParticipantClock
	slots   [2]*slot // video, audio
	pending []pendingSample
	seg     *segment
	failed  string        // code of the failure that holds
	retryAt time.Duration // interview time of the next attempt
	health  Health
	stored  int64 // bytes of finished segments
	told    time.Duration
}

func newSession(r *Recorder, k key, epoch time.Time) *session {
	return &session{
		rec: r, key: k, inbox: newInbox(), done: make(chan struct{}), epoch: epoch,
		log:    r.log.With("interview", k.interview, "participant", k.participant, "stream", k.stream),
		clock:  media.NewParticipantClock(),
		health: Health{Interview: k.interview, Participant: k.participant, Stream: k.stream},
	}
}

// attach makes the sink of a track. It is called by the recorder.
func (s *session) attach(t media.Track) (*trackSink, error) {
	recv, err := media.NewReceiver(t, s.clock, media.ReceiverConfig{MaxDelay: s.rec.cfg.MaxDelay, WaitKeyFrame: true})
	if err != nil {
		return nil, err
	}
	sink := &trackSink{inbox: s.inbox, track: t, recv: recv, now: s.rec.cfg.now, limit: s.rec.cfg.QueueLen}
	if !s.inbox.put(item{sink: sink, kind: attached}) {
		return nil, ErrClosed
	}
	return sink, nil
}

// run is the session's goroutine. It ends when the inbox is closed, or when a
// screen share is over.
func (s *session) run() {
	defer close(s.done)
	defer s.waitForPrevious()
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	var reuse []item
	for {
		select {
		case <-s.inbox.wake:
		case <-ticker.C:
		}
		now := s.now()
		items, closed := s.inbox.take(reuse)
		over := false
		for i := range items {
			over = s.handle(&items[i], now) || over
		}
		clear(items)
		reuse = items
		s.pump(now)
		if over && !closed && s.key.stream == StreamScreen {
			s.inbox.close() // what came meanwhile is taken in the next round
			continue
		}
		if closed {
			s.end(now)
			return
		}
		s.maintain(now)
	}
}

// waitForPrevious makes done mean that earlier files are complete too.
func (s *session) waitForPrevious() {
	if s.prev != nil {
		<-s.prev.done
		s.prev = nil
	}
}

// now is the interview time.
func (s *session) now() time.Duration { return s.rec.cfg.now().Sub(s.epoch) }

// handle takes one item and tells whether no track is left afterwards.
func (s *session) handle(it *item, now time.Duration) (over bool) {
	sink := it.sink
	if it.kind == attached {
		s.begin(sink, now)
		return false
	}
	if sink.slot == nil || sink.slot.sink != sink {
		return false // replaced meanwhile
	}
	if it.drops > 0 {
		sink.recv.Dropped(it.drops)
	}
	switch it.kind {
	case packetIn:
		sink.recv.Push(it.packet, it.at)
		s.collect(sink, it.at)
	case reportIn:
		sink.recv.SenderReport(it.rtpTime, it.ntp)
	case muteIn:
		sink.recv.SetMuted(it.muted, it.at)
	case detached:
		s.leave(sink, it.at)
		return s.slots[0].away() && s.slots[1].away()
	}
	return false
}

// away tells that nobody feeds the slot.
func (l *slot) away() bool { return l == nil || l.sink == nil }

// begin puts a new track into its slot, in place of an older one.
func (s *session) begin(sink *trackSink, now time.Duration) {
	i, number := 0, videoNumber
	track := webm.Track{Codec: webm.VP8}
	if !sink.track.Source.Video() {
		i, number = 1, audioNumber
		track = webm.Track{Codec: webm.Opus, Channels: 1}
		if sink.track.Channels == 2 {
			track.Channels = 2
		}
	}
	track.Number = number
	if s.slots[i] == nil {
		s.slots[i] = &slot{track: track, needKey: true}
		s.slots[i].leftAt, s.slots[i].left = s.rec.since(s.key, i)
	}
	l := s.slots[i]
	if l.sink != nil {
		s.leave(l.sink, now)
	}
	l.source, l.sink, sink.slot = sink.track, sink, l
	l.asked = now // whoever opened the sink has asked, where that is needed
}

// leave takes a track out of its slot after what it still holds.
func (s *session) leave(sink *trackSink, now time.Duration) {
	l := sink.slot
	sink.recv.Flush()
	s.collect(sink, now)
	until, heard := sink.recv.End(now)
	s.gaps(l, sink.recv.TakeGaps())
	if heard {
		l.left, l.leftAt = !sink.recv.Muted(), until
	}
	sink.recv.Close()
	l.sink = nil
}

// collect takes the samples that a track has ready and puts them in order.
func (s *session) collect(sink *trackSink, now time.Duration) {
	l := sink.slot
	for {
		smp, ok := sink.recv.Pop(now)
		if !ok {
			break
		}
		if l.left {
			l.left = false
			if smp.At-l.leftAt > minAway {
				s.gaps(l, []media.Gap{{From: l.leftAt, To: smp.At, Cause: media.CauseDisconnected}})
			}
		}
		if smp.KeyFrame {
			l.lastKey = smp.At
		}
		i, _ := slices.BinarySearchFunc(s.pending, smp.At, func(p pendingSample, at time.Duration) int {
			if p.sample.At <= at {
				return -1
			}
			return 1
		})
		s.pending = slices.Insert(s.pending, i, pendingSample{l, smp})
	}
	s.gaps(l, sink.recv.TakeGaps())
}

// gaps reports holes.
func (s *session) gaps(l *slot, gaps []media.Gap) {
	s.health.Gaps += len(gaps)
	for _, g := range gaps {
		if s.rec.events.Gap != nil {
			s.rec.events.Gap(l.source, g)
		}
	}
}

// pump gives up what is missing for too long and writes what is in order.
func (s *session) pump(now time.Duration) {
	for _, l := range s.slots {
		if !l.away() {
			s.collect(l.sink, now)
		}
	}
	s.release(now - s.rec.cfg.MaxDelay - holdBeyond)
}

// release writes the pending samples up to an instant.
func (s *session) release(until time.Duration) {
	n := 0
	for n < len(s.pending) && (s.pending[n].sample.At <= until || len(s.pending)-n > maxPending) {
		s.write(s.pending[n].slot, s.pending[n].sample)
		n++
	}
	s.pending = slices.Delete(s.pending, 0, n)
}

// maintain does what is due by time: flushing, key frames, health.
func (s *session) maintain(now time.Duration) {
	if s.seg != nil && now-s.seg.flushed >= s.rec.cfg.FlushEvery {
		if err := s.seg.flush(now); err != nil {
			s.fail(err, now)
		} else {
			s.health.LastFlushMS = now.Milliseconds()
		}
	}
	if l := s.slots[0]; !l.away() && l.source.RequestKeyFrame != nil && !l.sink.recv.Muted() {
		wanted := l.sink.recv.NeedsKeyFrame() || l.failing && now >= s.retryAt
		if wanted && now-l.asked >= askEvery || now-max(l.lastKey, l.asked) >= s.rec.cfg.KeyFrameEvery {
			l.asked = now
			l.source.RequestKeyFrame()
		}
	}
	if now-s.told >= healthEvery {
		s.told = now
		s.tellHealth(now)
	}
}

func (s *session) tellHealth(now time.Duration) {
	s.health.AtMS, s.health.Failed, s.health.Bytes = now.Milliseconds(), s.failed, s.stored
	if s.seg != nil {
		s.health.Bytes += s.seg.w.Size()
		s.health.N = s.seg.info.N
	}
	if s.rec.events.Health != nil {
		s.rec.events.Health(s.health)
	}
}
