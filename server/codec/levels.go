package codec

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"bonafide/server/webm"
)

// LevelStep is the time that one level covers.
const LevelStep = 100 * time.Millisecond

// Silence is the lowest level given, in dBFS, also where nothing was recorded.
const Silence = -90

// Levels gives the sound level of a recording for each 100 ms from its
// beginning: root mean square in dB below full scale, -90 to 0. Packets that
// cannot be decoded count as silence. A recording without sound gives nil.
func Levels(path string) ([]float32, error) {
	r, err := webm.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return levelsOf(r)
}

// LevelsOf is Levels of a recording of size bytes that is open.
func LevelsOf(src io.ReaderAt, size int64) ([]float32, error) {
	r, err := webm.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("measuring sound levels: %w", err)
	}
	return levelsOf(r)
}

func levelsOf(r *webm.Reader) ([]float32, error) {
	track := -1
	for _, t := range r.Header().Tracks {
		if t.Codec == webm.Opus {
			track = t.Number
			break
		}
	}
	if track < 0 {
		return nil, nil
	}
	dec, err := NewOpusDecoder()
	if err != nil {
		return nil, err
	}
	var sums []float64 // of squares
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return levels(sums), nil
		}
		if err != nil {
			return nil, fmt.Errorf("measuring sound levels: %w", err)
		}
		if b.Track != track || b.At < 0 || b.At > 24*time.Hour {
			continue
		}
		blocks, err := dec.Decode(b.Data, b.At)
		if err != nil && !errors.Is(err, ErrInvalid) {
			return nil, fmt.Errorf("measuring sound levels: %w", err)
		}
		for _, blk := range blocks {
			sums = addSquares(sums, blk.At, blk.PCM)
		}
	}
}

// addSquares adds the squares of values that begin at an instant to the steps
// they fall into.
func addSquares(sums []float64, at time.Duration, pcm []float32) []float64 {
	const perStep = int(LevelStep * OpusRate / time.Second)
	first := int(at * OpusRate / time.Second)
	for i, v := range pcm {
		step := (first + i) / perStep
		for len(sums) <= step {
			sums = append(sums, 0)
		}
		sums[step] += float64(v) * float64(v)
	}
	return sums
}

func levels(sums []float64) []float32 {
	const perStep = float64(LevelStep * OpusRate / time.Second)
	out := make([]float32, len(sums))
	for i, s := range sums {
		db := 10 * math.Log10(s/perStep+1e-12)
		out[i] = float32(min(max(db, Silence), 0))
	}
	return out
}
