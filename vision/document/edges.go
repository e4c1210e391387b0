package document

import (
	"errors"
	"math"
	"slices"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

const (
	// minSlope is the least change, in levels of 255 for every pixel, that an
	// edge has: of a document before a ground that is 15 levels brighter or
	// darker, in one of the colours.
	minSlope = 5
	// aligned is the cosine of the angle, 37 degrees, by which the change at an
	// edge may lean from the normal of the edge.
	aligned = 0.8
	// fan is how many degrees lines may lean from the direction looked for.
	fan = 18
	// lineStep is the distance in pixels between two lines that are told apart,
	// maxEdges how many of a direction are looked at.
	lineStep = 1.5
	maxEdges = 18
)

// slopes are the changes of colour in a part of a picture, scaled: of the colour
// in which they are strongest, in levels of 255 for every pixel.
type slopes struct {
	w, h   int
	x, y   []float32
	corner vision.Point // of the part, in pixels of the picture
	scale  float64      // pixels of the part for one of the picture
}

// slopesOf measures a part of a picture at a scale, at most 1024 pixels wide and
// high.
func slopesOf(p *opencv.Picture, r vision.Rect, scale float64) (_ *slopes, err error) {
	part, corner, err := p.Part(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	scale = min(scale, 1024/float64(max(part.Width(), part.Height())))
	s := &slopes{w: int(float64(part.Width()) * scale), h: int(float64(part.Height()) * scale), corner: corner, scale: scale}
	if s.w < 8 || s.h < 8 {
		return &slopes{scale: scale}, nil
	}
	n := s.w * s.h
	planes := make([]float32, 3*n)
	if err := part.Scaled(planes, s.w, s.h, opencv.Border{}, opencv.Norm{Scale: 1}); err != nil {
		return nil, err
	}
	s.x, s.y = make([]float32, n), make([]float32, n)
	for c := range 3 {
		s.strongest(smooth(planes[c*n:(c+1)*n], s.w, s.h))
	}
	return s, nil
}

// from and back turn pixels of the picture into those of the part, whose whole
// numbers are the middles of its pixels, and the other way.
func (s *slopes) from(r vision.Rect) vision.Rect {
	at := func(v, corner float64) float64 { return (v-corner)*s.scale - 0.5 }
	return vision.Rect{X0: at(r.X0, s.corner.X), Y0: at(r.Y0, s.corner.Y), X1: at(r.X1, s.corner.X), Y1: at(r.Y1, s.corner.Y)}
}

func (s *slopes) back(p vision.Point) vision.Point {
	return vision.Point{X: s.corner.X + (p.X+0.5)/s.scale, Y: s.corner.Y + (p.Y+0.5)/s.scale}
}

// smooth weighs every pixel with its neighbours, 1 2 1 along both axes; the
// pixels at the rim stay as they are.
func smooth(m []float32, w, h int) []float32 {
	out := slices.Clone(m)
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			out[i] = (m[i-w-1] + 2*m[i-w] + m[i-w+1] + 2*m[i-1] + 4*m[i] + 2*m[i+1] + m[i+w-1] + 2*m[i+w] + m[i+w+1]) / 16
		}
	}
	return out
}

// strongest takes over where a colour changes more than those before.
func (s *slopes) strongest(m []float32) {
	for y := 1; y < s.h-1; y++ {
		for x := 1; x < s.w-1; x++ {
			i := y*s.w + x
			dx := (m[i-s.w+1] + 2*m[i+1] + m[i+s.w+1] - m[i-s.w-1] - 2*m[i-1] - m[i+s.w-1]) / 8
			dy := (m[i+s.w-1] + 2*m[i+s.w] + m[i+s.w+1] - m[i-s.w-1] - 2*m[i-s.w] - m[i-s.w+1]) / 8
			if dx*dx+dy*dy > s.x[i]*s.x[i]+s.y[i]*s.y[i] {
				s.x[i], s.y[i] = dx, dy
			}
		}
	}
}

// line is the points whose product with the normal n is at.
type line struct {
	n  vision.Point // of length 1
	at float64
}

// meet is where two lines cross; ok is false for parallel ones.
func (l line) meet(k line) (vision.Point, bool) {
	d := l.n.X*k.n.Y - l.n.Y*k.n.X
	if math.Abs(d) < 0.2 {
		return vision.Point{}, false
	}
	return vision.Point{X: (l.at*k.n.Y - k.at*l.n.Y) / d, Y: (l.n.X*k.at - k.n.X*l.at) / d}, true
}

// lines finds straight edges about a direction, in radians clockwise from level:
// every pixel on an edge votes for the lines through it that its change agrees
// with. The longest come first.
func (s *slopes) lines(direction float64) []line {
	const deg = math.Pi / 180
	reach := int(math.Hypot(float64(s.w), float64(s.h))/lineStep) + 1
	votes := make([]int32, (2*fan+1)*(2*reach+1))
	var sin, cos [2*fan + 1]float64
	for k := range sin {
		sin[k], cos[k] = math.Sincos(direction + float64(k-fan)*deg)
	}
	level := math.Abs(math.Cos(direction)) > math.Sqrt2/2
	for y := 2; y < s.h-2; y++ {
		for x := 2; x < s.w-2; x++ {
			i := y*s.w + x
			gx, gy := float64(s.x[i]), float64(s.y[i])
			if gx*gx+gy*gy < minSlope*minSlope || !s.crest(i, level) {
				continue
			}
			// The direction of the edge through here, from the one looked for.
			lean := math.Remainder(math.Atan2(gy, gx)-math.Pi/2-direction, math.Pi) / deg
			for k := int(math.Ceil(lean)) - 4 + fan; k <= int(math.Floor(lean))+4+fan; k++ {
				if k < 0 || k > 2*fan {
					continue
				}
				at := -sin[k]*float64(x) + cos[k]*float64(y)
				votes[k*(2*reach+1)+reach+int(math.Round(at/lineStep))]++
			}
		}
	}
	var out []line
	for len(out) < maxEdges {
		best, most := 0, int32(0)
		for i, n := range votes {
			if n > most {
				best, most = i, n
			}
		}
		if most < 12 {
			break
		}
		k, r := best/(2*reach+1), best%(2*reach+1)-reach
		l := line{vision.Point{X: -sin[k], Y: cos[k]}, float64(r) * lineStep}
		out = append(out, l)
		s.forget(votes, l, direction, reach)
	}
	return out
}

