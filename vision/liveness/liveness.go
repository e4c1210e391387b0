// Package liveness scores whether a face looks as if it were shown on a screen
// that is held before the camera (presentation attack detection, screen
// replay). It is a weak sign, useful over several pictures at most. It does not
// see face swaps, avatars or anything else that is put into the video itself.
package liveness

import (
	"errors"
	"fmt"
	"math"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/opencv"
)

const (
	// inputSize is the side in pixels of the picture the model is given.
	inputSize = 128
	// contextScale is by how much larger than the face that picture's part of the
	// frame is: the model looks at the edges of a screen around a face. On tight
	// crops it tells nothing.
	contextScale = 2.7
	// MinFace is the face's height in pixels from which a score means anything:
	// the model sees a face at 1/2.7 of its input, 47 pixels.
	MinFace = 48
)

// Scorer runs the model. It is not safe for concurrent use.
type Scorer struct{ model *models.Session }

// NewScorer loads the model.
func NewScorer(set *models.Set) (*Scorer, error) {
	m, err := set.Session(models.FaceLiveness)
	if err != nil {
		return nil, err
	}
	return &Scorer{m}, nil
}

// Info names the model.
func (s *Scorer) Info() models.Info { return s.model.Info() }

// Close frees the model. It may be called again.
func (s *Scorer) Close() error { return s.model.Close() }

// Score is how much a face that was found in this very frame looks as if it
// were before the camera itself, 0 to 1. One picture says little: take the mean
// of several.
func (s *Scorer) Score(f *vision.Frame, face *vision.Face) (float64, error) {
	if face == nil || !(face.Box.Area() > 0) {
		return 0, errors.New("scoring a face: it has no box")
	}
	p, err := opencv.FromFrame(f)
	if err != nil {
		return 0, fmt.Errorf("scoring a face: %w", err)
	}
	defer p.Close()
	if err := p.Region(s.model.Input(0), Context(face, f), inputSize, opencv.Norm{Order: opencv.BGR, Scale: 1}); err != nil {
		return 0, fmt.Errorf("scoring a face: %w", err)
	}
	out, err := s.model.Run()
	if err != nil {
		return 0, fmt.Errorf("scoring a face: %w", err)
	}
	return live(out[0])
}

// Context is the square part of the frame that is looked at: 2.7 times the
// face, or as much of that as the frame has, moved to lie within it.
func Context(face *vision.Face, f *vision.Frame) vision.ROI {
	b := face.Box
	side := min(contextScale*max(b.Width(), b.Height()), float64(f.Width()), float64(f.Height()))
	c := b.Center()
	within := func(v, size float64) float64 { return min(max(v, side/2), size-side/2) }
	return vision.ROI{Center: vision.Point{X: within(c.X, float64(f.Width())), Y: within(c.Y, float64(f.Height()))}, Side: side}
}

// live is the share of the first of the model's three classes.
func live(logits []float32) (float64, error) {
	if len(logits) != 3 {
		return 0, fmt.Errorf("scoring a face: the model gave %d values, want 3", len(logits))
	}
	var sum float64
	most := float64(max(logits[0], logits[1], logits[2]))
	for _, v := range logits {
		sum += math.Exp(float64(v) - most)
	}
	out := math.Exp(float64(logits[0])-most) / sum
	if math.IsNaN(out) {
		return 0, errors.New("scoring a face: the model's output is not a number")
	}
	return out, nil
}
