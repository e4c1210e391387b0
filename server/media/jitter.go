package media

import (
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

// maxDropout is the jump in sequence numbers beyond which a packet is taken
// for a restarted sender rather than for loss (RFC 3550, appendix A.1).
const maxDropout = 3000

// packet is what the jitter buffer keeps of an RTP packet.
type packet struct {
	seq     int64 // unwrapped
	rtpTime uint32
	marker  bool
	payload []byte // depacketized
	start   bool   // first packet of a frame
	drops   int    // packets that we dropped just before it
	arrival time.Duration
}

// frame is a complete run of packets with one timestamp.
type frame struct {
	data    []byte
	rtpTime uint32
	arrival time.Duration // of the earliest of its packets
	lost    int           // packets missing before it
	ours    int           // of which we dropped about so many ourselves
}

// jitter puts packets in order and joins them to frames. A missing packet is
// waited for until the packets behind it are maxDelay old; then the frame it
// belonged to is given up. It is not safe for concurrent use.
type jitter struct {
	video      bool
	maxDelay   time.Duration
	maxPackets int

	buf      map[int64]*packet
	started  bool
	released bool  // something left the buffer, so next cannot move back
	next     int64 // first sequence number that has not left the buffer
	highest  int64
	lost     int // missing since the last frame that left
	ours     int // dropped by ourselves since then
	drops    int // dropped by ourselves before the next packet that is pushed
	ended    bool

	ssrc uint32
	pt   uint8
	// candidate is a packet far off the sequence: a stray one, unless its
	// successor follows.
	candidate    *rtp.Packet
	late, copies int // counters: came after its turn; came twice
}

func newJitter(video bool, maxDelay time.Duration, maxPackets int) *jitter {
	return &jitter{video: video, maxDelay: maxDelay, maxPackets: maxPackets, buf: map[int64]*packet{}}
}

// verdict is what push did with a packet.
type verdict int

const (
	taken   verdict = iota // kept, or dropped for good
	stray                  // far off the sequence, put aside for now
	restart                // begins a new sequence: flush, reset, push again
)

// push takes one packet and keeps its payload. On restart the packet has not
// been taken.
func (j *jitter) push(p *rtp.Packet, arrival time.Duration) verdict {
	if !j.started {
		j.started, j.ssrc, j.pt = true, p.SSRC, p.PayloadType
		j.next, j.highest = int64(p.SequenceNumber), int64(p.SequenceNumber)
	}
	if p.SSRC != j.ssrc || p.PayloadType != j.pt {
		return restart
	}
	seq := j.highest + int64(int16(p.SequenceNumber-uint16(j.highest)))
	if d := seq - j.highest; d > maxDropout || d < -maxDropout {
		if j.candidate != nil && p.SequenceNumber == j.candidate.SequenceNumber+1 {
			return restart
		}
		c := *p
		j.candidate = &c
		return stray
	}
	j.candidate = nil
	if seq < j.next {
		if j.released || j.next-seq > 64 {
			j.late++
			return taken
		}
		j.next = seq // reordered before anything left the buffer
	}
	if _, ok := j.buf[seq]; ok {
		j.copies++
		return taken
	}
	j.buf[seq] = j.depacketize(p, seq, arrival)
	j.highest = max(j.highest, seq)
	return taken
}

// depacketize takes what is kept of p. A payload that cannot be read counts
// as an empty one: it takes its place in the sequence and yields nothing.
func (j *jitter) depacketize(p *rtp.Packet, seq int64, arrival time.Duration) *packet {
	out := &packet{seq: seq, rtpTime: p.Timestamp, marker: p.Marker, drops: j.drops, arrival: arrival}
	j.drops = 0
	if !j.video {
		out.payload, out.start = p.Payload, true
		return out
	}
	var vp8 codecs.VP8Packet
	data, err := vp8.Unmarshal(p.Payload)
	if err != nil {
		return out
	}
	out.payload = data
	out.start = vp8.S == 1 && vp8.PID == 0
	return out
}

// reset forgets everything, for a new sequence. It gives the packet that was
// put aside and turned out to be the first of it, if there was one.
func (j *jitter) reset() *rtp.Packet {
	c := j.candidate
	late, copies := j.late, j.copies
	*j = *newJitter(j.video, j.maxDelay, j.maxPackets)
	j.late, j.copies = late, copies
	return c
}

// pop gives the next complete frame, or false when there is none yet at the
// given time. After ended is set it waits for nothing.
func (j *jitter) pop(now time.Duration) (frame, bool) {
	for len(j.buf) > 0 {
		first, ok := j.buf[j.next]
		if !ok {
			if !j.giveUp(j.next, now) {
				return frame{}, false
			}
			continue
		}
		if len(first.payload) == 0 || !first.start {
			// Padding, or the rest of a frame whose head is lost.
			j.drop(j.next)
			continue
		}
		end, complete := j.scan(first)
		if complete {
			return j.take(end), true
		}
		_, cut := j.buf[end] // by the next frame; no number is missing, so the end was never sent
		if cut || end > j.highest {
			if !cut && !j.ended && end-first.seq <= int64(j.maxPackets) {
				return frame{}, false // still arriving
			}
			j.lost++ // its end never came, or it has none
			j.dropTo(end)
			continue
		}
		if !j.giveUp(end, now) {
			return frame{}, false
		}
	}
	return frame{}, false
}

// scan follows a frame from its first packet and gives the sequence number
// after its last one, which has the marker (RFC 7741, section 4.1); or with
// false that of the first missing one, or of the next frame that begins before
// there was a marker.
func (j *jitter) scan(first *packet) (end int64, complete bool) {
	for seq := first.seq; ; seq++ {
		p, ok := j.buf[seq]
		switch {
		case !ok:
			return seq, false
		case p.rtpTime != first.rtpTime:
			return seq, false
		case p.marker || !j.video:
			return seq + 1, true
		}
	}
}

// take removes the packets before end and joins their payloads.
func (j *jitter) take(end int64) frame {
	first := j.buf[j.next]
	f := frame{rtpTime: first.rtpTime, arrival: first.arrival, lost: j.lost}
	size := 0
	for seq := j.next; seq < end; seq++ {
		size += len(j.buf[seq].payload)
	}
	f.data = make([]byte, 0, size)
	for j.next < end {
		p := j.buf[j.next]
		f.data = append(f.data, p.payload...)
		f.arrival = min(f.arrival, p.arrival)
		j.drop(j.next)
	}
	f.ours = j.ours
	j.lost, j.ours = 0, 0
	return f
}

// drop removes the packet that is next in turn.
func (j *jitter) drop(seq int64) {
	j.ours += j.buf[seq].drops
	delete(j.buf, seq)
	j.next, j.released = seq+1, true
}

// dropTo removes what is in turn before seq, of which nothing may be missing.
func (j *jitter) dropTo(seq int64) {
	for j.next < seq {
		j.drop(j.next)
	}
}

// giveUp decides about the hole that starts at seq. When it has been waited
// for long enough everything up to its far side is dropped.
func (j *jitter) giveUp(seq int64, now time.Duration) bool {
	behind := int64(-1)
	oldest := now
	for s, p := range j.buf {
		if s > seq {
			if behind < 0 || s < behind {
				behind = s
			}
			oldest = min(oldest, p.arrival)
		}
	}
	if behind < 0 {
		return false
	}
	if !j.ended && now-oldest < j.maxDelay && len(j.buf) <= j.maxPackets {
		return false
	}
	j.dropTo(seq)
	j.lost += int(behind - seq)
	j.next, j.released = behind, true
	return true
}