// forget takes back the votes for lines that are hardly another one: those that
// stay within 4 pixels of it from one side of the part to the other.
func (s *slopes) forget(votes []int32, l line, direction float64, reach int) {
	// The two ends of the line, as far out as the part reaches.
	mid := vision.Point{X: float64(s.w) / 2, Y: float64(s.h) / 2}
	d := l.n.X*mid.X + l.n.Y*mid.Y - l.at
	foot := vision.Point{X: mid.X - d*l.n.X, Y: mid.Y - d*l.n.Y}
	half := float64(max(s.w, s.h)) / 4
	a := vision.Point{X: foot.X + half*l.n.Y, Y: foot.Y - half*l.n.X}
	b := vision.Point{X: foot.X - half*l.n.Y, Y: foot.Y + half*l.n.X}
	for k := range 2*fan + 1 {
		sin, cos := math.Sincos(direction + float64(k-fan)*math.Pi/180)
		va, vb := -sin*a.X+cos*a.Y, -sin*b.X+cos*b.Y
		for r := int(math.Ceil((max(va, vb) - 4) / lineStep)); r <= int(math.Floor((min(va, vb)+4)/lineStep)); r++ {
			if r >= -reach && r <= reach {
				votes[k*(2*reach+1)+reach+r] = 0
			}
		}
	}
}

// crest tells that the change at a pixel is no weaker than on either side of it,
// across an edge that is level or upright.
func (s *slopes) crest(i int, level bool) bool {
	step := 1
	if level {
		step = s.w
	}
	size := func(i int) float32 { return s.x[i]*s.x[i] + s.y[i]*s.y[i] }
	here := size(i)
	return here >= size(i-step) && here > size(i+step)
}

// edgeAt is how far from a point, along a normal, the strongest edge across it
// lies, within so many pixels; ok is false where there is none.
func (s *slopes) edgeAt(p, n vision.Point, within int) (off float64, ok bool) {
	best := minSlope * 1.0
	for k := -within; k <= within; k++ {
		x, y := int(math.Round(p.X+float64(k)*n.X)), int(math.Round(p.Y+float64(k)*n.Y))
		if x < 1 || y < 1 || x >= s.w-1 || y >= s.h-1 {
			continue
		}
		gx, gy := float64(s.x[y*s.w+x]), float64(s.y[y*s.w+x])
		if across := math.Abs(gx*n.X + gy*n.Y); across >= best && across*across >= aligned*aligned*(gx*gx+gy*gy) {
			best, off, ok = across, float64(k), true
		}
	}
	return off, ok
}

// support is the share of the way from a to b, between two parts of it, along
// which there is an edge.
func (s *slopes) support(a, b vision.Point, from, to float64) float64 {
	return s.followed(a, b, from, to, max(int(a.Dist(b)*math.Abs(to-from)/3), 4))
}

// followed is the share of so many places on the way from a to b, between two
// parts of it, at which there is an edge.
func (s *slopes) followed(a, b vision.Point, from, to float64, steps int) float64 {
	length := a.Dist(b)
	n := vision.Point{X: -(b.Y - a.Y) / length, Y: (b.X - a.X) / length}
	with := 0
	for i := range steps {
		t := from + (to-from)*(float64(i)+0.5)/float64(steps)
		if _, ok := s.edgeAt(vision.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}, n, 2); ok {
			with++
		}
	}
	return float64(with) / float64(steps)
}

// fitted is the line through the edge from a to b: least squares over where the
// edge lies across it, twice.
func (s *slopes) fitted(a, b vision.Point) line {
	length := a.Dist(b)
	n := vision.Point{X: -(b.Y - a.Y) / length, Y: (b.X - a.X) / length}
	base, slope := 0.0, 0.0 // how far off the edge is, at a and by b
	for round := range 2 {
		var k, t1, t2, v1, tv float64
		for i := range 60 {
			t := 0.06 + 0.88*(float64(i)+0.5)/60
			off := base + slope*t
			p := vision.Point{X: a.X + t*(b.X-a.X) + off*n.X, Y: a.Y + t*(b.Y-a.Y) + off*n.Y}
			if d, ok := s.edgeAt(p, n, 3-round); ok {
				v := off + d
				k, t1, t2, v1, tv = k+1, t1+t, t2+t*t, v1+v, tv+t*v
			}
		}
		if det := k*t2 - t1*t1; k >= 8 && det > 1e-6 {
			base, slope = (v1*t2-t1*tv)/det, (k*tv-t1*v1)/det
		}
	}
	p := vision.Point{X: a.X + base*n.X, Y: a.Y + base*n.Y}
	q := vision.Point{X: b.X + (base+slope)*n.X, Y: b.Y + (base+slope)*n.Y}
	d := p.Dist(q)
	out := line{n: vision.Point{X: -(q.Y - p.Y) / d, Y: (q.X - p.X) / d}}
	out.at = out.n.X*p.X + out.n.Y*p.Y
	return out
}
