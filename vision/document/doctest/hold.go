package doctest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
)

// Pose says where a document is held and how well it is seen.
type Pose struct {
	X, Y  float64 // its middle, pixels
	Width float64 // of the document as it would be seen from straight ahead, pixels
	// Roll turns it in the picture's plane, Turn about its upright and Tilt
	// about its level axis; radians.
	Roll, Turn, Tilt float64
	Thumb            bool    // covers a bit of an edge
	Glare            float64 // radius of a bright spot, as a share of the width; 0 = none
	Blur             float64 // standard deviation in pixels
	Noise            float64 // standard deviation of the sensor's noise, 0..255
	Quality          int     // JPEG, 1 to 100; 0 = not compressed
	Seed             uint64
}

// Corners are where the document's corners come to lie, clockwise from its top
// left.
func (p Pose) Corners(card image.Image) [4][2]float64 {
	b := card.Bounds()
	w, h := p.Width, p.Width*float64(b.Dy())/float64(b.Dx())
	var out [4][2]float64
	for i, c := range [4][2]float64{{-w / 2, -h / 2}, {w / 2, -h / 2}, {w / 2, h / 2}, {-w / 2, h / 2}} {
		x, y, z := c[0]*math.Cos(p.Turn), c[1]*math.Cos(p.Tilt), c[0]*math.Sin(p.Turn)+c[1]*math.Sin(p.Tilt)
		x, y = x*math.Cos(p.Roll)-y*math.Sin(p.Roll), x*math.Sin(p.Roll)+y*math.Cos(p.Roll)
		far := 1 + z/(2.5*p.Width) // held at 2.5 times its width from the camera
		out[i] = [2]float64{p.X + x/far, p.Y + y/far}
	}
	return out
}

// Hold lays a document into a picture.
func Hold(background, card image.Image, p Pose) *image.RGBA {
	rnd := rand.New(rand.NewPCG(p.Seed, 1))
	out := image.NewRGBA(background.Bounds())
	xdraw.Copy(out, image.Point{}, background, background.Bounds(), xdraw.Src, nil)
	b := card.Bounds()
	// Shrunk first, so that reading it below skips no pixels.
	w := min(b.Dx(), int(1.5*p.Width)+1)
	small := image.NewRGBA(image.Rect(0, 0, w, w*b.Dy()/b.Dx()))
	xdraw.CatmullRom.Scale(small, small.Rect, card, b, xdraw.Src, nil)
	lay(out, small, p.Corners(card))
	if p.Thumb {
		c := p.Corners(card)
		x, y := (c[2][0]+c[3][0])/2, (c[2][1]+c[3][1])/2
		x += (rnd.Float64() - 0.5) * p.Width / 2
		disc(out, x, y, 0.055*p.Width, 0.09*p.Width, func(c color.RGBA, d float64) color.RGBA {
			return mix(c, color.RGBA{R: 205, G: 160, B: 135, A: 255}, min(1, 8*(1-d)))
		})
	}
	if p.Glare > 0 {
		x, y := p.X+(rnd.Float64()-0.5)*p.Width*0.7, p.Y+(rnd.Float64()-0.5)*p.Width*0.4
		r := p.Glare * p.Width
		disc(out, x, y, r, r*0.7, func(c color.RGBA, d float64) color.RGBA {
			return mix(c, color.RGBA{R: 255, G: 255, B: 255, A: 255}, min(1, 2.2*(1-d)))
		})
	}
	return p.Camera(out, rnd)
}

// Camera adds what a webcam does to a picture: blur, noise, compression.
func (p Pose) Camera(m *image.RGBA, rnd *rand.Rand) *image.RGBA {
	if rnd == nil {
		rnd = rand.New(rand.NewPCG(p.Seed, 2))
	}
	if p.Blur > 0 {
		m = blur(m, p.Blur)
	}
	if p.Noise > 0 {
		for i := range m.Pix {
			if i%4 != 3 {
				m.Pix[i] = uint8(min(max(float64(m.Pix[i])+rnd.NormFloat64()*p.Noise, 0), 255))
			}
		}
	}
	if p.Quality > 0 {
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, m, &jpeg.Options{Quality: p.Quality}); err != nil {
			panic(err) // into memory
		}
		back, err := jpeg.Decode(&buf)
		if err != nil {
			panic(err)
		}
		xdraw.Copy(m, image.Point{}, back, back.Bounds(), xdraw.Src, nil)
	}
	return m
}

