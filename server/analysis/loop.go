package analysis

import (
	"math"
	"slices"
)

// Limits of the search for pictures that come again. The pictures of a file
// that is played over and over differ, after the encoder, by 0.05 to 0.4 grey
// levels from those of the round before; a person who sits still in front of a
// real camera differs as little from a second ago, but not at one distance in
// time alone, which is what a loop shows.
const (
	loopHistoryMS = 180_000
	loopLeastMS   = 2_000 // a shorter loop is a movement
	loopEveryMS   = 200   // between two comparisons with everything kept
	loopAgree     = 20    // comparisons, 4 s, that the result rests on
	loopNearMS    = 70    // at most so far apart are distances in time that agree
	loopBesideMS  = 300   // so far beside the best distance the pictures must differ
	loopSame      = 0.5   // grey levels: at most so much between a picture and the one that it repeats
	loopSharp     = 0.45  // of the difference beside it
	loopMoves     = 0.25  // grey levels from one second to the next, below which nothing moves
)

// loopFinder looks for the distance in time at which pictures come again.
type loopFinder struct {
	kept  []StreamPicture
	next  float64
	tries []loopTry // the newest comparisons
}

// loopTry is the best match of one picture among those before it.
type loopTry struct {
	atMS   float64
	lagMS  float64 // 0 where there was nothing to compare with
	diff   float64
	beside float64 // the smaller of the differences beside the best
	moved  float64 // difference from the picture a second before
}

// loopState is what the newest comparisons say together.
type loopState struct {
	known bool    // enough was compared, and the picture moves
	moves bool    // the picture moves
	share float64 // of the comparisons that agree on one distance
	lagMS float64
	diff  float64 // mean, of those that agree
}

// add takes the next picture.
func (f *loopFinder) add(p StreamPicture) {
	if p.Damaged || p.Print == nil {
		return
	}
	if n := len(f.kept); n > 0 && p.AtMS-f.kept[n-1].AtMS > loopLeastMS {
		f.tries = nil // after a pause the comparisons do not belong together
	}
	f.kept = append(f.kept, p)
	drop := 0
	for f.kept[drop].AtMS < p.AtMS-loopHistoryMS {
		drop++
	}
	f.kept = slices.Delete(f.kept, 0, drop)
	if p.AtMS < f.next {
		return
	}
	f.next = p.AtMS + loopEveryMS
	f.tries = append(f.tries, f.compare(p))
	if len(f.tries) > loopAgree {
		f.tries = slices.Delete(f.tries, 0, 1)
	}
}

// compare finds the picture before that is most like this one, and how like
// those beside it are.
func (f *loopFinder) compare(p StreamPicture) loopTry {
	t := loopTry{atMS: p.AtMS, diff: math.Inf(1), beside: math.Inf(1)}
	best := -1
	for i, old := range f.kept {
		if p.AtMS-old.AtMS < loopLeastMS {
			break
		}
		if d := p.Print.Difference(old.Print); d < t.diff {
			t.diff, best = d, i
		}
	}
	if best < 0 {
		return t
	}
	t.lagMS = p.AtMS - f.kept[best].AtMS
	for _, step := range []int{-1, 1} {
		for i := best; i >= 0 && i < len(f.kept); i += step {
			if math.Abs(f.kept[i].AtMS-f.kept[best].AtMS) >= loopBesideMS {
				t.beside = min(t.beside, p.Print.Difference(f.kept[i].Print))
				break
			}
		}
	}
	for i := len(f.kept) - 1; i >= 0; i-- {
		if p.AtMS-f.kept[i].AtMS >= 1000 {
			t.moved = p.Print.Difference(f.kept[i].Print)
			break
		}
	}
	return t
}

// state sums up the newest comparisons.
func (f *loopFinder) state() loopState {
	var s loopState
	var lags []float64
	moved := 0.0
	for _, t := range f.tries {
		if t.lagMS > 0 {
			lags = append(lags, t.lagMS)
			moved += t.moved
		}
	}
	if len(lags) < loopAgree {
		s.moves = true
		return s
	}
	s.moves = moved/float64(len(lags)) >= loopMoves
	s.known = s.moves
	slices.Sort(lags)
	s.lagMS = lags[len(lags)/2]
	agree, diff := 0, 0.0
	for _, t := range f.tries {
		if math.Abs(t.lagMS-s.lagMS) <= loopNearMS && t.diff <= loopSame && t.diff <= loopSharp*t.beside {
			agree++
			diff += t.diff
		}
	}
	s.share = float64(agree) / float64(len(f.tries))
	if agree > 0 {
		s.diff = diff / float64(agree)
	}
	return s
}
