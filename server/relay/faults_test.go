package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

func newChaos(t *testing.T, r *relay.Relay, seed uint64) *relaytest.Chaos {
	t.Helper()
	c, err := relaytest.NewChaos(r.UDPAddrs()[0], seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A lossy, reordering way to the relay: everything lost is asked for, once
// each where the answer comes back, and nothing is forwarded twice.
func TestLossAndReorderAreRepairedWithoutRepetition(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	sink := &probe{}
	room := newRoom(t, r, func(media.Track) []media.Sink { return []media.Sink{sink} })
	room.SetEpoch(time.Now())
	chaos := newChaos(t, r, 1)
	// b loses nothing itself, and does not ask: an answer to it that crosses
	// the repaired packet would be a repetition, but one that was asked for.
	a, b := join(t, room, "a", relaytest.PeerConfig{Proxy: chaos}), join(t, room, "b", relaytest.PeerConfig{NACKInterval: time.Hour})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	chaos.Set(relaytest.Faults{LossUp: 0.05, LossDown: 0.05, Delay: 5 * time.Millisecond, Reorder: 0.02, Duplicate: 0.02})
	before, sent := b.Received("a", s.Source), s.Feedback().Sent
	if err := s.Play(ctx, time.Now(), pictures(300, 2500)); err != nil {
		t.Fatal(err)
	}
	chaos.Set(relaytest.Faults{})
	// Packets at the end show that those before them are missing.
	for i := range 20 {
		if err := s.Write(relaytest.Timed{At: 3*time.Second + time.Duration(i)*10*time.Millisecond, Data: vp8(1, 100)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	want := s.Feedback().Sent - sent
	atMost := want / 100 // may be lost for good: 0.05^6 is far less
	err := b.Wait(ctx, "the repaired stream", func() bool {
		return b.Received("a", s.Source).Packets-before.Packets >= want-atMost
	})
	got, asked := b.Received("a", s.Source), s.Feedback()
	lost, passed := chaos.Counts()
	t.Logf("sent %d, lost %d of %d on the way; received %+v; asked %+v; relay %+v", want, lost, lost+passed, got, asked, r.Stats())
	if err != nil {
		t.Fatal(err)
	}
	if got.Duplicates != 0 {
		t.Errorf("%d packets were forwarded twice", got.Duplicates)
	}
	if asked.Requested == 0 || asked.MostForOne > 6 {
		t.Errorf("asked %+v; want each lost packet asked for, at most 6 times", asked)
	}
	// Besides the lost ones only those held back are asked for: 5 % + 2 %,
	// and the answers are lost as well.
	if asked.Requests > want/4 {
		t.Errorf("%d requests for %d packets", asked.Requests, want)
	}
	seen := map[uint16]bool{}
	sink.look(func(p *probe) bool {
		for _, seq := range p.seqs {
			if seen[seq] {
				t.Errorf("the sink got %d twice", seq)
			}
			seen[seq] = true
		}
		return true
	})()
}

func TestICERestartOnBothConnections(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	ufrag := func(sdp string) string {
		_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
		line, _, _ := strings.Cut(rest, "\r\n")
		return line
	}
	offers := func() (int, string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.offers, ufrag(b.lastOffer)
	}
	n, old := offers()
	if err := a.Negotiate(ctx, true); err != nil {
		t.Fatal(err)
	}
	if err := b.part.RestartSubscribe(); err != nil {
		t.Fatal(err)
	}
	if err := b.Wait(ctx, "an offer with new credentials", func() bool { m, u := offers(); return m > n && u != old }); err != nil {
		t.Fatal(err)
	}
	before := b.Received("a", s.Source).Packets
	i := 0
	err := b.Wait(ctx, "packets after the restart", func() bool {
		i++
		_ = s.Write(relaytest.Timed{At: time.Duration(i) * time.Millisecond, Data: vp8(1, 100)})
		return b.Received("a", s.Source).Packets > before+50
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Received("a", s.Source); got.Tracks != 1 {
		t.Errorf("the track was replaced by the restart: %+v", got)
	}
}

// A link that goes away and comes back: after an ICE restart the same
// connection goes on.
func TestOutageThenRestart(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	chaos := newChaos(t, r, 2)
	a, b := join(t, room, "a", relaytest.PeerConfig{Proxy: chaos}), join(t, room, "b", relaytest.PeerConfig{})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	chaos.Set(relaytest.Faults{Blackhole: true})
	err := a.Wait(ctx, "the peer to notice", func() bool {
		pub, _ := a.States()
		return pub == webrtc.PeerConnectionStateDisconnected
	})
	if err != nil {
		t.Fatal(err)
	}
	chaos.Set(relaytest.Faults{})
	if err := a.Negotiate(ctx, true); err != nil {
		t.Fatal(err)
	}
	before := b.Received("a", s.Source).Packets
	i := 0
	err = b.Wait(ctx, "packets after the outage", func() bool {
		i++
		_ = s.Write(relaytest.Timed{At: time.Duration(i) * time.Millisecond, Data: vp8(1, 100)})
		return b.Received("a", s.Source).Packets > before+20
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A subscriber whose TCP connection is full, and one that vanished, cost the
// others nothing.
func TestSubscribersThatNeverReadHurtNobody(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{TCPAddr: "127.0.0.1:0"})
	room := newRoom(t, r, nil)
	hung, err := relaytest.NewTCPProxy(r.TCPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hung.Close() })
	chaos := newChaos(t, r, 3)
	a, b := join(t, room, "a", relaytest.PeerConfig{}), join(t, room, "b", relaytest.PeerConfig{})
	c, d := join(t, room, "c", relaytest.PeerConfig{TCPProxy: hung}), join(t, room, "d", relaytest.PeerConfig{Proxy: chaos})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	for _, m := range []*member{b, c, d} {
		waitSubscribed(ctx, t, m, s, "a")
	}
	hung.Stall(true)
	chaos.Set(relaytest.Faults{Blackhole: true})
	before, sent, cut := b.Received("a", s.Source), s.Feedback().Sent, c.Received("a", s.Source).Packets
	worst := time.Duration(0)
	// 24 MB: more than the kernel's and the relay's buffers hold.
	for i := range 800 {
		began := time.Now()
		if err := s.Write(relaytest.Timed{At: time.Duration(i) * 10 * time.Millisecond, Data: vp8(i, 30_000)}); err != nil {
			t.Fatal(err)
		}
		// No more is under way than the healthy peer's own socket holds.
		want := s.Feedback().Sent - sent
		if err := b.Wait(ctx, "the picture", func() bool { return b.Received("a", s.Source).Packets-before.Packets >= want-10 }); err != nil {
			t.Fatalf("%v; received %+v", err, b.Received("a", s.Source))
		}
		worst = max(worst, time.Since(began))
	}
	want := s.Feedback().Sent - sent
	if err := b.Wait(ctx, "every packet", func() bool { return b.Received("a", s.Source).Packets-before.Packets >= want }); err != nil {
		t.Fatalf("%v; of %d received %+v; asked %+v; relay %+v", err, want, b.Received("a", s.Source), s.Feedback(), r.Stats())
	}
	if got := b.Received("a", s.Source); got.Duplicates != 0 || got.Missing != 0 {
		t.Errorf("%+v", got)
	}
	if n := c.Received("a", s.Source).Packets - cut; n > want {
		t.Errorf("the hung subscriber received %d packets", n)
	}
	t.Logf("%d packets to the healthy subscriber, slowest picture %v, relay %+v", want, worst, r.Stats())
}

// Loss on the way to one subscriber is repaired from the relay's buffer: the
// publisher is not asked for anything.
func TestLossTowardsASubscriberIsRepairedHere(t *testing.T) {
	ctx := testContext(t)
	r := newRelay(t, relay.Config{})
	room := newRoom(t, r, nil)
	chaos := newChaos(t, r, 5)
	a := join(t, room, "a", relaytest.PeerConfig{})
	b := join(t, room, "b", relaytest.PeerConfig{Proxy: chaos, NACKInterval: 30 * time.Millisecond})
	s, _ := publish(ctx, t, a, media.SourceCamera)
	waitSubscribed(ctx, t, b, s, "a")
	chaos.Set(relaytest.Faults{LossDown: 0.05, LossUp: 0.05, Delay: 5 * time.Millisecond})
	if err := s.Play(ctx, time.Now(), pictures(200, 2500)); err != nil {
		t.Fatal(err)
	}
	chaos.Set(relaytest.Faults{})
	i := 0
	err := b.Wait(ctx, "the repaired stream", func() bool {
		i++ // packets at the end show that those before them are missing
		_ = s.Write(relaytest.Timed{At: 2*time.Second + time.Duration(i)*time.Millisecond, Data: vp8(1, 100)})
		got := b.Received("a", s.Source)
		return got.Packets > 600 && got.Missing == 0
	})
	got := b.Received("a", s.Source)
	lost, _ := chaos.Counts()
	t.Logf("%d packets lost, received %+v", lost, got)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Feedback().Requested; n != 0 {
		t.Errorf("the publisher was asked for %d packets", n)
	}
}
