package vision

import (
	"errors"
	"math"
	"slices"
)

// Point is a place in the picture, in pixels.
type Point struct{ X, Y float64 }

// Point3 is a landmark: X and Y in pixels of the picture, Z in the same unit,
// relative to the head's centre, smaller towards the camera.
type Point3 struct{ X, Y, Z float64 }

// XY drops the depth.
func (p Point3) XY() Point { return Point{p.X, p.Y} }

// Dist is the distance between two points in pixels.
func (p Point) Dist(q Point) float64 { return math.Hypot(p.X-q.X, p.Y-q.Y) }

// Rect is an upright rectangle in pixels; X1 and Y1 are exclusive.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// Width of the rectangle; 0 if it is empty.
func (r Rect) Width() float64 { return max(0, r.X1-r.X0) }

// Height of the rectangle; 0 if it is empty.
func (r Rect) Height() float64 { return max(0, r.Y1-r.Y0) }

// Area in square pixels.
func (r Rect) Area() float64 { return r.Width() * r.Height() }

// Center of the rectangle.
func (r Rect) Center() Point { return Point{(r.X0 + r.X1) / 2, (r.Y0 + r.Y1) / 2} }

// Intersect is the part common to both; its Area is 0 if there is none.
func (r Rect) Intersect(s Rect) Rect {
	return Rect{max(r.X0, s.X0), max(r.Y0, s.Y0), min(r.X1, s.X1), min(r.Y1, s.Y1)}
}

// IoU is intersection over union, 0..1.
func (r Rect) IoU(s Rect) float64 {
	in := r.Intersect(s).Area()
	if in == 0 {
		return 0
	}
	return in / (r.Area() + s.Area() - in)
}

// Inside is the share of r's area that lies within s, 0..1.
func (r Rect) Inside(s Rect) float64 {
	if r.Area() == 0 {
		return 0
	}
	return r.Intersect(s).Area() / r.Area()
}

// BoundsOf is the smallest upright rectangle around the landmarks.
func BoundsOf(points []Point3) Rect {
	r := Rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range points {
		r = Rect{min(r.X0, p.X), min(r.Y0, p.Y), max(r.X1, p.X), max(r.Y1, p.Y)}
	}
	return r
}

// Scored is a box with a detector's score 0..1.
type Scored struct {
	Box   Rect
	Score float64
}

// NMS is greedy non-maximum suppression: the boxes by falling score, without
// those that overlap a better one by more than maxIoU. Equal scores keep their
// order, so the result depends on the input alone.
func NMS(boxes []Scored, maxIoU float64) []Scored {
	sorted := slices.Clone(boxes)
	slices.SortStableFunc(sorted, func(a, b Scored) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	var kept []Scored
	for _, c := range sorted {
		if !slices.ContainsFunc(kept, func(k Scored) bool { return k.Box.IoU(c.Box) > maxIoU }) {
			kept = append(kept, c)
		}
	}
	return kept
}

// ROI is a rotated square region of a picture.
type ROI struct {
	Center Point
	Side   float64 // pixels
	Angle  float64 // radians, clockwise as seen in the picture
}

// At maps a place within the region, u and v in 0..1 from its own top-left
// corner, to the picture.
func (r ROI) At(u, v float64) Point {
	x, y := (u-0.5)*r.Side, (v-0.5)*r.Side
	sin, cos := math.Sincos(r.Angle)
	return Point{r.Center.X + cos*x - sin*y, r.Center.Y + sin*x + cos*y}
}

// Affine maps (x,y) to (A·x+B·y+C, D·x+E·y+F).
type Affine struct{ A, B, C, D, E, F float64 }

// Apply maps one point.
func (t Affine) Apply(p Point) Point {
	return Point{t.A*p.X + t.B*p.Y + t.C, t.D*p.X + t.E*p.Y + t.F}
}

// Transform is the map from an n×n picture of the region (n = side in pixels)
// to the picture it was cut from.
func (r ROI) Transform(n int) Affine {
	sin, cos := math.Sincos(r.Angle)
	s := r.Side / float64(n)
	o := r.At(0, 0)
	return Affine{A: s * cos, B: -s * sin, C: o.X, D: s * sin, E: s * cos, F: o.Y}
}

// ErrDegenerate tells that points do not determine a transform.
var ErrDegenerate = errors.New("points coincide: no similarity transform maps them")

// Similarity is the rotation, uniform scale and shift that map from onto to
// with least squared error. Both have the same length, at least 2.
func Similarity(from, to []Point) (Affine, error) {
	if len(from) != len(to) || len(from) < 2 {
		return Affine{}, errors.New("similarity transform wants two lists of equal length, at least 2 points")
	}
	n := float64(len(from))
	var mf, mt Point
	for i := range from {
		mf.X, mf.Y = mf.X+from[i].X/n, mf.Y+from[i].Y/n
		mt.X, mt.Y = mt.X+to[i].X/n, mt.Y+to[i].Y/n
	}
	var dot, cross, norm float64
	for i := range from {
		fx, fy := from[i].X-mf.X, from[i].Y-mf.Y
		tx, ty := to[i].X-mt.X, to[i].Y-mt.Y
		dot += fx*tx + fy*ty
		cross += fx*ty - fy*tx
		norm += fx*fx + fy*fy
	}
	if norm < 1e-12 {
		return Affine{}, ErrDegenerate
	}
	a, b := dot/norm, cross/norm
	return Affine{A: a, B: -b, C: mt.X - a*mf.X + b*mf.Y, D: b, E: a, F: mt.Y - b*mf.X - a*mf.Y}, nil
}
