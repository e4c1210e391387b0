// Package opencv is the one place that calls OpenCV (through gocv): colour
// conversion of frames, scaling, cutting out rotated regions, sharpness, and
// JPEG stills. Everything it returns is plain Go memory except a Picture,
// which its user closes.
//
// It builds with the tags gocv_specific_modules,gocv_calib3d against OpenCV 4.6.
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

// Picture is a frame converted to 8-bit BGR. It is not safe for concurrent use.
type Picture struct {
	bgr    gocv.Mat
	closed bool
}

// FromFrame converts a frame, which is free again when the call returns. An
// odd last column or row is left out, since 4:2:0 conversion works on pairs.
func FromFrame(f *vision.Frame) (*Picture, error) {
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("converting frame: %w", err)
	}
	w, h := f.Width()&^1, f.Height()&^1
	if w == 0 || h == 0 {
		return nil, fmt.Errorf("converting frame: %d×%d pixels, want at least 2×2", f.Width(), f.Height())
	}
	// OpenCV wants the three planes tightly packed below one another.
	packed := gocv.NewMatWithSize(h*3/2, w, gocv.MatTypeCV8UC1)
	defer packed.Close()
	buf, err := packed.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("converting frame: %w", err)
	}
	pack(buf, f.Image, w, h)
	p := &Picture{bgr: gocv.NewMat()}
	if err := gocv.CvtColor(packed, &p.bgr, gocv.ColorYUVToBGRIYUV); err != nil {
		return nil, errors.Join(fmt.Errorf("converting frame to BGR: %w", err), p.Close())
	}
	return p, nil
}

func pack(dst []byte, m *image.YCbCr, w, h int) {
	at := 0
	for y := range h {
		o := m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y)
		at += copy(dst[at:], m.Y[o:o+w])
	}
	for _, plane := range [][]byte{m.Cb, m.Cr} {
		for y := 0; y < h; y += 2 {
			o := m.COffset(m.Rect.Min.X, m.Rect.Min.Y+y)
			at += copy(dst[at:], plane[o:o+w/2])
		}
	}
}

// Close frees the picture. It may be called again.
func (p *Picture) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	return p.bgr.Close()
}

// Width in pixels.
func (p *Picture) Width() int { return p.bgr.Cols() }

// Height in pixels.
func (p *Picture) Height() int { return p.bgr.Rows() }

// Order is the order of the colour planes a model wants.
type Order int

// The orders.
const (
	RGB Order = iota
	BGR
)

// Norm tells how pixel values become a model's input: (value − Mean) × Scale,
// value 0..255, one plane after the other in the given order.
type Norm struct {
	Order       Order
	Mean, Scale float32
}

// planes writes an 8-bit BGR Mat into a model's input.
func (n Norm) planes(dst []float32, m gocv.Mat) error {
	px, err := m.DataPtrUint8()
	if err != nil {
		return err
	}
	size := m.Rows() * m.Cols()
	if len(dst) != 3*size || len(px) != 3*size {
		return fmt.Errorf("model input has %d values, want %d for %d×%d pixels", len(dst), 3*size, m.Cols(), m.Rows())
	}
	first, third := dst[2*size:], dst[:size] // blue goes last in RGB
	if n.Order == BGR {
		first, third = third, first
	}
	second := dst[size : 2*size]
	for i := range size {
		first[i] = (float32(px[3*i]) - n.Mean) * n.Scale
		second[i] = (float32(px[3*i+1]) - n.Mean) * n.Scale
		third[i] = (float32(px[3*i+2]) - n.Mean) * n.Scale
	}
	return nil
}

// Scaled writes the whole picture, with border pixels of middle grey added
// around it, scaled bilinearly to w×h, as a model's input of 3·w·h values.
// The aspect ratio is not kept: choose the border so that it is.
func (p *Picture) Scaled(dst []float32, w, h int, border Border, n Norm) error {
	src := p.bgr
	if border != (Border{}) {
		padded := gocv.NewMat()
		defer padded.Close()
		grey := color.RGBA{R: 127, G: 127, B: 127}
		if err := gocv.CopyMakeBorder(p.bgr, &padded, border.Top, border.Bottom, border.Left, border.Right,
			gocv.BorderConstant, grey); err != nil {
			return fmt.Errorf("padding picture: %w", err)
		}
		src = padded
	}
	small := gocv.NewMat()
	defer small.Close()
	if err := gocv.Resize(src, &small, image.Pt(w, h), 0, 0, gocv.InterpolationLinear); err != nil {
		return fmt.Errorf("scaling picture: %w", err)
	}
	return n.planes(dst, small)
}

// Lifted is a copy with its shadows brightened: value/255 to the power gamma,
// below 1. The caller closes it.
func (p *Picture) Lifted(gamma float64) (*Picture, error) {
	if !(gamma > 0 && gamma < 1) {
		return nil, fmt.Errorf("brightening picture: gamma %v, want between 0 and 1", gamma)
	}
	table := gocv.NewMatWithSize(1, 256, gocv.MatTypeCV8UC1)
	defer table.Close()
	v, err := table.DataPtrUint8()
	if err != nil {
		return nil, fmt.Errorf("brightening picture: %w", err)
	}
	for i := range v {
		v[i] = uint8(255*math.Pow(float64(i)/255, gamma) + 0.5)
	}
	out := &Picture{bgr: gocv.NewMat()}
	if err := gocv.LUT(p.bgr, table, &out.bgr); err != nil {
		return nil, errors.Join(fmt.Errorf("brightening picture: %w", err), out.Close())
	}
	return out, nil
}

// Border is a number of pixels added on each side, none negative.
type Border struct{ Top, Bottom, Left, Right int }

// Region writes the rotated square region, scaled to size×size, as a model's
// input of 3·size² values. Sampling is bilinear between pixel centres; beyond
// the picture its edge is repeated.
func (p *Picture) Region(dst []float32, roi vision.ROI, size int, n Norm) error {
	cut := gocv.NewMat()
	defer cut.Close()
	if err := p.warp(&cut, roi, size); err != nil {
		return err
	}
	return n.planes(dst, cut)
}

// Aligned writes a size×size picture as a model's input of 3·size² values; t
// maps its places to those of the whole picture. Sampling is as in Region.
func (p *Picture) Aligned(dst []float32, t vision.Affine, size int, n Norm) error {
	if det := t.A*t.E - t.B*t.D; !(math.Abs(det) > 0) || math.IsInf(det, 0) || size < 1 {
		return fmt.Errorf("aligning region: transform %+v to %d pixels, want one that can be inverted and a size above 0", t, size)
	}
	cut := gocv.NewMat()
	defer cut.Close()
	if err := p.affine(&cut, t, size); err != nil {
		return err
	}
	return n.planes(dst, cut)
}

func (p *Picture) warp(dst *gocv.Mat, roi vision.ROI, size int) error {
	if !(roi.Side > 0) || size < 1 { // catches NaN as well
		return fmt.Errorf("cutting region: side %v to %d pixels, want both above 0", roi.Side, size)
	}
	return p.affine(dst, roi.Transform(size), size)
}

// affine fills dst with the size×size picture that t maps to this one.
func (p *Picture) affine(dst *gocv.Mat, t vision.Affine, size int) error {
	return p.affineTo(dst, t, image.Pt(size, size), gocv.InterpolationLinear)
}
