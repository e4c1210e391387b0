package gazetest

import (
	"fmt"
	"image"
	"math"

	"bonafide/vision"
)

// Contours of the lids in the numbering of MediaPipe's face mesh, and the four
// points around each iris.
var (
	lids = [2][]int{
		{33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7},
		{263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249},
	}
	irises  = [2]int{vision.RightIrisCenter, vision.LeftIrisCenter}
	corners = [2][2]int{{vision.RightEyeOuter, vision.RightEyeInner}, {vision.LeftEyeInner, vision.LeftEyeOuter}}
)

// Puppet is a picture of a real face whose irises can be moved. The lids and
// the head stay where they are.
type Puppet struct {
	picture *vision.Frame
	eyes    [2]eye
	perCM   float64 // pixels
}

// eye is one eye of the picture, in pixels.
type eye struct {
	lids         []vision.Point
	iris         vision.Point
	radius       float64
	left, right  float64 // between which the white is stretched
	top, bottom  int
	first, after int // columns
}

// NewPuppet takes a picture and the landmarks of a face in it. perCM is how
// many pixels a centimetre has at the face, as gaze.PixelsPerCM gives it.
func NewPuppet(f *vision.Frame, landmarks []vision.Point3, perCM float64) (*Puppet, error) {
	if len(landmarks) < vision.LandmarkCount || !(perCM > 0) {
		return nil, fmt.Errorf("moving irises: %d landmarks at %v pixels per centimetre, want %d and more than 0",
			len(landmarks), perCM, vision.LandmarkCount)
	}
	p := &Puppet{picture: f.Clone(), perCM: perCM}
	for i := range p.eyes {
		e := &p.eyes[i]
		c := landmarks[irises[i]].XY()
		for k := 1; k <= 4; k++ {
			e.radius += landmarks[irises[i]+k].XY().Dist(c) / 4
		}
		e.iris = c
		minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, at := range lids[i] {
			q := landmarks[at].XY()
			e.lids = append(e.lids, q)
			minX, minY, maxX, maxY = min(minX, q.X), min(minY, q.Y), max(maxX, q.X), max(maxY, q.Y)
		}
		e.left, e.right = landmarks[corners[i][0]].X, landmarks[corners[i][1]].X
		if e.left > e.right {
			e.left, e.right = e.right, e.left
		}
		e.first, e.after = max(int(minX), 0), min(int(maxX)+2, f.Width())
		e.top, e.bottom = max(int(minY), 0), min(int(maxY)+2, f.Height())
	}
	return p, nil
}

// Draw gives the picture with the eyes turned by some degrees against how they
// are in it, > 0 towards the picture's right side. An iris stays within the
// corners of its lids, beyond about 20°.
func (p *Puppet) Draw(degrees float64) *image.YCbCr {
	out := p.picture.Clone().Image
	shift := p.perCM * 1.05 * math.Sin(degrees*math.Pi/180)
	src := p.picture.Image
	for _, e := range p.eyes {
		for y := e.top; y < e.bottom; y++ {
			for x := e.first; x < e.after; x++ {
				at := vision.Point{X: float64(x) + 0.5, Y: float64(y) + 0.5}
				if !inside(e.lids, at) {
					continue
				}
				from := e.from(at.X, shift) - 0.5
				out.Y[y*out.YStride+x] = sample(src.Y[y*src.YStride:], from, src.Rect.Dx())
				if x%2 == 0 && y%2 == 0 {
					cw := (src.Rect.Dx() + 1) / 2
					o := y / 2 * src.CStride
					out.Cb[y/2*out.CStride+x/2] = sample(src.Cb[o:], from/2, cw)
					out.Cr[y/2*out.CStride+x/2] = sample(src.Cr[o:], from/2, cw)
				}
			}
		}
	}
	return out
}

// from is the column of the picture that is seen at column x once the iris has
// moved: the iris and a little of the white around it move as they are, the
// rest of the white is stretched or squeezed up to the corners.
func (e eye) from(x, shift float64) float64 {
	lo, hi := e.iris.X-1.1*e.radius, e.iris.X+1.1*e.radius
	lo, hi = max(lo, e.left+0.5), min(hi, e.right-0.5)
	shift = min(max(shift, e.left+0.5-lo), e.right-0.5-hi)
	switch {
	case x <= e.left || x >= e.right:
		return x
	case x < lo+shift:
		return e.left + (x-e.left)*(lo-e.left)/(lo+shift-e.left)
	case x > hi+shift:
		return e.right - (e.right-x)*(e.right-hi)/(e.right-hi-shift)
	}
	return x - shift
}

// sample interpolates a row.
func sample(row []uint8, x float64, width int) uint8 {
	x = min(max(x, 0), float64(width-1))
	i := min(int(x), width-2)
	w := x - float64(i)
	return uint8(float64(row[i])*(1-w) + float64(row[i+1])*w + 0.5)
}

// inside tells whether a point lies within a polygon: a ray to the right
// crosses its edges an odd number of times.
func inside(polygon []vision.Point, p vision.Point) bool {
	in := false
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)*(b.X-a.X)/(b.Y-a.Y) {
			in = !in
		}
	}
	return in
}
