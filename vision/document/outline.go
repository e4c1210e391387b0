package document

import (
	"fmt"
	"math"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// Shapes of documents, width by height (ISO/IEC 7810): an identity card, ID-1,
// and the data page of a passport, ID-3, whose shape the larger cards, ID-2,
// have too. shortened is the logarithm by which a document that is turned away
// may differ from them: by a ninth, as at 25 degrees.
const (
	cardAspect     = 1.586
	passportAspect = 1.42
	shortened      = 0.11
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
// often not found, against a ground of the same colour or behind fingers, or
// where a line of the room could be one of them.
func OutlineOf(p *opencv.Picture, face *vision.Face, live vision.Rect) (Outline, error) {
	portrait := face.Box
	c, h := portrait.Center(), max(portrait.Height(), 1)
	scale := min(portraitSize/h, 2)
	s, err := slopesOf(p, vision.Rect{X0: c.X - 6.5*h, Y0: c.Y - 4.5*h, X1: c.X + 6.5*h, Y1: c.Y + 4.5*h}, scale)
	if err != nil {
		return Outline{}, fmt.Errorf("finding a document's edges: %w", err)
	}
	if q, ok := s.shapeAround(s.from(portrait), s.from(live), face.Pose.Roll*math.Pi/180); ok {
		for i := range q {
			q[i] = s.back(q[i])
		}
		return Outline{Quad: q, Found: true, Around: q.Bounds()}, nil
	}
	return AroundPortrait(p, portrait, live), nil
}

// AroundPortrait is as much around a portrait as a document has, without
// looking for its edges.
func AroundPortrait(p *opencv.Picture, portrait, live vision.Rect) Outline {
	c, h := portrait.Center(), portrait.Height()
	around := vision.Rect{X0: c.X - 4.5*h, Y0: c.Y - 1.8*h, X1: c.X + 4.5*h, Y1: c.Y + 2.2*h}
	if live.Area() > 0 { // the document is beside the face
		if live.Center().X < c.X {
			around.X0 = max(around.X0, min(live.X1, portrait.X0-0.3*h))
		} else {
			around.X1 = min(around.X1, max(live.X0, portrait.X1+0.3*h))
		}
	}
	return Outline{Around: around.Intersect(vision.Rect{X1: float64(p.Width()), Y1: float64(p.Height())})}
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
