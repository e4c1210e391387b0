package gaze

import (
	"slices"
	"time"
)

// How blinks and lids are read.
const (
	// blinkShare of the usual opening of the lids below which they are closed,
	// and blinkMargin samples before and after are left out too: the lids drag
	// the iris landmarks along.
	blinkShare  = 0.6
	blinkMargin = 2
	// usualOver is how many samples the usual opening is the median of, half a
	// minute at ten a second, usualLeast the fewest.
	usualOver, usualLeast = 300, 10
	// lidGain is the degrees of vertical gaze for which the opening changes by
	// all of its usual value. Lids follow the eyes down, but a smile closes
	// them by a fifth too: kept low on purpose.
	lidGain = 30
)

// Follower follows one face's samples over time: it masks blinks by the
// person's own usual opening of the eyes, and estimates the vertical. It gives
// each sample blinkMargin later. It has one owner.
type Follower struct {
	opening []float64 // ring of measured openings, newest at pos-1
	pos     int
	wait    []Sample // the newest, not given out yet
	after   int      // samples still to be masked after a blink
}

// Add takes the next sample in time order and gives those that are settled.
func (f *Follower) Add(s Sample) []Sample {
	if s.OK() {
		f.judge(&s)
	}
	f.wait = append(f.wait, s)
	n := len(f.wait) - blinkMargin
	if n <= 0 {
		return nil
	}
	out := slices.Clone(f.wait[:n])
	f.wait = append(f.wait[:0], f.wait[n:]...)
	return out
}

// Flush gives what still waits, at the end or before a pause.
func (f *Follower) Flush() []Sample {
	out := f.wait
	f.wait, f.after = nil, 0
	return out
}

// judge masks a blink and its neighbours, and fills in the vertical.
func (f *Follower) judge(s *Sample) {
	usual, known := f.usual()
	if known && s.Opening < blinkShare*usual {
		s.Reason, s.Quality, f.after = ReasonBlink, 0, blinkMargin
		for i := range f.wait {
			if f.wait[i].OK() {
				f.wait[i].Reason, f.wait[i].Quality = ReasonBlink, 0
			}
		}
	} else if f.after > 0 {
		f.after--
		s.Reason, s.Quality = ReasonBlink, 0
	}
	s.Vertical = s.Pitch
	if known && s.OK() {
		s.Vertical += lidGain * min(max(s.Opening/usual-1, -0.5), 0.5)
	}
	if len(f.opening) < usualOver {
		f.opening = append(f.opening, s.Opening)
	} else {
		f.opening[f.pos%usualOver] = s.Opening
	}
	f.pos++
}

// usual is how far the eyes are usually open.
func (f *Follower) usual() (float64, bool) {
	if len(f.opening) < usualLeast {
		return 0, false
	}
	return median(f.opening), true
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// Rate at which signals are looked at over time, and the longest gap that is
// bridged by a straight line: a blink with its margin.
const (
	Rate      = 10
	Step      = time.Second / Rate
	maxBridge = 700 * time.Millisecond
)
