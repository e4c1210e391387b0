package analysis

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
)

// packetMessage is a copy of a packet as the child reads it.
func packetMessage(handle uint16, p *rtp.Packet, arrival time.Duration) ([]byte, error) {
	buf := make([]byte, rtpHeader+p.MarshalSize())
	binary.BigEndian.PutUint16(buf, handle)
	binary.BigEndian.PutUint64(buf[2:], uint64(arrival))
	n, err := p.MarshalTo(buf[rtpHeader:])
	return buf[:rtpHeader+n], err
}

// cameraSink copies a camera's packets to the child. It never blocks.
type cameraSink struct {
	s       *session
	handle  uint16
	track   media.Track
	dropped atomic.Int64 // since the child was told
	told    atomic.Int64 // when it was told of that last, ns of interview time
}

// droppedEvery is how often the child is told that packets are dropped, while
// they are: what it does not get then is not to be taken for lost on the way.
const droppedEvery = 200 * time.Millisecond

// at is the interview time of an instant.
func (c *cameraSink) at(t time.Time) time.Duration { return max(t.Sub(c.track.Epoch), 0) }

// WriteRTP queues a copy of the packet, or drops and counts it.
func (c *cameraSink) WriteRTP(p *rtp.Packet, arrival time.Time) {
	at := c.at(arrival)
	data, err := packetMessage(c.handle, p, at)
	if err != nil {
		c.dropped.Add(1)
		return
	}
	taken := c.s.queue.put(item{msgRTP, data})
	if !taken {
		c.dropped.Add(1)
		c.s.dropped.Add(1)
	}
	if c.dropped.Load() > 0 && (taken || at-time.Duration(c.told.Load()) >= droppedEvery) {
		c.told.Store(int64(at))
		c.s.tell(control{Do: doDropped, Track: c.handle, N: int(c.dropped.Swap(0)), At: at})
	}
}

// WriteSenderReport passes the report on.
func (c *cameraSink) WriteSenderReport(rtpTime uint32, ntp, _ time.Time) {
	c.s.tell(control{Do: doReport, Track: c.handle, RTPTime: rtpTime, NTP: ntp})
}

// SetMuted passes the change on, and keeps it for a child to come.
func (c *cameraSink) SetMuted(muted bool, at time.Time) {
	c.s.setMuted(c.handle, muted, c.at(at))
}

// Close ends the track.
func (c *cameraSink) Close() { c.s.closeTrack(c.handle, time.Since(c.track.Epoch)) }
