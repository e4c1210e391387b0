package relay

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// beginWait is how long after the first answer further offers wait for ICE to
// begin: on a very busy machine a few milliseconds. A client that never begins
// holds up its room for this long once, and not with each offer.
const beginWait = time.Second

// publisher is the connection on which a client sends.
type publisher struct {
	p     *Participant
	pc    *webrtc.PeerConnection
	local *localCandidates

	offers   sync.Mutex    // one offer at a time
	answered time.Time     // first; under offers
	begun    chan struct{} // closed when ICE has begun
	agreeing sync.Mutex    // one reconcile at a time, so that events come in order

	mu      sync.Mutex
	closed  bool
	sources map[string]media.Source
	tracks  map[string]*Track // by mid
	streams map[*stream]struct{}
	muted   map[media.Source]time.Time // when it was muted
	waiting []webrtc.ICECandidateInit  // remote, before the first offer
	offered bool
}

func newPublisher(p *Participant, pc *webrtc.PeerConnection) *publisher {
	b := &publisher{
		p: p, pc: pc, sources: map[string]media.Source{}, tracks: map[string]*Track{},
		streams: map[*stream]struct{}{}, muted: map[media.Source]time.Time{},
		local: newLocalCandidates(p, Publish), begun: make(chan struct{}),
	}
	var once sync.Once
	pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state != webrtc.ICEConnectionStateNew {
			once.Do(func() { close(b.begun) })
		}
	})
	pc.OnICECandidate(b.local.add)
	pc.OnTrack(b.onTrack)
	return b
}

func (b *publisher) offer(sdp string, sources map[string]media.Source) error {
	if b.p.cfg.Listen && len(sources) > 0 {
		return fmt.Errorf("sources: %w: an observer does not publish; send no sources", ErrInvalid)
	}
	if err := checkSources(sources); err != nil {
		return err
	}
	b.offers.Lock()
	defer b.offers.Unlock()
	if b.p.isGone() {
		return ErrClosed
	}
	if b.pc.RemoteDescription() != nil {
		b.waitForICE()
	}
	b.local.hold() // candidates of an ICE restart belong to this answer
	desc := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}
	if err := b.pc.SetRemoteDescription(desc); err != nil {
		return fmt.Errorf("sdp: %w: %v", ErrInvalid, err)
	}
	b.mu.Lock()
	b.sources = sources
	b.offered = true
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	for _, c := range waiting {
		if err := b.pc.AddICECandidate(c); err != nil {
			b.p.log.Debug("candidate not used", "err", err)
		}
	}
	answer, err := b.pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("answering the publish offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(b.pc)
	if err := b.pc.SetLocalDescription(answer); err != nil {
		return fmt.Errorf("applying the publish answer: %w", err)
	}
	b.local.settle(gathered)
	if f := b.p.cfg.Events.Answer; f != nil {
		f(b.pc.LocalDescription().SDP)
	}
	b.local.release()
	if b.answered.IsZero() {
		b.answered = time.Now()
	}
	b.p.run(b.reconcile) // not here: its events may wait for the caller
	return nil
}

// waitForICE waits until the connection has taken the client's ICE credentials
// in, which pion does some moments after the first answer. An offer before
// that would be taken for an ICE restart that the client knows nothing of.
func (b *publisher) waitForICE() {
	t := time.NewTimer(beginWait - time.Since(b.answered))
	defer t.Stop()
	select {
	case <-b.begun:
	case <-b.p.done:
	case <-t.C:
	}
}

func checkSources(sources map[string]media.Source) error {
	seen := map[media.Source]string{}
	for mid, s := range sources {
		switch s {
		case media.SourceCamera, media.SourceMicrophone, media.SourceScreen, media.SourceScreenAudio:
		default:
			return fmt.Errorf("sources: %w: mid %q carries %q; use camera, microphone, screen or screen_audio", ErrInvalid, mid, s)
		}
		if other, twice := seen[s]; twice {
			return fmt.Errorf("sources: %w: mids %q and %q both carry %s; publish each source once", ErrInvalid, other, mid, s)
		}
		seen[s] = mid
	}
	return nil
}

