package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
	"bonafide/server/relay"
)

// stuckQueue is how many packets a sink that never drains takes before it
// throws away the rest: as many as live analysis does.
const stuckQueue = 256

// relayChild is the process that is measured: our relay, told what to do by
// lines on its standard input. It returns when that ends.
func relayChild(in io.Reader, out io.Writer) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	r, err := relay.New(relay.Config{UDPAddr: "127.0.0.1:0"}, log)
	if err != nil {
		return err
	}
	c := &relayServer{relay: r, enc: json.NewEncoder(out), rooms: map[string]*relay.Room{}, people: map[string]*relay.Participant{}, arrivals: map[string]*arrivals{}}
	c.say(reply{Op: "ready", UDP: r.UDPAddrs()[0].String()})
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	for {
		var q request
		if err := dec.Decode(&q); errors.Is(err, io.EOF) {
			return r.Close()
		} else if err != nil {
			return errors.Join(fmt.Errorf("reading a request: %w", err), r.Close())
		}
		if err := c.do(q); err != nil {
			c.say(reply{Op: "error", Peer: q.Peer, Error: err.Error()})
		}
	}
}

type relayServer struct {
	relay  *relay.Relay
	rooms  map[string]*relay.Room        // the reader's
	people map[string]*relay.Participant // the reader's
	held   atomic.Int64

	say1     sync.Mutex
	enc      *json.Encoder
	mu       sync.Mutex
	arrivals map[string]*arrivals // by peer/source
}

func (c *relayServer) say(r reply) {
	c.say1.Lock()
	defer c.say1.Unlock()
	_ = c.enc.Encode(r) // with the parent gone, standard input ends too
}

func (c *relayServer) do(q request) error {
	switch q.Op {
	case "join":
		return c.join(q)
	case "offer":
		sources := map[string]media.Source{}
		for mid, s := range q.Sources {
			sources[mid] = media.Source(s)
		}
		return c.people[q.Peer].Offer(q.SDP, sources)
	case "answer":
		return c.people[q.Peer].Answer(q.SDP)
	case "candidate":
		return c.people[q.Peer].AddCandidate(relay.Target(q.Target), q.Candidate)
	case "stats":
		s := c.relay.Stats()
		c.say(reply{Op: "stats", Stats: &s, Held: c.held.Load()})
	case "had":
		c.say(reply{Op: "had", Had: c.had(q.Asked, q.UnderWay)})
	default:
		return fmt.Errorf("operation %q: not one of join, offer, answer, candidate, stats, had", q.Op)
	}
	return nil
}

func (c *relayServer) join(q request) error {
	room := c.rooms[q.Room]
	if room == nil {
		var err error
		if room, err = c.relay.NewRoom(relay.RoomConfig{ID: q.Room, Sinks: c.sinks}); err != nil {
			return err
		}
		room.SetEpoch(time.Now())
		c.rooms[q.Room] = room
	}
	peer := q.Peer
	p, err := room.Join(relay.ParticipantConfig{ID: peer, Role: "candidate", Events: relay.Events{
		Answer: func(sdp string) { c.say(reply{Op: "answer", Peer: peer, SDP: sdp}) },
		Offer: func(sdp string, tracks []relay.Subscription) {
			r := reply{Op: "offer", Peer: peer, SDP: sdp}
			for _, t := range tracks {
				r.Tracks = append(r.Tracks, track{t.Mid, t.Participant, string(t.Source)})
			}
			c.say(r)
		},
		Candidate: func(target relay.Target, raw json.RawMessage) {
			c.say(reply{Op: "candidate", Peer: peer, Target: string(target), Candidate: raw})
		},
		Failed: func(t relay.Target, err error) {
			c.say(reply{Op: "error", Peer: peer, Error: fmt.Sprintf("%s: %v", t, err)})
		},
	}})
	if err != nil {
		return err
	}
	c.people[peer] = p
	return nil
}

// sinks gives every track two sinks that never drain, as a recorder and an
// analyzer that hang would be; the first notes what arrived when.
func (c *relayServer) sinks(t media.Track) []media.Sink {
	a := &arrivals{}
	c.mu.Lock()
	c.arrivals[t.Participant+"/"+string(t.Source)] = a
	c.mu.Unlock()
	return []media.Sink{&stuck{held: &c.held, notes: a}, &stuck{held: &c.held}}
}

// had counts the requests for packets that had arrived before they were made.
func (c *relayServer) had(list []asked, underWay time.Duration) int {
	n := 0
	for _, q := range list {
		c.mu.Lock()
		a := c.arrivals[q.Peer+"/"+q.Source]
		c.mu.Unlock()
		if a == nil {
			continue
		}
		if at, ok := a.first(q.Seq); ok && at < q.AtNS-underWay.Nanoseconds() {
			n++
		}
	}
	return n
}

// arrivals notes when each packet of a track arrived, in the order of arrival.
// Rows are too short for sequence numbers to come round.
type arrivals struct {
	mu  sync.Mutex
	seq []uint16
	at  []int64 // Unix ns
}

func (a *arrivals) note(seq uint16, at time.Time) {
	a.mu.Lock()
	a.seq, a.at = append(a.seq, seq), append(a.at, at.UnixNano())
	a.mu.Unlock()
}

func (a *arrivals) first(seq uint16) (int64, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, s := range a.seq {
		if s == seq {
			return a.at[i], true
		}
	}
	return 0, false
}

// stuck is a sink that nobody reads: it fills its queue, then drops.
type stuck struct {
	held  *atomic.Int64
	notes *arrivals // nil for none
	queue [][]byte
}

// WriteRTP keeps a copy while there is room.
func (s *stuck) WriteRTP(p *rtp.Packet, arrival time.Time) {
	if s.notes != nil {
		s.notes.note(p.SequenceNumber, arrival)
	}
	if len(s.queue) < stuckQueue {
		s.queue = append(s.queue, append([]byte(nil), p.Payload...))
		return
	}
	s.held.Add(1)
}

// WriteSenderReport does nothing.
func (s *stuck) WriteSenderReport(uint32, time.Time, time.Time) {}

// SetMuted does nothing.
func (s *stuck) SetMuted(bool, time.Time) {}

// Close does nothing.
func (s *stuck) Close() {}
