package relay_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
	"bonafide/server/relay"
	"bonafide/server/relay/relaytest"
)

// member joins a peer to a room by function calls instead of a socket. The
// calls of each direction go through a goroutine of their own, as messages on
// a socket do.
type member struct {
	*relaytest.Peer
	part       *relay.Participant
	toPeer     chan func() error
	published  chan media.Track
	ended      chan media.Track
	mu         sync.Mutex
	failed     []error
	offers     int
	lastOffer  string
	stop       chan struct{}
	finished   chan struct{}
	finishOnce sync.Once
}

func (m *member) SendOffer(sdp string, sources map[string]string) error {
	s := map[string]media.Source{}
	for mid, name := range sources {
		s[mid] = media.Source(name)
	}
	return m.part.Offer(sdp, s)
}

func (m *member) SendAnswer(sdp string) error { return m.part.Answer(sdp) }

func (m *member) SendCandidate(target string, c json.RawMessage) error {
	return m.part.AddCandidate(relay.Target(target), c)
}

func join(t *testing.T, room *relay.Room, id string, cfg relaytest.PeerConfig) *member {
	t.Helper()
	m := &member{
		toPeer: make(chan func() error, 256), published: make(chan media.Track, 16), ended: make(chan media.Track, 16),
		stop: make(chan struct{}), finished: make(chan struct{}),
	}
	var err error
	if m.Peer, err = relaytest.NewPeer(cfg, m); err != nil {
		t.Fatal(err)
	}
	push := func(f func() error) {
		select {
		case m.toPeer <- f:
		case <-m.stop:
		}
	}
	m.part, err = room.Join(relay.ParticipantConfig{ID: id, Role: "candidate", Events: relay.Events{
		Answer: func(sdp string) { push(func() error { return m.HandleAnswer(sdp) }) },
		Offer: func(sdp string, tracks []relay.Subscription) {
			m.mu.Lock()
			m.offers++
			m.lastOffer = sdp
			m.mu.Unlock()
			var list []relaytest.Subscription
			for _, s := range tracks {
				list = append(list, relaytest.Subscription{Mid: s.Mid, Participant: s.Participant, Source: s.Source})
			}
			push(func() error { return m.HandleOffer(sdp, list) })
		},
		Candidate: func(target relay.Target, c json.RawMessage) {
			push(func() error { return m.HandleCandidate(string(target), c) })
		},
		Published: func(tr media.Track) { m.published <- tr },
		Ended:     func(tr media.Track) { m.ended <- tr },
		Failed: func(_ relay.Target, err error) {
			m.mu.Lock()
			m.failed = append(m.failed, err)
			m.mu.Unlock()
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(m.finished)
		for {
			select {
			case f := <-m.toPeer:
				if err := f(); err != nil {
					select {
					case <-m.stop:
					default:
						t.Logf("%s: %v", id, err)
					}
				}
			case <-m.stop:
				return
			}
		}
	}()
	t.Cleanup(m.leave)
	return m
}

func (m *member) leave() {
	m.finishOnce.Do(func() {
		close(m.stop)
		<-m.finished
		m.part.Close()
		_ = m.Peer.Close()
	})
}

// vp8 makes the n-th picture of a stream that looks like VP8 to whoever reads
// its header; the first and every 30th is a key frame of 640x480.
func vp8(n, size int) []byte {
	b := make([]byte, max(size, 12))
	b[0] = 1
	if n%30 == 0 {
		copy(b, []byte{0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01})
	}
	b[10], b[11] = byte(n>>8), byte(n)
	return b
}

func pictures(n, size int) []relaytest.Timed {
	var list []relaytest.Timed
	for i := range n {
		list = append(list, relaytest.Timed{At: time.Duration(i) * time.Second / 100, Data: vp8(i, size)})
	}
	return list
}

// publish adds a source and waits until the relay forwards it, keeping it alive meanwhile.
func publish(ctx context.Context, t *testing.T, m *member, source media.Source) (*relaytest.Stream, media.Track) {
	t.Helper()
	s, err := m.Publish(ctx, source)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.WaitPublishing(ctx); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		if err := s.Write(relaytest.Timed{At: time.Duration(i) * time.Millisecond, Data: vp8(0, 200)}); err != nil {
			t.Fatal(err)
		}
		select {
		case tr := <-m.published:
			return s, tr
		case <-ctx.Done():
			t.Fatalf("%s was not published: %v", source, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func waitSubscribed(ctx context.Context, t *testing.T, m *member, s *relaytest.Stream, from string) {
	t.Helper()
	i := 0
	err := m.Wait(ctx, "the first packet of "+from, func() bool {
		i++
		if err := s.Write(relaytest.Timed{At: time.Duration(i) * time.Millisecond, Data: vp8(0, 200)}); err != nil {
			t.Fatal(err)
		}
		return m.Received(from, s.Source).Packets > 0
	})
	if err != nil {
		t.Fatal(err)
	}
}

// probe is a sink that keeps what it was given.
type probe struct {
	mu      sync.Mutex
	seqs    []uint16
	times   []time.Time
	reports int
	ntp     time.Time
	muted   []bool
	closed  int
	late    bool // something came after Close
}

func (p *probe) WriteRTP(pkt *rtp.Packet, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = p.late || p.closed > 0
	p.seqs, p.times = append(p.seqs, pkt.SequenceNumber), append(p.times, at)
}

func (p *probe) WriteSenderReport(_ uint32, ntp, _ time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = p.late || p.closed > 0
	p.reports++
	p.ntp = ntp
}

func (p *probe) SetMuted(muted bool, _ time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = append(p.muted, muted)
}

func (p *probe) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
}

func (p *probe) look(f func(p *probe) bool) func() bool {
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return f(p)
	}
}
