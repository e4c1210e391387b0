//go:build matprofile

package opencv

import (
	"testing"

	"gocv.io/x/gocv"

	"bonafide/vision"
)

// TestNoLeak counts the Mats alive (go test -tags …,matprofile).
func TestNoLeak(t *testing.T) {
	before := gocv.MatProfile.Count()
	f := quadrants(64, 48)
	in := make([]float32, 3*16*16)
	for range 3 {
		p, err := FromFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		roi := vision.ROI{Center: vision.Point{X: 20, Y: 20}, Side: 20}
		_ = p.Scaled(in, 16, 16, Border{Left: 3}, raw)
		_ = p.Scaled(in[:1], 16, 16, Border{}, raw) // an error must not leak either
		_ = p.Region(in, roi, 16, raw)
		_ = p.Region(in, vision.ROI{}, 16, raw)
		_ = p.Aligned(in, roi.Transform(16), 16, raw)
		_ = p.Aligned(in, vision.Affine{}, 16, raw)
		if _, _, err := p.Measure(roi); err != nil {
			t.Fatal(err)
		}
		if _, err := p.JPEG(32, 80); err != nil {
			t.Fatal(err)
		}
		if part, _, err := p.Part(vision.Rect{X1: 20, Y1: 20}); err == nil {
			_ = part.Close()
		}
		_, _, _ = p.Part(vision.Rect{X0: 500, X1: 600, Y1: 20})
		_, _, _ = p.Surface(vision.Rect{X1: 20, Y1: 20})
		_, _ = p.Bands(5)
		_, _ = p.Bands(-1)
		_, _ = p.Straight(Band{Center: vision.Point{X: 30, Y: 20}, Length: 20, Height: 5}, 1, 1, 2)
		if flat, err := p.Rectified(Quad{{X: 1, Y: 1}, {X: 40, Y: 2}, {X: 41, Y: 30}, {X: 0, Y: 31}}, 40, 30); err == nil {
			_, _ = flat.Frame()
			_ = flat.Close()
		}
		lifted, err := p.Lifted(0.5)
		if err != nil {
			t.Fatal(err)
		}
		_ = lifted.Close()
		_, _ = p.Lifted(2)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats alive, %d before", after, before)
	}
}
