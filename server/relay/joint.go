package relay

import (
	"time"

	"github.com/pion/rtp"
)

// youngPackets is how many sequence numbers after a stream's first a packet
// from before the first is still told from one that comes after a wrap-around.
const youngPackets = 1 << 12

// early is by how much less than the time that passed a stream's timestamps go
// on where it joins: receivers hold a picture back for as long as others came
// late before, about this long on a busy machine, and one that is late already
// they show at once. Their clocks are back in step within seconds. All of a
// participant's streams are early alike, so that lips and voice stay together.
const early = 100 * time.Millisecond

// joint makes one RTP stream of several that follow each other: sequence
// numbers and VP8 picture numbers go on where the last stream stopped, and
// timestamps go on by the time that passed, less a little (RFC 3550, section
// 5.1, leaves both starts to the sender). The first stream passes as it came.
// Not safe for concurrent use.
type joint struct {
	clockRate uint32 // ticks per second
	vp8       bool

	from     any  // whose packets come now; nil before the first
	joined   bool // from is not the first
	first    uint16
	young    bool // first is not youngPackets back yet
	numbered bool // shift is set for the VP8 numbers too; padding, which has none, may come first
	started  bool // last is set
	last     position
	lastAt   time.Time // when the packet of last came
	shift    position  // added to what comes
}

// position is where in its stream a packet is. The VP8 fields are zero where
// the payload descriptor has none.
type position struct {
	sequence  uint16
	timestamp uint32
	vp8Numbers
}

// next returns the packet as it goes out, which may be the one given, and nil
// for one that its stream sent before the first that came. The packet is not
// changed.
func (j *joint) next(from any, pkt *rtp.Packet, arrival time.Time) *rtp.Packet {
	in := position{sequence: pkt.SequenceNumber, timestamp: pkt.Timestamp}
	numbered := false
	if j.vp8 {
		in.vp8Numbers, numbered = readVP8Numbers(pkt.Payload)
	}
	if j.from != from {
		j.begin(from, in, arrival)
	}
	if j.joined && numbered && !j.numbered {
		j.numbered, j.shift.vp8Numbers = true, j.last.after(in.vp8Numbers)
	}
	if j.young {
		ahead := int16(in.sequence - j.first)
		if ahead < 0 {
			return nil // its place is taken by the last stream
		}
		j.young = ahead < youngPackets
	}
	out := position{
		sequence: in.sequence + j.shift.sequence, timestamp: in.timestamp + j.shift.timestamp,
		vp8Numbers: in.plus(j.shift.vp8Numbers),
	}
	if !j.started || int16(out.sequence-j.last.sequence) > 0 {
		if !numbered {
			out.vp8Numbers = j.last.vp8Numbers
		}
		j.started, j.last, j.lastAt = true, out, arrival
	}
	if !j.joined {
		return pkt
	}
	moved := *pkt
	moved.SequenceNumber, moved.Timestamp = out.sequence, out.timestamp
	if numbered {
		moved.Payload = writeVP8Numbers(pkt.Payload, out.vp8Numbers)
	}
	return &moved
}

// begin sets the shift so that a stream's first packet follows the last one.
func (j *joint) begin(from any, in position, arrival time.Time) {
	j.joined, j.from = j.from != nil, from
	if !j.joined {
		return
	}
	j.first, j.young, j.numbered = in.sequence, true, false
	// At least one tick: two pictures never share a timestamp.
	ticks := uint32(max(1, (arrival.Sub(j.lastAt)-early).Seconds()*float64(j.clockRate)))
	j.shift = position{
		sequence:  j.last.sequence + 1 - in.sequence,
		timestamp: j.last.timestamp + ticks - in.timestamp,
	}
}
