package document

import (
	"math"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// Shapes of documents, width by height: an identity card is 1.586 times as wide
// as high, the data page of a passport 1.42 times (ISO/IEC 7810 ID-1 and ID-3),
// foreshortened by up to a fifth.
const (
	minAspect = 1.2
	maxAspect = 1.9
)

// Outline is where a document lies.
type Outline struct {
	// Quad are its corners; only where Found.
	Quad  opencv.Quad
	Found bool
	// Around is an upright rectangle that holds the document: of the corners,
	// or, where they were not found, as much around the portrait as a document
	// has.
	Around vision.Rect
}

// maxLean is how far the upper edge of a document and the eyes of its portrait
// may differ in direction, degrees.
const maxLean = 15

// OutlineOf looks for the edges of the document around a portrait. live is the
// live face's box, empty without one: it is never on the document. Edges are
// often not found, against a ground of the same brightness or behind fingers.
func OutlineOf(p *opencv.Picture, face *vision.Face, live vision.Rect) (Outline, error) {
	portrait := face.Box
	h := portrait.Height()
	quads, err := p.Quads(portrait.Center(), 2.5*h)
	if err != nil {
		return Outline{}, err
	}
	var best opencv.Quad
	fit := 0.25
	for _, q := range quads {
		w, height := q.Sides()
		aspect, b := w/max(height, 1), q.Bounds()
		share := h / max(height, 1) // a portrait takes a quarter to two thirds of the height
		lean := math.Atan2(q[1].Y-q[0].Y, q[1].X-q[0].X)*180/math.Pi - face.Pose.Roll
		if math.Abs(lean) > maxLean || aspect < minAspect || aspect > maxAspect || share < 0.18 || share > 0.75 || portrait.Inside(b) < 0.95 ||
			w > 0.95*float64(p.Width()) || (live.Area() > 0 && live.Inside(b) > 0.3) {
			continue
		}
		if off := math.Abs(math.Log(aspect / 1.5)); off < fit {
			best, fit = q, off
		}
	}
	if fit < 0.25 {
		return Outline{Quad: best, Found: true, Around: best.Bounds()}, nil
	}
	c := portrait.Center()
	around := vision.Rect{X0: c.X - 4.5*h, Y0: c.Y - 1.8*h, X1: c.X + 4.5*h, Y1: c.Y + 2.2*h}
	if live.Area() > 0 { // the document is beside the face
		if live.Center().X < c.X {
			around.X0 = max(around.X0, min(live.X1, portrait.X0-0.3*h))
		} else {
			around.X1 = min(around.X1, max(live.X0, portrait.X1+0.3*h))
		}
	}
	return Outline{Around: around.Intersect(vision.Rect{X1: float64(p.Width()), Y1: float64(p.Height())})}, nil
}

// pictureWidth bounds the width of the pictures that are kept.
const pictureWidth = 1280

// Cut makes the picture of the document: as seen from straight ahead where its
// corners were found, or else the part of the picture that holds it.
func (o Outline) Cut(p *opencv.Picture) (*vision.Frame, error) {
	var out *opencv.Picture
	var err error
	if o.Found {
		w, h := o.Quad.Sides()
		zoom := min(1, pictureWidth/w)
		out, err = p.Rectified(o.Quad, even(w*zoom), even(h*zoom))
	} else {
		out, _, err = p.Part(o.Around)
	}
	if err != nil {
		return nil, err
	}
	defer out.Close()
	return out.Frame()
}

// CutPortrait makes the picture of the portrait, with half as much around it.
func CutPortrait(p *opencv.Picture, portrait vision.Rect) (*vision.Frame, error) {
	w, h := portrait.Width(), portrait.Height()
	out, _, err := p.Part(vision.Rect{X0: portrait.X0 - w/2, Y0: portrait.Y0 - h/2, X1: portrait.X1 + w/2, Y1: portrait.Y1 + h/2})
	if err != nil {
		return nil, err
	}
	defer out.Close()
	return out.Frame()
}

func even(v float64) int { return max(2, int(v+0.5)&^1) }
