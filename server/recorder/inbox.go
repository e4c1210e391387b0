package recorder

import (
	"sync"
	"time"

	"bonafide/server/media"

	"github.com/pion/rtp"
)

// item is one thing that a session is told of one of its tracks.
type item struct {
	sink    *trackSink
	kind    itemKind
	packet  *rtp.Packet
	drops   int // packets dropped since the item before
	at      time.Duration
	rtpTime uint32
	ntp     time.Time
	muted   bool
}

type itemKind int

const (
	attached itemKind = iota
	packetIn
	reportIn
	muteIn
	detached
)

// inbox is the queue of a session. What waits of one track is bounded by its
// sink; putting never blocks.
type inbox struct {
	mu     sync.Mutex
	items  []item
	closed bool
	wake   chan struct{}
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// put appends an item unless the inbox is closed.
func (b *inbox) put(it item) bool {
	b.mu.Lock()
	ok := !b.closed
	if ok {
		b.items = append(b.items, it)
	}
	b.mu.Unlock()
	if ok {
		b.signal()
	}
	return ok
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take empties the inbox and tells whether it is closed. The slice given is
// used again, so that the queue costs no garbage.
func (b *inbox) take(reuse []item) (items []item, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	items, b.items = b.items, reuse[:0]
	for _, it := range items {
		it.sink.taken(it)
	}
	return items, b.closed
}

// close refuses further items; those that wait are still taken.
func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.signal()
}

// trackSink is the media.Sink of one track.
type trackSink struct {
	inbox *inbox
	track media.Track
	recv  *media.Receiver // owned by the session's goroutine
	slot  *slot           // likewise
	now   func() time.Time
	limit int

	mu     sync.Mutex
	queued int
	drops  int
	ended  bool
}

// WriteRTP queues a copy of the packet, or drops it when too many wait.
func (s *trackSink) WriteRTP(p *rtp.Packet, arrival time.Time) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	if s.queued >= s.limit {
		s.drops++
		s.mu.Unlock()
		return
	}
	it := item{sink: s, kind: packetIn, at: arrival.Sub(s.track.Epoch), drops: s.drops}
	s.queued++
	s.drops = 0
	s.mu.Unlock()
	c := &rtp.Packet{Header: p.Header, Payload: append([]byte(nil), p.Payload...)}
	c.Extensions, c.CSRC = nil, nil // may point into the caller's buffer
	it.packet = c
	s.inbox.put(it)
}

// WriteSenderReport queues a report; it is dropped when too many items wait,
// since another follows.
func (s *trackSink) WriteSenderReport(rtpTime uint32, ntp, arrival time.Time) {
	s.control(item{sink: s, kind: reportIn, at: arrival.Sub(s.track.Epoch), rtpTime: rtpTime, ntp: ntp}, s.limit)
}

// SetMuted queues the change of state.
func (s *trackSink) SetMuted(muted bool, at time.Time) {
	s.control(item{sink: s, kind: muteIn, at: at.Sub(s.track.Epoch), muted: muted}, 2*s.limit)
}

func (s *trackSink) control(it item, limit int) {
	s.mu.Lock()
	ok := !s.ended && s.queued < limit
	if ok {
		s.queued++
	}
	s.mu.Unlock()
	if ok {
		s.inbox.put(it)
	}
}

// Close ends the track; its file goes on and waits for the participant's
// return, but for a screen share, whose file ends with it.
func (s *trackSink) Close() {
	s.mu.Lock()
	first := !s.ended
	s.ended = true
	drops := s.drops
	s.mu.Unlock()
	if first {
		s.inbox.put(item{sink: s, kind: detached, at: s.now().Sub(s.track.Epoch), drops: drops})
	}
}

// taken makes room for further items.
func (s *trackSink) taken(it item) {
	if it.kind == attached || it.kind == detached {
		return
	}
	s.mu.Lock()
	s.queued--
	s.mu.Unlock()
}
