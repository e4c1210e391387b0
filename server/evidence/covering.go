package evidence

import (
	"math"
	"time"
)

// Covering makes the coverage intervals of one kind: they follow each other
// without overlap and without holes, and none is longer than CoverageChunk by
// more than the time between two observations. It has one owner.
type Covering struct {
	template  Coverage
	maxStepMS int64

	last  int64 // time of the newest Set, or the start
	begun bool  // some state is known
	cur   Coverage
	done  []Coverage

	hole   Reason  // of time that no reading tells of
	slowed float64 // readings per second that are due, while they are fewer than they should be
	looks  int     // readings in cur
}

// NewCovering makes coverage that begins at the given interview time. maxStep
// is the longest time for which a reading speaks.
func NewCovering(sub Subject, kind Kind, maxStep time.Duration, startMS int64) *Covering {
	return &Covering{
		template: Coverage{
			Interview: sub.Interview, Participant: sub.Participant, Source: sub.Source, Run: sub.Run, Kind: kind,
		},
		maxStepMS: maxStep.Milliseconds(), last: startMS, hole: ReasonLoss,
	}
}

// SetHole says why no reading tells of the time since the newest one, and of
// what follows: packet_loss unless this was called.
func (c *Covering) SetHole(why Reason) { c.hole = why }

// Slow tells that from this instant on the signal is looked at only perSecond
// times a second, since the machine is too slow for more; 0 that it is looked
// at as often as it should be. Intervals before and after are apart.
func (c *Covering) Slow(atMS int64, perSecond float64) {
	if perSecond == c.slowed {
		return
	}
	if c.begun {
		atMS = max(atMS, c.last)
		c.close(atMS)
		c.open(atMS, c.cur.State, c.cur.Reason)
	}
	c.slowed = perSecond
}

// Look counts that the signal was looked at once: observations may be fewer.
func (c *Covering) Look() { c.looks++ }

// Set tells the state that a reading at this instant showed. It holds until
// the next Set: for at most maxStep, but for not_run, which holds until it is
// changed. Times do not run backwards.
func (c *Covering) Set(atMS int64, state CoverageState, reason Reason) {
	atMS = max(atMS, c.last)
	near := atMS-c.last <= c.maxStepMS
	switch {
	case !c.begun && near:
		c.open(c.last, state, reason)
	case !c.begun:
		c.open(c.last, NotMeasurable, c.hole)
	case !near && c.cur.State != NotRun:
		c.change(c.last+c.maxStepMS, NotMeasurable, c.hole)
	}
	c.change(atMS, state, reason)
	if state != NotRun {
		c.cur.Samples++
	}
	c.last = atMS
}

// change closes the interval going on where the state differs or it is long.
func (c *Covering) change(atMS int64, state CoverageState, reason Reason) {
	same := c.cur.State == state && c.cur.Reason == reason
	if same && atMS-c.cur.StartMS < CoverageChunk.Milliseconds() {
		return
	}
	c.close(atMS)
	c.open(atMS, state, reason)
}

func (c *Covering) open(atMS int64, state CoverageState, reason Reason) {
	c.begun, c.looks = true, 0
	c.cur = c.template
	c.cur.State, c.cur.Reason, c.cur.StartMS = state, reason, atMS
}

func (c *Covering) close(atMS int64) {
	c.cur.EndMS = atMS
	c.cur.SlowedTo = c.rate(atMS)
	if c.cur.EndMS > c.cur.StartMS {
		c.done = append(c.done, c.cur)
	}
}

// rate is how often the signal was looked at in the interval going on, where
// that is less than it should be, to a tenth. An interval that begins and ends
// with a reading has one too many.
func (c *Covering) rate(atMS int64) float64 {
	if c.slowed == 0 || c.looks == 0 || c.cur.State == NotRun || atMS <= c.cur.StartMS {
		return 0
	}
	made := float64(c.looks) * 1000 / float64(atMS-c.cur.StartMS)
	return math.Max(math.Round(10*math.Min(made, c.slowed))/10, 0.1)
}

// Finish completes the coverage at the given interview time. A state that
// was not told anew for longer than maxStep does not reach that far.
func (c *Covering) Finish(atMS int64) {
	atMS = max(atMS, c.last)
	if !c.begun {
		c.open(c.last, NotMeasurable, c.hole)
	}
	if atMS-c.last > c.maxStepMS && c.cur.State != NotRun {
		c.change(c.last+c.maxStepMS, NotMeasurable, c.hole)
	}
	c.close(atMS)
	c.open(atMS, c.cur.State, c.cur.Reason)
	c.last = atMS
}

// Take gives the intervals completed since the last call.
func (c *Covering) Take() []Coverage {
	out := c.done
	c.done = nil
	return out
}

// Present is the interval going on as far as it is known; false before the
// first Set.
func (c *Covering) Present() (Coverage, bool) {
	p := c.cur
	p.EndMS = c.last
	p.SlowedTo = c.rate(c.last)
	return p, c.begun
}
