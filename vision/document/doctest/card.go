// Package doctest makes pictures of people who hold up a document, for tests:
// a made-up specimen is drawn, or any picture of a document taken, and laid
// into a picture in a hand's pose, with the faults that webcams have. What is
// measured on such composites says so.
package doctest

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	xdraw "golang.org/x/image/draw"
)

// Card draws a specimen of a fictitious state, width pixels wide and as high as
// an identity card: a portrait, if one is given, a few lines of text, and the
// lines of a machine-readable zone, if there are any.
func Card(width int, portrait image.Image, zone []string) *image.RGBA {
	w, h := float64(width), float64(width)/1.5
	m := image.NewRGBA(image.Rect(0, 0, width, int(h)))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			wave := 8 * math.Sin(float64(x)/w*60+6*math.Sin(float64(y)/h*9))
			m.SetRGBA(x, y, color.RGBA{R: uint8(196 + wave), G: uint8(212 + wave), B: uint8(222 + wave/2), A: 255})
		}
	}
	ink := color.RGBA{R: 20, G: 24, B: 40, A: 255}
	write(m, goregular.TTF, 0.065*w, 0.05*w, 0.08*w, 0, color.RGBA{R: 30, G: 60, B: 120, A: 255}, "UTOPIA · SPECIMEN")
	if portrait != nil {
		at := image.Rect(int(0.05*w), int(0.12*w), int(0.30*w), int(0.44*w))
		xdraw.CatmullRom.Scale(m, at, portrait, portrait.Bounds(), draw.Src, nil)
	}
	for i, line := range []string{"Surname", "ERIKSSON", "Given names", "ANNA MARIA", "Nationality   UTO"} {
		write(m, goregular.TTF, 0.032*w, 0.36*w, (0.16+0.055*float64(i))*w, 0, ink, line)
	}
	for i, line := range zone {
		pitch := 0.92 * w / float64(len(line))
		size := min(1.62*pitch, 0.055*w) // the font is 0.6 wide
		y := h - 0.035*w - float64(len(zone)-1-i)*0.052*w
		write(m, gomono.TTF, size, 0.04*w, y, pitch, ink, line)
	}
	return m
}

// write puts a line of text with its base at (x, y); with a pitch, every
// character has that width.
func write(m draw.Image, ttf []byte, size, x, y, pitch float64, c color.Color, text string) {
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // a font of the library itself
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic(err)
	}
	defer face.Close()
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: face, Dot: fixed.Point26_6{X: fixed.Int26_6(64 * x), Y: fixed.Int26_6(64 * y)}}
	if pitch == 0 {
		d.DrawString(text)
		return
	}
	for i, r := range text {
		d.Dot.X = fixed.Int26_6(64 * (x + float64(i)*pitch))
		d.DrawString(string(r))
	}
}

// Square cuts the middle of a picture to the proportions of a portrait.
func Square(m image.Image, around image.Rectangle) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, 400, 512))
	xdraw.CatmullRom.Scale(out, out.Rect, m, around.Intersect(m.Bounds()), draw.Src, nil)
	return out
}

// Fit scales and cuts a picture so that it fills a size.
func Fit(m image.Image, w, h int) *image.RGBA {
	b := m.Bounds()
	scale := max(float64(w)/float64(b.Dx()), float64(h)/float64(b.Dy()))
	cw, ch := int(float64(w)/scale), int(float64(h)/scale)
	x, y := b.Min.X+(b.Dx()-cw)/2, b.Min.Y+(b.Dy()-ch)/2
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.BiLinear.Scale(out, out.Rect, m, image.Rect(x, y, x+cw, y+ch), draw.Src, nil)
	return out
}
