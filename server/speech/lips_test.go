package speech

import (
	"math"
	"testing"
	"time"
)

// A mouth moves as much at any rate of readings from ten a second on: more
// readings must not make a talking mouth look still.
func TestMovementAtAnyRate(t *testing.T) {
	opening := func(ms int64) float64 { return 0.06 + 0.03*math.Sin(float64(ms)/1000*2*math.Pi*2.3) }
	speaks := func(int64) bool { return true }
	measure := func(rate int, due func(picture int) bool) float64 {
		var l Lips
		for i := range 4 * rate {
			if ms := (time.Duration(i) * time.Second / time.Duration(rate)).Milliseconds(); due(i) {
				l.See(Mouth{AtMS: ms, Opening: opening(ms)})
			}
		}
		movement, quality, why := l.Movement(3500, speaks)
		if why != "" || quality < 0.9 {
			t.Errorf("%d pictures a second: quality %.2f, %q", rate, quality, why)
		}
		return movement
	}
	all := func(int) bool { return true }
	ten := measure(10, all)
	for name, got := range map[string]float64{
		"twelve a second of fifteen": measure(15, func(i int) bool { return i%5 != 4 }),
		"twelve a second of thirty":  measure(30, func(i int) bool { return i%5 == 0 || i%5 == 2 }),
		"twelve a second":            measure(12, all),
		"fifteen a second":           measure(15, all),
		"thirty a second":            measure(30, all),
	} {
		if got < 0.85*ten || got > 1.5*ten {
			t.Errorf("%s: movement %.4f, at ten a second %.4f", name, got, ten)
		}
	}
}
