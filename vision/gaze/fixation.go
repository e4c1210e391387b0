package gaze

import (
	"math"
	"time"
)

// Fixation is a spell in which the gaze stays at one place.
type Fixation struct {
	Start, End           time.Duration
	Horizontal, Vertical float64 // mean direction in degrees; Vertical is coarse
	Samples              int
	Quality              float64 // mean
}

// Limits of fixations and saccades. Frame-to-frame noise of a webcam's gaze is
// 0.4° to 1.4°, so both are coarser than an eye tracker's 1° and 30°/s at 1°.
const (
	// fixDispersion is the largest extent of a fixation in degrees, and
	// fixVertical that of the coarse vertical; fixLength is its least length.
	fixDispersion, fixVertical = 4.0, 8.0
	fixLength                  = 200 * time.Millisecond
	// saccadeSpeed in degrees per second and saccadeSize in degrees: less is
	// not told from noise.
	saccadeSpeed, saccadeSize = 30.0, 3.0
	// fixGap is the longest time without a measurement within a fixation.
	fixGap = MaxBridge
)

// Fixations finds fixations by dispersion (I-DT: Salvucci and Goldberg,
// "Identifying fixations and saccades in eye-tracking protocols", 2000) in
// samples in time order. One that may still go on at the end is given too.
func Fixations(samples []Sample) []Fixation {
	var out []Fixation
	var cur []Sample
	flush := func() {
		if n := len(cur); n > 1 && cur[n-1].At-cur[0].At >= fixLength {
			out = append(out, fixationOf(cur))
		}
		cur = cur[:0]
	}
	for _, s := range samples {
		if !s.OK() {
			continue
		}
		if n := len(cur); n > 0 && s.At-cur[n-1].At > fixGap {
			flush()
		}
		cur = append(cur, s)
		for len(cur) > 1 && !together(cur) {
			if n := len(cur) - 1; cur[n-1].At-cur[0].At >= fixLength {
				out = append(out, fixationOf(cur[:n]))
				cur = append(cur[:0], s)
				break
			}
			cur = append(cur[:0], cur[1:]...)
		}
	}
	flush()
	return out
}

// together tells that samples lie within the limits of a fixation.
func together(s []Sample) bool {
	h0, h1, v0, v1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, x := range s {
		h0, h1 = min(h0, x.Horizontal), max(h1, x.Horizontal)
		v0, v1 = min(v0, x.Vertical), max(v1, x.Vertical)
	}
	return h1-h0 <= fixDispersion && v1-v0 <= fixVertical
}

func fixationOf(s []Sample) Fixation {
	f := Fixation{Start: s[0].At, End: s[len(s)-1].At, Samples: len(s)}
	for _, x := range s {
		n := float64(len(s))
		f.Horizontal, f.Vertical, f.Quality = f.Horizontal+x.Horizontal/n, f.Vertical+x.Vertical/n, f.Quality+x.Quality/n
	}
	return f
}

// Saccade is a quick move of the gaze.
type Saccade struct {
	Start, End time.Duration
	From, To   float64 // horizontal, degrees
}

// Saccades finds quick horizontal moves by speed (I-VT, the same source) in
// samples in time order.
func Saccades(samples []Sample) []Saccade {
	var out []Saccade
	var prev *Sample
	for i := range samples {
		s := &samples[i]
		if !s.OK() {
			prev = nil
			continue
		}
		if prev != nil && s.At > prev.At {
			move := s.Horizontal - prev.Horizontal
			if math.Abs(move)/(s.At-prev.At).Seconds() >= saccadeSpeed {
				last := len(out) - 1
				if last >= 0 && out[last].End == prev.At && (out[last].To > out[last].From) == (move > 0) {
					out[last].End, out[last].To = s.At, s.Horizontal
				} else {
					out = append(out, Saccade{Start: prev.At, End: s.At, From: prev.Horizontal, To: s.Horizontal})
				}
			}
		}
		prev = s
	}
	kept := out[:0]
	for _, s := range out {
		if math.Abs(s.To-s.From) >= saccadeSize {
			kept = append(kept, s)
		}
	}
	return kept
}
