package analysis

import (
	"math"
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision/gaze"
)

// maxGazeSeries bounds what waits to be taken, once a minute: as much as one
// entry may hold.
const maxGazeSeries = maxSeriesPoints

// gazeSeries gathers what is drawn beside the video.
type gazeSeries struct {
	horizontal, vertical, scores []evidence.SeriesPoint
	marks                        []evidence.SeriesMark
	marked                       time.Duration // sweeps up to here are marked
	visited                      time.Duration // visits aside up to here are marked
}

// verticalEvery is the least time between two points of the vertical gaze in
// ms: it is coarse, so that fewer of the samples tell as much.
const verticalEvery = 200

// add takes a settled sample. Of a spell without a measurement one point a
// second is enough.
func (g *gazeSeries) add(s gaze.Sample) {
	h := evidence.SeriesPoint{AtMS: s.At.Milliseconds()}
	if s.OK() {
		h.Value, h.Quality = round(s.Horizontal, 10), round(s.Quality, 100)
	} else {
		h.Reason = gazeReason(s.Reason)
	}
	v := h
	if s.OK() {
		v.Value = round(s.Vertical, 10)
	}
	g.horizontal = appendSpaced(g.horizontal, h, 0)
	g.vertical = appendSpaced(g.vertical, v, verticalEvery)
}

// appendSpaced appends a point unless it comes too soon after the last that is
// of its sort: every ms after one that was measured, a second after one that
// was not for the same reason.
func appendSpaced(all []evidence.SeriesPoint, p evidence.SeriesPoint, every int64) []evidence.SeriesPoint {
	if n := len(all); n > 0 && all[n-1].Reason == p.Reason {
		if p.Reason != "" {
			every = 1000
		}
		if p.AtMS-all[n-1].AtMS < every {
			return all
		}
	}
	return bounded(append(all, p))
}

// score takes the score of the window that ends at an instant.
func (g *gazeSeries) score(at time.Duration, value, quality float64) {
	g.scores = bounded(append(g.scores, evidence.SeriesPoint{AtMS: at.Milliseconds(), Value: round(value, 1000), Quality: round(quality, 100)}))
}

// sweeps marks those that were not marked with an earlier window.
func (g *gazeSeries) sweeps(all []gaze.Sweep) {
	for _, s := range all {
		if s.Start <= g.marked {
			continue
		}
		g.marked = s.Start + gaze.Step // the same sweep may be found a step later in the next window
		g.marks = append(g.marks, evidence.SeriesMark{StartMS: s.Start.Milliseconds(), EndMS: s.End.Milliseconds(), Name: "sweep back"})
	}
	g.bound()
}

// visits marks the visits to a place aside that are over and were not marked.
func (g *gazeSeries) visits(at time.Duration, stays []gaze.Stay) {
	for _, s := range stays {
		if s.Start < g.visited || s.End > at-time.Second {
			continue
		}
		g.visited = s.End
		g.marks = append(g.marks, evidence.SeriesMark{StartMS: s.Start.Milliseconds(), EndMS: s.End.Milliseconds(), Name: visitAside})
	}
	g.bound()
}

// visitAside names the marks that belong to the vertical gaze too.
const visitAside = "visit to the place aside"

func (g *gazeSeries) bound() {
	if n := len(g.marks); n > maxGazeSeries {
		g.marks = g.marks[n-maxGazeSeries:]
	}
}

// take gives everything gathered. usual is the direction that most of the time
// was spent in so far, to the side and up, if that is known.
func (g *gazeSeries) take(threshold float64, usual [2]float64, known bool) (out []evidence.Series) {
	visits := slices.DeleteFunc(slices.Clone(g.marks), func(m evidence.SeriesMark) bool { return m.Name != visitAside })
	for i, one := range []struct {
		name   string
		points []evidence.SeriesPoint
		marks  []evidence.SeriesMark
	}{{"gaze.horizontal", g.horizontal, g.marks}, {"gaze.vertical", g.vertical, visits}} {
		if len(one.points) == 0 {
			continue
		}
		s := evidence.Series{
			SeriesPayload: evidence.SeriesPayload{Name: one.name},
			SeriesPart:    evidence.SeriesPart{Unit: "°", Points: one.points, Marks: one.marks},
		}
		if known {
			s.Lines = []evidence.Measure{{Name: "usual direction", Value: round(usual[i], 10), Unit: "°"}}
		}
		out = append(out, s)
	}
	if len(g.scores) > 0 {
		out = append(out, evidence.Series{
			SeriesPayload: evidence.SeriesPayload{Name: "gaze.reading_score"},
			SeriesPart: evidence.SeriesPart{
				Points: g.scores, Lines: []evidence.Measure{{Name: "threshold", Value: threshold}},
			},
		})
	}
	g.horizontal, g.vertical, g.scores, g.marks = nil, nil, nil, nil
	return out
}

func bounded(p []evidence.SeriesPoint) []evidence.SeriesPoint {
	if n := len(p); n > maxGazeSeries {
		return p[n-maxGazeSeries:]
	}
	return p
}

func round(v, steps float64) float64 { return math.Round(v*steps) / steps }
