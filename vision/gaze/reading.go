package gaze

import (
	"math"
	"time"
)

// Model is a logistic regression on the features of a window.
type Model struct {
	Mean, Scale Features // a feature counts as (f − Mean) / Scale
	Weight      Features
	Bias        float64
}

// Probability is the model's for a window read in the direction of the
// features, 0 to 1. It is calibrated to the windows it was fitted on, half of
// them of reading: no probability that somebody in a call reads.
func (m *Model) Probability(f Features) float64 { return 1 / (1 + math.Exp(-m.logit(f))) }

func (m *Model) logit(f Features) float64 {
	z := m.Bias
	for i := range f {
		z += m.Weight[i] * min(max((f[i]-m.Mean[i])/m.Scale[i], -4), 4)
	}
	return z
}

// Window of the reading score, and the least spread of the gaze within it.
const (
	// Window is the stretch that is scored at once. Windows of 10 s tell less,
	// longer ones find a reader later.
	Window = 30 * time.Second
	// MinSpread is the spread in degrees below which the eyes moved less than
	// lines can be told from a webcam's noise and the wander of a talking
	// head's gaze: the score is then 0.
	MinSpread = 4.0
	// Threshold is the score from which a window looks like reading, and
	// HoldFor is for how long it must, second after second. Chosen for at most
	// one false flag an hour: 0.85 gave none in 2.9 h of recorded gaze and none
	// in 4.6 h of generated one, 0.8 gave one and none, 0.7 four and two
	// (TestEvalReading). None in 2.9 h bounds the rate only to about one an hour
	// (95 %). Not counted are people who write at a screen, and follow the lines
	// that they write: six flags in a quarter of an hour, and four at 0.95.
	Threshold = 0.85
	HoldFor   = 8 * time.Second
)

// Score tells how much a window looks like reading.
type Score struct {
	Value     float64   // 0 to 1: the model's for the likelier direction
	Direction Direction // of reading, as seen in the picture
	Spread    float64   // of the gaze, degrees
	Features  Features
}

// Read scores a window at Rate for both directions of reading. ok is false
// where fewer than three quarters of it were measured.
func Read(x []float64) (Score, bool) { return reading.read(x) }

func (m *Model) read(x []float64) (best Score, ok bool) {
	for _, d := range []Direction{Rightwards, Leftwards} {
		f, good := Extract(x, d)
		if !good {
			return Score{}, false
		}
		if p := m.Probability(f); d == Rightwards || p > best.Value {
			best = Score{Value: p, Direction: d, Features: f}
		}
	}
	if best.Spread, _ = spread(smooth(x)); best.Spread < MinSpread {
		best.Value = 0
	}
	return best, true
}
