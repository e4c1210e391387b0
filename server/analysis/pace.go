package analysis

import "time"

// Limits of the pace at which faces are read when the machine is too slow for
// the configured one.
const (
	paceWindow  = 10 * time.Second // over which dropped readings are counted
	paceDropped = 0.2              // of the readings that were due: slow down
	paceCalm    = time.Minute      // without any dropped: speed up
	paceMost    = 4                // the longest step, in steps of the configured one
)

// pace spaces the readings of faces evenly. A machine that is too slow drops
// readings wherever it happens to be late; with fewer of them due, the rest
// come at even distances, which is what everything that looks at movement
// needs. At two steps there are half as many landmarks, at four a quarter;
// faces are searched for as often as before.
type pace struct {
	step    int // 1, 2 or 4
	next    time.Duration
	since   time.Duration // beginning of the window
	done    int
	dropped int
	calm    time.Duration // since when nothing was dropped, or since the last change
}

// due tells whether faces are to be read at this time.
func (p *pace) due(at time.Duration) bool { return p.step <= 1 || at >= p.next }

// read notes a reading, those that were dropped since the one before, and the
// configured time between two.
func (p *pace) read(at time.Duration, dropped int, every time.Duration) {
	p.step = max(p.step, 1)
	p.next = at + time.Duration(p.step)*every - every/2
	p.done++
	p.dropped += dropped
	if dropped > 0 {
		p.calm = at
	}
	if at-p.since >= paceWindow {
		if float64(p.dropped) > paceDropped*float64(p.done+p.dropped) {
			p.step, p.calm = min(2*p.step, paceMost), at
		}
		p.since, p.done, p.dropped = at, 0, 0
	}
	if p.step > 1 && at-p.calm >= paceCalm {
		p.step, p.calm = p.step/2, at
	}
}

// perSecond is how many readings a second are due at this pace, 0 at the
// configured one. Without a face to follow only searches are due; they become
// fewer only where they can no longer keep to their own time.
func (p *pace) perSecond(cfg Config, followed bool) float64 {
	every := time.Duration(p.step) * cfg.LandmarksEvery
	switch {
	case p.step <= 1:
		return 0
	case followed:
		return 1 / every.Seconds()
	case 2*every <= cfg.DetectEvery:
		return 0
	}
	return 1 / max(every, cfg.DetectEvery).Seconds()
}
