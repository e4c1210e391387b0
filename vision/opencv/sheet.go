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

// edgeWidth is the width in pixels at which edges are looked for.
const edgeWidth = 640

// Quads finds the four-cornered shapes around a place: contours of edges that
// four straight lines follow. Only those come that contain inside and are at
// least minWidth pixels wide, the largest first.
func (p *Picture) Quads(inside vision.Point, minWidth float64) (_ []Quad, err error) {
	scale := min(1, edgeWidth/float64(p.Width()))
	size := image.Pt(int(float64(p.Width())*scale+0.5), int(float64(p.Height())*scale+0.5))
	if size.X < 16 || size.Y < 16 {
		return nil, nil
	}
	var m mats
	defer func() { err = errors.Join(err, m.close()) }()
	grey, small, edges := m.new(), m.new(), m.new()
	if err := gocv.CvtColor(p.bgr, grey, gocv.ColorBGRToGray); err != nil {
		return nil, fmt.Errorf("finding edges: %w", err)
	}
	if err := gocv.Resize(*grey, small, size, 0, 0, gocv.InterpolationArea); err != nil {
		return nil, fmt.Errorf("finding edges: %w", err)
	}
	if err := gocv.GaussianBlur(*small, small, image.Pt(5, 5), 0, 0, gocv.BorderReplicate); err != nil {
		return nil, fmt.Errorf("finding edges: %w", err)
	}
	var out []Quad
	for _, strength := range []float32{30, 60, 120} {
		if err := gocv.Canny(*small, edges, strength/2, strength); err != nil {
			return nil, fmt.Errorf("finding edges: %w", err)
		}
		if err := gocv.MorphologyEx(*edges, edges, gocv.MorphClose, *m.rect(5, 5)); err != nil {
			return nil, fmt.Errorf("finding edges: %w", err)
		}
		for _, q := range quadsOf(*edges, scale) {
			if w, h := q.Sides(); max(w, h) >= minWidth && q.contains(inside) {
				out = append(out, q)
			}
		}
	}
	return bySize(out), nil
}

// quadsOf are the convex shapes of four corners among contours.
func quadsOf(edges gocv.Mat, scale float64) []Quad {
	contours := gocv.FindContours(edges, gocv.RetrievalList, gocv.ChainApproxSimple)
	defer contours.Close()
	var out []Quad
	for i := range contours.Size() {
		c := contours.At(i)
		if c.Size() < 4 {
			continue
		}
		shape := gocv.ApproxPolyDP(c, 0.03*gocv.ArcLength(c, true), true)
		if points := shape.ToPoints(); len(points) == 4 && gocv.ContourArea(shape) > 400 {
			var q Quad
			for j, at := range points {
				q[j] = vision.Point{X: (float64(at.X) + 0.5) / scale, Y: (float64(at.Y) + 0.5) / scale}
			}
			if q, ok := q.ordered(); ok {
				out = append(out, q)
			}
		}
		shape.Close()
	}
	return out
}

// ordered brings the corners into order; ok is false unless they are convex.
func (q Quad) ordered() (Quad, bool) {
	turn := func(a, b, c vision.Point) float64 { return (b.X-a.X)*(c.Y-b.Y) - (b.Y-a.Y)*(c.X-b.X) }
	right := 0
	for i := range q {
		if turn(q[i], q[(i+1)%4], q[(i+2)%4]) > 0 {
			right++
		}
	}
	switch right {
	case 4:
	case 0:
		q[1], q[3] = q[3], q[1]
	default:
		return q, false
	}
	first := 0
	for i := range q {
		if q[i].X+q[i].Y < q[first].X+q[first].Y {
			first = i
		}
	}
	return Quad{q[first], q[(first+1)%4], q[(first+2)%4], q[(first+3)%4]}, true
}

// contains tells whether a point lies within the convex shape.
func (q Quad) contains(p vision.Point) bool {
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
			return false
		}
	}
	return true
}

func bySize(quads []Quad) []Quad {
	area := func(q Quad) float64 { w, h := q.Sides(); return w * h }
	for i := range quads { // few: the simplest sort that keeps the order of equals
		for j := i; j > 0 && area(quads[j]) > area(quads[j-1]); j-- {
			quads[j], quads[j-1] = quads[j-1], quads[j]
		}
	}
	return quads
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
