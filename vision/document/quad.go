package document

import (
	"cmp"
	"math"
	"slices"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

const (
	// portraitSize is the height in pixels to which a portrait's face is scaled
	// before edges are looked for: a document is then about 300 pixels wide.
	portraitSize = 56
	// minSide and minMean are the share of a side along which an edge must be
	// found, and of all four sides together.
	minSide, minMean = 0.65, 0.88
	// maxBeyond is the share of the eight prolongations of the sides that may
	// have an edge too: a document's sides end at its corners, lines of the room
	// do not.
	maxBeyond = 0.4
	// apart is how far corners lie from one another, as a share of the width,
	// where two shapes are not the same.
	apart = 0.05
	// near is how little two shapes may differ in score for neither to be the
	// better one.
	near = 0.03
)

// shape is a document as it may lie around a portrait, in pixels of slopes.
type shape struct {
	quad   opencv.Quad
	sides  float64 // mean share of the sides with an edge
	beyond float64 // share of the prolongations with one
	area   float64
}

// score is high where the sides have edges that end at the corners.
func (s shape) score() float64 { return s.sides - 0.3*s.beyond }

// shapeAround finds the document around a portrait; ok is false where no shape,
// or more than one, has edges on all sides. All places are pixels of the
// slopes; roll is the direction of the portrait's eyes in radians.
func (s *slopes) shapeAround(portrait, live vision.Rect, roll float64) (opencv.Quad, bool) {
	return s.choose(s.shapes(portrait, live, roll))
}

// shapes are all that edges around a portrait can be the sides of.
func (s *slopes) shapes(portrait, live vision.Rect, roll float64) []shape {
	level, upright := s.lines(roll), s.lines(roll+math.Pi/2)
	c := portrait.Center()
	above, below := sidesOf(level, c)
	right, left := sidesOf(upright, c)
	var found []shape
	for _, t := range above {
		for _, b := range below {
			for _, l := range left {
				for _, r := range right {
					if q, ok := corners(t, r, b, l); ok && s.plausible(q, portrait, live, roll) {
						if got, ok := s.weigh(q); ok {
							found = append(found, got)
						}
					}
				}
			}
		}
	}
	return found
}

// sidesOf divides level lines into those above and below a point, upright ones
// into those to the right and to the left of it.
func sidesOf(lines []line, c vision.Point) (before, after []line) {
	for _, l := range lines {
		if l.n.X*c.X+l.n.Y*c.Y > l.at {
			before = append(before, l)
		} else {
			after = append(after, l)
		}
	}
	return before, after
}

// corners are where four sides meet, clockwise from the top left.
func corners(t, r, b, l line) (q opencv.Quad, ok bool) {
	for i, pair := range [4][2]line{{t, l}, {t, r}, {b, r}, {b, l}} {
		if q[i], ok = pair[0].meet(pair[1]); !ok {
			return q, false
		}
	}
	return q, true
}

// plausible tells whether a document could lie so around a portrait.
func (s *slopes) plausible(q opencv.Quad, portrait, live vision.Rect, roll float64) bool {
	for _, p := range q {
		if p.X < 2 || p.Y < 2 || p.X > float64(s.w)-3 || p.Y > float64(s.h)-3 {
			return false
		}
	}
	w, h := q.Sides()
	aspect := w / max(h, 1)
	if math.Abs(math.Log(aspect/cardAspect)) > shortened && math.Abs(math.Log(aspect/passportAspect)) > shortened {
		return false
	}
	// A portrait's face takes a sixth to a half of the height.
	if share := portrait.Height() / h; share < 0.16 || share > 0.55 {
		return false
	}
	b := q.Bounds()
	if portrait.Inside(b) < 0.99 || (live.Area() > 0 && live.Inside(b) > 0.3) {
		return false
	}
	// Opposite sides differ by perspective alone: a document held at twice its
	// width and turned by 25 degrees has sides that differ by a fifth.
	if r := q[0].Dist(q[1]) / q[3].Dist(q[2]); r < 0.8 || r > 1.25 {
		return false
	}
	if r := q[0].Dist(q[3]) / q[1].Dist(q[2]); r < 0.8 || r > 1.25 {
		return false
	}
	lean := math.Remainder(math.Atan2(q[1].Y-q[0].Y, q[1].X-q[0].X)-roll, 2*math.Pi)
	return math.Abs(lean) < maxLean*math.Pi/180
}

// weigh measures how well the edges of a picture follow a shape.
func (s *slopes) weigh(q opencv.Quad) (shape, bool) {
	out := shape{quad: q}
	for i := range q { // a few places are enough to see that there is no edge
		if s.followed(q[i], q[(i+1)%4], 0.07, 0.93, 10) < minSide-0.2 {
			return out, false
		}
	}
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		share := s.support(a, b, 0.07, 0.93) // corners are rounded
		if share < minSide {
			return out, false
		}
		out.sides += share / 4
	}
	if out.sides < minMean {
		return out, false
	}
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		for _, end := range [2]float64{s.support(a, b, 1.04, 1.14), s.support(b, a, 1.04, 1.14)} {
			if end > 0.5 {
				out.beyond += 1.0 / 8
			}
		}
	}
	w, h := q.Sides()
	out.area = w * h
	return out, out.beyond <= maxBeyond
}

// choose takes the best shape, or the largest of those that are as good: what is
// printed on a document has frames too. It takes none where another one that is
// as good reaches beyond it.
func (s *slopes) choose(found []shape) (opencv.Quad, bool) {
	top := 0.0
	for _, f := range found {
		top = max(top, f.score())
	}
	found = slices.DeleteFunc(found, func(f shape) bool { return f.score() < top-near })
	if len(found) == 0 {
		return opencv.Quad{}, false
	}
	best := slices.MaxFunc(found, func(a, b shape) int { return cmp.Compare(a.area, b.area) })
	w, _ := best.quad.Sides()
	for _, f := range found {
		if beyond(f.quad, best.quad) > apart*w {
			return opencv.Quad{}, false
		}
	}
	return s.refined(best.quad), true
}

// beyond is how far a corner of a lies outside b at most.
func beyond(a, b opencv.Quad) float64 {
	out := 0.0
	for i := range b {
		from, to := b[i], b[(i+1)%4]
		length := max(from.Dist(to), 1e-9)
		for _, p := range a {
			out = max(out, ((p.X-from.X)*(to.Y-from.Y)-(p.Y-from.Y)*(to.X-from.X))/length)
		}
	}
	return out
}

// worst is how far the corners of two shapes lie from one another at most.
func worst(a, b opencv.Quad) float64 {
	out := 0.0
	for i := range a {
		out = max(out, a[i].Dist(b[i]))
	}
	return out
}

// refined fits the sides to the edges between the corners.
func (s *slopes) refined(q opencv.Quad) opencv.Quad {
	var sides [4]line
	for i := range q {
		sides[i] = s.fitted(q[i], q[(i+1)%4])
	}
	out, ok := corners(sides[0], sides[1], sides[2], sides[3])
	if w, _ := q.Sides(); !ok || worst(out, q) > apart*w {
		return q
	}
	return out
}
