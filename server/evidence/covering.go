package evidence

import "time"

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
}

// NewCovering makes coverage that begins at the given interview time. maxStep
// is the longest time for which a reading speaks.
func NewCovering(sub Subject, kind Kind, maxStep time.Duration, startMS int64) *Covering {
	return &Covering{
		template: Coverage{
			Interview: sub.Interview, Participant: sub.Participant, Source: sub.Source, Run: sub.Run, Kind: kind,
		},
		maxStepMS: maxStep.Milliseconds(), last: startMS,
	}
}

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
		c.open(c.last, NotMeasurable, ReasonLoss)
	case !near && c.cur.State != NotRun:
		c.change(c.last+c.maxStepMS, NotMeasurable, ReasonLoss)
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
	c.begun = true
	c.cur = c.template
	c.cur.State, c.cur.Reason, c.cur.StartMS = state, reason, atMS
}

func (c *Covering) close(atMS int64) {
	c.cur.EndMS = atMS
	if c.cur.EndMS > c.cur.StartMS {
		c.done = append(c.done, c.cur)
	}
}

// Finish completes the coverage at the given interview time. A state that
// was not told anew for longer than maxStep does not reach that far.
func (c *Covering) Finish(atMS int64) {
	atMS = max(atMS, c.last)
	if !c.begun {
		c.open(c.last, NotMeasurable, ReasonLoss)
	}
	if atMS-c.last > c.maxStepMS && c.cur.State != NotRun {
		c.change(c.last+c.maxStepMS, NotMeasurable, ReasonLoss)
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
	return p, c.begun
}
