// Package media holds what a stream of RTP means: tracks and the sinks that
// receive them, the jitter buffer that puts packets in order, the clock that
// turns RTP timestamps into interview time, and the samples and audio blocks
// that come out. It is pure Go and imports neither the relay nor a codec, so
// the recorder and the analysis can be built and tested without either.
package media

import (
	"time"

	"github.com/pion/rtp"
)

// Source names what a track shows or carries.
type Source string

// The four sources a participant can publish.
const (
	SourceCamera      Source = "camera"
	SourceMicrophone  Source = "microphone"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen_audio"
)

// Video reports whether the source carries pictures (VP8) rather than sound (Opus).
func (s Source) Video() bool { return s == SourceCamera || s == SourceScreen }

// Track describes one published stream. A reconnect of the same participant
// publishes new Tracks with the same Source.
type Track struct {
	Interview   string
	Participant string
	Role        string // "candidate", "interviewer" or "observer"
	ID          string // unique within the room's life
	Source      Source
	MimeType    string // "video/VP8" or "audio/opus"
	ClockRate   uint32 // 90000 or 48000 Hz
	Channels    uint16 // 0 for video, 1 or 2 for audio
	PayloadType uint8
	SSRC        uint32

	// Epoch is the instant of interview time zero, with a monotonic reading:
	// interview time of an arrival is time.Since(Epoch).
	Epoch time.Time

	// RequestKeyFrame asks the publisher for a key frame. It is throttled by
	// the relay, never blocks, and is nil for audio.
	RequestKeyFrame func()
}

// Sink receives one track's packets: a recorder, an analyzer, a test probe.
// The relay calls it from the goroutine that reads the track, in arrival order
// and without duplicates, after the packet was forwarded.
type Sink interface {
	// WriteRTP takes a packet that arrived at the given instant. It must not
	// block and must not keep p or its payload after it returns (copy what is
	// queued). A sink that cannot keep up drops, counts, and reports the drop.
	WriteRTP(p *rtp.Packet, arrival time.Time)
	// WriteSenderReport takes the mapping of an RTCP sender report: the
	// publisher's clock read ntp when its RTP clock read rtpTime.
	WriteSenderReport(rtpTime uint32, ntp, arrival time.Time)
	// SetMuted tells that the publisher muted (true) or unmuted the track:
	// silence on the wire from here on is intended, not lost.
	SetMuted(muted bool, at time.Time)
	// Close ends the stream. It may be called once, and waits for nothing
	// slower than handing over what is queued.
	Close()
}

// SinkFactory gives the sinks that want a new track. It is called when the
// track is published and must not block.
type SinkFactory func(t Track) []Sink
