package analysis

import (
	"time"

	"bonafide/server/codec"
	"bonafide/server/media"
)

// heard is a run of decoded sound at SoundRate.
type heard struct {
	at   time.Duration
	pcm  []float32
	lost bool // silence put in where packets are missing, or could not be decoded
	dtx  bool // silence: the sender found nothing to send
}

// voiceDecoder turns one microphone's Opus packets into sound at SoundRate.
type voiceDecoder struct {
	opus  *codec.OpusDecoder
	rate  codec.Decimator
	quiet bool          // the packet before announced that there is nothing to send
	next  time.Duration // when sound goes on without a hole
}

// decode decodes a packet. lost tells that packets before it are missing.
func (d *voiceDecoder) decode(packet []byte, at time.Duration, lost bool) (out []heard) {
	dtx := len(packet) <= 2 && len(packet) > 0
	// A packet that cannot be decoded gives silence that is marked as such.
	blocks, _ := d.opus.Decode(packet, at)
	for i, b := range blocks {
		if abs := b.At - d.next; abs > time.Second || abs < -time.Second {
			d.rate.Reset()
		}
		r := heard{at: b.At, pcm: d.rate.Next(b.PCM)}
		last := i == len(blocks)-1
		switch {
		case !b.Filled:
			r.dtx = dtx
		case !last && d.quiet && !lost: // the hole before a packet
			r.dtx = true
		default:
			r.lost = true
		}
		d.next = b.At + b.Duration()
		if len(r.pcm) > 0 {
			out = append(out, r)
		}
	}
	d.quiet = dtx
	return out
}

// isSound tells that a source is a microphone.
func isSound(source string) bool { return source == string(media.SourceMicrophone) }
