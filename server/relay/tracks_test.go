package relay_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

// keepWriting writes pictures until the returned function is called.
func keepWriting(t *testing.T, s *relaytest.Stream) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-tick.C:
				_ = s.Write(relaytest.Timed{At: time.Duration(i) * 5 * time.Millisecond, Data: vp8(i, 300)})
			}
		}
	}()
	var once sync.Once
	stop = func() { once.Do(func() { close(quit); <-done }) }
	t.Cleanup(stop)
	return stop
}

func TestKeyFrameIsAskedForOnJoinAndThrottled(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, tr := publish(ctx, t, a, media.SourceCamera)
	keepWriting(t, s)
	if n := s.Feedback().KeyFrames; n != 0 {
		t.Errorf("%d key frames asked for without a subscriber", n)
	}
	join(t, room, "b", relaytest.PeerConfig{})
	began := time.Now()
	if err := a.Wait(ctx, "a key frame request", func() bool { return s.Feedback().KeyFrames > 0 }); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("the request came %v after the join", d)
	}
	n := s.Feedback().KeyFrames
	began = time.Now()
	for time.Since(began) < 1200*time.Millisecond {
		tr.RequestKeyFrame()
		time.Sleep(time.Millisecond)
	}
	// One at once at most, then one each 300 ms; the last may still be waiting.
	if got := s.Feedback().KeyFrames - n; got < 2 || got > 4 {
		t.Errorf("%d requests passed within 1.2 s, want one each 300 ms", got)
	}
}

func TestRejoinReplacesAtOnceAndTheDescriptionStaysSmall(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	sink := &probe{}
	room := newRoom(t, r, func(tr media.Track) []media.Sink {
		if strings.HasSuffix(tr.ID, "-1") {
			return []media.Sink{sink}
		}
		return nil
	})
	room.SetEpoch(time.Now())
	b := join(t, room, "b", relaytest.PeerConfig{})
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	for round := 2; round <= 6; round++ {
		again := join(t, room, "a", relaytest.PeerConfig{})
		if !sink.look(func(p *probe) bool { return p.closed == 1 && !p.late })() {
			t.Fatal("the old track's sink was not closed when the new connection was there")
		}
		began := time.Now() // nothing of the old connection comes after this
		s, err := again.Publish(ctx, media.SourceCamera)
		if err != nil {
			t.Fatal(err)
		}
		stop := keepWriting(t, s)
		err = b.Wait(ctx, "the new track", func() bool { return b.Received("a", media.SourceCamera).Last.After(began) })
		if err != nil {
			t.Fatalf("%v; %+v", err, b.Received("a", media.SourceCamera))
		}
		d := b.Received("a", media.SourceCamera).Last.Sub(began)
		t.Logf("round %d: a packet %v after the rejoin", round, d.Round(time.Millisecond))
		if d > 2*time.Second {
			t.Errorf("round %d: a packet after %v", round, d)
		}
		stop()
		a.leave()
		a = again
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := strings.Count(b.lastOffer, "m=video"); n > 2 {
		t.Errorf("after five rejoins the offer has %d video sections", n)
	}
	if got := len(room.Tracks()); got != 1 {
		t.Errorf("%d tracks in the room, want 1", got)
	}
}

func TestSourceStopsAndStartsAgain(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
	cam, _ := publish(ctx, t, a, media.SourceCamera)
	keepWriting(t, cam)
	for round := range 3 {
		screen, tr := publish(ctx, t, a, media.SourceScreen)
		stop := keepWriting(t, screen)
		err := b.Wait(ctx, "the screen", func() bool {
			c := b.Received("a", media.SourceScreen)
			return c.Tracks == round+1 && !c.First.IsZero()
		})
		stop()
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Unpublish(ctx, media.SourceScreen); err != nil {
			t.Fatal(err)
		}
		select {
		case ended := <-a.ended:
			if ended.ID != tr.ID || ended.Source != media.SourceScreen {
				t.Errorf("round %d: %s ended, want %s", round, ended.ID, tr.ID)
			}
		case <-ctx.Done():
			t.Fatalf("round %d: the screen did not end", round)
		}
		err = b.Wait(ctx, "the subscription to go", func() bool { return len(b.Subscriptions()) == 1 })
		if err != nil {
			t.Fatal(err)
		}
	}
	n := b.Received("a", media.SourceCamera).Packets
	if err := b.Wait(ctx, "the camera, undisturbed", func() bool { return b.Received("a", media.SourceCamera).Packets > n+10 }); err != nil {
		t.Fatal(err)
	}
}

func TestRefreshKeepsAddsAndClosesSinks(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	record, analyse := &probe{}, &probe{}
	var mu sync.Mutex
	var want []media.Sink
	var epoch time.Time
	room := newRoom(t, r, func(tr media.Track) []media.Sink {
		mu.Lock()
		defer mu.Unlock()
		epoch = tr.Epoch
		return want
	})
	choose := func(list ...media.Sink) {
		mu.Lock()
		want = list
		mu.Unlock()
	}
	choose(record)
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceMicrophone)
	keepWriting(t, s)
	wait := func(what string, cond func() bool) {
		t.Helper()
		if err := a.Wait(ctx, what, cond); err != nil {
			t.Fatal(err)
		}
	}
	if !record.look(func(p *probe) bool { return len(p.seqs) == 0 })() {
		t.Error("a sink was fed before interview time began")
	}
	zero := time.Now()
	room.SetEpoch(zero)
	wait("the recorder", record.look(func(p *probe) bool { return len(p.seqs) > 5 && p.reports > 0 }))
	mu.Lock()
	if !epoch.Equal(zero) {
		t.Errorf("the factory was told the epoch %v, want %v", epoch, zero)
	}
	mu.Unlock()
	a.part.SetMuted(media.SourceMicrophone, true)
	choose(record, analyse)
	room.RefreshSinks("a")
	wait("the analyzer", analyse.look(func(p *probe) bool {
		return len(p.seqs) > 5 && p.reports > 0 && len(p.muted) == 1 && p.muted[0]
	}))
	choose(analyse)
	room.RefreshSinks("b") // somebody else: nothing happens
	if !record.look(func(p *probe) bool { return p.closed == 0 && len(p.muted) == 1 })() {
		t.Error("the recorder was closed for somebody else, or not told of the mute")
	}
	room.RefreshSinks("a")
	if !record.look(func(p *probe) bool { return p.closed == 1 })() {
		t.Error("the recorder was not closed")
	}
	n := 0
	analyse.look(func(p *probe) bool { n = len(p.seqs); return true })()
	wait("the analyzer to go on", analyse.look(func(p *probe) bool { return len(p.seqs) > n+5 }))
	a.part.Close()
	for name, p := range map[string]*probe{"recorder": record, "analyzer": analyse} {
		if !p.look(func(p *probe) bool { return p.closed == 1 && !p.late })() {
			t.Errorf("the %s was closed %d times, fed afterwards: %v", name, p.closed, p.late)
		}
	}
}

