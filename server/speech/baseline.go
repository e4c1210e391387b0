package speech

import (
	"math"
	"slices"
	"time"
)

// BaselineConfig sets what a person's own baseline is made of, and how far
// beyond it a value must lie. Zero fields mean defaults.
type BaselineConfig struct {
	// Length is the time from the first exchange on that counts as small talk,
	// default 90 s. Soft questions count whenever they are asked.
	Length time.Duration
	// MinWaits and MinPauses are how many of each there must be, default 3 and 5.
	MinWaits, MinPauses int
	// Spread is how many robust standard deviations (1.4826 times the median
	// absolute deviation) above the own median a value must lie, default 5.
	Spread float64
	// FloorWait and FloorPause are the values under which nothing is unusual
	// whatever the baseline says, in seconds; defaults 4 and 3.5. They are the
	// 99th percentiles of ordinary talk: in 99 hours of two-party telephone
	// calls (CALLHOME, 319 calls), measured as here, one wait in a hundred is
	// longer than 4.3 s and one pause within a turn longer than 3.4 s. Beyond
	// the floor and the own baseline lie 2.9 waits and about 0.1 pauses in an
	// hour of such a call (TestEvalBaseline prints all of this). For gaps of
	// any kind between two speakers the 99th percentile is 2.3 s: a question
	// takes more thought than an exchange of "mm-hm".
	FloorWait, FloorPause float64
}

// Defaults fills in what is not set.
func (c BaselineConfig) Defaults() BaselineConfig {
	set := func(f *float64, v float64) {
		if *f <= 0 {
			*f = v
		}
	}
	if c.Length <= 0 {
		c.Length = 90 * time.Second
	}
	if c.MinWaits <= 0 {
		c.MinWaits = 3
	}
	if c.MinPauses <= 0 {
		c.MinPauses = 5
	}
	set(&c.Spread, 5)
	set(&c.FloorWait, 4)
	set(&c.FloorPause, 3.5)
	return c
}

// minSpread is the least median absolute deviation, in seconds, that a few
// values are taken to show. The frames of the detection are 0.03 s long.
const minSpread = 0.1

// Baseline is one person's usual waits and pauses. One goroutine owns it.
type Baseline struct {
	cfg    BaselineConfig
	begun  bool
	fromMS int64
	soft   []Span    // soft questions
	waits  []float64 // seconds
	pauses []float64
}

// NewBaseline makes a baseline that nothing is in yet.
func NewBaseline(cfg BaselineConfig) *Baseline { return &Baseline{cfg: cfg.Defaults()} }

// Begin starts the time of small talk, with the first exchange. Later calls
// change nothing.
func (b *Baseline) Begin(atMS int64) {
	if !b.begun {
		b.begun, b.fromMS = true, atMS
	}
}

// maxSoft soft questions count.
const maxSoft = 50

// Soft counts the time of a soft question as small talk.
func (b *Baseline) Soft(fromMS, toMS int64) {
	if len(b.soft) < maxSoft {
		b.soft = append(b.soft, Span{StartMS: fromMS, EndMS: toMS})
	}
}

// Learning tells whether an instant belongs to the time of small talk, or to a
// soft question.
func (b *Baseline) Learning(atMS int64) bool {
	if ms, _ := within(b.soft, atMS, atMS+1); ms > 0 {
		return true
	}
	return b.begun && atMS >= b.fromMS && atMS < b.fromMS+b.cfg.Length.Milliseconds()
}

// After tells whether an instant lies after the time of small talk.
func (b *Baseline) After(atMS int64) bool {
	return b.begun && atMS >= b.fromMS+b.cfg.Length.Milliseconds()
}

// Config is what the baseline was made with.
func (b *Baseline) Config() BaselineConfig { return b.cfg }

// Range is the time of small talk; false before it has begun.
func (b *Baseline) Range() (fromMS, toMS int64, ok bool) {
	return b.fromMS, b.fromMS + b.cfg.Length.Milliseconds(), b.begun
}

// AddWait and AddPause take a value of the person's own, in seconds.
func (b *Baseline) AddWait(s float64) { b.waits = append(b.waits, s) }

// AddPause takes a pause of the person's own, in seconds.
func (b *Baseline) AddPause(s float64) { b.pauses = append(b.pauses, s) }

// Usual is what a baseline says of one figure, in seconds.
type Usual struct {
	Median float64
	Spread float64 // 1.4826 × median absolute deviation, at least 0.15 s
	Limit  float64 // from here on a value is unusual
	Count  int
}

// Waits gives the usual wait before an answer; false without a baseline.
func (b *Baseline) Waits() (Usual, bool) {
	return b.usual(b.waits, b.cfg.MinWaits, b.cfg.FloorWait)
}

// Pauses gives the usual pause; false without a baseline.
func (b *Baseline) Pauses() (Usual, bool) {
	return b.usual(b.pauses, b.cfg.MinPauses, b.cfg.FloorPause)
}

func (b *Baseline) usual(values []float64, least int, floor float64) (Usual, bool) {
	if len(values) < least {
		return Usual{Count: len(values)}, false
	}
	m := median(values)
	off := make([]float64, len(values))
	for i, v := range values {
		off[i] = math.Abs(v - m)
	}
	u := Usual{Median: m, Spread: 1.4826 * max(median(off), minSpread), Count: len(values)}
	u.Limit = max(floor, m+b.cfg.Spread*u.Spread)
	return u, true
}

// median of values, which are not changed; 0 of none.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return s[n/2]
	}
	return (s[n/2-1] + s[n/2]) / 2
}
