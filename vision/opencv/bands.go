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

// Band is a long straight block of print, as a rotated rectangle in pixels of
// the picture. Length is along the lines, Height across.
type Band struct {
	Center         vision.Point
	Length, Height float64
	Angle          float64 // radians, clockwise as seen, within ±π/4
	// Filled is the share of the rectangle that print covers, 0 to 1.
	Filled float64
}

// bandUnit is the height in pixels to which capital letters are scaled before
// bands are looked for; the kernels below are in these pixels.
const bandUnit = 10

// maxBandWidth bounds the picture in which bands are looked for.
const maxBandWidth = 2400

// Bands finds blocks of dark print on a lighter ground whose capital letters
// are about so many pixels high: what is darker than its surroundings (black
// hat), changes quickly from left to right, and stays together when letters and
// lines are closed up. The longest come first, at most 20.
func (p *Picture) Bands(letters float64) (_ []Band, err error) {
	if !(letters >= 2 && letters <= 200) {
		return nil, fmt.Errorf("finding print: letters %v pixels high, want 2 to 200", letters)
	}
	scale := min(bandUnit/letters, maxBandWidth/float64(p.Width()))
	size := image.Pt(int(float64(p.Width())*scale+0.5), int(float64(p.Height())*scale+0.5))
	if size.X < 2*bandUnit || size.Y < 2*bandUnit {
		return nil, nil // no room for a line of print
	}
	var m mats
	defer func() { err = errors.Join(err, m.close()) }()
	grey, small, hat, slope, print := m.new(), m.new(), m.new(), m.new(), m.new()
	line, block := m.rect(13, 7), m.rect(23, 23)
	steps := []func() error{
		func() error { return gocv.CvtColor(p.bgr, grey, gocv.ColorBGRToGray) },
		func() error { return gocv.Resize(*grey, small, size, 0, 0, gocv.InterpolationArea) },
		func() error { return gocv.GaussianBlur(*small, small, image.Pt(3, 3), 0, 0, gocv.BorderReplicate) },
		func() error { return gocv.MorphologyEx(*small, hat, gocv.MorphBlackhat, *line) },
		func() error { return gocv.Sobel(*hat, slope, gocv.MatTypeCV16S, 1, 0, 3, 1, 0, gocv.BorderReplicate) },
		func() error { return gocv.ConvertScaleAbs(*slope, hat, 1, 0) },
		func() error { return gocv.MorphologyEx(*hat, hat, gocv.MorphClose, *line) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("finding print: %w", err)
		}
	}
	gocv.Threshold(*hat, print, 0, 255, gocv.ThresholdBinary+gocv.ThresholdOtsu)
	if err := gocv.MorphologyEx(*print, print, gocv.MorphClose, *block); err != nil {
		return nil, fmt.Errorf("finding print: %w", err)
	}
	return bandsOf(*print, scale), nil
}

// bandsOf are the long blocks among the white parts of a picture.
func bandsOf(print gocv.Mat, scale float64) []Band {
	contours := gocv.FindContours(print, gocv.RetrievalExternal, gocv.ChainApproxSimple)
	defer contours.Close()
	var out []Band
	for i := range contours.Size() {
		c := contours.At(i)
		if c.Size() < 4 {
			continue
		}
		r := gocv.MinAreaRect2f(c)
		b := Band{
			Center: vision.Point{X: float64(r.Center.X) / scale, Y: float64(r.Center.Y) / scale},
			Length: float64(r.Width) / scale, Height: float64(r.Height) / scale, Angle: r.Angle * math.Pi / 180,
		}
		if b.Length < b.Height {
			b.Length, b.Height, b.Angle = b.Height, b.Length, b.Angle-math.Pi/2
		}
		b.Angle = math.Remainder(b.Angle, math.Pi)
		area := b.Length * b.Height * scale * scale
		if math.Abs(b.Angle) > math.Pi/4 || b.Length < 3*b.Height || b.Height*scale < bandUnit || area == 0 {
			continue
		}
		b.Filled = gocv.ContourArea(c) / area
		out = append(out, b)
	}
	return longest(out, 20)
}

