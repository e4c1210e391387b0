package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/sync/errgroup"

	"bonafide/server/media"
	"bonafide/server/relay/relaytest"
)

// The load of one participant: a camera of 720 lines at 30 pictures a second
// and 1.2 Mbit/s, with a key frame every 4 s that is six times the size of the
// others, and Opus at 50 packets a second and 32 kbit/s.
const (
	picturesPerSecond = 30
	keyEvery          = 4 * picturesPerSecond
	keyBytes          = 28_000
	deltaBytes        = 4_770
	opusBytes         = 80
	// fragment is what relaytest puts of a picture into one packet: 1160 bytes
	// less the VP8 descriptor's one (RFC 7741, section 4.2).
	fragment = 1159
)

// loader is all the clients of one row.
type loader struct {
	relay   *child
	proxies []*relaytest.Chaos // one a room; none without losses
	measure atomic.Bool
	people  []*client

	mu    sync.Mutex
	asked []asked
	late  time.Duration // by how much a sender was late at worst while measuring
}

// client is one participant.
type client struct {
	*relaytest.Peer
	load     *loader
	id, room string
	number   uint16
	others   int
	proxy    *relaytest.Chaos // nil for none
	tally    *tally
	sent     [2]atomic.Int64 // measured packets, by kind
	inbox    chan reply
	done     chan struct{}
}

// The next three are the peer's way to the relay.

// SendOffer passes an offer on.
func (c *client) SendOffer(sdp string, sources map[string]string) error {
	return c.load.relay.send(request{Op: "offer", Peer: c.id, SDP: sdp, Sources: sources})
}

// SendAnswer passes an answer on.
func (c *client) SendAnswer(sdp string) error {
	return c.load.relay.send(request{Op: "answer", Peer: c.id, SDP: sdp})
}

// SendCandidate passes a candidate on.
func (c *client) SendCandidate(target string, raw json.RawMessage) error {
	return c.load.relay.send(request{Op: "candidate", Peer: c.id, Target: target, Candidate: raw})
}

// join connects rooms × people clients and waits until everybody receives
// everybody else of their room.
func (l *loader) join(ctx context.Context, rooms, people int, play *errgroup.Group) error {
	g, joining := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for r := range rooms {
		for p := range people {
			c := &client{
				load: l, room: fmt.Sprintf("room%d", r), id: fmt.Sprintf("room%d-%d", r, p),
				number: uint16(r*people + p), others: people - 1, tally: newTally(),
				inbox: make(chan reply, 256), done: make(chan struct{}),
			}
			if l.proxies != nil {
				c.proxy = l.proxies[r]
			}
			l.people = append(l.people, c)
			g.Go(func() error { return c.join(joining, ctx, play) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, c := range l.people {
		if err := c.Wait(ctx, c.id+" to receive from everybody", func() bool { return c.tally.heard() == c.others }); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) join(ctx, playing context.Context, play *errgroup.Group) error {
	var err error
	c.Peer, err = relaytest.NewPeer(relaytest.PeerConfig{
		Proxy: c.proxy,
		OnRTP: func(_ string, _ media.Source, p *rtp.Packet, arrival time.Time) { c.tally.take(p, arrival) },
		OnAsk: c.tally.ask,
		OnNACK: func(source media.Source, seq uint16, at time.Time) {
			if !c.load.measure.Load() {
				return
			}
			c.load.mu.Lock()
			c.load.asked = append(c.load.asked, asked{c.id, string(source), seq, at.UnixNano()})
			c.load.mu.Unlock()
		},
	}, c)
	if err != nil {
		close(c.done)
		return err
	}
	go c.listen() // ends with the inbox; close waits
	c.load.relay.follow(c.id, func(r reply) { c.inbox <- r })
	if err := c.load.relay.send(request{Op: "join", Room: c.room, Peer: c.id}); err != nil {
		return err
	}
	camera, err := c.Publish(ctx, media.SourceCamera)
	if err != nil {
		return err
	}
	microphone, err := c.Publish(ctx, media.SourceMicrophone)
	if err != nil {
		return err
	}
	if err := c.WaitPublishing(ctx); err != nil {
		return err
	}
	play.Go(func() error { return c.film(playing, camera) })
	play.Go(func() error { return c.speak(playing, microphone) })
	return nil
}

func (c *client) listen() {
	defer close(c.done)
	for r := range c.inbox {
		var err error
		switch r.Op {
		case "answer":
			err = c.HandleAnswer(r.SDP)
		case "offer":
			var list []relaytest.Subscription
			for _, t := range r.Tracks {
				list = append(list, relaytest.Subscription{Mid: t.Mid, Participant: t.Participant, Source: media.Source(t.Source)})
			}
			err = c.HandleOffer(r.SDP, list)
		case "candidate":
			err = c.HandleCandidate(r.Target, r.Candidate)
		}
		if err != nil {
			fmt.Println("bench:", c.id, r.Op, err)
		}
	}
}

// film sends pictures until ctx ends.
func (c *client) film(ctx context.Context, s *relaytest.Stream) error {
	buf := make([]byte, keyBytes)
	number := uint32(0)
	return every(ctx, time.Second/picturesPerSecond, func(n int, at, _ time.Duration) error {
		size := deltaBytes
		if n%keyEvery == 0 {
			size = keyBytes
		}
		data := buf[:size]
		measured, packets := c.load.measure.Load(), 0
		for i := 0; i < size; i += fragment {
			end := min(i+fragment, size)
			mark{c.number, markVideo, measured, number, time.Since(processStart)}.put(data[end-markSize:])
			number++
			packets++
		}
		if measured {
			c.sent[markVideo].Add(int64(packets))
		}
		return s.Write(relaytest.Timed{At: at, Data: data})
	})
}

// speak sends sound until ctx ends.
func (c *client) speak(ctx context.Context, s *relaytest.Stream) error {
	data := make([]byte, opusBytes)
	return every(ctx, 20*time.Millisecond, func(n int, at, late time.Duration) error {
		c.load.noteLate(late)
		measured := c.load.measure.Load()
		mark{c.number, markAudio, measured, uint32(n), time.Since(processStart)}.put(data[opusBytes-markSize:])
		if measured {
			c.sent[markAudio].Add(1)
		}
		return s.Write(relaytest.Timed{At: at, Data: data})
	})
}

func (l *loader) noteLate(d time.Duration) {
	if l.measure.Load() {
		l.mu.Lock()
		l.late = max(l.late, d)
		l.mu.Unlock()
	}
}

// every calls f once a period, from a random phase on so that not everybody
// sends at once, until ctx ends. late is by how much a call is late.
func every(ctx context.Context, period time.Duration, f func(n int, at, late time.Duration) error) error {
	begin := time.Now().Add(rand.N(period))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		at := time.Duration(n) * period
		timer.Reset(time.Until(begin.Add(at)))
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := f(n, at, time.Since(begin.Add(at))); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// close disconnects everybody. The relay must have been closed before, so that
// nothing is put into the inboxes any more.
func (l *loader) close() {
	for _, c := range l.people {
		if c.Peer != nil {
			_ = c.Close()
			close(c.inbox)
		}
		<-c.done
	}
}