func (b *publisher) addCandidate(c webrtc.ICECandidateInit) error {
	b.mu.Lock()
	if !b.offered {
		defer b.mu.Unlock()
		if len(b.waiting) >= maxCandidates {
			return fmt.Errorf("candidate: %w: %d wait for an offer already; send publish.offer first", ErrInvalid, maxCandidates)
		}
		b.waiting = append(b.waiting, c)
		return nil
	}
	b.mu.Unlock()
	if err := b.pc.AddICECandidate(c); err != nil {
		return fmt.Errorf("candidate: %w: %v", ErrInvalid, err)
	}
	return nil
}

// reconcile makes the tracks agree with the sources map, and the streams with
// the tracks.
func (b *publisher) reconcile() {
	b.agreeing.Lock()
	defer b.agreeing.Unlock()
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	ended := b.dropTracks()
	begun := b.makeTracks()
	live := b.matchStreams()
	b.mu.Unlock()
	b.p.room.addTracks(begun) // first, for a source that moved to another mid: it needs no offer
	for _, t := range ended {
		b.endTrack(t)
	}
	for _, t := range live {
		t.openSinks()
		info := t.describe(time.Time{})
		b.p.log.Info("track published", "source", info.Source, "track", info.ID)
		if f := b.p.cfg.Events.Published; f != nil && !b.p.isGone() {
			f(info)
		}
	}
}

// dropTracks takes away the tracks whose mid carries something else now.
func (b *publisher) dropTracks() (ended []*Track) {
	for mid, t := range b.tracks {
		if b.sources[mid] == t.info.Source {
			continue
		}
		delete(b.tracks, mid)
		for s := range b.streams {
			s.track.CompareAndSwap(t, nil)
		}
		ended = append(ended, t)
	}
	return ended
}

// makeTracks makes tracks for sources that have none.
func (b *publisher) makeTracks() (begun []*Track) {
	for mid, source := range b.sources {
		if b.tracks[mid] != nil {
			continue
		}
		t, err := newTrack(b.p, source)
		if err != nil {
			b.p.log.Error("making a track", "source", source, "err", err)
			continue
		}
		if at, muted := b.muted[source]; muted {
			t.setMuted(true, at)
		}
		b.tracks[mid] = t
		begun = append(begun, t)
	}
	return begun
}

// matchStreams gives streams the tracks of their mids, and returns the tracks
// that go live by it.
func (b *publisher) matchStreams() (live []*Track) {
	for s := range b.streams {
		t := b.tracks[s.mid]
		if t == nil || t.live.Load() || s.track.Load() != nil {
			continue
		}
		if t.info.Source.Video() != (s.remote.Kind() == webrtc.RTPCodecTypeVideo) {
			b.p.log.Warn("stream of the wrong kind not forwarded", "mid", s.mid, "source", t.info.Source, "kind", s.remote.Kind().String())
			continue
		}
		t.goLive(s.remote, b.pli(s.remote))
		s.track.Store(t)
		live = append(live, t)
	}
	return live
}

func (b *publisher) endTrack(t *Track) {
	if !t.end() || !t.live.Load() {
		return // ended before, or never began
	}
	b.p.log.Info("track ended", "source", t.info.Source, "track", t.info.ID)
	if f := b.p.cfg.Events.Ended; f != nil && !b.p.isGone() {
		f(t.info)
	}
}

func (b *publisher) setMuted(source media.Source, muted bool) {
	at := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, was := b.muted[source]; was == muted {
		return
	}
	if muted {
		b.muted[source] = at
	} else {
		delete(b.muted, source)
	}
	for _, t := range b.tracks {
		if t.info.Source == source {
			t.setMuted(muted, at)
		}
	}
}

// take closes the publisher to new tracks and returns those it has.
func (b *publisher) take() []*Track {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	var list []*Track
	for _, t := range b.tracks {
		list = append(list, t)
	}
	clear(b.tracks)
	for s := range b.streams {
		s.track.Store(nil)
	}
	return list
}