// longest keeps the n longest bands.
func longest(bands []Band, n int) []Band {
	var out []Band
	for len(bands) > 0 && len(out) < n {
		best := 0
		for i := range bands {
			if bands[i].Length > bands[best].Length {
				best = i
			}
		}
		out = append(out, bands[best])
		bands[best] = bands[len(bands)-1]
		bands = bands[:len(bands)-1]
	}
	return out
}

// Straight cuts a band out, made level, with margins of so many pixels at its
// ends and along its sides, and scaled by a factor; the result is at most 4096
// pixels wide and high.
func (p *Picture) Straight(b Band, ends, sides, scale float64) (_ *image.Gray, err error) {
	w, h := (b.Length+2*ends)*scale, (b.Height+2*sides)*scale
	if !(w >= 1 && h >= 1 && w <= 4096 && h <= 4096) {
		return nil, fmt.Errorf("cutting print: %v by %v pixels, want 1 to 4096", w, h)
	}
	sin, cos := math.Sincos(b.Angle)
	s := 1 / scale
	t := vision.Affine{A: s * cos, B: -s * sin, D: s * sin, E: s * cos}
	corner := t.Apply(vision.Point{X: w / 2, Y: h / 2})
	t.C, t.F = b.Center.X-corner.X, b.Center.Y-corner.Y
	var m mats
	defer func() { err = errors.Join(err, m.close()) }()
	cut, grey := m.new(), m.new()
	if err := p.affineTo(cut, t, image.Pt(int(w), int(h)), gocv.InterpolationCubic); err != nil {
		return nil, err
	}
	if err := gocv.CvtColor(*cut, grey, gocv.ColorBGRToGray); err != nil {
		return nil, fmt.Errorf("cutting print: %w", err)
	}
	px, err := grey.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("cutting print: %w", err)
	}
	out := image.NewGray(image.Rect(0, 0, int(w), int(h)))
	copy(out.Pix, px)
	return out, nil
}

// affineTo fills dst with the picture of a size that t maps to this one.
func (p *Picture) affineTo(dst *gocv.Mat, t vision.Affine, size image.Point, how gocv.InterpolationFlags) error {
	// OpenCV counts from the first pixel's centre, vision from its corner.
	m := gocv.NewMatWithSize(2, 3, gocv.MatTypeCV64FC1)
	defer m.Close()
	v, err := m.DataPtrFloat64()
	if err != nil {
		return fmt.Errorf("cutting region: %w", err)
	}
	copy(v, []float64{
		t.A, t.B, t.C + (t.A+t.B-1)/2,
		t.D, t.E, t.F + (t.D+t.E-1)/2,
	})
	// The matrix maps the region to the picture, as WARP_INVERSE_MAP says.
	const inverse = 16
	if err := gocv.WarpAffineWithParams(p.bgr, dst, m, size, how|inverse, gocv.BorderReplicate, color.RGBA{}); err != nil {
		return fmt.Errorf("cutting region: %w", err)
	}
	return nil
}

// mats are the Mats of one calculation, freed together.
type mats []*gocv.Mat

func (m *mats) new() *gocv.Mat {
	mat := gocv.NewMat()
	*m = append(*m, &mat)
	return &mat
}

// rect is a kernel of ones.
func (m *mats) rect(w, h int) *gocv.Mat {
	mat := gocv.GetStructuringElement(gocv.MorphRect, image.Pt(w, h))
	*m = append(*m, &mat)
	return &mat
}

func (m *mats) close() error {
	var errs []error
	for _, mat := range *m {
		errs = append(errs, mat.Close())
	}
	return errors.Join(errs...)
}

// SameAs tells whether two bands cover about the same print.
func (b Band) SameAs(c Band) bool {
	return b.Center.Dist(c.Center) < max(b.Height, c.Height)/2 && b.Length < 1.3*c.Length && c.Length < 1.3*b.Length
}
