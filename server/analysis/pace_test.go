package analysis

import (
	"testing"
	"time"
)

// TestPace runs a machine that needs a certain time for a reading of faces.
func TestPace(t *testing.T) {
	const every = 100 * time.Millisecond
	for _, c := range []struct {
		name  string
		needs time.Duration
		step  int
	}{{"fast", 40 * time.Millisecond, 1}, {"needs 150 ms", 150 * time.Millisecond, 2}, {"needs 350 ms", 350 * time.Millisecond, 4}} {
		var p pace
		var free, last, longest time.Duration
		for at := time.Duration(0); at < 50*time.Second; at += every {
			if at < free || !p.due(at) {
				continue // busy, or not due
			}
			dropped := 0
			if last > 0 {
				dropped = max(int((at-last)/every)/max(p.step, 1)-1, 0)
			}
			if at > 40*time.Second {
				longest = max(longest, at-last)
			}
			p.read(at, dropped, every)
			last, free = at, at+c.needs
		}
		if p.step != c.step {
			t.Errorf("%s: every %d steps, want %d", c.name, p.step, c.step)
		}
		if longest > time.Duration(c.step)*every {
			t.Errorf("%s: %v between two readings, want them even at %v", c.name, longest, time.Duration(c.step)*every)
		}
	}
	p := pace{step: 4, calm: 0}
	for at := time.Duration(0); at < 130*time.Second; at += 4 * every {
		p.read(at, 0, every)
	}
	if p.step != 1 {
		t.Errorf("after two minutes without a drop: every %d steps, want 1", p.step)
	}
}
