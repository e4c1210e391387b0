package gaze

import (
	"math"
	"slices"
	"time"
)

// Direction is the one in which lines are read, as seen in the picture. In a
// picture that is not mirrored a script from left to right is read leftwards.
type Direction int

// The two directions. Neither is preferred: scripts differ, and cameras mirror.
const (
	Rightwards Direction = 1
	Leftwards  Direction = -1
)

// Sweep is a quick move back from the end of a line to the beginning of the
// next.
type Sweep struct {
	Start, End time.Duration
	Degrees    float64 // how far, ≥ 0
}

// What counts as a sweep, in shares of the spread of the window's gaze, and
// how it is looked for: the medians of sideSteps samples before and after.
const (
	sweepShare = 0.45
	jumpShare  = 0.45
	sideSteps  = 3
	// sweepApart is the least time between two moves of the same sort, in steps.
	sweepApart = 5
)

// move is a step of the gaze found in a window; its index is the first sample
// after it.
type move struct {
	at   int
	size float64 // in shares of the spread, ≥ 0
	land float64 // where it ended
}

// moves finds steps of at least least, against the direction of reading (back)
// or along it, in y, which is normalized so that reading goes up.
func moves(y []float64, least float64, back bool) []move {
	sign := 1.0
	if back {
		sign = -1
	}
	drop, steep := make([]float64, len(y)), make([]float64, len(y))
	for i := 1; i < len(y); i++ {
		before, after := mid(y[max(i-sideSteps, 0):i]), mid(y[i:min(i+sideSteps, len(y))])
		drop[i] = sign * (after - before)
		// The larger part must happen within two samples: slower is not a saccade.
		quick := sign * (y[i] - y[max(i-1, 0)])
		if i+1 < len(y) {
			quick = max(quick, sign*(y[i+1]-y[i-1]))
		}
		if i >= 2 {
			quick = max(quick, sign*(y[i]-y[i-2]))
		}
		if !(quick >= 0.6*drop[i]) {
			drop[i] = 0
		}
		// Of neighbours across the same step, the one right after it counts.
		steep[i] = drop[i] + 0.01*sign*(y[i]-y[i-1])
	}
	var out []move
	for i := range drop {
		lo, hi := max(i-sweepApart, 0), min(i+sweepApart+1, len(drop))
		if !(drop[i] >= least) || steep[i] < slices.Max(steep[lo:hi]) {
			continue
		}
		if n := len(out); n > 0 && i-out[n-1].at < sweepApart {
			continue
		}
		out = append(out, move{at: i, size: drop[i], land: mid(y[i:min(i+sideSteps, len(y))])})
	}
	return out
}

// mid is the median of up to three values; NaN if one of them is.
func mid(v []float64) float64 {
	switch len(v) {
	case 0:
		return math.NaN()
	case 1:
		return v[0]
	case 2:
		return (v[0] + v[1]) / 2
	}
	a, b, c := v[0], v[1], v[2]
	return max(min(a, b), min(max(a, b), c))
}

// Sweeps finds the return sweeps of lines that are read in the given
// direction. It looks at the signal as one window.
func Sweeps(s Signal, d Direction) []Sweep {
	y, width := normalize(s.X, d)
	if width == 0 {
		return nil
	}
	var out []Sweep
	for _, m := range moves(y, sweepShare, true) {
		out = append(out, Sweep{Start: s.At(m.at - 1), End: s.At(m.at), Degrees: m.size * width})
	}
	return out
}

// normalize smooths a window and scales it so that its spread is 1, its median
// 0 and reading goes up. Single holes are NaN. width is the spread in degrees.
func normalize(x []float64, d Direction) (y []float64, width float64) {
	y = smooth(x)
	width, middle := spread(y)
	if width == 0 {
		return y, 0
	}
	for i := range y {
		y[i] = float64(d) * (y[i] - middle) / width
	}
	return y, width
}
