package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// seriesEvery is how often detectors are asked for the readings they keep.
const seriesEvery = time.Minute

// Bounds of one series entry, so that none grows large: a minute of readings
// of a face's landmarks has 720, and 1800 at the highest rate that can be set.
const (
	maxSeriesPoints = 2000
	maxSeriesMS     = 90_000
)

// seriesKeeper asks a pipeline's detectors for the readings that they keep, and
// gives them out with whose they are.
type seriesKeeper struct {
	emit    func([]evidence.Series)
	sources []*seriesSource
	next    time.Duration
}

// seriesSource is a detector that keeps readings, and the kinds it is for.
type seriesSource struct {
	from  SeriesSource
	sub   evidence.Subject
	kinds []evidence.Kind
}

func newSeriesKeeper(start time.Duration, emit func([]evidence.Series)) *seriesKeeper {
	return &seriesKeeper{emit: emit, next: start.Truncate(seriesEvery) + seriesEvery}
}

// add notes a detector if it keeps readings; nil if it does not.
func (k *seriesKeeper) add(detector any, sub evidence.Subject, d Descriptor) *seriesSource {
	from, ok := detector.(SeriesSource)
	if !ok {
		return nil
	}
	s := &seriesSource{from: from, sub: sub, kinds: d.kinds()}
	k.sources = append(k.sources, s)
	return s
}

// upTo asks every detector once a minute of interview time.
func (k *seriesKeeper) upTo(now time.Duration, g Gate) {
	if now < k.next {
		return
	}
	k.next = now.Truncate(seriesEvery) + seriesEvery
	k.takeAll(g)
}

func (k *seriesKeeper) takeAll(g Gate) {
	for _, s := range k.sources {
		k.take(s, g)
	}
}

// take gives out what one detector gathered. It is dropped where recording was
// refused, or everything that the detector measures.
func (k *seriesKeeper) take(s *seriesSource, g Gate) {
	if s == nil {
		return
	}
	all := s.from.TakeSeries()
	if g.NoStills || !g.anyOn(s.kinds) || k.emit == nil {
		return
	}
	var out []evidence.Series
	for _, one := range all {
		one.Interview, one.Source, one.Run = s.sub.Interview, s.sub.Source, s.sub.Run
		one.Participant = s.sub.Participant
		out = append(out, splitSeries(one)...)
	}
	if len(out) > 0 {
		k.emit(out)
	}
}

// splitSeries cuts a series into pieces of bounded size, each with the marks
// that begin in it; one without points gives none.
func splitSeries(s evidence.Series) (out []evidence.Series) {
	points := s.Points
	for len(points) > 0 {
		n := 1
		for n < len(points) && n < maxSeriesPoints && points[n].AtMS-points[0].AtMS < maxSeriesMS {
			n++
		}
		piece := s
		piece.Points, piece.Count = points[:n:n], n
		piece.StartMS, piece.EndMS = points[0].AtMS, points[n-1].AtMS
		last := n == len(points)
		piece.Marks = nil
		for _, m := range s.Marks {
			begun := len(out) == 0 || m.StartMS >= piece.StartMS
			if begun && (last || m.StartMS < points[n].AtMS) {
				piece.Marks = append(piece.Marks, m)
			}
		}
		out = append(out, piece)
		points = points[n:]
	}
	return out
}
