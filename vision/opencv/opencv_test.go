package opencv

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"
	"strings"
	"testing"

	"bonafide/vision"
)

// quadrants is a picture whose four quarters are red, green, blue and white.
func quadrants(w, h int) *vision.Frame {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	colours := [2][2]color.RGBA{
		{{255, 0, 0, 255}, {0, 255, 0, 255}},
		{{0, 0, 255, 255}, {255, 255, 255, 255}},
	}
	for y := range h {
		for x := range w {
			m.Set(x, y, colours[min(2*y/h, 1)][min(2*x/w, 1)])
		}
	}
	return vision.FromImage(m, 0)
}

func picture(t testing.TB, f *vision.Frame) *Picture {
	t.Helper()
	p, err := FromFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pixel reads one pixel of a model input that holds 0..255 in RGB planes.
func pixel(v []float32, n, x, y int) [3]float32 {
	size := len(v) / 3
	return [3]float32{v[y*n+x], v[size+y*n+x], v[2*size+y*n+x]}
}

func isColour(got [3]float32, r, g, b float32) bool {
	d := max(math.Abs(float64(got[0]-r)), math.Abs(float64(got[1]-g)), math.Abs(float64(got[2]-b)))
	return d <= 4 // of 255: rounding of the video range
}

var raw = Norm{Order: RGB, Scale: 1}

func TestColoursAndPadding(t *testing.T) {
	p := picture(t, quadrants(64, 48))
	in := make([]float32, 3*32*32)
	if err := p.Scaled(in, 32, 32, Border{}, raw); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, y    int
		r, g, b float32
	}{{3, 3, 255, 0, 0}, {28, 3, 0, 255, 0}, {3, 28, 0, 0, 255}, {28, 28, 255, 255, 255}} {
		if got := pixel(in, 32, c.x, c.y); !isColour(got, c.r, c.g, c.b) {
			t.Errorf("(%d,%d) is %v", c.x, c.y, got)
		}
	}
	// 64 grey columns on the left: the picture starts in the middle.
	if err := p.Scaled(in, 32, 32, Border{Left: 64}, raw); err != nil {
		t.Fatal(err)
	}
	if got := pixel(in, 32, 8, 8); !isColour(got, 127, 127, 127) {
		t.Errorf("border is %v", got)
	}
	if got := pixel(in, 32, 18, 3); !isColour(got, 255, 0, 0) {
		t.Errorf("first quarter is %v behind the border", got)
	}
	if err := p.Scaled(in, 32, 32, Border{}, Norm{Order: BGR, Mean: 127, Scale: 1.0 / 128}); err != nil {
		t.Fatal(err)
	}
	if b, r := in[3*32+3], in[2*32*32+3*32+3]; math.Abs(float64(b)+127.0/128) > 0.04 || math.Abs(float64(r)-1) > 0.04 {
		t.Errorf("red as BGR around 127: blue %v, red %v", b, r)
	}
	if err := p.Scaled(in[:5], 32, 32, Border{}, raw); err == nil || !strings.Contains(err.Error(), "want 3072") {
		t.Errorf("short input: %v", err)
	}
}

func TestRegion(t *testing.T) {
	p := picture(t, quadrants(64, 64))
	in := make([]float32, 3*16*16)
	// A quarter turn clockwise brings the picture's top right (green) to the
	// region's top left.
	roi := vision.ROI{Center: vision.Point{X: 32, Y: 32}, Side: 64, Angle: math.Pi / 2}
	if err := p.Region(in, roi, 16, raw); err != nil {
		t.Fatal(err)
	}
	if got := pixel(in, 16, 2, 2); !isColour(got, 0, 255, 0) {
		t.Errorf("top left is %v, want green", got)
	}
	// Half outside: the edge is repeated.
	roi = vision.ROI{Center: vision.Point{X: 0, Y: 0}, Side: 20}
	if err := p.Region(in, roi, 16, raw); err != nil {
		t.Fatal(err)
	}
	if got := pixel(in, 16, 0, 0); !isColour(got, 255, 0, 0) {
		t.Errorf("beyond the corner is %v, want red", got)
	}
	for _, side := range []float64{0, -1, math.NaN()} {
		if err := p.Region(in, vision.ROI{Side: side}, 16, raw); err == nil {
			t.Errorf("side %v accepted", side)
		}
	}
}

