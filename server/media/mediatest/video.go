// Package mediatest makes media of known content for tests and finds that
// content again: pictures that flash and sound that beeps at known times. It
// needs libopus besides libvpx, since only tests ever encode sound.
package mediatest

import (
	"image"
	"slices"
	"time"

	"bonafide/server/codec"
)

// Frame is one encoded picture or Opus packet.
type Frame struct {
	At       time.Duration // from the beginning of the media
	Duration time.Duration
	Key      bool
	Data     []byte
}

// FlashLength is how long a flash lasts, and BeepLength a beep.
const (
	FlashLength = 100 * time.Millisecond
	BeepLength  = 100 * time.Millisecond
)

// Every gives the times phase, phase+period, … below length.
func Every(period, phase, length time.Duration) []time.Duration {
	var out []time.Duration
	for t := phase; t < length; t += period {
		out = append(out, t)
	}
	return out
}

// Camera encodes pictures of a dim pattern that moves, white during a flash.
// One goroutine owns it.
type Camera struct {
	enc           *codec.VP8Encoder
	pic           *image.YCbCr
	width, height int
	fps           int
	flashes       []time.Duration
	n             int
}

// NewCamera makes a camera of the given size and rate whose flashes begin at
// the given times after its first picture.
func NewCamera(width, height, fps int, flashes []time.Duration) (*Camera, error) {
	enc, err := codec.NewVP8Encoder(width, height, fps, 400)
	if err != nil {
		return nil, err
	}
	pic := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for i := range pic.Cb {
		pic.Cb[i], pic.Cr[i] = 128, 128
	}
	return &Camera{enc: enc, pic: pic, width: width, height: height, fps: fps, flashes: flashes}, nil
}

// Next encodes the next picture; key asks for a key frame (the first is one).
func (c *Camera) Next(key bool) (Frame, error) {
	at := time.Duration(c.n) * time.Second / time.Duration(c.fps)
	c.draw(at)
	data, err := c.enc.Encode(c.pic, key || c.n == 0)
	if err != nil {
		return Frame{}, err
	}
	c.n++
	return Frame{At: at, Duration: time.Second / time.Duration(c.fps), Key: data[0]&1 == 0, Data: data}, nil
}

func (c *Camera) draw(at time.Duration) {
	lit := slices.ContainsFunc(c.flashes, func(f time.Duration) bool { return at >= f && at < f+FlashLength })
	for y := range c.height {
		row := c.pic.Y[y*c.pic.YStride : y*c.pic.YStride+c.width]
		for x := range row {
			row[x] = byte(40 + (x+c.n)/8%4*8)
			if lit {
				row[x] = 230
			}
		}
	}
}

// Close frees the encoder.
func (c *Camera) Close() { c.enc.Close() }

// Flashes makes a whole video of the given length with a key frame every
// keyEvery (0: only the first picture).
func Flashes(width, height, fps int, length, keyEvery time.Duration, flashes []time.Duration) ([]Frame, error) {
	c, err := NewCamera(width, height, fps, flashes)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out []Frame
	nextKey := keyEvery
	for n := 0; time.Duration(n)*time.Second/time.Duration(fps) < length; n++ {
		key := keyEvery > 0 && time.Duration(n)*time.Second/time.Duration(fps) >= nextKey
		if key {
			nextKey += keyEvery
		}
		f, err := c.Next(key)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
