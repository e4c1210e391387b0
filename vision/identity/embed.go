// Package identity compares faces one to one (face verification): it turns a
// face into an embedding, a vector whose cosine with that of another face tells
// how alike they are, and enrols a template from several good ones. It says
// when a face is too poor to be compared. Nothing here is ever written down.
package identity

import (
	"errors"
	"fmt"
	"math"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/opencv"
)

// Size is the number of values of a Vector.
const Size = 512

// cropSize is the side in pixels of the picture the embedding model is given.
const cropSize = 112

// The places of five points of a face in that picture: the ones the model was
// trained with (ArcFace; Deng et al., CVPR 2019), published with pixels' centres
// at whole numbers, hence the half.
var aligned = []vision.Point{
	{X: 38.2946 + 0.5, Y: 51.6963 + 0.5}, // right eye, on the picture's left
	{X: 73.5318 + 0.5, Y: 51.5014 + 0.5},
	{X: 56.0252 + 0.5, Y: 71.7366 + 0.5}, // tip of the nose
	{X: 41.5493 + 0.5, Y: 92.3655 + 0.5}, // corners of the mouth
	{X: 70.7299 + 0.5, Y: 92.2041 + 0.5},
}

// points are the landmarks that go to those places.
var points = []int{
	vision.RightIrisCenter, vision.LeftIrisCenter, vision.NoseTip, vision.MouthRight, vision.MouthLeft,
}

// Embedding is what the model gives for one face.
type Embedding struct {
	Vector Vector
	// Norm is the length of the vector before it was normalised. It falls
	// where little of a face is to be seen.
	Norm float64
}

// Embedder computes embeddings. It is not safe for concurrent use.
type Embedder struct{ model *models.Session }

// NewEmbedder loads the embedding model.
func NewEmbedder(set *models.Set) (*Embedder, error) {
	m, err := set.Session(models.FaceEmbed)
	if err != nil {
		return nil, err
	}
	return &Embedder{m}, nil
}

// Info names the model. Embeddings of different models are not comparable.
func (e *Embedder) Info() models.Info { return e.model.Info() }

// Close frees the model. It may be called again.
func (e *Embedder) Close() error { return e.model.Close() }

// Part is what of a face goes into an embedding.
type Part int

// The parts. What a part leaves out is grey, for all faces alike: if a part of
// two faces agrees and the whole does not, something may cover the rest.
const (
	Whole Part = iota
	Eyes       // down to the middle of the nose
	Mouth      // from there on
)

// partRow is the first row of the model's picture that belongs to Mouth: half
// way from the eyes to the tip of the nose.
const partRow = 62

// Embed computes the embedding of a part of a face that was found, with
// landmarks, in this very frame.
func (e *Embedder) Embed(f *vision.Frame, face *vision.Face, part Part) (Embedding, error) {
	t, err := alignment(face)
	if err != nil {
		return Embedding{}, err
	}
	p, err := opencv.FromFrame(f)
	if err != nil {
		return Embedding{}, fmt.Errorf("embedding a face: %w", err)
	}
	defer p.Close()
	norm := opencv.Norm{Order: opencv.BGR, Mean: 127, Scale: 1.0 / 128}
	if err := p.Aligned(e.model.Input(0), t, cropSize, norm); err != nil {
		return Embedding{}, fmt.Errorf("embedding a face: %w", err)
	}
	part.hide(e.model.Input(0))
	out, err := e.model.Run()
	if err != nil {
		return Embedding{}, fmt.Errorf("embedding a face: %w", err)
	}
	v, length := normalised(out[0])
	if v == nil {
		return Embedding{}, fmt.Errorf("embedding a face: the model's output has length %v", length)
	}
	return Embedding{Vector: v, Norm: length}, nil
}

// hide makes the rows that do not belong to the part grey, which is 0.
func (p Part) hide(in []float32) {
	const plane = cropSize * cropSize
	for at := 0; at < len(in); at += plane {
		switch p {
		case Eyes:
			clear(in[at+partRow*cropSize : at+plane])
		case Mouth:
			clear(in[at : at+partRow*cropSize])
		}
	}
}

// alignment maps the model's picture to the frame: the similarity transform
// that brings the five points to their places.
func alignment(face *vision.Face) (vision.Affine, error) {
	if face == nil || len(face.Landmarks) != vision.LandmarkCount {
		return vision.Affine{}, errors.New("embedding a face: it has no landmarks")
	}
	from := make([]vision.Point, len(points))
	for i, at := range points {
		from[i] = face.Landmarks[at].XY()
		if math.IsNaN(from[i].X + from[i].Y) {
			return vision.Affine{}, fmt.Errorf("embedding a face: landmark %d is not a number", at)
		}
	}
	// Fitted from the frame to the model's picture, where an error in each
	// point weighs the same for every face, then inverted.
	t, err := vision.Similarity(from, aligned)
	if err != nil {
		return vision.Affine{}, fmt.Errorf("embedding a face: %w", err)
	}
	return inverse(t)
}

// inverse of a similarity.
func inverse(t vision.Affine) (vision.Affine, error) {
	det := t.A*t.E - t.B*t.D
	if !(math.Abs(det) > 1e-12) {
		return vision.Affine{}, fmt.Errorf("embedding a face: %w", vision.ErrDegenerate)
	}
	i := vision.Affine{A: t.E / det, B: -t.B / det, D: -t.D / det, E: t.A / det}
	i.C = -(i.A*t.C + i.B*t.F)
	i.F = -(i.D*t.C + i.E*t.F)
	return i, nil
}
