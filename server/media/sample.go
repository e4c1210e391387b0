package media

import (
	"encoding/binary"
	"time"
)

// Sample is one complete frame as it was sent: a VP8 picture or an Opus packet.
type Sample struct {
	Data     []byte
	RTPTime  uint32        // as on the wire
	At       time.Duration // interview time at which it was captured
	Arrival  time.Duration // interview time at which its first packet arrived
	Duration time.Duration // of the sound in an Opus packet; 0 for video
	KeyFrame bool          // always true for audio
	// LostBefore counts the packets known missing between this sample and the
	// one returned before it.
	LostBefore int
	// Width and Height are in pixels and set for VP8 key frames only.
	Width, Height int
}

// Block is a short run of decoded sound.
type Block struct {
	At   time.Duration // interview time of the first value
	Rate int           // values per second
	PCM  []float32     // mono, -1 to 1
	// Filled marks silence put in where packets are missing: it was not heard.
	Filled bool
}

// Duration is the length of the block.
func (b Block) Duration() time.Duration {
	if b.Rate <= 0 {
		return 0
	}
	return time.Duration(len(b.PCM)) * time.Second / time.Duration(b.Rate)
}

// VP8KeyFrame reads the frame header of a VP8 picture (RFC 6386, section 9.1)
// and gives the size in pixels. ok is false for a picture that is not a key
// frame or is too short to tell.
func VP8KeyFrame(data []byte) (width, height int, ok bool) {
	if len(data) < 10 || data[0]&1 != 0 {
		return 0, 0, false
	}
	if data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a {
		return 0, 0, false
	}
	width = int(binary.LittleEndian.Uint16(data[6:]) & 0x3fff)
	height = int(binary.LittleEndian.Uint16(data[8:]) & 0x3fff)
	return width, height, width > 0 && height > 0
}

// OpusDuration tells from its first bytes how much sound an Opus packet holds
// (RFC 6716, section 3.1 and 3.2). It is 0 for an empty or malformed packet;
// a valid packet never holds more than 120 ms.
func OpusDuration(packet []byte) time.Duration {
	if len(packet) == 0 {
		return 0
	}
	config := packet[0] >> 3
	var frame time.Duration
	switch {
	case config < 12: // SILK
		frame = []time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16: // hybrid
		frame = []time.Duration{10, 20}[config&1] * time.Millisecond
	default: // CELT
		frame = []time.Duration{2500, 5000, 10000, 20000}[config&3] * time.Microsecond
	}
	count := 1
	switch packet[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		count = int(packet[1] & 0x3f)
	}
	total := frame * time.Duration(count)
	if total > 120*time.Millisecond {
		return 0
	}
	return total
}
