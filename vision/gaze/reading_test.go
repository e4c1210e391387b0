package gaze

import (
	"fmt"
	"math"
	"testing"
	"time"

	"bonafide/vision/gaze/gazetest"
)

// Return sweeps of lines with a known number are found, in either direction,
// and none in a gaze that only drifts.
func TestSweeps(t *testing.T) {
	for _, d := range []Direction{Rightwards, Leftwards} {
		var x []float64
		for range 10 { // lines of 3 s through 15°
			for i := range 30 {
				x = append(x, float64(d)*15*float64(i/3)/10)
			}
		}
		s := Signal{X: x}
		if got := Sweeps(s, d); len(got) != 9 || math.Abs(got[0].Degrees-13) > 3 || got[0].End != 3*time.Second {
			t.Errorf("direction %d: %d sweeps, want 9: %+v", d, len(got), got)
		}
		if got := Sweeps(s, -d); len(got) > 1 {
			t.Errorf("against the direction %d: %d sweeps", d, len(got))
		}
	}
	drift := Signal{}
	for i := range 300 {
		drift.X = append(drift.X, 5*math.Sin(float64(i)/40))
	}
	if got := Sweeps(drift, Rightwards); len(got) != 0 {
		t.Errorf("%d sweeps in a slow drift", len(got))
	}
	if got := Sweeps(Signal{X: make([]float64, 300)}, Rightwards); len(got) != 0 {
		t.Errorf("%d sweeps in stillness", len(got))
	}
}

// Generated traces that the model was not fitted to: at the threshold, most
// readers of wide lines are found within a minute and no other gaze is, whatever
// the direction; a gaze that hardly moves scores 0.
func TestReadingOfGeneratedTraces(t *testing.T) {
	const n = 40
	found := map[string]int{}
	for seed := uint64(5000); seed < 5000+n; seed++ {
		for name, trace := range map[string]gazetest.Trace{
			"read 20°":       gazetest.Reading(seed, time.Minute, gazetest.ReadingStyle{Line: 20}),
			"read aloud 20°": gazetest.Reading(seed, time.Minute, gazetest.ReadingStyle{Line: 20, Aloud: true, Right: true}),
			"talking":        gazetest.Talking(seed, time.Minute),
			"looking":        gazetest.Looking(seed, time.Minute, 30),
			"alternating":    gazetest.Alternating(seed, time.Minute, 25),
		} {
			x := sampled(trace.Wander(seed, 0.8, 1.2))
			found[name] += flaggedOf([][]float64{each(x)}, Threshold)
		}
	}
	t.Log(fmt.Sprint("flagged of 40: ", found))
	if found["read 20°"] < n*8/10 || found["read aloud 20°"] < n*7/10 {
		t.Errorf("readers found: %v, want 80 %% of the silent and 70 %% of those who read aloud", found)
	}
	if found["talking"]+found["looking"]+found["alternating"] > 2 {
		t.Errorf("other gaze flagged: %v, want at most 2 of 120 minutes", found)
	}
}

func TestScoreBounds(t *testing.T) {
	still := make([]float64, 300)
	for i := range still {
		still[i] = 0.5 * math.Sin(float64(i))
	}
	if s, ok := Read(still); !ok || s.Value != 0 {
		t.Errorf("eyes that hardly move: %+v, %v; want a score of 0", s, ok)
	}
	holes := make([]float64, 300)
	for i := range holes {
		holes[i] = float64(i % 30)
		if i%3 == 0 {
			holes[i] = math.NaN()
		}
	}
	if _, ok := Read(holes); ok {
		t.Error("a window with a third missing was scored")
	}
	if _, ok := Read(nil); ok {
		t.Error("no window was scored")
	}
}

// visit makes samples of one place.
func visit(at *time.Duration, h, v float64, length time.Duration) (out []Sample) {
	for end := *at + length; *at < end; *at += Step {
		out = append(out, Sample{At: *at, Horizontal: h + math.Sin(at.Seconds()*9), Vertical: v, Quality: 1})
	}
	return out
}

// The place aside that is returned to is found with its side, and looking
// about at many places is no place.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name   string
		h, v   float64
		visits int
		side   Side
	}{
		{"to the left", -26, 0, 6, PictureLeft},
		{"to the right", 30, 3, 5, PictureRight},
		{"down", 2, -22, 5, Down},
		{"up", -3, 25, 7, Up},
		{"on the screen", 12, 4, 0, ""},
	} {
		var p Places
		var at time.Duration
		in := visit(&at, 1, 2, 25*time.Second)
		began := at
		for i := range 8 {
			if i < c.visits || c.visits == 0 {
				in = append(in, visit(&at, 1+c.h, 2+c.v, 900*time.Millisecond)...)
			}
			in = append(in, visit(&at, 1, 2, 4*time.Second)...)
		}
		p.Add(Fixations(in))
		got, ok := p.Away(began)
		if !ok || got.Visits != c.visits || got.Side != c.side {
			t.Errorf("%s: %+v, %v; want %d visits", c.name, got, ok, c.visits)
		}
		if len(got.Stays) != got.Visits {
			t.Errorf("%s: %d visits, and the times of %d", c.name, got.Visits, len(got.Stays))
		}
		for i, s := range got.Stays {
			if want := began + time.Duration(i)*4900*time.Millisecond; max(s.Start-want, want-s.Start) > 300*time.Millisecond || s.End-s.Start < 600*time.Millisecond || s.End-s.Start > 1100*time.Millisecond {
				t.Errorf("%s: visit %d from %v to %v, want 0.9 s from %v", c.name, i, s.Start, s.End, want)
			}
		}
		if c.visits > 0 && math.Abs(got.Horizontal-1-c.h) > 2 {
			t.Errorf("%s: the place is at %v, want %v", c.name, got.Horizontal, 1+c.h)
		}
	}
	var p Places
	var at time.Duration
	in := visit(&at, 0, 0, 10*time.Second)
	p.Add(Fixations(in))
	if _, ok := p.Away(0); ok {
		t.Error("a main place is known after 10 s")
	}
	in = visit(&at, 0, 0, 20*time.Second)
	for i := range 8 {
		in = append(in, visit(&at, 22+7*float64(i%4)*math.Pow(-1, float64(i)), 9*float64(i%3-1), 600*time.Millisecond)...)
		in = append(in, visit(&at, 0, 0, 2*time.Second)...)
	}
	p.Add(Fixations(in))
	if got, ok := p.Away(30 * time.Second); !ok || got.Visits > 2 {
		t.Errorf("looking about: %+v, %v; want no place that is returned to", got, ok)
	}
}

// Fixations that are given again while they grow are not counted twice.
func TestPlacesGrow(t *testing.T) {
	var at time.Duration
	in := visit(&at, 0, 0, 30*time.Second)
	for range 4 {
		in = append(in, visit(&at, 30, 0, time.Second)...)
		in = append(in, visit(&at, 0, 0, 3*time.Second)...)
	}
	var p Places
	for end := 10; end <= len(in); end += 10 {
		p.Add(Fixations(in[max(end-100, 0):end]))
	}
	if got, ok := p.Away(30 * time.Second); !ok || got.Visits != 4 || got.Dwell > 4*time.Second || got.Dwell < 3*time.Second {
		t.Errorf("%+v, %v; want 4 visits of about a second", got, ok)
	}
}
