package analysis

import (
	"math"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision/gaze"
)

// maxGazeSeries bounds what waits to be taken: two minutes of samples.
const maxGazeSeries = 1200

// gazeSeries gathers what is drawn beside the video.
type gazeSeries struct {
	horizontal, scores []evidence.SeriesPoint
	marks              []evidence.SeriesMark
	marked             time.Duration // sweeps up to here are marked
}

// add takes a settled sample. Of a spell without a measurement one point a
// second is enough.
func (g *gazeSeries) add(s gaze.Sample) {
	p := evidence.SeriesPoint{AtMS: s.At.Milliseconds()}
	if s.OK() {
		p.Value, p.Quality = round(s.Horizontal, 10), round(s.Quality, 100)
	} else {
		p.Reason = gazeReason(s.Reason)
		if n := len(g.horizontal); n > 0 && g.horizontal[n-1].Reason == p.Reason && p.AtMS-g.horizontal[n-1].AtMS < 1000 {
			return
		}
	}
	g.horizontal = bounded(append(g.horizontal, p))
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
	if n := len(g.marks); n > maxGazeSeries {
		g.marks = g.marks[n-maxGazeSeries:]
	}
}

// take gives everything gathered. usual is the direction that most of the time
// was spent in so far, if that is known.
func (g *gazeSeries) take(threshold, usual float64, known bool) (out []evidence.Series) {
	if len(g.horizontal) > 0 {
		one := evidence.Series{
			SeriesPayload: evidence.SeriesPayload{Name: "gaze.horizontal"},
			SeriesPart:    evidence.SeriesPart{Unit: "°", Points: g.horizontal, Marks: g.marks},
		}
		if known {
			one.Lines = []evidence.Measure{{Name: "usual direction", Value: round(usual, 10), Unit: "°"}}
		}
		out = append(out, one)
		g.horizontal, g.marks = nil, nil
	}
	if len(g.scores) > 0 {
		out = append(out, evidence.Series{
			SeriesPayload: evidence.SeriesPayload{Name: "gaze.reading_score"},
			SeriesPart: evidence.SeriesPart{
				Points: g.scores, Lines: []evidence.Measure{{Name: "threshold", Value: threshold}},
			},
		})
		g.scores = nil
	}
	return out
}

func bounded(p []evidence.SeriesPoint) []evidence.SeriesPoint {
	if n := len(p); n > maxGazeSeries {
		return p[n-maxGazeSeries:]
	}
	return p
}

func round(v, steps float64) float64 { return math.Round(v*steps) / steps }
