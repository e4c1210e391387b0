package opencv

import (
	"image"
	"image/color"
	"math"
	"testing"

	"bonafide/vision"
)

// sheet is a light four-cornered shape on a dark ground, with bars of print on
// it if wanted.
func sheet(w, h int, q Quad, bars bool) *vision.Frame {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 40, G: 50, B: 45, A: 255}
			if inside(q, vision.Point{X: float64(x) + 0.5, Y: float64(y) + 0.5}) {
				c = color.RGBA{R: 210, G: 214, B: 205, A: 255}
				line := y > 300 && (y-300)%24 < 12 && y < 345
				if bars && line && x > 180 && x < 470 && x%10 < 4 {
					c = color.RGBA{R: 20, G: 20, B: 20, A: 255}
				}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return vision.FromImage(m, 0)
}

// inside tells whether a point lies within a convex shape.
func inside(q Quad, p vision.Point) bool {
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
			return false
		}
	}
	return true
}

var tilted = Quad{{X: 150, Y: 110}, {X: 500, Y: 130}, {X: 490, Y: 360}, {X: 140, Y: 352}}

func TestRectified(t *testing.T) {
	p, err := FromFrame(sheet(640, 480, tilted, false))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	flat, err := p.Rectified(tilted, 350, 236)
	if err != nil {
		t.Fatal(err)
	}
	defer flat.Close()
	f, err := flat.Frame()
	if err != nil || f.Width() != 350 || f.Height() != 236 {
		t.Fatalf("%v %v", f, err)
	}
	if b := f.Brightness(); b < 195 {
		t.Errorf("the rectified sheet has brightness %v, want that of its paper alone", b)
	}
}

func TestBands(t *testing.T) {
	p, err := FromFrame(sheet(640, 480, tilted, true))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	found, err := p.Bands(11)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range found {
		if b.Center.Dist(vision.Point{X: 325, Y: 318}) < 15 && math.Abs(b.Length-290) < 30 && math.Abs(b.Angle) < 0.05 {
			cut, err := p.Straight(b, 4, 4, 2)
			if err != nil || cut.Rect.Dx() < 560 {
				t.Errorf("%v %v", cut.Rect, err)
			}
			return
		}
	}
	t.Errorf("the print was not found: %+v", found)
}

func TestSurface(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range m.Pix {
		m.Pix[i] = 120
		if i < 2500 {
			m.Pix[i] = 255
		}
	}
	p, err := FromFrame(vision.FromImage(m, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, c := range []struct {
		r     vision.Rect
		glare float64
	}{{vision.Rect{X1: 100, Y1: 100}, 0.25}, {vision.Rect{X1: 100, Y1: 20}, 1}, {vision.Rect{Y0: 40, X1: 100, Y1: 100}, 0}} {
		if _, glare, err := p.Surface(c.r); err != nil || math.Abs(glare-c.glare) > 0.02 {
			t.Errorf("%v: glare %v %v, want %v", c.r, glare, err, c.glare)
		}
	}
}

// Pictures of all sizes and parts of all kinds give a result or an error.
func FuzzSheet(f *testing.F) {
	f.Add(uint16(640), uint16(480), 10.0, 10.0, 100.0, 80.0, 8.0)
	f.Add(uint16(2), uint16(2), 0.0, 0.0, 2.0, 2.0, 2.0)
	f.Add(uint16(3), uint16(700), -5.0, 1e9, 1e300, -1e9, 200.0)
	f.Add(uint16(333), uint16(17), math.NaN(), math.Inf(1), math.Inf(-1), 4.0, math.NaN())
	f.Fuzz(func(t *testing.T, w, h uint16, x0, y0, x1, y1, letters float64) {
		w, h = w%800+1, h%800+1
		img := image.NewYCbCr(image.Rect(0, 0, int(w), int(h)), image.YCbCrSubsampleRatio420)
		for i := range img.Y {
			img.Y[i] = uint8(i * 37)
		}
		p, err := FromFrame(&vision.Frame{Image: img})
		if err != nil {
			return
		}
		defer p.Close()
		r := vision.Rect{X0: x0, Y0: y0, X1: x1, Y1: y1}
		if part, _, err := p.Part(r); err == nil {
			if _, err := part.Frame(); err != nil {
				t.Error(err)
			}
			part.Close()
		}
		p.Surface(r)
		if bands, err := p.Bands(letters); err == nil {
			for _, b := range bands {
				p.Straight(b, 2, 2, 2)
			}
		}
		p.Straight(Band{Center: vision.Point{X: x0, Y: y0}, Length: x1, Height: y1}, 1, 1, letters)
		q := Quad{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
		if out, err := p.Rectified(q, int(w)&^1, int(h)&^1); err == nil {
			out.Close()
		}
	})
}
