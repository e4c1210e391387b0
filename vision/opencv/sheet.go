package opencv

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"gocv.io/x/gocv"

	"bonafide/vision"
)

// Quad is a four-cornered shape in pixels of the picture, its corners clockwise
// as seen, from the one nearest to the picture's top left.
type Quad [4]vision.Point

// Bounds is the upright rectangle around it.
func (q Quad) Bounds() vision.Rect {
	r := vision.Rect{X0: q[0].X, Y0: q[0].Y, X1: q[0].X, Y1: q[0].Y}
	for _, p := range q[1:] {
		r = vision.Rect{X0: min(r.X0, p.X), Y0: min(r.Y0, p.Y), X1: max(r.X1, p.X), Y1: max(r.Y1, p.Y)}
	}
	return r
}

// Sides are the mean lengths of its upper and lower, and its left and right
// side, in pixels.
func (q Quad) Sides() (w, h float64) {
	return (q[0].Dist(q[1]) + q[3].Dist(q[2])) / 2, (q[0].Dist(q[3]) + q[1].Dist(q[2])) / 2
}

// Rectified is the picture of a four-cornered shape as seen from straight
// ahead, w×h pixels, both even and at most 4096. The caller closes it.
func (p *Picture) Rectified(q Quad, w, h int) (*Picture, error) {
	if w < 2 || h < 2 || w > 4096 || h > 4096 || w%2 != 0 || h%2 != 0 {
		return nil, fmt.Errorf("rectifying: to %d×%d pixels, want even numbers of 2 to 4096", w, h)
	}
	// OpenCV counts from the first pixel's centre, vision from its corner.
	from := make([]gocv.Point2f, 4)
	for i, c := range q {
		if math.IsNaN(c.X+c.Y) || math.Abs(c.X)+math.Abs(c.Y) > 1e6 {
			return nil, fmt.Errorf("rectifying: corner %d lies at %v", i, c)
		}
		from[i] = gocv.NewPoint2f(float32(c.X-0.5), float32(c.Y-0.5))
	}
	x, y := float32(w)-0.5, float32(h)-0.5
	src := gocv.NewPoint2fVectorFromPoints(from)
	defer src.Close()
	dst := gocv.NewPoint2fVectorFromPoints([]gocv.Point2f{{X: -0.5, Y: -0.5}, {X: x, Y: -0.5}, {X: x, Y: y}, {X: -0.5, Y: y}})
	defer dst.Close()
	t := gocv.GetPerspectiveTransform2f(src, dst)
	defer t.Close()
	out := &Picture{bgr: gocv.NewMat()}
	if err := gocv.WarpPerspectiveWithParams(p.bgr, &out.bgr, t, image.Pt(w, h), gocv.InterpolationLinear, gocv.BorderReplicate, color.RGBA{}); err != nil {
		return nil, errors.Join(fmt.Errorf("rectifying: %w", err), out.Close())
	}
	return out, nil
}

// Frame converts the picture back. An odd last column or row is left out.
func (p *Picture) Frame() (_ *vision.Frame, err error) {
	w, h := p.Width()&^1, p.Height()&^1
	if w == 0 || h == 0 {
		return nil, fmt.Errorf("converting to a frame: %d×%d pixels, want at least 2×2", p.Width(), p.Height())
	}
	var m mats
	defer func() { err = errors.Join(err, m.close()) }()
	even := p.bgr.Region(image.Rect(0, 0, w, h))
	defer even.Close()
	packed := m.new()
	if err := gocv.CvtColor(even, packed, gocv.ColorBGRToYUVI420); err != nil {
		return nil, fmt.Errorf("converting to a frame: %w", err)
	}
	px, err := packed.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("converting to a frame: %w", err)
	}
	f := &vision.Frame{Image: image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)}
	n := copy(f.Image.Y, px)
	n += copy(f.Image.Cb, px[n:])
	copy(f.Image.Cr, px[n:])
	return f, nil
}
