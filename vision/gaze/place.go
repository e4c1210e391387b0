package gaze

import (
	"math"
	"time"
)

// Side is where a place lies, seen from the main one, in the picture. Up and
// down are coarse.
type Side string

// The four sides. In a picture that is not mirrored, the picture's left is to
// the right of the person.
const (
	PictureLeft  Side = "left"
	PictureRight Side = "right"
	Up           Side = "up"
	Down         Side = "down"
)

// Limits of places. The gaze is known to some degrees at best, and vertically
// hardly at all.
const (
	// AwayHorizontal and AwayVertical are the distance in degrees from the main
	// place from which another one counts: half of a screen of 55 cm at 75 cm
	// is 20°. The vertical is an estimate.
	AwayHorizontal, AwayVertical = 20.0, 16.0
	placeWidth, placeHeight      = 5.0, 8.0 // degrees around a place that are it
	// visitLength is the shortest visit.
	visitLength = 400 * time.Millisecond
	// mainLeast is the time of fixations from which the main place is known.
	mainLeast = 20 * time.Second
	// mainOver limits how far back the main place looks.
	mainOver = 10 * time.Minute
)

// Place is where fixations gather.
type Place struct {
	Horizontal, Vertical float64 // degrees; Vertical is coarse
	Side                 Side    // from the main place
	Visits               int
	Dwell                time.Duration // in all visits
	Quality              float64       // mean of the fixations
	Stays                []Stay        // the visits, in time order
}

// Stay is one visit to a place.
type Stay struct {
	Start, End time.Duration
}

// Places keeps a person's fixations and tells where they gather. It has one
// owner.
type Places struct {
	fixations []Fixation
}

// Add takes fixations in time order. One that grew replaces its earlier state.
func (p *Places) Add(fs []Fixation) {
	for _, f := range fs {
		if n := len(p.fixations); n > 0 && f.Start <= p.fixations[n-1].End {
			if f.Start != p.fixations[n-1].Start {
				continue
			}
			p.fixations[n-1] = f
			continue
		}
		p.fixations = append(p.fixations, f)
	}
	if n := len(p.fixations); n > 0 {
		old := 0
		for old < n && p.fixations[old].End < p.fixations[n-1].End-mainOver {
			old++
		}
		p.fixations = append(p.fixations[:0], p.fixations[old:]...)
	}
}

// Reset forgets everything.
func (p *Places) Reset() { p.fixations = p.fixations[:0] }

// Main is the place that most of the time is spent at; ok is false until
// mainLeast of fixations is known.
func (p *Places) Main() (h, v float64, ok bool) {
	var total time.Duration
	for _, f := range p.fixations {
		total += f.End - f.Start
	}
	if total < mainLeast {
		return 0, 0, false
	}
	// The bin of 4° by 8° with its neighbours that holds most of the time,
	// then the mean around it.
	type bin struct{ h, v int }
	at := func(f Fixation) bin { return bin{int(math.Floor(f.Horizontal / 4)), int(math.Floor(f.Vertical / 8))} }
	held := map[bin]time.Duration{}
	for _, f := range p.fixations {
		b := at(f)
		for dh := -1; dh <= 1; dh++ {
			for dv := -1; dv <= 1; dv++ {
				held[bin{b.h + dh, b.v + dv}] += f.End - f.Start
			}
		}
	}
	var best bin
	most := time.Duration(-1)
	for b, d := range held { // ties by position: the order of a map is not fixed
		if d > most || d == most && (b.h < best.h || b.h == best.h && b.v < best.v) {
			best, most = b, d
		}
	}
	var sum float64
	for _, f := range p.fixations {
		if b := at(f); max(b.h-best.h, best.h-b.h) <= 1 && max(b.v-best.v, best.v-b.v) <= 1 {
			w := (f.End - f.Start).Seconds()
			h, v, sum = h+w*f.Horizontal, v+w*f.Vertical, sum+w
		}
	}
	return h / sum, v / sum, true
}

// Away finds the place, away from the main one, that was returned to most
// often since the given time. It has no visits where there is none; ok is
// false while the main place is not known.
func (p *Places) Away(since time.Duration) (Place, bool) {
	mh, mv, ok := p.Main()
	if !ok {
		return Place{}, false
	}
	recent := p.fixations
	for len(recent) > 0 && recent[0].End <= since {
		recent = recent[1:]
	}
	var best Place
	for _, c := range recent {
		if sideOf(c.Horizontal-mh, c.Vertical-mv) == "" {
			continue
		}
		one := visits(recent, c)
		if one.Visits < best.Visits || one.Visits == best.Visits && one.Dwell <= best.Dwell {
			continue
		}
		if one.Side = sideOf(one.Horizontal-mh, one.Vertical-mv); one.Side != "" {
			best = one
		}
	}
	return best, true
}

// sideOf is where something lies that far from the main place; "" if it
// belongs to it.
func sideOf(h, v float64) Side {
	a, b := math.Abs(h)/AwayHorizontal, math.Abs(v)/AwayVertical
	switch {
	case max(a, b) < 1:
		return ""
	case a >= b && h > 0:
		return PictureRight
	case a >= b:
		return PictureLeft
	case v > 0:
		return Up
	}
	return Down
}

// visits counts the visits to the place around one fixation. A visit lasts
// until the gaze rests elsewhere; one that a blink interrupts goes on.
func visits(fixations []Fixation, c Fixation) Place {
	var out Place
	var cur, sum float64 // seconds of this visit, of all
	var stay Stay
	end := func() {
		if cur >= visitLength.Seconds() {
			out.Visits++
			out.Dwell += time.Duration(cur * float64(time.Second))
			out.Stays = append(out.Stays, stay)
		}
		cur = 0
	}
	for _, f := range fixations {
		if math.Abs(f.Horizontal-c.Horizontal) > placeWidth || math.Abs(f.Vertical-c.Vertical) > placeHeight {
			end()
			continue
		}
		w := (f.End - f.Start).Seconds()
		if cur == 0 {
			stay.Start = f.Start
		}
		stay.End = f.End
		cur, sum = cur+w, sum+w
		out.Horizontal, out.Vertical, out.Quality = out.Horizontal+w*f.Horizontal, out.Vertical+w*f.Vertical, out.Quality+w*f.Quality
	}
	end()
	if sum > 0 {
		out.Horizontal, out.Vertical, out.Quality = out.Horizontal/sum, out.Vertical/sum, out.Quality/sum
	}
	return out
}
