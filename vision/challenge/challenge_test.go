package challenge

import (
	"image"
	"testing"
	"time"

	"bonafide/vision"
)

const (
	sec   = time.Second
	width = 320
	high  = 240
)

// seen is what a synthetic picture shows at an instant.
type seen struct {
	yaw, pitch, size float64 // size is a share of the usual
	none             bool    // no face
	cover            float64 // how far a hand of the face's width has come, 0 to 1; 0 for none
	light            uint8   // of the background
}

// reading draws a face of stripes, so that a hand without any changes its look,
// and gives it landmarks.
func reading(at time.Duration, s seen) Reading {
	m := image.NewYCbCr(image.Rect(0, 0, width, high), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = 100 + s.light
	}
	size := 100.0
	if s.size > 0 {
		size *= s.size
	}
	x0, y0 := width/2-size*0.4, high/2-size/2
	for y := int(y0); y < int(y0+size); y++ {
		for x := int(x0); x < int(x0+size*0.8); x++ {
			m.Y[m.YOffset(x, y)] = uint8(90 + 60*((x/7+y/9)%2))
		}
	}
	if s.cover > 0 {
		from := x0 - size*0.8 + s.cover*size*1.6
		for y := int(y0) - 5; y < int(y0+size)+5; y++ {
			for x := max(int(from), 0); x < int(from+size*0.8); x++ {
				m.Y[m.YOffset(x, y)] = 120
			}
		}
	}
	r := Reading{At: at, Frame: &vision.Frame{Image: m, At: at}}
	if s.none {
		return r
	}
	points := make([]vision.Point3, vision.LandmarkCount)
	for i := range points {
		points[i] = vision.Point3{X: width / 2, Y: high / 2}
	}
	points[foreheadTop], points[chin] = vision.Point3{X: width / 2, Y: y0}, vision.Point3{X: width / 2, Y: y0 + size}
	points[0], points[1] = vision.Point3{X: x0, Y: high / 2}, vision.Point3{X: x0 + size*0.8, Y: high / 2}
	r.Face = &vision.Face{Landmarks: points, Presence: 1, Pose: vision.Pose{Yaw: s.yaw, Pitch: s.pitch}}
	return r
}

// run gives a check ten readings a second for as long as the script goes on.
func run(c Check, script func(at time.Duration) seen, length time.Duration) (s State, when time.Duration) {
	for at := time.Duration(0); at < length; at += 100 * time.Millisecond {
		var now State
		if now, _ = c.Take(reading(at, script(at))); now == Done && s != Done {
			when = at
		}
		s = now
	}
	return s, when
}

// from shows something between two instants.
func from(a, b time.Duration, what seen) func(time.Duration) seen {
	return func(at time.Duration) seen {
		if at >= a && at < b {
			return what
		}
		return seen{}
	}
}

func TestChecks(t *testing.T) {
	still := func(time.Duration) seen { return seen{} }
	nobody := func(time.Duration) seen { return seen{none: true} }
	pass := func(most float64) func(time.Duration) seen {
		return func(at time.Duration) seen {
			if at < 2*sec || at >= 3*sec {
				return seen{}
			}
			return seen{cover: 0.05 + (most-0.05)*float64(at-2*sec)/float64(sec), none: at > 2300*time.Millisecond && at < 2700*time.Millisecond}
		}
	}
	for _, c := range []struct {
		name   string
		check  Check
		script func(time.Duration) seen
		want   State
	}{
		{"turned left", NewTurn(Left), from(2*sec, 3*sec, seen{yaw: 45}), Done},
		{"left was asked for, turned right", NewTurn(Left), from(2*sec, 3*sec, seen{yaw: -45}), Waiting},
		{"turned right", NewTurn(Right), from(2*sec, 3*sec, seen{yaw: -45}), Done},
		{"turned too little", NewTurn(Left), from(2*sec, 3*sec, seen{yaw: 30}), Waiting},
		{"turned for one picture", NewTurn(Left), from(2*sec, 2100*time.Millisecond, seen{yaw: 45}), Waiting},
		{"turned until the face is lost", NewTurn(Left), func(at time.Duration) seen {
			return seen{yaw: min(max(float64(at-2*sec)/float64(sec)*60, 0), 32), none: at > 2600*time.Millisecond && at < 4*sec}
		}, Done},
		{"lost without a turn", NewTurn(Left), from(2*sec, 4*sec, seen{none: true}), Waiting},
		{"turned from the beginning", NewTurn(Left), func(time.Duration) seen { return seen{yaw: 45} }, NoBaseline},
		{"from one side to the front", NewTurn(Left), func(at time.Duration) seen {
			if at < 2*sec {
				return seen{yaw: -29}
			}
			return seen{yaw: 12}
		}, Waiting},
		{"nobody to turn", NewTurn(Left), nobody, NoBaseline},
		{"looked up", NewRaise(), from(2*sec, 3*sec, seen{pitch: 25}), Done},
		{"looked down", NewRaise(), from(2*sec, 3*sec, seen{pitch: -25}), Waiting},
		{"stood back", NewBack(), from(2*sec, 4*sec, seen{size: 0.6}), Done},
		{"leant back", NewBack(), from(2*sec, 4*sec, seen{size: 0.8}), Waiting},
		{"a hand passes", NewHand(), pass(1), Done},
		{"a hand comes half way", NewHand(), pass(0.4), Waiting},
		{"no hand", NewHand(), still, Waiting},
		{"nobody to cover", NewHand(), nobody, NoBaseline},
		{"another view", NewView(), from(2*sec, 9*sec, seen{light: 80}), Done},
		{"another view for a moment", NewView(), from(2*sec, 4*sec, seen{light: 80}), Waiting},
		{"the same view", NewView(), still, Waiting},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, when := run(c.check, c.script, 10*sec)
			if got != c.want {
				t.Errorf("state %d, want %d; values %+v", got, c.want, c.check.Values())
			}
			if got == Done && when < 2*sec {
				t.Errorf("done at %v, before it was begun", when)
			}
			for _, v := range c.check.Values() {
				if v.Name == "" || (v.Compare != "") != (v.Threshold != 0) {
					t.Errorf("value %+v", v)
				}
			}
		})
	}
}

