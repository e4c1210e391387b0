package relaytest

import (
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"bonafide/server/media"
)

// Key names what a peer receives.
type Key struct {
	Participant string
	Source      media.Source
}

// Counts is what a peer received of one source, over all its tracks.
type Counts struct {
	Packets    int // different packets
	Duplicates int // repetitions
	Late       int // arrived after a packet with a higher number
	Missing    int // numbers skipped and not seen yet
	Bytes      int
	Tracks     int       // tracks seen: one more each time that the source was away for longer than a moment
	First      time.Time // arrival of the newest track's first packet
	Last       time.Time // arrival of the newest packet
}

// Received returns what was received of a participant's source.
func (p *Peer) Received(participant string, source media.Source) Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.counts[Key{participant, source}]; c != nil {
		return *c
	}
	return Counts{}
}

func (p *Peer) onTrack(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := ""
	for _, t := range p.sub.GetTransceivers() {
		if t.Receiver() == receiver {
			mid = t.Mid()
		}
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.work.Add(1)
	defer p.work.Done()
	what := p.subs[mid]
	key := Key{what.Participant, what.Source}
	c := p.counts[key]
	if c == nil {
		c = &Counts{}
		p.counts[key] = c
	}
	c.Tracks++
	c.First = time.Time{}
	p.mu.Unlock()
	seen := map[uint64]bool{}
	var highest uint64
	buf := make([]byte, 1500)
	for {
		n, _, err := remote.Read(buf)
		if err != nil {
			return
		}
		arrival := time.Now()
		var pkt rtp.Packet
		if pkt.Unmarshal(buf[:n]) != nil {
			continue
		}
		p.mu.Lock()
		highest = c.count(&pkt, n, arrival, seen, highest)
		p.mu.Unlock()
		if p.cfg.OnRTP != nil {
			p.cfg.OnRTP(key.Participant, key.Source, &pkt, arrival)
		}
	}
}

// count notes a packet and returns the highest extended number so far.
func (c *Counts) count(p *rtp.Packet, size int, arrival time.Time, seen map[uint64]bool, highest uint64) uint64 {
	ext := 1<<32 | uint64(p.SequenceNumber)
	if len(seen) > 0 {
		ext = highest + uint64(int64(int16(p.SequenceNumber-uint16(highest))))
	}
	c.Last = arrival
	if c.First.IsZero() {
		c.First = arrival
	}
	switch {
	case seen[ext]:
		c.Duplicates++
		return highest
	case len(seen) > 0 && ext < highest:
		c.Late++
		c.Missing--
	case len(seen) > 0:
		c.Missing += int(ext - highest - 1)
	}
	seen[ext] = true
	c.Packets++
	c.Bytes += size
	return max(highest, ext)
}
