package relay_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

// arrivals is what came of a participant's sources, in order.
type arrivals struct {
	mu      sync.Mutex
	packets map[media.Source][]arrival
}

type arrival struct {
	header rtp.Header
	at     time.Time
}

func (a *arrivals) take(_ string, source media.Source, p *rtp.Packet, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.packets[source] = append(a.packets[source], arrival{p.Header, at})
}

func (a *arrivals) of(source media.Source) []arrival {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.packets[source]
}

// checkOneStream checks that packets make one stream: the same SSRC, no number
// twice and hardly one left out (the system may lose some of a burst, and what
// is sent again comes later), and a clock that goes with the time that passes.
func (a *arrivals) checkOneStream(t *testing.T, source media.Source, clockRate float64) {
	t.Helper()
	list := slices.Clone(a.of(source))
	begin := list[0].header.SequenceNumber
	slices.SortStableFunc(list, func(x, y arrival) int {
		return int(int16(x.header.SequenceNumber-begin)) - int(int16(y.header.SequenceNumber-begin))
	})
	for i := 1; i < len(list); i++ {
		was, is := list[i-1].header, list[i].header
		if is.SSRC != was.SSRC || is.SequenceNumber == was.SequenceNumber {
			t.Errorf("%s: packet %d of %d came, and %d of %d", source, is.SequenceNumber, is.SSRC, was.SequenceNumber, was.SSRC)
		}
	}
	if left := int(list[len(list)-1].header.SequenceNumber-list[0].header.SequenceNumber) + 1 - len(list); left > 3 {
		t.Errorf("%s: %d numbers were left out of %d", source, left, len(list))
	}
	first, last := list[0], list[len(list)-1]
	clock := float64(int32(last.header.Timestamp-first.header.Timestamp)) / clockRate
	passed := last.at.Sub(first.at).Seconds()
	// The tests write faster than their stated times: a second is generous.
	if diff := clock - passed; diff < -1 || diff > 1 {
		t.Errorf("%s: the RTP clock went on by %.2f s in %.2f s", source, clock, passed)
	}
}

func offersTo(m *member) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.offers
}

// A page that is reloaded closes its connections before anybody is told, and
// is back in a moment: its new tracks go on where the old ones stopped, and the
// others need no offer.
func TestAReloadGoesOnInTheSameStreams(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{LeftPause: time.Minute})
	room := newRoom(t, r, nil)
	got := &arrivals{packets: map[media.Source][]arrival{}}
	b := join(t, room, "b", relaytest.PeerConfig{OnRTP: got.take})
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	sound, _ := publish(ctx, t, a, media.SourceMicrophone)
	waitSubscribed(ctx, t, b, s, "a")
	waitSubscribed(ctx, t, b, sound, "a")
	before := offersTo(b)
	for range 2 {
		if err := s.Play(ctx, time.Now(), pictures(3, 3000)); err != nil {
			t.Fatal(err)
		}
		if err := a.Peer.Close(); err != nil {
			t.Fatal(err)
		}
		if err := b.Wait(ctx, "the old tracks' end", func() bool { return len(room.Tracks()) == 0 }); err != nil {
			t.Fatal(err)
		}
		a.leave()
		a = join(t, room, "a", relaytest.PeerConfig{})
		s, _ = publish(ctx, t, a, media.SourceCamera)
		sound, _ = publish(ctx, t, a, media.SourceMicrophone)
		for _, stream := range []*relaytest.Stream{s, sound} {
			came := len(got.of(stream.Source))
			stop := keepWriting(t, stream)
			err := b.Wait(ctx, "packets of the new track", func() bool { return len(got.of(stream.Source)) > came+3 })
			stop()
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := offersTo(b) - before; n != 0 {
		t.Errorf("%d offers for two reloads, want none", n)
	}
	got.checkOneStream(t, media.SourceCamera, 90000)
	got.checkOneStream(t, media.SourceMicrophone, 48000)
}

// Of what comes while nobody listens the numbers are kept: who listens later
// gets a stream that goes on.
func TestAReloadWhileNobodyListens(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	if err := s.Play(ctx, time.Now(), pictures(20, 3000)); err != nil {
		t.Fatal(err)
	}
	a.leave()
	a = join(t, room, "a", relaytest.PeerConfig{})
	s, _ = publish(ctx, t, a, media.SourceCamera)
	stop := keepWriting(t, s)
	defer stop()
	got := &arrivals{packets: map[media.Source][]arrival{}}
	b := join(t, room, "b", relaytest.PeerConfig{OnRTP: got.take})
	if err := b.Wait(ctx, "packets", func() bool { return len(got.of(media.SourceCamera)) > 20 }); err != nil {
		t.Fatal(err)
	}
	if out := r.Stats().PacketsOut; out == 0 || out > r.Stats().PacketsIn {
		t.Errorf("%d packets counted as sent of %d that came", out, r.Stats().PacketsIn)
	}
}

// Who stays away is taken away from the others' offers, and comes back in a new one.
func TestWhoStaysAwayIsOfferedAnew(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{LeftPause: 50 * time.Millisecond})
	room := newRoom(t, r, nil)
	b := join(t, room, "b", relaytest.PeerConfig{})
	a := join(t, room, "a", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	a.leave()
	if err := b.Wait(ctx, "the subscription to go", func() bool { return len(b.Subscriptions()) == 0 }); err != nil {
		t.Fatal(err)
	}
	again := join(t, room, "a", relaytest.PeerConfig{})
	s, _ = publish(ctx, t, again, media.SourceCamera)
	stop := keepWriting(t, s)
	defer stop()
	err := b.Wait(ctx, "a new track", func() bool {
		c := b.Received("a", media.SourceCamera)
		return c.Tracks == 2 && !c.First.IsZero()
	})
	if err != nil {
		t.Fatalf("%v; %+v", err, b.Received("a", media.SourceCamera))
	}
}
