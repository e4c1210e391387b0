package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"bonafide/server/interview"
)

// corners is a picture whose four quarters are red, green, blue and white, from
// the top left on in reading order.
func corners(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}[2*(2*y/h)+2*x/w]
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif puts an orientation, and a secret, into a JPEG.
func exif(file []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "SECRET PLACE"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, file[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(append(out, body...), file[2:]...)
}

// names of the colours of a picture's quarters, in reading order.
func quarters(t testing.TB, p Picture) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, at := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		r, g, b, _ := m.At(at.X*p.Width/4, at.Y*p.Height/4).RGBA()
		switch {
		case r > 0xc000 && g > 0xc000 && b > 0xc000:
			out += "w"
		case r > 0xc000:
			out += "r"
		case g > 0xc000:
			out += "g"
		case b > 0xc000:
			out += "b"
		default:
			out += "?"
		}
	}
	return out
}

// TestOrientation turns pictures upright, for every orientation that there is.
func TestOrientation(t *testing.T) {
	file := jpegOf(t, corners(200, 100))
	for orientation, want := range map[uint16]string{0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb", 9: "rgbw"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			p, err := Clean(exif(file, order, orientation))
			if err != nil {
				t.Fatal(err)
			}
			if got := quarters(t, p); got != want {
				t.Errorf("orientation %d (%v): quarters %s, want %s", orientation, order, got, want)
			}
			if wide := p.Width > p.Height; wide != (orientation < 5 || orientation > 8) {
				t.Errorf("orientation %d: %d × %d", orientation, p.Width, p.Height)
			}
			if bytes.Contains(p.JPEG, []byte("SECRET")) || bytes.Contains(p.JPEG, []byte("Exif")) {
				t.Errorf("orientation %d: what the file said is still there", orientation)
			}
		}
	}
}

// webpSample is a picture of one pixel; smaller than any that is taken.
const webpSample = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"

// TestClean takes in what can be taken in, and names what is wrong with the rest.
func TestClean(t *testing.T) {
	tiny, err := base64.StdEncoding.DecodeString(webpSample)
	if err != nil {
		t.Fatal(err)
	}
	good := jpegOf(t, corners(400, 300))
	huge := pngOf(t, image.NewGray(image.Rect(0, 0, 100, 100)))
	binary.BigEndian.PutUint32(huge[16:], 60000)
	binary.BigEndian.PutUint32(huge[20:], 60000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for name, c := range map[string]struct {
		file []byte
		size string // "" with a problem
		has  string
	}{
		"a JPEG":            {good, "400x300", ""},
		"a PNG":             {pngOf(t, corners(300, 400)), "300x400", ""},
		"transparent":       {pngOf(t, image.NewNRGBA(image.Rect(0, 0, 100, 100))), "100x100", ""},
		"a large one":       {jpegOf(t, corners(2560, 1000)), "1280x500", ""},
		"a tiny WebP":       {tiny, "", "1 × 1 pixels; it must be at least 80"},
		"nothing":           {nil, "", "is empty"},
		"text":              {[]byte("hello, this is no picture"), "", "not a JPEG, PNG or WebP file (its first bytes look like text/plain"},
		"a GIF":             {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), "", "image/gif"},
		"a PDF":             {[]byte("%PDF-1.7 and so on"), "", "application/pdf"},
		"SVG":               {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "", "not a JPEG"},
		"too many bytes":    {make([]byte, MaxBytes+1), "", "more than 12 MB"},
		"a lie about size":  {huge, "", "60000 × 60000 pixels; at most 40 million"},
		"cut off":           {good[:len(good)/2], "", "may be damaged"},
		"cut in the header": {good[:10], "", "may be damaged"},
		"narrow":            {pngOf(t, corners(79, 500)), "", "79 × 500 pixels"},
	} {
		p, err := Clean(c.file)
		var field *interview.FieldError
		switch {
		case c.size != "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.size != "":
			m, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG))
			if got := fmt.Sprintf("%dx%d", p.Width, p.Height); got != c.size || err != nil || m.Width != p.Width || m.Height != p.Height || len(p.SHA256) != 64 {
				t.Errorf("%s: %s, %v; want %s", name, got, err, c.size)
			}
		case !errors.As(err, &field) || field.Field != "picture" || !strings.Contains(field.Problem, c.has):
			t.Errorf("%s: error %v, want one about the picture with %q", name, err, c.has)
		}
	}
	if p, err := Clean(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 100, 100)))); err != nil || quarters(t, p) != "wwww" {
		t.Errorf("what is transparent is not white: %v", err)
	}
}

// FuzzClean: whatever is uploaded gives a picture within the bounds, or an error.
func FuzzClean(f *testing.F) {
	file := jpegOf(f, corners(160, 120))
	f.Add(file)
	f.Add(exif(file, binary.BigEndian, 6))
	f.Add(pngOf(f, corners(100, 90)))
	tiny, _ := base64.StdEncoding.DecodeString(webpSample)
	f.Add(tiny)
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := Clean(file)
		if err != nil {
			return
		}
		if m, err := jpeg.DecodeConfig(bytes.NewReader(p.JPEG)); err != nil || max(m.Width, m.Height) > MaxSide || m.Width != p.Width {
			t.Fatalf("%d × %d, %v", m.Width, m.Height, err)
		}
	})
}
