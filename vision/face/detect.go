package face

import (
	"bonafide/vision"
	"bonafide/vision/opencv"
)

// Size of the detector's input.
const (
	detectWidth  = 320
	detectHeight = 240
)

// boxes runs the detector on the whole picture with a border around it and
// gives what it found, best first, in pixels of the picture.
//
// The picture is squeezed to 4:3 whatever its shape. Padding a portrait picture
// instead keeps faces in proportion but makes them smaller, which costs more:
// of 60 faces pasted into 480×640 at a height of 32 px, 38 were found squeezed
// and 20 padded to 4:3; into 720×1280 at 80 px, 58 and 15; above, no difference.
func (s *Stage) boxes(p *opencv.Picture, border opencv.Border) ([]vision.Scored, error) {
	norm := opencv.Norm{Order: opencv.RGB, Mean: 127, Scale: 1.0 / 128}
	if err := p.Scaled(s.detector.Input(0), detectWidth, detectHeight, border, norm); err != nil {
		return nil, err
	}
	out, err := s.detector.Run()
	if err != nil {
		return nil, err
	}
	w := float64(p.Width() + border.Left + border.Right)
	h := float64(p.Height() + border.Top + border.Bottom)
	scores, corners := out[0], out[1]
	var found []vision.Scored
	for i := range len(scores) / 2 {
		score := float64(scores[2*i+1]) // column 0 is the background
		if score < s.cfg.SmallScore {
			continue
		}
		c := corners[4*i:]
		found = append(found, vision.Scored{Score: score, Box: vision.Rect{
			X0: float64(c[0])*w - float64(border.Left), Y0: float64(c[1])*h - float64(border.Top),
			X1: float64(c[2])*w - float64(border.Left), Y1: float64(c[3])*h - float64(border.Top),
		}})
	}
	return s.distinct(vision.NMS(found, s.cfg.MaxIoU)), nil
}

// distinct drops boxes that are a part of a better one, or that a better one
// is a part of, and limits their number.
func (s *Stage) distinct(found []vision.Scored) []vision.Scored {
	var kept []vision.Scored
next:
	for _, c := range found {
		for _, k := range kept {
			if c.Box.Inside(k.Box) > s.cfg.MaxInside || k.Box.Inside(c.Box) > s.cfg.MaxInside {
				continue next
			}
		}
		if kept = append(kept, c); len(kept) == s.cfg.MaxFaces {
			break
		}
	}
	return kept
}

// wide adds 40 % on every side: a face that fills the picture is found when
// there is something around it.
func wide(w, h int) opencv.Border {
	return opencv.Border{Left: w * 2 / 5, Right: w * 2 / 5, Top: h * 2 / 5, Bottom: h * 2 / 5}
}
