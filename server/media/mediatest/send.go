package mediatest

import (
	"fmt"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

// Packetizer makes RTP packets of frames, as a sender would.
type Packetizer struct {
	p    rtp.Packetizer
	rate uint32
	base uint32
}

// The payload types that packetizers use.
const (
	VP8Type  = 96
	OpusType = 111
)

// NewPacketizer makes a packetizer for "video/VP8" or "audio/opus" whose
// sequence numbers and timestamps begin at the given values.
func NewPacketizer(mimeType string, ssrc uint32, seq uint16, timestamp uint32) (*Packetizer, error) {
	const mtu = 1200
	switch mimeType {
	case "video/VP8":
		return &Packetizer{rtp.NewPacketizer(mtu, VP8Type, ssrc, &codecs.VP8Payloader{EnablePictureID: true}, rtp.NewFixedSequencer(seq), 90000), 90000, timestamp}, nil
	case "audio/opus":
		return &Packetizer{rtp.NewPacketizer(mtu, OpusType, ssrc, &codecs.OpusPayloader{}, rtp.NewFixedSequencer(seq), 48000), 48000, timestamp}, nil
	}
	return nil, fmt.Errorf("MIME type is %q, must be video/VP8 or audio/opus", mimeType)
}

// Packets gives the packets of one frame. The timestamp follows from its time.
func (p *Packetizer) Packets(f Frame) []*rtp.Packet {
	out := p.p.Packetize(f.Data, 0)
	for _, pkt := range out {
		pkt.Timestamp = p.Timestamp(f.At)
	}
	return out
}

// Timestamp gives the RTP time of an instant of the media.
func (p *Packetizer) Timestamp(at time.Duration) uint32 {
	return p.base + uint32(int64(at)*int64(p.rate)/int64(time.Second))
}
