package analysis

import (
	"sync"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/media"
)

// soundEvery is how often the child is told that sound arrives.
const soundEvery = 200 * time.Millisecond

// soundSink hands a microphone's packets to the child, where its participant
// agreed to that. Those of the candidate tell in any case that the link is
// alive: their number, not their content. It never blocks.
type soundSink struct {
	track media.Track

	mu      sync.Mutex
	s       *session // nil until the interview's analysis begins
	handle  uint16   // 0 while the track is not handed over
	muted   bool
	told    time.Time
	dropped int           // since the child was told
	since   time.Duration // when it was
	closed  bool
}

// at is the interview time of an instant.
func (m *soundSink) at(t time.Time) time.Duration { return max(t.Sub(m.track.Epoch), 0) }

// attach begins to hand the microphone over.
func (m *soundSink) attach(s *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.s = s
	if s.m.cfg.Pipeline.wide() {
		m.handle = s.openHandle(m.track, m.muted)
	}
}

// WriteRTP notes a sign of life, and queues a copy of the packet if it may be
// measured.
func (m *soundSink) WriteRTP(p *rtp.Packet, arrival time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.s == nil || m.closed {
		return
	}
	at := m.at(arrival)
	if m.track.Role == roleCandidate && arrival.Sub(m.told) >= soundEvery {
		m.told = arrival
		m.s.tell(control{Do: doSound, At: at})
	}
	if m.handle == 0 || !m.s.hears(m.track.Participant) {
		return
	}
	data, err := packetMessage(m.handle, p, at)
	taken := err == nil && m.s.queue.put(item{msgSound, data})
	if !taken {
		m.dropped++
		m.s.dropped.Add(1)
	}
	if m.dropped > 0 && (taken || at-m.since >= droppedEvery) {
		m.s.tell(control{Do: doDropped, Track: m.handle, N: m.dropped, At: at})
		m.dropped, m.since = 0, at
	}
}

// WriteSenderReport passes the report on: sound and pictures of a participant
// share a clock.
func (m *soundSink) WriteSenderReport(rtpTime uint32, ntp, _ time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.s != nil && m.handle != 0 && !m.closed {
		m.s.tell(control{Do: doReport, Track: m.handle, RTPTime: rtpTime, NTP: ntp})
	}
}

// SetMuted passes the change on. It ends the expectation of sound; the next
// packet renews it.
func (m *soundSink) SetMuted(muted bool, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.muted = muted
	if m.s == nil || m.closed {
		return
	}
	m.quiet(m.at(at))
	if m.handle != 0 {
		m.s.setMuted(m.handle, muted, m.at(at))
	}
}

// Close ends the track. Where a lost connection took the microphone along, the
// camera is closed too, and that says it all.
func (m *soundSink) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.s == nil {
		return
	}
	at := m.at(time.Now())
	m.quiet(at)
	if m.handle != 0 {
		m.s.closeTrack(m.handle, at)
	}
}

// quiet ends the expectation of the candidate's sound.
func (m *soundSink) quiet(at time.Duration) {
	if m.track.Role == roleCandidate {
		m.s.tell(control{Do: doSoundEnd, At: at})
	}
}
