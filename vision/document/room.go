package document

import (
	"math"

	"bonafide/vision"
)

// maxSpots bounds the places of a room that are remembered.
const maxSpots = 12

// goneAfter is how many searches of the whole picture in a row must find no face
// at a place of the room for it to be free again. They are half a second apart,
// and one misses a face of 32 px in ten.
const goneAfter = 4

// room is where faces are that no hand holds: pictures on the wall, people behind
// the candidate or in another window.
type room struct {
	spots []spot
	seen  bool // one of them was in the newest picture
}

type spot struct {
	box    vision.Rect
	missed int // searches of the whole picture in a row without it
}

// remember notes a place.
func (r *room) remember(b vision.Rect) {
	if p := r.at(b); p != nil {
		p.missed = 0
	} else if len(r.spots) < maxSpots {
		r.spots = append(r.spots, spot{box: b})
	}
}

// look takes what was found in a picture, everywhere in it or around one place
// alone. A place behind the live face is hidden, not free.
func (r *room) look(live vision.Rect, others []vision.Face, everywhere bool) {
	r.seen = false
	for i := range r.spots {
		p := &r.spots[i]
		if p.missed >= goneAfter {
			continue
		}
		there := false
		for j := range others {
			there = there || p.is(others[j].Box)
		}
		switch {
		case there:
			p.missed, r.seen = 0, true
		case everywhere && p.box.Inside(live) == 0:
			p.missed++
		}
	}
}

// has tells that a face belongs to the room; had that it is where one did that
// has gone.
func (r *room) has(b vision.Rect) bool { p := r.at(b); return p != nil && p.missed < goneAfter }
func (r *room) had(b vision.Rect) bool { p := r.at(b); return p != nil && p.missed >= goneAfter }

// at is the place where a face is, one that is taken rather than a free one; nil
// without.
func (r *room) at(b vision.Rect) (best *spot) {
	for i := range r.spots {
		if p := &r.spots[i]; p.is(b) && (best == nil || p.missed < best.missed) {
			best = p
		}
	}
	return best
}

// is tells whether a face is at a place, at about its size.
func (p *spot) is(b vision.Rect) bool {
	size := b.Height() / max(p.box.Height(), 1)
	return p.box.Center().Dist(b.Center()) < 0.75*p.box.Height() && math.Abs(math.Log(size)) < math.Log(1.4)
}
