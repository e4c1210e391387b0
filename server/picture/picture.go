// Package picture takes in photographs that people upload. What comes out is a
// picture made anew from the pixels alone: the right way up, of a bounded size,
// as JPEG, without the names, places, devices and dates that files carry.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"bonafide/server/interview"
)

// Bounds of what is taken in and given out.
const (
	// MaxBytes of an uploaded file: a phone's photograph has 2 to 8 MB.
	MaxBytes = 12 << 20
	// MaxPixels of an uploaded picture, 40 million; unpacked they take 160 MB.
	MaxPixels = 40e6
	// MinSide in pixels: below it no face in a picture can be compared.
	MinSide = 80
	// MaxSide in pixels of the picture that is given out; larger ones are made smaller.
	MaxSide = 1280
	// quality of the JPEG, 0 to 100: high, because a face in it is compared.
	quality = 92
)

// Picture is a photograph as it is kept.
type Picture struct {
	JPEG          []byte
	SHA256        string // of JPEG, in hex
	Width, Height int    // pixels
}

// format is a kind of file that can be taken in.
type format struct {
	config func(b []byte) (image.Config, error)
	decode func(b []byte) (image.Image, error)
}

// formats are told by the first bytes of a file (net/http.DetectContentType);
// what its name or its sender says does not count.
var formats = map[string]format{
	"image/jpeg": {
		func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
	},
	"image/png": {
		func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
	},
	"image/webp": {
		func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	},
}

// Clean makes an uploaded file into a picture that can be kept. Its errors are
// about the field "picture" and say what would be right.
func Clean(file []byte) (Picture, error) {
	if len(file) == 0 {
		return Picture{}, interview.Invalid("picture", "is empty; send a JPEG, PNG or WebP file")
	}
	if len(file) > MaxBytes {
		return Picture{}, interview.Invalid("picture", "has more than %d MB; send a smaller file", MaxBytes>>20)
	}
	kind := http.DetectContentType(file)
	f, ok := formats[kind]
	if !ok {
		return Picture{}, interview.Invalid("picture", "is not a JPEG, PNG or WebP file (its first bytes look like %s)", kind)
	}
	size, err := f.config(file)
	if err != nil {
		return Picture{}, interview.Invalid("picture", "cannot be read: %v; the file may be damaged", err)
	}
	switch w, h := size.Width, size.Height; {
	case w <= 0 || h <= 0 || float64(w)*float64(h) > MaxPixels:
		return Picture{}, interview.Invalid("picture", "has %d × %d pixels; at most %d million are taken", w, h, int(MaxPixels/1e6))
	case min(w, h) < MinSide:
		return Picture{}, interview.Invalid("picture", "has %d × %d pixels; it must be at least %d wide and high", w, h, MinSide)
	}
	m, err := decode(f, file)
	if err != nil {
		return Picture{}, interview.Invalid("picture", "cannot be read: %v; the file may be damaged", err)
	}
	turned := 1
	if kind == "image/jpeg" {
		turned = orientation(file)
	}
	return encode(upright(smaller(m), turned))
}

// decode unpacks a picture. The decoders are meant to return errors for whatever
// they are given; a panic of theirs must not end the server all the same.
func decode(f format, file []byte) (m image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("its decoder failed (%v)", p)
		}
	}()
	return f.decode(file)
}

// smaller scales a picture down to MaxSide, and puts a white ground below what
// is transparent.
func smaller(m image.Image) *image.RGBA {
	b := m.Bounds()
	scale := min(1, MaxSide/float64(max(b.Dx(), b.Dy())))
	r := image.Rect(0, 0, max(int(float64(b.Dx())*scale+0.5), 1), max(int(float64(b.Dy())*scale+0.5), 1))
	out := image.NewRGBA(r)
	draw.Draw(out, r, image.White, image.Point{}, draw.Src)
	if r.Dx() == b.Dx() && r.Dy() == b.Dy() {
		draw.Draw(out, r, m, b.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(out, r, m, b, draw.Over, nil)
	}
	return out
}

// upright turns a picture as its EXIF orientation, 1 to 8, asks for.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	r := m.Rect
	if orientation >= 5 {
		r = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(r)
	for y := range r.Dy() {
		for x := range r.Dx() {
			// Where the pixel comes from (CIPA DC-008, Exif 2.32, tag 0x0112).
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

func encode(m image.Image) (Picture, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, fmt.Errorf("encoding a picture: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return Picture{JPEG: out.Bytes(), SHA256: hex.EncodeToString(sum[:]), Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}
