// Command specimen draws the specimen of an identity document as a PNG, for
// tests whose cameras are films: its portrait is cut out of a photo.
//
//	specimen -photo face.jpg -cut 530,250,850,660 -out card.png
package main

import (
	"flag"
	"fmt"
	"image"
	_ "image/jpeg" // the photos' format
	"image/png"
	"os"

	"bonafide/vision/document/doctest"
)

// width of the picture in pixels: more than the card has in a camera's picture.
const width = 1000

// zone is the made-up zone of ICAO Doc 9303 part 4 (TD3): Anna Maria Eriksson
// of Utopia, with right check digits.
var zone = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}

func main() {
	photo := flag.String("photo", "", "JPEG photo that shows the holder's face")
	cut := flag.String("cut", "", "the portrait in the photo: left,top,right,bottom in pixels")
	out := flag.String("out", "", "PNG file to write")
	flag.Parse()
	if err := run(*photo, *cut, *out); err != nil {
		fmt.Fprintln(os.Stderr, "specimen:", err)
		os.Exit(1)
	}
}

// run draws the specimen with the part cut of the photo as its portrait.
func run(photo, cut, out string) error {
	var r image.Rectangle
	if _, err := fmt.Sscanf(cut, "%d,%d,%d,%d", &r.Min.X, &r.Min.Y, &r.Max.X, &r.Max.Y); err != nil {
		return fmt.Errorf("-cut is %q, want left,top,right,bottom in pixels: %w", cut, err)
	}
	f, err := os.Open(photo)
	if err != nil {
		return fmt.Errorf("opening -photo: %w", err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return fmt.Errorf("reading -photo %s: %w", photo, err)
	}
	if r.Empty() || !r.In(m.Bounds()) {
		return fmt.Errorf("-cut is %v, want a part of the photo, which is %v", r, m.Bounds())
	}
	w, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("creating -out: %w", err)
	}
	if err := png.Encode(w, doctest.Card(width, doctest.Square(m, r), zone)); err != nil {
		w.Close()
		return fmt.Errorf("writing %s: %w", out, err)
	}
	return w.Close()
}
