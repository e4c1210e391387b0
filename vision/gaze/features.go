package gaze

import (
	"math"
	"slices"
)

// FeatureNames names what a window is judged by, in the order of the model's
// coefficients. All are of the horizontal signal alone and do not depend on
// its size: how wide lines are depends on the distance from the screen.
var FeatureNames = [...]string{
	"sweeps_per_second",  // quick moves back
	"jumps_per_second",   // quick moves forward of the same size
	"sweep_asymmetry",    // (sweeps − jumps) / (sweeps + jumps + 1)
	"staircase",          // rank correlation with time between sweeps, weighted by length
	"line_share",         // share of the time in stretches that look like a line
	"velocity_skew",      // skewness of the velocity over 200 ms
	"forward_share",      // share of slow steps that go forward, less a half
	"periodicity",        // best autocorrelation at 1 to 8 s
	"interval_variation", // of the times between sweeps: deviation / mean
	"landing_spread",     // deviation of where sweeps end
	"roughness",          // deviation from step to step, in shares of the spread
	"long_skew",          // skewness of the velocity over 400 ms
}

// Features describe a window.
type Features [len(FeatureNames)]float64

// Extract computes the features of a window for one direction of reading. ok
// is false where fewer than three quarters of it were measured.
func Extract(x []float64, d Direction) (f Features, ok bool) {
	y, width := normalize(x, d)
	if width == 0 || count(y) < len(y)*3/4 {
		return f, false
	}
	seconds := float64(count(y)) / Rate
	sweeps, jumps := moves(y, sweepShare, true), moves(y, jumpShare, false)
	ns, nj := float64(len(sweeps)), float64(len(jumps))
	f[0], f[1], f[2] = ns/seconds, nj/seconds, (ns-nj)/(ns+nj+1)
	f[3], f[4] = lines(y, sweeps)
	f[5], f[6] = skew(y, 2), forward(y)-0.5
	f[7] = periodicity(y)
	f[8], f[9] = regularity(sweeps)
	f[10] = roughness(y)
	f[11] = skew(y, 4)
	return f, true
}

func count(y []float64) (n int) {
	for _, v := range y {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// Limits of a stretch between two sweeps that looks like a line of text: 0.7
// to 10 s long, rising through a good part of the spread.
const (
	lineShortest, lineLongest = 7, 100 // samples
	lineRank, lineRise        = 0.6, 0.35
)

// lines cuts the window at its sweeps: how well do the stretches rise, and how
// much of the time is in those that look like a line?
func lines(y []float64, sweeps []move) (rank, share float64) {
	cuts := []int{0}
	for _, s := range sweeps {
		cuts = append(cuts, s.at)
	}
	cuts = append(cuts, len(y))
	var weight, in float64
	for i := 0; i+1 < len(cuts); i++ {
		part := slices.DeleteFunc(slices.Clone(y[cuts[i]:cuts[i+1]]), math.IsNaN)
		if len(part) < lineShortest {
			continue
		}
		r := rankCorrelation(part)
		// A stretch without an end is at most a line of the longest sort.
		w := float64(min(len(part), lineLongest))
		rank, weight = rank+r*w, weight+w
		inner := i > 0 && i+2 < len(cuts)
		if inner && len(part) <= lineLongest && r >= lineRank && tail(part)-head(part) >= lineRise {
			in += float64(len(part))
		}
	}
	if weight > 0 {
		rank /= weight
	}
	return rank, in / float64(len(y))
}

func head(v []float64) float64 { return mean(v[:max(len(v)/4, 1)]) }
func tail(v []float64) float64 { return mean(v[len(v)-max(len(v)/4, 1):]) }

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// rankCorrelation with time is Spearman's; ties are taken in order of time,
// which does not matter for measured values.
func rankCorrelation(v []float64) float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return 0
	})
	sum, n := 0.0, float64(len(v))
	for rank, at := range order {
		d := float64(rank - at)
		sum += d * d
	}
	return 1 - 6*sum/(n*(n*n-1))
}

// skew is the skewness of the differences over some samples, within ±5.
// Reading has many small steps forward and few large ones back: below 0.
func skew(y []float64, lag int) float64 {
	var v []float64
	for i := lag; i < len(y); i++ {
		if d := y[i] - y[i-lag]; !math.IsNaN(d) {
			v = append(v, d)
		}
	}
	if len(v) < 10 {
		return 0
	}
	m := mean(v)
	var s2, s3 float64
	for _, x := range v {
		s2, s3 = s2+(x-m)*(x-m), s3+(x-m)*(x-m)*(x-m)
	}
	s2, s3 = s2/float64(len(v)), s3/float64(len(v))
	if s2 < 1e-12 {
		return 0
	}
	return min(max(s3/math.Pow(s2, 1.5), -5), 5)
}

// forward is the share of slow steps over 200 ms that go along the direction
// of reading; ½ where there are none.
func forward(y []float64) float64 {
	var up, n float64
	for i := 2; i < len(y); i++ {
		d := y[i] - y[i-2]
		if math.IsNaN(d) || math.Abs(d) > 0.3 || math.Abs(d) < 0.01 {
			continue
		}
		if n++; d > 0 {
			up++
		}
	}
	if n < 10 {
		return 0.5
	}
	return up / n
}

// periodicity is the highest autocorrelation at a lag of 1 to 8 s that lies
// above its neighbours.
func periodicity(y []float64) float64 {
	last := min(8*Rate, len(y)/2)
	r := make([]float64, last+2)
	for lag := Rate - 1; lag < len(r); lag++ {
		var ab, aa, bb float64
		for i := lag; i < len(y); i++ {
			if a, b := y[i], y[i-lag]; !math.IsNaN(a + b) {
				ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
			}
		}
		if aa > 0 && bb > 0 {
			r[lag] = ab / math.Sqrt(aa*bb)
		}
	}
	best := 0.0
	for lag := Rate; lag <= last; lag++ {
		if r[lag] >= r[lag-1] && r[lag] >= r[lag+1] {
			best = max(best, r[lag])
		}
	}
	return best
}

// regularity is how much the times between sweeps vary, and how far apart they
// end; 1 and ½ where there are too few to tell.
func regularity(sweeps []move) (intervals, landings float64) {
	if len(sweeps) < 3 {
		return 1, 0.5
	}
	var gaps, lands []float64
	for i, s := range sweeps {
		lands = append(lands, s.land)
		if i > 0 {
			gaps = append(gaps, float64(s.at-sweeps[i-1].at))
		}
	}
	return min(deviation(gaps)/mean(gaps), 2), min(deviation(lands), 1)
}

func deviation(v []float64) float64 {
	m, sum := mean(v), 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(v)))
}

// roughness is the median absolute step from one sample to the next.
func roughness(y []float64) float64 {
	var v []float64
	for i := 1; i < len(y); i++ {
		if d := math.Abs(y[i] - y[i-1]); !math.IsNaN(d) {
			v = append(v, d)
		}
	}
	if len(v) == 0 {
		return 0
	}
	return median(v)
}
