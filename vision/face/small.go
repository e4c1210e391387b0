package face

import (
	"fmt"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// Tiles of the search for small faces: each has half the picture's width and
// height, and they lie half a tile apart, three by three.
const tileSteps = 3

// minPortrait is the height in pixels below which a box is too small for its
// landmarks to mean anything.
const minPortrait = 16

// Small finds the faces beside the main one that the search of the whole
// picture is too coarse for, such as the portrait on a document: it searches
// the picture, or only the surroundings of near where that is not empty, and
// nine tiles of half its size.
//
// What lies to more than MaxInside within the main face's box is left out,
// since parts of a large face look like small ones, and so is what the detector
// gives less than MainScore or the landmark model does not confirm. The result
// has landmarks and quality, the surest first. main may be nil.
func (s *Stage) Small(f *vision.Frame, main *vision.Face, near vision.Rect) ([]vision.Face, error) {
	p, err := picture(f)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	var found []vision.Scored
	for _, r := range regions(float64(p.Width()), float64(p.Height()), near) {
		boxes, err := s.within(p, r)
		if err != nil {
			return nil, fmt.Errorf("searching for small faces: %w", err)
		}
		found = append(found, boxes...)
	}
	var rest []vision.Scored
	for _, b := range vision.NMS(found, s.cfg.MaxIoU) {
		beside := main == nil || (b.Box.Inside(main.Box) <= s.cfg.MaxInside && main.Box.Inside(b.Box) <= s.cfg.MaxInside)
		if b.Score >= s.cfg.MainScore && beside && b.Box.Height() >= minPortrait {
			rest = append(rest, b)
		}
	}
	faces, err := s.confirm(p, p, s.distinct(rest))
	if err != nil {
		return nil, fmt.Errorf("searching for small faces: %w", err)
	}
	return faces, nil
}

// regions are the parts of a picture to search: around near alone, or the
// whole and its tiles.
func regions(w, h float64, near vision.Rect) []vision.Rect {
	if near.Area() > 0 {
		// Four times the face's size in the picture's proportions: the detector
		// sees it at a quarter of its input, whatever the face's size is.
		c, half := near.Center(), 2*max(near.Height(), near.Width(), minPortrait)
		return []vision.Rect{{X0: c.X - half*w/h, Y0: c.Y - half, X1: c.X + half*w/h, Y1: c.Y + half}}
	}
	out := []vision.Rect{{X1: w, Y1: h}}
	for row := range tileSteps {
		for col := range tileSteps {
			x, y := float64(col)*w/4, float64(row)*h/4
			out = append(out, vision.Rect{X0: x, Y0: y, X1: x + w/2, Y1: y + h/2})
		}
	}
	return out
}

// within runs the detector on a part of the picture and gives boxes in pixels
// of the whole.
func (s *Stage) within(p *opencv.Picture, r vision.Rect) ([]vision.Scored, error) {
	part, at, err := p.Part(r)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	found, err := s.boxes(part, opencv.Border{})
	if err != nil {
		return nil, err
	}
	for i := range found {
		b := &found[i].Box
		*b = vision.Rect{X0: b.X0 + at.X, Y0: b.Y0 + at.Y, X1: b.X1 + at.X, Y1: b.Y1 + at.Y}
	}
	return found, nil
}
