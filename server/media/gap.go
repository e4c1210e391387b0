package media

import "time"

// Cause says why media is missing.
type Cause string

// The causes of a gap. The last two are found by who writes the media, not by
// who receives it.
const (
	CauseLoss         Cause = "loss"            // packets were sent and never arrived
	CauseSilence      Cause = "silence_on_wire" // nothing was sent although the track was not muted
	CauseQueue        Cause = "queue"           // we dropped them
	CauseWrite        Cause = "write"           // they could not be written
	CauseDisconnected Cause = "disconnected"    // the participant was away
)

// Gap is a hole in a track, in interview time.
type Gap struct {
	From, To time.Duration
	Packets  int // known missing; 0 where nothing was sent
	Cause    Cause
}

// span is an interval of interview time.
type span struct{ from, to time.Duration }

// muteLog remembers when a track was muted.
type muteLog struct {
	muted bool
	since time.Duration
	past  []span
}

// set notes a change. Telling the same state twice changes nothing.
func (m *muteLog) set(muted bool, at time.Duration) {
	if muted == m.muted {
		return
	}
	m.muted = muted
	if muted {
		m.since = at
		return
	}
	m.past = append(m.past, span{m.since, max(at, m.since)})
}

// outside gives the parts of [from, to] in which the track was not muted.
func (m *muteLog) outside(from, to time.Duration) []span {
	mutes := m.past
	if m.muted {
		mutes = append(append([]span(nil), m.past...), span{m.since, max(to, m.since)})
	}
	var out []span
	for _, mute := range mutes {
		if mute.to <= from || mute.from >= to {
			continue
		}
		if mute.from > from {
			out = append(out, span{from, mute.from})
		}
		from = mute.to
	}
	if from < to {
		out = append(out, span{from, to})
	}
	return out
}

// cameraStart is how long a camera may take to give its first picture after it
// was switched on again, which is told when the person presses the button. A
// second is usual: 0.9 s were seen with Chromium.
const cameraStart = 2 * time.Second

// starting tells whether a part of outside is the start of a camera: it begins
// where a mute ended, and is short.
func (m *muteLog) starting(part span) bool {
	for _, mute := range m.past {
		if mute.to == part.from {
			return part.to-part.from <= cameraStart
		}
	}
	return false
}

// forget drops mutes that ended before an instant.
func (m *muteLog) forget(before time.Duration) {
	for len(m.past) > 0 && m.past[0].to < before {
		m.past = m.past[1:]
	}
}
