// Package vision holds what every detector on pictures shares: the decoded
// Frame, the Face found in it with its landmarks and quality, and the plane
// geometry between them. It is pure Go; OpenCV lives in vision/opencv and
// models in vision/face.
//
// Coordinates are pixels of the frame, x to the right and y down, measured so
// that a pixel's centre lies at +0.5: the picture covers [0,Width) × [0,Height).
package vision

import (
	"fmt"
	"image"
	"time"
)

// Frame is one decoded picture of a participant's video.
//
// Ownership: the picture belongs to whoever produced the Frame and may be
// reused for the next one. A consumer reads it only until the call that passed
// it returns, never writes to it, and takes a Clone of what it wants to keep.
type Frame struct {
	// Image holds the planes with 4:2:0 subsampling. Values are BT.601 in
	// video range (Y 16–235, Cb and Cr 16–240), as VP8 carries them: not the
	// full range which image/color assumes for a YCbCr.
	Image *image.YCbCr
	// At is the instant of capture in interview time.
	At time.Duration
	// Damaged tells that the decoder lost data this picture depends on. It can
	// be shown but must not be measured.
	Damaged bool
}

// Width of the picture in pixels.
func (f *Frame) Width() int { return f.Image.Rect.Dx() }

// Height of the picture in pixels.
func (f *Frame) Height() int { return f.Image.Rect.Dy() }

// Bounds is the whole picture as a rectangle.
func (f *Frame) Bounds() Rect {
	return Rect{X1: float64(f.Width()), Y1: float64(f.Height())}
}

// Check reports what makes the frame unusable: a missing or empty picture,
// another subsampling than 4:2:0, or planes shorter than the size demands.
func (f *Frame) Check() error {
	switch {
	case f == nil || f.Image == nil:
		return fmt.Errorf("frame has no picture")
	case f.Width() < 1 || f.Height() < 1:
		return fmt.Errorf("frame is %d×%d pixels, want at least 1×1", f.Width(), f.Height())
	case f.Image.SubsampleRatio != image.YCbCrSubsampleRatio420:
		return fmt.Errorf("frame is subsampled %v, want 4:2:0", f.Image.SubsampleRatio)
	}
	m := f.Image
	last := image.Pt(m.Rect.Max.X-1, m.Rect.Max.Y-1)
	if m.YOffset(last.X, last.Y) >= len(m.Y) {
		return fmt.Errorf("frame's Y plane has %d bytes, too few for %d×%d", len(m.Y), f.Width(), f.Height())
	}
	if c := m.COffset(last.X, last.Y); c >= len(m.Cb) || c >= len(m.Cr) {
		return fmt.Errorf("frame's chroma planes have %d and %d bytes, too few for %d×%d",
			len(m.Cb), len(m.Cr), f.Width(), f.Height())
	}
	return nil
}

// Brightness is the picture's mean luma on a scale from 0 (black) to 255
// (white), from every fourth pixel of every fourth row.
func (f *Frame) Brightness() float64 {
	m := f.Image
	var sum, n int
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y += 4 {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x += 4 {
			sum += int(m.Y[m.YOffset(x, y)])
			n++
		}
	}
	return min(max((float64(sum)/float64(max(n, 1))-16)*255/219, 0), 255)
}

// Clone copies the picture into memory of its own.
func (f *Frame) Clone() *Frame {
	w, h := f.Width(), f.Height()
	out := &Frame{Image: image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420), At: f.At, Damaged: f.Damaged}
	src, dst := f.Image, out.Image
	for y := 0; y < h; y++ {
		o := src.YOffset(src.Rect.Min.X, src.Rect.Min.Y+y)
		copy(dst.Y[y*dst.YStride:y*dst.YStride+w], src.Y[o:o+w])
	}
	cw, ch := (w+1)/2, (h+1)/2
	for y := 0; y < ch; y++ {
		o := src.COffset(src.Rect.Min.X, src.Rect.Min.Y+2*y)
		copy(dst.Cb[y*dst.CStride:y*dst.CStride+cw], src.Cb[o:o+cw])
		copy(dst.Cr[y*dst.CStride:y*dst.CStride+cw], src.Cr[o:o+cw])
	}
	return out
}

// FromImage makes a Frame of any picture (a photo, a still), converting it to
// BT.601 video range with each 2×2 block's mean as its chroma.
func FromImage(src image.Image, at time.Duration) *Frame {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for by := 0; by < h; by += 2 {
		for bx := 0; bx < w; bx += 2 {
			var cb, cr, n float64
			for y := by; y < min(by+2, h); y++ {
				for x := bx; x < min(bx+2, w); x++ {
					r16, g16, b16, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
					r, g, bl := float64(r16)/65535, float64(g16)/65535, float64(b16)/65535
					// ITU-R BT.601-7: weights of section 2.5.1, ranges of 2.5.3.
					luma := 0.299*r + 0.587*g + 0.114*bl
					m.Y[y*m.YStride+x] = uint8(16 + 219*luma + 0.5)
					cb += (bl - luma) / 1.772
					cr += (r - luma) / 1.402
					n++
				}
			}
			o := by/2*m.CStride + bx/2
			m.Cb[o] = uint8(128 + 224*cb/n + 0.5)
			m.Cr[o] = uint8(128 + 224*cr/n + 0.5)
		}
	}
	return &Frame{Image: m, At: at}
}
