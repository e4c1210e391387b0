package gaze

import (
	"math"
	"slices"
	"time"
)

// Rate at which signals are looked at over time, whatever the rate of the
// pictures, and the longest gap that is bridged by a straight line: a blink with
// its margin.
const (
	Rate      = 10
	Step      = time.Second / Rate
	MaxBridge = 700 * time.Millisecond
)

// Signal is the horizontal gaze at Rate, in degrees; NaN where it was not
// measured.
type Signal struct {
	From time.Duration
	X    []float64
}

// At is the time of a sample of the signal.
func (s Signal) At(i int) time.Duration { return s.From + time.Duration(i)*Step }

// Resample brings samples, in time order, to Rate over [from, to). Gaps of a
// blink are bridged by a line. measured is the share of the time covered, and
// perSecond the measured samples per second of the whole stretch.
func Resample(samples []Sample, from, to time.Duration) (s Signal, measured, perSecond float64) {
	s = Signal{From: from, X: make([]float64, max(int((to-from)/Step), 0))}
	if len(s.X) == 0 {
		return s, 0, 0
	}
	good := slices.DeleteFunc(slices.Clone(samples), func(x Sample) bool { return !x.OK() || x.At < from-MaxBridge || x.At >= to+MaxBridge })
	n := 0
	for _, g := range good {
		if g.At >= from && g.At < to {
			n++
		}
	}
	next, have := 0, 0
	for i := range s.X {
		at := s.At(i)
		for next < len(good) && good[next].At < at {
			next++
		}
		s.X[i] = between(good, next, at)
		if !math.IsNaN(s.X[i]) {
			have++
		}
	}
	return s, float64(have) / float64(len(s.X)), float64(n) / (to - from).Seconds()
}

// between is the value at an instant between sample next-1 and sample next.
func between(good []Sample, next int, at time.Duration) float64 {
	const near = Step * 3 / 4 // how far a single neighbour may lie
	switch {
	case next < len(good) && good[next].At == at:
		return good[next].Horizontal
	case next > 0 && next < len(good) && good[next].At-good[next-1].At <= MaxBridge:
		a, b := good[next-1], good[next]
		w := float64(at-a.At) / float64(b.At-a.At)
		return a.Horizontal + w*(b.Horizontal-a.Horizontal)
	case next > 0 && at-good[next-1].At <= near:
		return good[next-1].Horizontal
	case next < len(good) && good[next].At-at <= near:
		return good[next].Horizontal
	}
	return math.NaN()
}

// smooth is the running median of three, which takes out single outliers and
// keeps steps.
func smooth(x []float64) []float64 {
	out := slices.Clone(x)
	for i := 1; i+1 < len(x); i++ {
		a, b, c := x[i-1], x[i], x[i+1]
		if !math.IsNaN(a + b + c) {
			out[i] = max(min(a, b), min(max(a, b), c))
		}
	}
	return out
}

// quantile of sorted values, 0 to 1.
func quantile(sorted []float64, q float64) float64 {
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// spread is the distance from the 5 % to the 95 % quantile, and the median
// of the values that are not NaN; 0 where there are none.
func spread(x []float64) (width, middle float64) {
	v := slices.DeleteFunc(slices.Clone(x), math.IsNaN)
	if len(v) == 0 {
		return 0, 0
	}
	slices.Sort(v)
	return quantile(v, 0.95) - quantile(v, 0.05), quantile(v, 0.5)
}
