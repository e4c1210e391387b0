package gaze

import (
	"math"
	"slices"
)

// How blinks and lids are read.
const (
	// blinkShare of the usual opening of the lids below which they are closed,
	// and blinkMargin samples before and after are left out too: the lids drag
	// the iris landmarks along for about a tenth of a second, one sample at ten a
	// second or a little more.
	// Two would leave little of people who blink once a second.
	blinkShare  = 0.6
	blinkMargin = 1
	// usualOver is how many samples the usual opening is the median of, about half
	// a minute, usualLeast the fewest.
	usualOver, usualLeast = 300, 10
	// apartMost is how far in degrees the two eyes' directions may differ from
	// how they usually do: eyes that look from far to 30 cm converge by 12°.
	apartMost = 20
	// lidGain is the degrees of vertical gaze for which the opening changes by
	// all of its usual value. Lids follow the eyes down, but a smile closes
	// them by a fifth too: kept low on purpose.
	lidGain = 30
)

// Follower follows one face's samples over time: it masks blinks and eyes that
// disagree by what is usual for this face, and estimates the vertical. It gives
// each sample blinkMargin later. It has one owner.
type Follower struct {
	opening, apart []float64 // rings of what was measured last
	pos            int
	wait           []Sample // the newest, not given out yet
	after          int      // samples still to be masked after a blink
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
	known := len(f.opening) >= usualLeast
	usual, apart := s.Opening, s.Apart
	if known {
		usual, apart = median(f.opening), median(f.apart)
	}
	switch {
	case s.Opening < blinkShare*usual:
		s.Reason, s.Quality, f.after = ReasonBlink, 0, blinkMargin
		for i := range f.wait {
			if f.wait[i].OK() {
				f.wait[i].Reason, f.wait[i].Quality = ReasonBlink, 0
			}
		}
	case f.after > 0:
		f.after--
		s.Reason, s.Quality = ReasonBlink, 0
	case math.Abs(s.Apart-apart) > apartMost:
		s.Reason, s.Quality = ReasonDisagree, 0
	}
	s.Vertical = s.Pitch
	if s.OK() {
		s.Vertical += lidGain * min(max(s.Opening/usual-1, -0.5), 0.5)
	}
	if len(f.opening) < usualOver {
		f.opening, f.apart = append(f.opening, s.Opening), append(f.apart, s.Apart)
	} else {
		f.opening[f.pos%usualOver], f.apart[f.pos%usualOver] = s.Opening, s.Apart
	}
	f.pos++
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