func TestObserverAndBadOffersAreRefused(t *testing.T) {
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	p, err := room.Join(relay.ParticipantConfig{ID: "o", Listen: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Offer("v=0", map[string]media.Source{"0": media.SourceCamera}); err == nil || !strings.Contains(err.Error(), "observer") {
		t.Errorf("an observer's track: %v", err)
	}
	if err := p.Offer("nonsense", nil); err == nil || !strings.Contains(err.Error(), "sdp") {
		t.Errorf("a bad description: %v", err)
	}
	for i := 0; i < 100; i++ {
		err = p.AddCandidate(relay.Publish, []byte(`{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","sdpMid":"0"}`))
	}
	if err == nil {
		t.Error("a hundred candidates before an offer were kept")
	}
	p.Close()
	if err := p.Offer("v=0", nil); err == nil {
		t.Error("a closed participant took an offer")
	}
	room.Close()
	if _, err := room.Join(relay.ParticipantConfig{ID: "late"}); err == nil {
		t.Error("a closed room took a participant")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.Idle(ctx); err != nil {
		t.Error(err)
	}
	if st := r.Stats(); st.Rooms != 0 || st.Participants != 0 || st.Tracks != 0 {
		t.Errorf("left over: %+v", st)
	}
}

// An offer right after the first, as when a microphone is found right after a
// camera, restarts nothing: the answers' ICE credentials stay.
func TestOfferRightAfterTheFirstIsNoRestart(t *testing.T) {
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		var ufrags []string
		p, err := room.Join(relay.ParticipantConfig{ID: "a", Events: relay.Events{Answer: func(sdp string) {
			_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
			ufrag, _, _ := strings.Cut(rest, "\r\n")
			ufrags = append(ufrags, ufrag)
		}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Offer(offer.SDP, map[string]media.Source{"0": media.SourceMicrophone}); err != nil {
				t.Fatal(err)
			}
		}
		if len(ufrags) != 2 || ufrags[0] != ufrags[1] || ufrags[0] == "" {
			t.Fatalf("round %d: answered with the credentials %q", round, ufrags)
		}
	}
}
