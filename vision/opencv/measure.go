package opencv

import (
	"errors"
	"fmt"
	"image"

	"gocv.io/x/gocv"

	"bonafide/vision"
)

// MeasureSize is the side in pixels to which a region is scaled before its
// sharpness is measured, so that the number depends little on its size.
const MeasureSize = 112

// Measure gives the sharpness (variance of the Laplacian, aperture 1) and the
// brightness (mean, 0..255) of a region's luma. A region with less detail than
// MeasureSize pixels has low sharpness however well it is focused: it can not
// show more.
func (p *Picture) Measure(roi vision.ROI) (sharpness, brightness float64, err error) {
	cut, grey, edges := gocv.NewMat(), gocv.NewMat(), gocv.NewMat()
	mean, dev := gocv.NewMat(), gocv.NewMat()
	defer func() {
		err = errors.Join(err, cut.Close(), grey.Close(), edges.Close(), mean.Close(), dev.Close())
	}()
	if err := p.warp(&cut, roi, MeasureSize); err != nil {
		return 0, 0, err
	}
	if err := gocv.CvtColor(cut, &grey, gocv.ColorBGRToGray); err != nil {
		return 0, 0, fmt.Errorf("measuring region: %w", err)
	}
	if err := gocv.Laplacian(grey, &edges, gocv.MatTypeCV64F, 1, 1, 0, gocv.BorderReplicate); err != nil {
		return 0, 0, fmt.Errorf("measuring sharpness: %w", err)
	}
	if err := gocv.MeanStdDev(edges, &mean, &dev); err != nil {
		return 0, 0, fmt.Errorf("measuring sharpness: %w", err)
	}
	d := dev.GetDoubleAt(0, 0)
	if err := gocv.MeanStdDev(grey, &mean, &dev); err != nil {
		return 0, 0, fmt.Errorf("measuring brightness: %w", err)
	}
	return d * d, mean.GetDoubleAt(0, 0), nil
}

// JPEG makes a still of a frame, scaled down to maxWidth pixels if it is wider
// (0 keeps its size). quality is 1..100.
func JPEG(f *vision.Frame, maxWidth, quality int) ([]byte, error) {
	p, err := FromFrame(f)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.JPEG(maxWidth, quality)
}

// JPEG is the still of a picture that is already converted.
func (p *Picture) JPEG(maxWidth, quality int) ([]byte, error) {
	if quality < 1 || quality > 100 {
		return nil, fmt.Errorf("encoding still: quality %d, want 1 to 100", quality)
	}
	src := p.bgr
	if w, h := p.Width(), p.Height(); maxWidth > 0 && w > maxWidth {
		small := gocv.NewMat()
		defer small.Close()
		to := image.Pt(maxWidth, max(1, h*maxWidth/w))
		if err := gocv.Resize(p.bgr, &small, to, 0, 0, gocv.InterpolationArea); err != nil {
			return nil, fmt.Errorf("scaling still: %w", err)
		}
		src = small
	}
	buf, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, src, []int{gocv.IMWriteJpegQuality, quality})
	if err != nil {
		return nil, fmt.Errorf("encoding still: %w", err)
	}
	defer buf.Close()
	return append([]byte(nil), buf.GetBytes()...), nil // out of C memory
}

// saturated is the luma, 0..255, from which a pixel shows nothing but light.
const saturated = 250

// surfaceWidth is the width in pixels to which a surface is scaled before its
// sharpness is measured.
const surfaceWidth = 320

// Surface measures an upright part of the picture: its sharpness, the variance
// of the Laplacian (aperture 1) at a width of 320 pixels, and the share of it,
// 0 to 1, that is saturated with light.
func (p *Picture) Surface(r vision.Rect) (sharpness, glare float64, err error) {
	part, _, err := p.Part(r)
	if err != nil {
		return 0, 0, err
	}
	defer part.Close()
	var m mats
	defer func() { err = errors.Join(err, m.close()) }()
	grey, small, edges, mean, dev, lit := m.new(), m.new(), m.new(), m.new(), m.new(), m.new()
	if err := gocv.CvtColor(part.bgr, grey, gocv.ColorBGRToGray); err != nil {
		return 0, 0, fmt.Errorf("measuring surface: %w", err)
	}
	size := image.Pt(surfaceWidth, max(2, surfaceWidth*part.Height()/part.Width()))
	how := gocv.InterpolationArea
	if part.Width() < surfaceWidth {
		how = gocv.InterpolationLinear
	}
	if err := gocv.Resize(*grey, small, size, 0, 0, how); err != nil {
		return 0, 0, fmt.Errorf("measuring surface: %w", err)
	}
	if err := gocv.Laplacian(*small, edges, gocv.MatTypeCV64F, 1, 1, 0, gocv.BorderReplicate); err != nil {
		return 0, 0, fmt.Errorf("measuring surface: %w", err)
	}
	if err := gocv.MeanStdDev(*edges, mean, dev); err != nil {
		return 0, 0, fmt.Errorf("measuring surface: %w", err)
	}
	gocv.Threshold(*grey, lit, saturated-1, 255, gocv.ThresholdBinary)
	d := dev.GetDoubleAt(0, 0)
	return d * d, float64(gocv.CountNonZero(*lit)) / float64(part.Width()*part.Height()), nil
}
