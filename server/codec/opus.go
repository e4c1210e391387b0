package codec

import (
	"fmt"
	"time"

	"bonafide/server/media"

	"github.com/pion/opus"
)

// OpusRate is the rate of all decoded sound, in values per second.
const OpusRate = 48000

// Where sound is missing, silence is put in up to this length; a longer hole is
// left open and shows in the times of the blocks.
const maxFill = 2 * time.Second

// Times of consecutive packets wander by clock corrections; less than this is
// not a hole. It is half of the usual packet.
const fillTolerance = 10 * time.Millisecond

// OpusDecoder decodes one Opus stream to mono at 48 kHz. One goroutine owns it.
type OpusDecoder struct {
	dec     opus.Decoder
	buf     []float32
	started bool
	end     time.Duration // interview time after the last value given out
}

// NewOpusDecoder makes a decoder.
func NewOpusDecoder() (*OpusDecoder, error) {
	dec, err := opus.NewDecoderWithOutput(OpusRate, 1)
	if err != nil {
		return nil, fmt.Errorf("starting the Opus decoder: %w", err)
	}
	return &OpusDecoder{dec: dec, buf: make([]float32, OpusRate*120/1000)}, nil
}

// Decode decodes one packet whose first value was captured at the given
// interview time. The blocks are in order of time and the caller owns them;
// where a hole of up to 2 s lies before the packet, the first one is silence
// marked as filled. A packet that cannot be decoded gives silence of its
// length, likewise marked, and an error that wraps ErrInvalid.
func (d *OpusDecoder) Decode(packet []byte, at time.Duration) (blocks []media.Block, err error) {
	defer func() {
		// The decoder is young; packets from strangers must not stop a program.
		if r := recover(); r != nil {
			blocks, err = nil, fmt.Errorf("decoding an Opus packet of %d bytes: %v: %w", len(packet), r, ErrInvalid)
			d.reset()
		}
	}()
	length := media.OpusDuration(packet)
	if length == 0 {
		return nil, fmt.Errorf("decoding an Opus packet of %d bytes: its header gives no length: %w", len(packet), ErrInvalid)
	}
	if hole := at - d.end; d.started && hole > fillTolerance && hole <= maxFill {
		blocks = append(blocks, silence(d.end, hole))
	}
	d.started, d.end = true, at+length
	if len(packet) <= 2 && packet[0]&3 != 3 {
		// Discontinuous transmission: the sender says that there is nothing to hear.
		b := silence(at, length)
		b.Filled = false
		return append(blocks, b), nil
	}
	n, err := d.dec.DecodeToFloat32(packet, d.buf)
	if err != nil {
		d.reset()
		return append(blocks, silence(at, length)), fmt.Errorf("decoding an Opus packet of %d bytes: %v: %w", len(packet), err, ErrInvalid)
	}
	return append(blocks, media.Block{At: at, Rate: OpusRate, PCM: append([]float32(nil), d.buf[:n]...)}), nil
}

// reset brings the decoder into its first state after an error.
func (d *OpusDecoder) reset() {
	_ = d.dec.Init(OpusRate, 1) // fails for other rates and channel counts only
}

func silence(at, length time.Duration) media.Block {
	n := int(length * OpusRate / time.Second)
	return media.Block{At: at, Rate: OpusRate, PCM: make([]float32, n), Filled: true}
}

// Int16 converts values from -1 to 1 to 16-bit samples, limiting what is beyond.
func Int16(pcm []float32) []int16 {
	out := make([]int16, len(pcm))
	for i, v := range pcm {
		out[i] = int16(min(max(v*32767, -32768), 32767))
	}
	return out
}
