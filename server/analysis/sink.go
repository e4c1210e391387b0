package analysis

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
)

// cameraSink copies a camera's packets to the child. It never blocks.
type cameraSink struct {
	s       *session
	handle  uint16
	track   media.Track
	dropped atomic.Int64 // since the child was told
}

// at is the interview time of an instant.
func (c *cameraSink) at(t time.Time) time.Duration { return max(t.Sub(c.track.Epoch), 0) }

// WriteRTP queues a copy of the packet, or drops and counts it.
func (c *cameraSink) WriteRTP(p *rtp.Packet, arrival time.Time) {
	buf := make([]byte, rtpHeader+p.MarshalSize())
	binary.BigEndian.PutUint16(buf, c.handle)
	binary.BigEndian.PutUint64(buf[2:], uint64(c.at(arrival)))
	n, err := p.MarshalTo(buf[rtpHeader:])
	if err != nil {
		c.dropped.Add(1)
		return
	}
	if !c.s.queue.put(item{msgRTP, buf[:rtpHeader+n]}) {
		c.dropped.Add(1)
		c.s.dropped.Add(1)
		return
	}
	if lost := c.dropped.Swap(0); lost > 0 {
		c.s.tell(control{Do: doDropped, Track: c.handle, N: int(lost), At: c.at(arrival)})
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

// soundEvery is how often the child is told that sound arrives.
const soundEvery = 200 * time.Millisecond

// soundSink tells the child that the candidate's microphone is alive. Its
// packets stay here: nothing is measured on them.
type soundSink struct {
	s     *session
	epoch time.Time
	told  time.Time
}

// WriteRTP notes a sign of life.
func (m *soundSink) WriteRTP(_ *rtp.Packet, arrival time.Time) {
	if arrival.Sub(m.told) < soundEvery {
		return
	}
	m.told = arrival
	m.s.tell(control{Do: doSound, At: max(arrival.Sub(m.epoch), 0)})
}

// WriteSenderReport does nothing.
func (m *soundSink) WriteSenderReport(uint32, time.Time, time.Time) {}

// SetMuted ends the expectation of sound; the next packet renews it.
func (m *soundSink) SetMuted(_ bool, at time.Time) {
	m.s.tell(control{Do: doSoundEnd, At: max(at.Sub(m.epoch), 0)})
}

// Close ends the expectation of sound. Where a lost connection took the
// microphone along, the camera is closed too, and that says it all.
func (m *soundSink) Close() {
	m.s.tell(control{Do: doSoundEnd, At: max(time.Since(m.epoch), 0)})
}
