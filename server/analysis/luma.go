package analysis

import (
	"image"
	"math"
)

// Size of a Thumb in cells. It follows the picture's luma closely enough to
// see a person breathe, and averages the camera's noise away.
const (
	thumbWidth  = 64
	thumbHeight = 48
)

// Thumb is the mean luma of each cell of a picture, rows from the top.
type Thumb [thumbWidth * thumbHeight]float32

// newThumb averages a picture's luma into cells. A picture smaller than the
// grid repeats its pixels.
func newThumb(m *image.YCbCr) *Thumb {
	var t Thumb
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for cy := range thumbHeight {
		y0 := cy * h / thumbHeight
		y1 := max((cy+1)*h/thumbHeight, y0+1)
		for cx := range thumbWidth {
			x0 := cx * w / thumbWidth
			x1 := max((cx+1)*w/thumbWidth, x0+1)
			sum := 0
			for y := y0; y < y1; y++ {
				o := m.YOffset(m.Rect.Min.X+x0, m.Rect.Min.Y+y)
				for _, v := range m.Y[o : o+x1-x0] {
					sum += int(v)
				}
			}
			t[cy*thumbWidth+cx] = float32(sum) / float32((x1-x0)*(y1-y0))
		}
	}
	return &t
}

// Difference is the mean absolute difference of two thumbs, 0 to 255.
func (t *Thumb) Difference(o *Thumb) float64 {
	sum := 0.0
	for i := range t {
		sum += math.Abs(float64(t[i] - o[i]))
	}
	return sum / float64(len(t))
}

// blurWidth is the width to which a picture is sampled down for laplacian, so
// that its value does not depend on the camera's resolution.
const blurWidth = 320

// laplacian is the variance of the Laplacian of the luma at a width of 320
// pixels: low where nothing in the picture has a sharp edge.
func laplacian(m *image.YCbCr) float64 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	gw := min(blurWidth, w)
	gh := max(h*gw/max(w, 1), 1)
	if gw < 3 || gh < 3 {
		return 0
	}
	small := make([]float32, gw*gh)
	for gy := range gh {
		y0, y1 := gy*h/gh, max((gy+1)*h/gh, gy*h/gh+1)
		for gx := range gw {
			x0, x1 := gx*w/gw, max((gx+1)*w/gw, gx*w/gw+1)
			sum := 0
			for y := y0; y < y1; y++ {
				o := m.YOffset(m.Rect.Min.X+x0, m.Rect.Min.Y+y)
				for _, v := range m.Y[o : o+x1-x0] {
					sum += int(v)
				}
			}
			small[gy*gw+gx] = float32(sum) / float32((x1-x0)*(y1-y0))
		}
	}
	var sum, squares float64
	for y := 1; y < gh-1; y++ {
		for x := 1; x < gw-1; x++ {
			i := y*gw + x
			l := float64(4*small[i] - small[i-1] - small[i+1] - small[i-gw] - small[i+gw])
			sum += l
			squares += l * l
		}
	}
	n := float64((gw - 2) * (gh - 2))
	return squares/n - (sum/n)*(sum/n)
}