// TestFewReadings has what was asked for read as often as a machine that is too
// slow reads it, every 400 ms, and at odd distances.
func TestFewReadings(t *testing.T) {
	turned := from(2*sec, 3200*time.Millisecond, seen{yaw: 45})
	every := func(step time.Duration) (at []time.Duration) {
		for a := time.Duration(0); a < 8*sec; a += step {
			at = append(at, a)
		}
		return at
	}
	ms := func(all ...int) (at []time.Duration) {
		for _, a := range all {
			at = append(at, time.Duration(a)*time.Millisecond)
		}
		return at
	}
	for _, c := range []struct {
		name   string
		check  Check
		script func(time.Duration) seen
		at     []time.Duration
		want   State
	}{
		{"a turn, every 400 ms", NewTurn(Left), turned, every(400 * time.Millisecond), Done},
		{"raised, every 400 ms", NewRaise(), from(2*sec, 3200*time.Millisecond, seen{pitch: 25}), every(400 * time.Millisecond), Done},
		{"back, every 400 ms", NewBack(), from(2*sec, 3200*time.Millisecond, seen{size: 0.6}), every(400 * time.Millisecond), Done},
		{"a turn in one reading of many", NewTurn(Left), from(2*sec, 2300*time.Millisecond, seen{yaw: 45}), every(400 * time.Millisecond), Waiting},
		{"two short turns, back between them", NewTurn(Left), func(at time.Duration) seen {
			if at == 2*sec || at == 2800*time.Millisecond {
				return seen{yaw: 45}
			}
			return seen{}
		}, every(400 * time.Millisecond), Waiting},
		{"two turns, nothing read for two seconds between them", NewTurn(Left), func(at time.Duration) seen {
			if at == 2*sec || at == 4*sec {
				return seen{yaw: 45}
			}
			return seen{}
		}, ms(0, 400, 800, 1200, 1600, 2000, 4000, 4400), Waiting},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s State
			for _, at := range c.at {
				if now, _ := c.check.Take(reading(at, c.script(at))); s != Done {
					s = now
				}
			}
			if s != c.want {
				t.Errorf("state %d, want %d; values %+v", s, c.want, c.check.Values())
			}
		})
	}
}

// TestOddPictures gives pictures that are tiny, or without anything.
func TestOddPictures(t *testing.T) {
	for _, c := range []Check{NewHand(), NewView(), NewTurn(Left), NewRaise(), NewBack()} {
		for _, size := range []image.Point{{X: 1, Y: 1}, {X: 3, Y: 2}, {X: 640, Y: 1}} {
			f := &vision.Frame{Image: image.NewYCbCr(image.Rect(0, 0, size.X, size.Y), image.YCbCrSubsampleRatio420)}
			if s, _ := c.Take(Reading{Frame: f}); s != NoBaseline && s != Waiting {
				t.Errorf("%T, %v: state %d", c, size, s)
			}
		}
		if s, _ := c.Take(Reading{At: sec}); s == Done {
			t.Errorf("%T is done on nothing", c)
		}
	}
}
