package analysis

import (
	"cmp"
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
	loopRound     = 1.5   // times the least difference, and
	loopNoise     = 0.15  // grey levels beyond it, count as alike in choosing the newest round
	loopMoves     = 0.2   // grey levels within loopBesideMS, below which nothing moves: any picture is like its neighbours then
)

// loopFinder looks for the distance in time at which pictures come again.
type loopFinder struct {
	kept  []StreamPicture
	next  float64
	tries []loopTry // the newest comparisons
	diffs []float64 // of the newest comparison, by picture kept
}

// loopTry is one picture, and the distance in time at which one before it was
// most like it.
type loopTry struct {
	picture StreamPicture
	lagMS   float64 // 0 where there was nothing to compare with
	moved   float64 // difference from the picture loopBesideMS before
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

// compare finds the newest picture before that is as like this one as any.
func (f *loopFinder) compare(p StreamPicture) loopTry {
	t := loopTry{picture: p}
	least := math.Inf(1)
	f.diffs = f.diffs[:0]
	for _, old := range f.kept {
		if p.AtMS-old.AtMS < loopLeastMS {
			break
		}
		d := p.Print.Difference(old.Print)
		f.diffs = append(f.diffs, d)
		least = min(least, d)
	}
	// Of several rounds the newest counts, and in it the picture most alike.
	best := -1
	for i := len(f.diffs) - 1; i >= 0; i-- {
		if best >= 0 && f.kept[best].AtMS-f.kept[i].AtMS > loopBesideMS {
			break
		}
		if f.diffs[i] <= loopRound*least+loopNoise && (best < 0 || f.diffs[i] < f.diffs[best]) {
			best = i
		}
	}
	if best < 0 {
		return t
	}
	t.lagMS = p.AtMS - f.kept[best].AtMS
	t.moved = f.difference(p, loopBesideMS)
	return t
}

// difference is that of a picture from what was there a certain time before it:
// of the pictures closest to that time, the one most alike. It is infinite
// where none is kept.
func (f *loopFinder) difference(p StreamPicture, lagMS float64) float64 {
	at := p.AtMS - lagMS
	i, _ := slices.BinarySearchFunc(f.kept, at-loopNearMS, func(k StreamPicture, ms float64) int { return cmp.Compare(k.AtMS, ms) })
	least := math.Inf(1)
	for ; i < len(f.kept) && f.kept[i].AtMS <= at+loopNearMS; i++ {
		least = min(least, p.Print.Difference(f.kept[i].Print))
	}
	return least
}

// state sums up the newest comparisons, those in which something moved: the
// distance that most of them found is tried on all.
func (f *loopFinder) state() loopState {
	var s loopState
	var moving []loopTry
	compared := 0
	for _, t := range f.tries {
		if t.lagMS > 0 {
			compared++
			if t.moved >= loopMoves {
				moving = append(moving, t)
			}
		}
	}
	s.moves = compared < loopAgree || len(moving) >= loopAgree/2
	s.known = compared >= loopAgree && s.moves
	if !s.known {
		return s
	}
	most := 0
	for _, t := range moving {
		n := 0
		for _, o := range moving {
			if math.Abs(t.lagMS-o.lagMS) <= loopNearMS {
				n++
			}
		}
		if n > most {
			most, s.lagMS = n, t.lagMS
		}
	}
	agree, diff := 0, 0.0
	for _, t := range moving {
		d := f.difference(t.picture, s.lagMS)
		beside := min(f.difference(t.picture, s.lagMS-loopBesideMS), f.difference(t.picture, s.lagMS+loopBesideMS))
		if d <= loopSame && d <= loopSharp*beside {
			agree++
			diff += d
		}
	}
	s.share = float64(agree) / float64(len(moving))
	if agree > 0 {
		s.diff = diff / float64(agree)
	}
	return s
}
