package mediatest

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"time"

	"bonafide/server/codec"
	"bonafide/server/webm"
)

// Content is what was found in a recording. Times count from the beginning of
// the file; add Start for interview time.
type Content struct {
	Start          time.Duration // interview time of the beginning
	Flashes, Beeps []time.Duration
	Pictures       int // decoded
	Damaged        int // of which the decoder flagged
	Undecodable    int // pictures and packets that gave an error
	Packets        int // of sound
	Sizes          []image.Point
	LastPicture    time.Duration
	LastPacket     time.Duration
}

// Find decodes a recording and gives the times at which pictures turn bright
// and sound turns loud.
func Find(path string) (Content, error) {
	r, err := webm.Open(path)
	if err != nil {
		return Content{}, err
	}
	defer r.Close()
	vp8, err := codec.NewVP8Decoder()
	if err != nil {
		return Content{}, err
	}
	defer vp8.Close()
	sound, err := codec.NewOpusDecoder()
	if err != nil {
		return Content{}, err
	}
	c := Content{Start: r.Header().Start}
	var lit bool
	var ear beepFinder
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			c.Beeps = ear.found
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("looking for flashes and beeps: %w", err)
		}
		t, _ := r.Header().Track(b.Track)
		if !t.Video() {
			c.Packets, c.LastPacket = c.Packets+1, b.At
			blocks, err := sound.Decode(b.Data, b.At)
			if err != nil {
				c.Undecodable++
			}
			for _, blk := range blocks {
				ear.hear(blk.At, blk.PCM)
			}
			continue
		}
		pic, damaged, err := vp8.Decode(b.Data)
		if err != nil || pic == nil {
			c.Undecodable++
			continue
		}
		c.Pictures, c.LastPicture = c.Pictures+1, b.At
		if damaged {
			c.Damaged++
		}
		if size := pic.Rect.Size(); len(c.Sizes) == 0 || c.Sizes[len(c.Sizes)-1] != size {
			c.Sizes = append(c.Sizes, size)
		}
		bright := Luma(pic) > 140
		if bright && !lit {
			c.Flashes = append(c.Flashes, b.At)
		}
		lit = bright
	}
}

// Luma is the mean brightness of a picture, 0 to 255.
func Luma(pic *image.YCbCr) float64 {
	var sum, n int
	for y := 0; y < pic.Rect.Dy(); y += 4 {
		for x := 0; x < pic.Rect.Dx(); x += 4 {
			sum += int(pic.Y[y*pic.YStride+x])
			n++
		}
	}
	return float64(sum) / float64(max(n, 1))
}

// beepFinder finds where sound turns loud, to 2 ms.
type beepFinder struct {
	found []time.Duration
	loud  bool
	quiet time.Duration // how long it has been quiet
}

func (f *beepFinder) hear(at time.Duration, pcm []float32) {
	const step = codec.OpusRate / 500
	for i := 0; i+step <= len(pcm); i += step {
		var sum float64
		for _, v := range pcm[i : i+step] {
			sum += float64(v) * float64(v)
		}
		t := at + time.Duration(i)*time.Second/codec.OpusRate
		if math.Sqrt(sum/step) > 0.08 {
			if !f.loud {
				f.found = append(f.found, t)
			}
			f.loud, f.quiet = true, 0
			continue
		}
		if f.quiet += 2 * time.Millisecond; f.quiet > 30*time.Millisecond {
			f.loud = false
		}
	}
}

// Errors gives for each time in want the signed distance to the nearest in got,
// and counts those that have none within 300 ms.
func Errors(want, got []time.Duration) (errs []time.Duration, missing int) {
	for _, w := range want {
		best, ok := time.Duration(0), false
		for _, g := range got {
			if d := g - w; max(d, -d) < 300*time.Millisecond && (!ok || max(d, -d) < max(best, -best)) {
				best, ok = d, true
			}
		}
		if !ok {
			missing++
			continue
		}
		errs = append(errs, best)
	}
	return errs, missing
}

// MedianAbs is the median of the absolute values, 0 of none.
func MedianAbs(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	abs := make([]time.Duration, len(ds))
	for i, d := range ds {
		abs[i] = max(d, -d)
	}
	slices.Sort(abs)
	return abs[len(abs)/2]
}
