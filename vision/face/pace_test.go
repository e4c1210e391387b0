package face

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Twelve readings a second come of cameras that give so many pictures, and ten
// of those that give ten, though the times of their pictures tremble.
func TestReadingsOfCameras(t *testing.T) {
	const length = time.Minute
	for _, c := range []struct {
		fps  int
		want float64 // readings a second
	}{{10, 10}, {12, 12}, {15, 12}, {24, 12}, {25, 12}, {30, 12}, {60, 12}} {
		p, random := pace{every: time.Second / 12}, rand.New(rand.NewPCG(1, uint64(c.fps)))
		n, last := 0, time.Duration(0)
		for i := range int(length.Seconds()) * c.fps {
			at := time.Duration(i)*time.Second/time.Duration(c.fps) + time.Duration(random.IntN(10_000))*time.Microsecond
			if at = max(at, last); p.due(at) {
				p.done(at)
				n++
			}
			last = at
		}
		if got := float64(n) / length.Seconds(); got < c.want-0.1 || got > c.want+0.1 {
			t.Errorf("%d pictures a second: %.2f readings, want %.0f", c.fps, got, c.want)
		}
	}
}
