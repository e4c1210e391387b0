// Package gazetest makes what tests of gaze need: traces of where somebody
// looks while reading, talking or watching, and pictures of a real face whose
// irises follow a trace.
package gazetest

import (
	"math"
	"math/rand/v2"
	"time"
)

// traceRate is the samples per second of a generated trace.
const traceRate = 60

// Trace is a horizontal gaze over time in degrees, > 0 towards the picture's
// right side.
type Trace struct {
	Rate float64 // samples per second
	X    []float64
}

// At is the gaze at an instant; a trace that is over begins anew.
func (t Trace) At(at time.Duration) float64 {
	return t.X[int(at.Seconds()*t.Rate)%len(t.X)]
}

// Length of the trace.
func (t Trace) Length() time.Duration {
	return time.Duration(float64(len(t.X)) / t.Rate * float64(time.Second))
}

// ReadingStyle is how somebody reads.
type ReadingStyle struct {
	Line  float64 // width of a line in degrees
	Aloud bool    // slower, and with glances at the listener
	Right bool    // towards the picture's right side
}

// Reading is the trace of somebody who reads lines: fixations of about a
// quarter of a second (longer aloud), saccades of 7 to 9 letters of which one
// in eight goes back, and a sweep to the next line that often falls short. The
// figures are the usual ones of skilled readers (Rayner, "Eye movements in
// reading and information processing", Psychological Bulletin 1998, tables 1
// and 2).
func Reading(seed uint64, length time.Duration, style ReadingStyle) Trace {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &writer{r: r}
	perLine := 6 + r.Float64()*4 // saccades
	hold, glance := 0.235, 40.0
	if style.Aloud {
		hold, glance = 0.34, 9.0
	}
	nextGlance := glance * (0.5 + r.Float64())
	x := -0.5
	for w.seconds() < length.Seconds() {
		w.fixate(x*style.Line, hold*math.Exp(0.3*r.NormFloat64()))
		if w.seconds() > nextGlance {
			w.fixate(style.Line*0.2*r.NormFloat64()+4*r.NormFloat64(), 0.5+r.Float64())
			nextGlance = w.seconds() + glance*(0.5+r.Float64())
		}
		step := (0.7 + 0.6*r.Float64()) / perLine
		if r.Float64() < 0.12 {
			step = -0.8 * step
		}
		if x += step; x < 0.47+0.05*r.NormFloat64() {
			continue
		}
		x = -0.5 + math.Abs(0.03*r.NormFloat64())
		if r.Float64() < 0.4 { // the sweep falls short, and is put right
			w.fixate((x+0.08+0.05*r.Float64())*style.Line, 0.15)
		}
		if r.Float64() < 0.1 {
			x = -0.5 + 0.4*r.Float64() // a short last line began elsewhere, or was skipped into
		}
	}
	return w.trace(style.Right)
}

// Talking is the trace of somebody who talks to a face on the screen: most of
// the time there, with looks aside while thinking (Kendon, "Some functions of
// gaze-direction in social interaction", Acta Psychologica 1967, reports looks
// away for about half of the speaking time), and a slow wander of head and eyes.
func Talking(seed uint64, length time.Duration) Trace {
	r := rand.New(rand.NewPCG(seed, 2))
	w := &writer{r: r}
	aside := []float64{8 + 14*r.Float64(), -8 - 14*r.Float64(), 5 * r.NormFloat64()}
	for w.seconds() < length.Seconds() {
		until := w.seconds() + 1 + 4*r.ExpFloat64()
		for w.seconds() < until {
			w.fixate(1.5*r.NormFloat64(), 0.3+0.8*r.ExpFloat64())
		}
		until = w.seconds() + 0.4 + 1.5*r.ExpFloat64()
		place := aside[r.IntN(len(aside))]
		for w.seconds() < until {
			w.fixate(place+2.5*r.NormFloat64(), 0.3+0.7*r.ExpFloat64())
		}
	}
	return w.trace(r.IntN(2) == 0)
}

// Looking is the trace of somebody who looks about on a screen without lines:
// pictures, a search, moving things that are followed for a while.
func Looking(seed uint64, length time.Duration, width float64) Trace {
	r := rand.New(rand.NewPCG(seed, 3))
	w := &writer{r: r}
	x, follow := 0.0, 0.15+0.3*r.Float64()
	for w.seconds() < length.Seconds() {
		if r.Float64() < follow { // something moves slowly
			speed, n := (r.Float64()-0.5)*width, 0.3+1.5*r.Float64()
			for until := w.seconds() + n; w.seconds() < until; {
				x = min(max(x+speed/traceRate, -width/2), width/2)
				w.x = append(w.x, x)
			}
			continue
		}
		x += width * 0.3 * r.NormFloat64()
		if math.Abs(x) > width/2 {
			x = width * (r.Float64() - 0.5)
		}
		w.fixate(x, 0.15+0.3*r.ExpFloat64())
	}
	return w.trace(r.IntN(2) == 0)
}

// Alternating is the trace of somebody who goes between two places, as between
// a keyboard or notes and the screen.
func Alternating(seed uint64, length time.Duration, width float64) Trace {
	r := rand.New(rand.NewPCG(seed, 4))
	w := &writer{r: r}
	for side := 0.5; w.seconds() < length.Seconds(); side = -side {
		until := w.seconds() + 0.4 + 1.5*r.ExpFloat64()
		for w.seconds() < until {
			w.fixate(width*(side+0.08*r.NormFloat64()), 0.2+0.4*r.ExpFloat64())
		}
	}
	return w.trace(r.IntN(2) == 0)
}

// writer appends fixations to a trace.
type writer struct {
	r *rand.Rand
	x []float64
}

func (w *writer) seconds() float64 { return float64(len(w.x)) / traceRate }

// fixate holds a place for some seconds, after a saccade of two samples where
// it is far.
func (w *writer) fixate(x, seconds float64) {
	if n := len(w.x); n > 0 && math.Abs(w.x[n-1]-x) > 2 {
		w.x = append(w.x, w.x[n-1]+(x-w.x[n-1])*0.5)
	}
	for range max(int(seconds*traceRate), 1) {
		w.x = append(w.x, x+0.05*w.r.NormFloat64())
	}
}

func (w *writer) trace(mirror bool) Trace {
	if mirror {
		return Trace{Rate: traceRate, X: w.x}
	}
	for i := range w.x {
		w.x[i] = -w.x[i]
	}
	return Trace{Rate: traceRate, X: w.x}
}

// Wander adds what a webcam and a talking head add to a gaze: noise of each
// sample and a slow drift, both as a standard deviation in degrees.
func (t Trace) Wander(seed uint64, noise, drift float64) Trace {
	r := rand.New(rand.NewPCG(seed, 5))
	out := Trace{Rate: t.Rate, X: make([]float64, len(t.X))}
	// A first-order random walk that forgets within 1.5 s.
	keep := math.Exp(-1 / (1.5 * t.Rate))
	d := drift * r.NormFloat64()
	for i, x := range t.X {
		d = keep*d + math.Sqrt(1-keep*keep)*drift*r.NormFloat64()
		out.X[i] = x + d + noise*r.NormFloat64()
	}
	return out
}
