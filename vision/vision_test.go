package vision

import (
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol }

func TestRect(t *testing.T) {
	a := Rect{0, 0, 10, 10}
	for _, c := range []struct {
		name        string
		b           Rect
		iou, inside float64 // inside: of b in a
	}{
		{"same", Rect{0, 0, 10, 10}, 1, 1},
		{"apart", Rect{20, 20, 30, 30}, 0, 0},
		{"touching", Rect{10, 0, 20, 10}, 0, 0},
		{"half", Rect{5, 0, 15, 10}, 50.0 / 150, 0.5},
		{"within", Rect{2, 2, 4, 4}, 0.04, 1},
		{"empty", Rect{5, 5, 5, 9}, 0, 0},
		{"inverted", Rect{8, 8, 2, 2}, 0, 0},
	} {
		if got := a.IoU(c.b); !near(got, c.iou, 1e-12) {
			t.Errorf("%s: IoU %v, want %v", c.name, got, c.iou)
		}
		if got := c.b.Inside(a); !near(got, c.inside, 1e-12) {
			t.Errorf("%s: Inside %v, want %v", c.name, got, c.inside)
		}
	}
}

func TestNMS(t *testing.T) {
	boxes := []Scored{
		{Rect{0, 0, 10, 10}, 0.7},
		{Rect{1, 0, 11, 10}, 0.9},  // overlaps the first: wins
		{Rect{20, 0, 30, 10}, 0.7}, // apart
		{Rect{8, 0, 18, 10}, 0.6},  // overlaps the winner by 3/17: stays
	}
	got := NMS(boxes, 0.3)
	if len(got) != 3 || got[0].Score != 0.9 || got[1].Box.X0 != 20 || got[2].Score != 0.6 {
		t.Errorf("kept %v", got)
	}
	if len(NMS(nil, 0.3)) != 0 {
		t.Error("boxes out of nothing")
	}
	if boxes[0].Score != 0.7 {
		t.Error("input was reordered")
	}
}

func TestSimilarity(t *testing.T) {
	from := []Point{{0, 0}, {4, 0}, {4, 2}, {1, 5}}
	sin, cos := math.Sincos(0.3)
	want := Affine{A: 2 * cos, B: -2 * sin, C: 7, D: 2 * sin, E: 2 * cos, F: -3}
	var to []Point
	for _, p := range from {
		to = append(to, want.Apply(p))
	}
	got, err := Similarity(from, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Point{{0, 0}, {100, -50}} {
		if got.Apply(p).Dist(want.Apply(p)) > 1e-9 {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if _, err := Similarity([]Point{{1, 1}, {1, 1}}, to[:2]); !errors.Is(err, ErrDegenerate) {
		t.Errorf("coinciding points: %v", err)
	}
	if _, err := Similarity(from, to[:2]); err == nil {
		t.Error("different lengths accepted")
	}
}

func TestROI(t *testing.T) {
	r := ROI{Center: Point{100, 50}, Side: 20, Angle: math.Pi / 2}
	// A quarter turn clockwise takes the region's top-left corner to the top right.
	if got := r.At(0, 0); got.Dist(Point{110, 40}) > 1e-9 {
		t.Errorf("corner at %v", got)
	}
	tr := r.Transform(192)
	for _, uv := range []Point{{0, 0}, {1, 0}, {0.25, 0.75}, {1, 1}} {
		if d := tr.Apply(Point{uv.X * 192, uv.Y * 192}).Dist(r.At(uv.X, uv.Y)); d > 1e-9 {
			t.Errorf("Transform and At differ by %v at %v", d, uv)
		}
	}
}

func TestFromImage(t *testing.T) {
	src := image.NewRGBA(image.Rect(3, 5, 8, 10)) // 5×5, with an origin of its own
	for _, c := range []struct {
		c         color.RGBA
		y, cb, cr uint8 // BT.601 video range
	}{
		{color.RGBA{0, 0, 0, 255}, 16, 128, 128},
		{color.RGBA{255, 255, 255, 255}, 235, 128, 128},
		{color.RGBA{255, 0, 0, 255}, 81, 90, 240},
		{color.RGBA{0, 255, 0, 255}, 145, 54, 34},
		{color.RGBA{0, 0, 255, 255}, 41, 240, 110},
	} {
		for y := 5; y < 10; y++ {
			for x := 3; x < 8; x++ {
				src.Set(x, y, c.c)
			}
		}
		f := FromImage(src, time.Second)
		if f.Width() != 5 || f.Height() != 5 || f.At != time.Second || f.Check() != nil {
			t.Fatalf("frame %d×%d at %v: %v", f.Width(), f.Height(), f.At, f.Check())
		}
		if b := f.Brightness(); !near(b, (float64(c.y)-16)*255/219, 1e-9) {
			t.Errorf("%v: brightness %v", c.c, b)
		}
		m := f.Image
		if m.Y[24] != c.y || m.Cb[8] != c.cb || m.Cr[8] != c.cr {
			t.Errorf("%v: %d %d %d, want %d %d %d", c.c, m.Y[24], m.Cb[8], m.Cr[8], c.y, c.cb, c.cr)
		}
	}
}

func TestFrameCheckAndClone(t *testing.T) {
	good := image.NewYCbCr(image.Rect(0, 0, 6, 4), image.YCbCrSubsampleRatio420)
	for i := range good.Y {
		good.Y[i] = uint8(i)
	}
	sub := good.SubImage(image.Rect(2, 2, 5, 4)).(*image.YCbCr)
	f := &Frame{Image: sub, Damaged: true}
	c := f.Clone()
	if c.Width() != 3 || c.Height() != 2 || !c.Damaged || c.Image.Y[0] != good.Y[2*good.YStride+2] {
		t.Errorf("clone %+v", c)
	}
	good.Y[2*good.YStride+2] = 99
	if c.Image.Y[0] == 99 {
		t.Error("clone shares memory")
	}
	short := image.NewYCbCr(image.Rect(0, 0, 6, 4), image.YCbCrSubsampleRatio420)
	short.Y = short.Y[:10]
	noChroma := image.NewYCbCr(image.Rect(0, 0, 6, 4), image.YCbCrSubsampleRatio420)
	noChroma.Cr = nil
	for want, f := range map[string]*Frame{
		"no picture":    {},
		"at least 1×1":  {Image: image.NewYCbCr(image.Rect(0, 0, 0, 4), image.YCbCrSubsampleRatio420)},
		"want 4:2:0":    {Image: image.NewYCbCr(image.Rect(0, 0, 6, 4), image.YCbCrSubsampleRatio444)},
		"Y plane has":   {Image: short},
		"chroma planes": {Image: noChroma},
	} {
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
