package liveness

import (
	"image"
	"math"
	"testing"

	"bonafide/models"
	"bonafide/vision"
)

func frame(w, h int) *vision.Frame {
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(60 + i%100)
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = 128, 128
	}
	return &vision.Frame{Image: m}
}

// TestContext has faces in the middle, at the edge and too large for the frame.
func TestContext(t *testing.T) {
	f := frame(640, 480)
	for _, c := range []struct {
		box  vision.Rect
		side float64
		at   vision.Point
	}{
		{vision.Rect{X0: 280, Y0: 180, X1: 360, Y1: 280}, 270, vision.Point{X: 320, Y: 230}},
		{vision.Rect{X0: 0, Y0: 0, X1: 80, Y1: 100}, 270, vision.Point{X: 135, Y: 135}},
		{vision.Rect{X0: 100, Y0: 40, X1: 500, Y1: 440}, 480, vision.Point{X: 300, Y: 240}},
	} {
		got := Context(&vision.Face{Box: c.box}, f)
		if got.Side != c.side || got.Center != c.at {
			t.Errorf("%v: %+v, want side %v at %v", c.box, got, c.side, c.at)
		}
	}
}

func TestLive(t *testing.T) {
	if v, err := live([]float32{2, 2, 2}); err != nil || math.Abs(v-1.0/3) > 1e-9 {
		t.Errorf("equal: %v, %v", v, err)
	}
	if v, err := live([]float32{100, 0, 0}); err != nil || v < 0.999 {
		t.Errorf("sure: %v, %v", v, err)
	}
	for _, bad := range [][]float32{{1, 2}, {float32(math.NaN()), 0, 0}} {
		if _, err := live(bad); err == nil {
			t.Errorf("%v is a score", bad)
		}
	}
}

// TestScore runs the model twice on a picture, and on what it must refuse.
func TestScore(t *testing.T) {
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	s, err := NewScorer(set)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := frame(640, 480)
	face := &vision.Face{Box: vision.Rect{X0: 280, Y0: 180, X1: 360, Y1: 280}}
	a, err := s.Score(f, face)
	b, again := s.Score(f, face)
	if err != nil || again != nil || a != b || a < 0 || a > 1 {
		t.Errorf("scores %v and %v, errors %v, %v", a, b, err, again)
	}
	for name, try := range map[string]func() (float64, error){
		"no face":  func() (float64, error) { return s.Score(f, nil) },
		"no box":   func() (float64, error) { return s.Score(f, &vision.Face{}) },
		"no frame": func() (float64, error) { return s.Score(&vision.Frame{}, face) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s is scored", name)
		}
	}
}
