package opencv

import (
	"fmt"
	"image"
	"math"

	"gocv.io/x/gocv"

	"bonafide/vision"
)

// Part is a copy of the pixels that a rectangle touches, as far as it lies
// within the picture, and the place of its corner. The caller closes it.
func (p *Picture) Part(r vision.Rect) (*Picture, vision.Point, error) {
	whole := image.Rect(0, 0, p.Width(), p.Height())
	bound := func(v float64) int { return int(min(max(v, -1), 1<<20)) }
	want := image.Rect(bound(math.Floor(r.X0)), bound(math.Floor(r.Y0)), bound(math.Ceil(r.X1)), bound(math.Ceil(r.Y1))).Intersect(whole)
	if want.Dx() < 2 || want.Dy() < 2 {
		return nil, vision.Point{}, fmt.Errorf("cutting part: %v of a picture of %d×%d pixels, want at least 2×2 within it", r, p.Width(), p.Height())
	}
	view := p.bgr.Region(want)
	defer view.Close()
	out := gocv.NewMat()
	if err := view.CopyTo(&out); err != nil {
		out.Close()
		return nil, vision.Point{}, fmt.Errorf("cutting part: %w", err)
	}
	return &Picture{bgr: out}, vision.Point{X: float64(want.Min.X), Y: float64(want.Min.Y)}, nil
}
