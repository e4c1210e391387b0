package document

import (
	"bonafide/vision"
	"bonafide/vision/opencv"
)

const (
	// maxOutlines bounds the outlines that are kept; the oldest goes first.
	maxOutlines = 24
	// markEvery is how many landmarks of a portrait are left out between two by
	// which pictures are brought together.
	markEvery = 6
	// MinAgree is in how many other pictures a document's corners must have been
	// found in the same place on it, and in half of those where they were found.
	MinAgree = 2
)

// OutlineVote tells which corners of a document are found again and again in
// the same place beside its portrait: lines of the room, behind a document that
// a hand holds, are not. It has one owner.
type OutlineVote struct {
	found []placed
}

// placed is an outline with where the portrait lies.
type placed struct {
	marks []vision.Point
	quad  opencv.Quad
}

// Add takes what was found in one picture.
func (v *OutlineVote) Add(portrait *vision.Face, o Outline) {
	if !o.Found || len(portrait.Landmarks) == 0 {
		return
	}
	if v.found = append(v.found, placed{marksOf(portrait.Landmarks), o.Quad}); len(v.found) > maxOutlines {
		v.found = v.found[1:]
	}
}

// Found is in how many pictures, of the newest, the edges were found.
func (v *OutlineVote) Found() int { return len(v.found) }

// Agrees tells whether enough other pictures agree with an outline that was
// added.
func (v *OutlineVote) Agrees(o Outline) bool {
	var own *placed
	for i := range v.found {
		if o.Found && v.found[i].quad == o.Quad {
			own = &v.found[i]
		}
	}
	if own == nil {
		return false
	}
	w, _ := own.quad.Sides()
	same := 0
	for i := range v.found {
		if &v.found[i] == own || len(v.found[i].marks) != len(own.marks) {
			continue
		}
		t, err := vision.Similarity(v.found[i].marks, own.marks)
		if err != nil {
			continue // landmarks in one place: nothing to compare by
		}
		moved := v.found[i].quad
		for k := range moved {
			moved[k] = t.Apply(moved[k])
		}
		if worst(moved, own.quad) < apart*w {
			same++
		}
	}
	return same >= MinAgree && 2*same >= len(v.found)-1
}

func marksOf(landmarks []vision.Point3) []vision.Point {
	var out []vision.Point
	for i := 0; i < len(landmarks); i += markEvery {
		out = append(out, landmarks[i].XY())
	}
	return out
}
