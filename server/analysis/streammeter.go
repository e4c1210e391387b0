package analysis

import (
	"math"
	"time"

	"bonafide/server/evidence"
)

// StreamReading is one second of one of the candidate's streams as it arrived:
// what the quality of everything measured on it rests on.
type StreamReading struct {
	AtMS     int64 // interview time of its beginning
	LengthMS int64 // 1000
	Source   string
	// Transport tells that the packets were seen: always in a call, never in a
	// file. The numbers down to LateMS are known only then.
	Transport bool
	Packets   int     // that arrived
	Lost      int     // that did not
	Dropped   int     // that did, and that we dropped since the analysis was late
	JitterMS  float64 // of their arrival, as in RFC 3550
	LateMS    float64 // mean time from capture to arrival, beyond the least; 0 without packets
	// Logged tells that the log knows what is missing of a file, MissingMS how
	// much of the second that is.
	Logged    bool
	MissingMS int64
	// Resampled tells that the pictures were taken out of a file at even times:
	// nothing is known of their own, and they are not given.
	Resampled bool
	// Pictures are those that were decoded, in order of time; nil for sound.
	Pictures []StreamPicture
	// Width and Height are the newest picture's, in pixels.
	Width, Height int
}

// StreamPicture is one decoded picture of a stream.
type StreamPicture struct {
	AtMS    float64
	Damaged bool
	Print   *Print
}

// Damage tells whether anything of the second was lost or damaged.
func (s *StreamReading) Damage() bool {
	if s.Lost > 0 || s.Dropped > 0 || s.MissingMS > 0 {
		return true
	}
	for _, p := range s.Pictures {
		if p.Damaged {
			return true
		}
	}
	return false
}

// streamMeter makes the readings of one stream. It has one owner.
type streamMeter struct {
	source    string
	transport bool
	rate      float64 // RTP ticks per ms

	next    time.Duration // beginning of the second that is given out next
	seconds map[int64]*StreamReading
	counted map[int64]int // packets behind LateMS

	jitter   float64 // ms
	previous float64 // transit time of the packet before, ms
	heard    bool
	refused  time.Duration // arrival of the newest packet that we dropped
	width    int
	height   int

	logged bool           // of a file: the log knows what is missing
	gaps   []evidence.Gap // and this is it, by time
}

func newStreamMeter(source string, transport bool, clockRate uint32, start time.Duration) *streamMeter {
	return &streamMeter{
		source: source, transport: transport, rate: float64(max(clockRate, 1)) / 1000, next: start.Truncate(time.Second),
		seconds: map[int64]*StreamReading{}, counted: map[int64]int{}, refused: never,
	}
}

// second finds the reading that an instant belongs to; what comes too late
// counts in the oldest that is still open.
func (m *streamMeter) second(at time.Duration) *StreamReading {
	n := int64(max(at, m.next) / time.Second)
	s := m.seconds[n]
	if s == nil {
		s = &StreamReading{AtMS: n * 1000, LengthMS: 1000, Source: m.source, Transport: m.transport}
		m.seconds[n] = s
	}
	return s
}

// packet notes a packet's arrival.
func (m *streamMeter) packet(rtpTime uint32, arrival time.Duration) {
	transit := arrival.Seconds()*1000 - float64(rtpTime)/m.rate
	if d := math.Abs(transit - m.previous); m.heard && d < 2000 { // more is the timestamp's wrap, or another clock
		m.jitter += (d - m.jitter) / 16
	}
	m.previous, m.heard = transit, true
	s := m.second(arrival)
	s.Packets++
	s.JitterMS = m.jitter
}

// drop notes that we dropped packets up to an arrival: what is missing at about
// that time is not taken for lost on the way.
func (m *streamMeter) drop(arrival time.Duration) {
	m.refused = max(m.refused, arrival)
	s := m.second(arrival)
	s.Dropped = max(s.Dropped, 1)
}

// sample notes a whole frame: when it was captured, and when its first packet
// arrived.
func (m *streamMeter) sample(at, arrival time.Duration, lost int) {
	s := m.second(at)
	if arrival-m.refused < 2*recently {
		s.Dropped += lost
	} else {
		s.Lost += lost
	}
	n := m.counted[s.AtMS]
	s.LateMS += ((arrival-at).Seconds()*1000 - s.LateMS) / float64(n+1)
	m.counted[s.AtMS] = n + 1
}

// picture notes a decoded picture.
func (m *streamMeter) picture(at time.Duration, damaged bool, p *Print, width, height int) {
	s := m.second(at)
	if damaged && at-m.refused < 2*recently {
		s.Dropped = max(s.Dropped, 1)
	}
	s.Pictures = append(s.Pictures, StreamPicture{AtMS: at.Seconds() * 1000, Damaged: damaged, Print: p})
	s.Width, s.Height = width, height
	m.width, m.height = width, height
}

// take gives the seconds that are over at a time, those in which nothing came
// among them.
func (m *streamMeter) take(until time.Duration) (out []StreamReading) {
	for ; m.next+time.Second <= until; m.next += time.Second {
		s := m.second(m.next)
		delete(m.seconds, int64(m.next/time.Second))
		delete(m.counted, s.AtMS)
		if s.Width == 0 {
			s.Width, s.Height = m.width, m.height
		}
		s.Logged = m.logged
		for _, g := range m.gaps {
			s.MissingMS += max(min(g.EndMS, s.AtMS+s.LengthMS)-max(g.StartMS, s.AtMS), 0)
		}
		s.MissingMS = min(s.MissingMS, s.LengthMS)
		out = append(out, *s)
	}
	return out
}
