package document

import (
	"fmt"
	"image"
	"math"
	"slices"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// letterSizes are the heights in pixels at which capital letters of a zone are
// looked for: those of a document 300 pixels wide and more.
var letterSizes = []float64{7, 11, 18, 30}

const (
	// minStrip is the least length of a zone in pixels: 30 characters at 6.
	minStrip = 180
	// A zone of two lines of 44 is about 12 times as long as high, one of three
	// lines of 30 about 5 times; print beside it makes it higher or longer.
	minShape, maxShape = 3.2, 24
	// stripWidth is the width in pixels to which a strip is scaled: 20 pixels
	// per character where there are 44. At 30 the serifs of an I are often read
	// as a T: on specimens laid into clips as many zones were read at both
	// widths, and a quarter more names at this one (TestEvalComposites).
	stripWidth = 880
	maxZoom    = 4
)

// Strip is a part of a picture that may be a machine-readable zone.
type Strip struct {
	Band  opencv.Band
	Image *image.Gray // level, print dark
}

// Strips finds parts of a picture that may be a machine-readable zone by their
// shape, the likeliest first, at most so many.
func Strips(p *opencv.Picture, limit int) ([]Strip, error) {
	var found []opencv.Band
	for _, size := range letterSizes {
		bands, err := p.Bands(size)
		if err != nil {
			return nil, err
		}
		for _, b := range append(bands, stacked(bands)...) {
			letter := b.Length / 36 // between 30 and 44 characters
			if zoneLike(b) && letter >= size/2.2 && letter <= size*2.2 && !slices.ContainsFunc(found, b.SameAs) {
				found = append(found, b)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b opencv.Band) int {
		switch d := likely(b) - likely(a); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	var out []Strip
	for _, b := range found[:min(len(found), limit)] {
		zoom := min(stripWidth/b.Length, maxZoom)
		grey, err := p.Straight(b, b.Length/12, b.Length/45, zoom)
		if err != nil {
			return nil, fmt.Errorf("cutting out a zone: %w", err)
		}
		out = append(out, Strip{b, grey})
	}
	return out, nil
}

// zonePart is the share of a document's height, from its lower edge, that holds
// its zone where it shows a portrait too: 23.2 mm of 74 at most (ICAO Doc 9303,
// parts 4 and 6), and a little more.
const zonePart = 0.34

// zoneOf cuts the part out of a document of known corners that holds its zone,
// as seen from straight ahead.
func zoneOf(p *opencv.Picture, q opencv.Quad) (*image.Gray, error) {
	up := func(low, high vision.Point) vision.Point {
		return vision.Point{X: low.X + zonePart*(high.X-low.X), Y: low.Y + zonePart*(high.Y-low.Y)}
	}
	lower := opencv.Quad{up(q[3], q[0]), up(q[2], q[1]), q[2], q[3]}
	w, h := lower.Sides()
	zoom := min(stripWidth/max(w, 1), maxZoom)
	flat, err := p.Rectified(lower, even(w*zoom), even(h*zoom))
	if err != nil {
		return nil, fmt.Errorf("cutting out a zone: %w", err)
	}
	defer flat.Close()
	f, err := flat.Frame()
	if err != nil {
		return nil, fmt.Errorf("cutting out a zone: %w", err)
	}
	return &image.Gray{Pix: f.Image.Y, Stride: f.Image.YStride, Rect: f.Image.Rect}, nil
}

// zoneLike tells whether a band has the size and shape of a zone.
func zoneLike(b opencv.Band) bool {
	shape := b.Length / b.Height
	return b.Length >= minStrip && shape >= minShape && shape <= maxShape && b.Filled >= 0.4
}

// stacked joins lines that lie below one another: parallel, of one length, no
// further apart than lines of a zone are.
func stacked(bands []opencv.Band) []opencv.Band {
	var out []opencv.Band
	for round := bands; len(round) > 0; {
		var next []opencv.Band
		for _, a := range round {
			for _, b := range bands {
				if j, ok := join(a, b); ok && len(out)+len(next) < 40 {
					next = append(next, j)
				}
			}
		}
		out = append(out, next...)
		if round = next; len(out) >= 40 || len(out) > len(next) {
			break // two joined to a third are as much as there is
		}
	}
	return out
}

// join is the band around two lines, the first above the second.
func join(a, b opencv.Band) (opencv.Band, bool) {
	sin, cos := math.Sincos(a.Angle)
	dx, dy := b.Center.X-a.Center.X, b.Center.Y-a.Center.Y
	along, across := cos*dx+sin*dy, cos*dy-sin*dx
	line := min(a.Height, b.Height)
	apart := across - (a.Height+b.Height)/2
	if math.Abs(a.Angle-b.Angle) > 0.06 || math.Abs(along) > 0.08*a.Length || min(a.Length, b.Length) < 0.85*max(a.Length, b.Length) ||
		across <= 0 || apart < -line/2 || apart > 3*line {
		return opencv.Band{}, false
	}
	top, bottom := -a.Height/2, across+b.Height/2
	mid := (top + bottom) / 2
	return opencv.Band{
		Center: vision.Point{X: a.Center.X + cos*along/2 - sin*mid, Y: a.Center.Y + sin*along/2 + cos*mid},
		Length: max(a.Length, b.Length) + math.Abs(along), Height: bottom - top,
		Angle: (a.Angle + b.Angle) / 2, Filled: (a.Filled + b.Filled) / 2,
	}, true
}

// likely prefers long and well filled strips.
func likely(b opencv.Band) float64 { return b.Length * b.Filled * b.Filled }
