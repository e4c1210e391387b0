package analysis

import (
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/gaze"
)

// Least that a window must hold to be scored: the share of its time measured,
// and pictures per second, to a tenth. At 5 per second reading is found a few
// points less often than at 10, and sweeps blur into the lines.
const (
	gazeLeast = 0.75
	gazeRate  = 10.0
)

// scored is a window and what was found in it.
type scored struct {
	score     gaze.Score
	sweeps    []gaze.Sweep
	quality   float64 // mean of the measured samples
	perSecond float64 // pictures looked at, in the time measured
	known     float64 // share of the samples at which the candidate was known to answer
	rest      float64 // median length of the fixations, ms
	saccades  float64 // per minute of the time measured
}

// readingRun is the spell going on in which windows look like reading.
type readingRun struct {
	best scored
	last time.Duration // the newest window at or above the threshold
	on   bool
}

// observeReading scores the window that ends now.
func (d *gazeDetector) observeReading(at time.Duration) []evidence.Observation {
	w, why := d.score(at)
	if why != "" {
		return observe(evidence.GazeReading, at.Milliseconds(), 0, 0, why)
	}
	r := &d.reading
	if w.score.Value >= d.cfg.Threshold {
		if !r.on || w.score.Value > r.best.score.Value {
			r.best = w
		}
		r.on, r.last = true, at
		d.series.sweeps(w.sweeps)
	} else if r.on && at-r.last > 15*time.Second {
		r.on = false
	}
	d.series.score(at, w.score.Value, w.quality)
	return observe(evidence.GazeReading, at.Milliseconds(), w.score.Value, w.quality, "")
}

// score looks at the window that ends at an instant, or tells why it cannot.
func (d *gazeDetector) score(at time.Duration) (scored, evidence.Reason) {
	from := at - gaze.Window
	var out scored
	var in []gaze.Sample
	lost := tally{}
	good := 0
	for _, s := range d.samples {
		if s.At < from {
			continue
		}
		if s.listening {
			s.Reason = listening
		}
		in = append(in, s.Sample)
		if !s.OK() {
			lost.add(s.Reason)
			continue
		}
		good++
		out.quality += s.Quality
		if s.known {
			out.known++
		}
	}
	if at-d.began < gaze.Window {
		return out, evidence.ReasonTooShort
	}
	signal, measured, _ := gaze.Resample(in, from, at)
	if measured < gazeLeast {
		return out, lost.most(d.few(from))
	}
	if out.perSecond = picturesPerSecond(in); out.perSecond < gazeRate {
		return out, d.few(from)
	}
	var ok bool
	if out.score, ok = gaze.Read(signal.X); !ok {
		return out, lost.most(evidence.ReasonUnsteady)
	}
	out.sweeps = gaze.Sweeps(signal, out.score.Direction)
	out.rest = restOf(gaze.Fixations(in))
	out.saccades = float64(len(gaze.Saccades(in))) / (measured * gaze.Window.Minutes())
	out.quality, out.known = out.quality/float64(good), out.known/float64(good)
	return out, ""
}

// picturesPerSecond is how often a second the gaze was read, to a tenth, in the
// time in which it could be measured: what was listened or looked away from does
// not count against the rate of pictures, and a blink is seen as well as any
// gaze. 0 where there is no such time.
func picturesPerSecond(in []gaze.Sample) float64 {
	pictures, spent := 0, time.Duration(0)
	for i := 1; i < len(in); i++ {
		a, b := in[i-1], in[i]
		if !seen(a) || !seen(b) || b.At-a.At > gaze.MaxBridge {
			continue
		}
		pictures, spent = pictures+1, spent+b.At-a.At
	}
	if spent == 0 {
		return 0
	}
	return round(float64(pictures)/spent.Seconds(), 10)
}

// seen tells that the eyes could be seen, open or closed.
func seen(s gaze.Sample) bool { return s.OK() || s.Reason == gaze.ReasonBlink }

// restOf is the median length of fixations in ms; 0 where there are none.
func restOf(all []gaze.Fixation) float64 {
	var v []float64
	for _, f := range all {
		v = append(v, float64((f.End - f.Start).Milliseconds()))
	}
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// few is the reason for too few samples since an instant: whether the camera
// gave few pictures, or the analysis looked at few of them.
func (d *gazeDetector) few(since time.Duration) evidence.Reason {
	if d.slowed >= since {
		return evidence.ReasonOverload
	}
	return evidence.ReasonFewFrames
}

// listening marks samples that were not looked at since the candidate listened.
const listening vision.Reason = vision.Reason(evidence.ReasonListening)

// tally counts why samples were not measured. Blinks are nobody's reason: what
// else there is names the window's.
type tally map[vision.Reason]int

func (t tally) add(r vision.Reason) { t[r]++ }

// most is the commonest reason, or another one where there is none.
func (t tally) most(otherwise evidence.Reason) evidence.Reason {
	best, n := vision.Reason(""), 0
	for r, k := range t {
		if k > n || k == n && r < best { // the order of a map is not fixed
			best, n = r, k
		}
	}
	if best == "" {
		return otherwise
	}
	return gazeReason(best)
}

// Testify gives what is behind a finding.
func (d *gazeDetector) Testify(f evidence.Finding) ([]evidence.Measure, []*vision.Frame) {
	switch f.Kind {
	case evidence.GazeReading:
		w := d.reading.best
		side := "towards the picture's left"
		if w.score.Direction == gaze.Rightwards {
			side = "towards the picture's right"
		}
		return []evidence.Measure{
			{Name: "sweeps back in the window with the highest score, lines read " + side, Value: float64(len(w.sweeps))},
			{Name: "sweeps per minute", Value: float64(len(w.sweeps)) * time.Minute.Seconds() / gaze.Window.Seconds(), Unit: "/min"},
			{Name: "quick moves of the gaze of 3° or more, per minute", Value: round(w.saccades, 1), Unit: "/min"},
			{Name: "usual rest of the gaze within 4° (median)", Value: w.rest, Unit: "ms"},
			{Name: "spread of the horizontal gaze", Value: w.score.Spread, Unit: "°", Threshold: gaze.MinSpread, Compare: ">="},
			{Name: "pictures measured per second", Value: w.perSecond, Unit: "/s", Threshold: gazeRate, Compare: ">="},
			{Name: "mean quality of the gaze", Value: w.quality},
			{Name: "share of the window in which the candidate is known to have had the floor", Value: w.known},
		}, nil
	case evidence.GazeOffScreen:
		p := d.away
		mainH, mainV, _ := d.places.Main()
		return []evidence.Measure{
			{Name: "direction from the usual place: " + sides[p.Side], Value: max(p.Horizontal-mainH, mainH-p.Horizontal), Unit: "°"},
			{Name: "vertically, coarse (head and lids)", Value: p.Vertical - mainV, Unit: "°"},
			{Name: "time at that place in the last minute", Value: p.Dwell.Seconds(), Unit: "s"},
			{Name: "mean quality of the gaze", Value: p.Quality},
		}, nil
	}
	return nil, nil
}

// sides are said as seen in the picture.
var sides = map[gaze.Side]string{
	gaze.PictureLeft: "left in the picture", gaze.PictureRight: "right in the picture", gaze.Up: "up", gaze.Down: "down",
}