// TestRegionPlacesPixels checks sub-pixel placement: a region of exactly the
// picture's pixels reproduces them, and one shifted by half a pixel averages.
func TestRegionPlacesPixels(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = uint8(i%16) * 16
	}
	p := picture(t, vision.FromImage(m, 0))
	in := make([]float32, 3*8*8)
	for _, shift := range []float64{0, 0.5} {
		roi := vision.ROI{Center: vision.Point{X: 8 + shift, Y: 8}, Side: 8}
		if err := p.Region(in, roi, 8, raw); err != nil {
			t.Fatal(err)
		}
		for x := range 8 {
			want := (4 + float64(x) + shift) * 16
			if got := float64(in[3*8+x]); math.Abs(got-want) > 3 {
				t.Errorf("shift %v, column %d: %v, want %v", shift, x, got, want)
			}
		}
	}
}

// TestAligned demands that a transform places pixels as the region does that
// it comes from, and refuses one that maps everything to a line.
func TestAligned(t *testing.T) {
	p := picture(t, quadrants(64, 48))
	roi := vision.ROI{Center: vision.Point{X: 30, Y: 20}, Side: 24, Angle: 0.3}
	want, got := make([]float32, 3*16*16), make([]float32, 3*16*16)
	if err := errors.Join(p.Region(want, roi, 16, raw), p.Aligned(got, roi.Transform(16), 16, raw)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("the same place gave other pixels")
	}
	for _, bad := range []vision.Affine{{}, {A: 1, B: 1, D: 1, E: 1}, {A: math.NaN(), E: 1}} {
		if err := p.Aligned(got, bad, 16, raw); err == nil {
			t.Errorf("transform %+v accepted", bad)
		}
	}
}

func TestMeasure(t *testing.T) {
	board := image.NewGray(image.Rect(0, 0, 120, 120))
	flat := image.NewGray(image.Rect(0, 0, 120, 120))
	for y := range 120 {
		for x := range 120 {
			if (x/6+y/6)%2 == 0 {
				board.SetGray(x, y, color.Gray{Y: 200})
			}
			flat.SetGray(x, y, color.Gray{Y: 80})
		}
	}
	roi := vision.ROI{Center: vision.Point{X: 60, Y: 60}, Side: 112}
	sharp, bright, err := picture(t, vision.FromImage(board, 0)).Measure(roi)
	if err != nil || sharp < 1000 || math.Abs(bright-100) > 5 {
		t.Errorf("board: sharpness %v, brightness %v, %v", sharp, bright, err)
	}
	sharp, bright, err = picture(t, vision.FromImage(flat, 0)).Measure(roi)
	if err != nil || sharp > 1 || math.Abs(bright-80) > 2 {
		t.Errorf("flat: sharpness %v, brightness %v, %v", sharp, bright, err)
	}
}

func TestLifted(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = 64
	}
	p := picture(t, vision.FromImage(m, 0))
	l, err := p.Lifted(0.5)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in := make([]float32, 3*16*16)
	if err := l.Scaled(in, 16, 16, Border{}, raw); err != nil {
		t.Fatal(err)
	}
	if got := pixel(in, 16, 8, 8); !isColour(got, 128, 128, 128) { // √(64/255)·255 = 127.7
		t.Errorf("64 lifted to %v, want 128", got)
	}
	if _, err := p.Lifted(1.5); err == nil {
		t.Error("gamma 1.5 accepted")
	}
}

func TestJPEG(t *testing.T) {
	for _, c := range []struct{ w, h, maxWidth, wantW, wantH int }{
		{64, 48, 0, 64, 48}, {64, 48, 32, 32, 24}, {63, 47, 0, 62, 46}, {48, 64, 480, 48, 64},
	} {
		b, err := JPEG(quadrants(c.w, c.h), c.maxWidth, 90)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if m.Bounds().Dx() != c.wantW || m.Bounds().Dy() != c.wantH {
			t.Errorf("%v: still is %v", c, m.Bounds())
		}
		if r, g, b, _ := m.At(4, 4).RGBA(); r>>8 < 230 || g>>8 > 40 || b>>8 > 40 {
			t.Errorf("%v: corner is %d %d %d, want red", c, r>>8, g>>8, b>>8)
		}
	}
	if _, err := JPEG(quadrants(8, 8), 0, 0); err == nil {
		t.Error("quality 0 accepted")
	}
	if _, err := JPEG(&vision.Frame{}, 0, 80); err == nil {
		t.Error("empty frame accepted")
	}
	if _, err := FromFrame(quadrants(1, 8)); err == nil {
		t.Error("a frame of one column accepted")
	}
}