// lay maps a picture to four corners, with 2×2 samples for every pixel.
func lay(dst, src *image.RGBA, c [4][2]float64) {
	t := homography(c, float64(src.Rect.Dx()), float64(src.Rect.Dy()))
	x0, y0, x1, y1 := c[0][0], c[0][1], c[0][0], c[0][1]
	for _, p := range c {
		x0, y0, x1, y1 = min(x0, p[0]), min(y0, p[1]), max(x1, p[0]), max(y1, p[1])
	}
	for y := max(int(y0)-1, 0); y <= min(int(y1)+1, dst.Rect.Dy()-1); y++ {
		for x := max(int(x0)-1, 0); x <= min(int(x1)+1, dst.Rect.Dx()-1); x++ {
			var sum [3]float64
			n := 0.0
			for _, o := range [4][2]float64{{.25, .25}, {.75, .25}, {.25, .75}, {.75, .75}} {
				px, py := float64(x)+o[0], float64(y)+o[1]
				d := t[6]*px + t[7]*py + 1
				u, v := (t[0]*px+t[1]*py+t[2])/d, (t[3]*px+t[4]*py+t[5])/d
				if u < 0 || v < 0 || u >= float64(src.Rect.Dx()) || v >= float64(src.Rect.Dy()) {
					continue
				}
				c := sample(src, u-0.5, v-0.5)
				for i := range sum {
					sum[i] += c[i]
				}
				n++
			}
			if n > 0 {
				at := dst.PixOffset(x, y)
				for i := range sum {
					dst.Pix[at+i] = uint8(sum[i]/4 + float64(dst.Pix[at+i])*(4-n)/4)
				}
			}
		}
	}
}

// sample is bilinear, the edge repeated.
func sample(m *image.RGBA, x, y float64) (out [3]float64) {
	fx, fy := math.Floor(x), math.Floor(y)
	for _, o := range [4][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		ix := min(max(int(fx)+o[0], 0), m.Rect.Dx()-1)
		iy := min(max(int(fy)+o[1], 0), m.Rect.Dy()-1)
		weight := math.Abs(1-float64(o[0])-(x-fx)) * math.Abs(1-float64(o[1])-(y-fy))
		at := m.PixOffset(ix, iy)
		for i := range out {
			out[i] += weight * float64(m.Pix[at+i])
		}
	}
	return out
}

// homography maps four corners in the picture to those of a w×h picture: eight
// equations, solved by Gauss elimination.
func homography(c [4][2]float64, w, h float64) [8]float64 {
	var a [8][9]float64
	for i, to := range [4][2]float64{{0, 0}, {w, 0}, {w, h}, {0, h}} {
		x, y := c[i][0], c[i][1]
		a[2*i] = [9]float64{x, y, 1, 0, 0, 0, -to[0] * x, -to[0] * y, to[0]}
		a[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -to[1] * x, -to[1] * y, to[1]}
	}
	for i := range 8 {
		best := i
		for r := i + 1; r < 8; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[best][i]) {
				best = r
			}
		}
		a[i], a[best] = a[best], a[i]
		for r := range 8 {
			if r == i || a[i][i] == 0 {
				continue
			}
			f := a[r][i] / a[i][i]
			for k := i; k < 9; k++ {
				a[r][k] -= f * a[i][k]
			}
		}
	}
	var out [8]float64
	for i := range out {
		out[i] = a[i][8] / a[i][i]
	}
	return out
}

// disc changes the pixels of an ellipse; d is 0 in its middle, 1 at its edge.
func disc(m *image.RGBA, x, y, rx, ry float64, f func(c color.RGBA, d float64) color.RGBA) {
	for py := max(int(y-ry), 0); py <= min(int(y+ry), m.Rect.Dy()-1); py++ {
		for px := max(int(x-rx), 0); px <= min(int(x+rx), m.Rect.Dx()-1); px++ {
			if d := math.Hypot((float64(px)-x)/rx, (float64(py)-y)/ry); d < 1 {
				m.SetRGBA(px, py, f(m.RGBAAt(px, py), d))
			}
		}
	}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	f := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t) }
	return color.RGBA{R: f(a.R, b.R), G: f(a.G, b.G), B: f(a.B, b.B), A: 255}
}

// blur is Gaussian, one axis after the other.
func blur(m *image.RGBA, sigma float64) *image.RGBA {
	n := int(math.Ceil(2.5 * sigma))
	kernel := make([]float64, 2*n+1)
	var sum float64
	for i := range kernel {
		kernel[i] = math.Exp(-float64((i-n)*(i-n)) / (2 * sigma * sigma))
		sum += kernel[i]
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	pass := func(src *image.RGBA, dx, dy int) *image.RGBA {
		out := image.NewRGBA(src.Rect)
		for y := range h {
			for x := range w {
				var c [3]float64
				for i, k := range kernel {
					at := src.PixOffset(min(max(x+(i-n)*dx, 0), w-1), min(max(y+(i-n)*dy, 0), h-1))
					for j := range c {
						c[j] += k / sum * float64(src.Pix[at+j])
					}
				}
				at := out.PixOffset(x, y)
				for j := range c {
					out.Pix[at+j] = uint8(c[j] + 0.5)
				}
				out.Pix[at+3] = 255
			}
		}
		return out
	}
	return pass(pass(m, 1, 0), 0, 1)
}
