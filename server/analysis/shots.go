package analysis

import (
	"fmt"
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

// Shown says whom a shot of a foreign recording shows.
type Shown string

// The persons of shots.
const (
	ShownPerson  Shown = "person"  // the one who is measured
	ShownOther   Shown = "other"   // somebody else, clearly
	ShownUnclear Shown = "unclear" // nobody who could be recognised, or nobody for sure
)

// Shot is a part of a foreign recording between two cuts, in interview time.
// Recordings of calls are cut to whoever speaks.
type Shot struct {
	From, To time.Duration
	Shows    Shown
	Several  bool        // it shows several people, as in tiles
	near     vision.Rect // where the person is, in a shot that shows several
}

// reason is why nothing can be measured in a shot; "" where it shows the person.
func (s Shot) reason() evidence.Reason {
	switch s.Shows {
	case ShownPerson:
		return ""
	case ShownOther:
		return evidence.ReasonOtherShown
	}
	return evidence.ReasonVague
}

// Likeness of faces in shots, as cosines: the limits of the detector of another
// face.
const (
	shotSame    = 0.50 // from which two faces are one person's
	shotAnother = 0.40 // at or below which they are two people's
	// shotSevere is the share of a shot's pictures in which the person must be
	// recognised, and sideShare the size of a further face, by that of the
	// largest, from which a picture shows several people.
	shotSevere = 0.5
	sideShare  = 0.5
)

// seenShot is what was seen in a shot before it is known who is meant.
type seenShot struct {
	from, to time.Duration
	looks    []seenFaces // pictures of it that were searched
}

// cutShot ends the newest shot where a cut begins, and begins another where it
// ends. Cuts that follow each other at once are one: a slow fade, or a flash.
func cutShot(shots []seenShot, from, to time.Duration) []seenShot {
	newest := &shots[len(shots)-1]
	if len(shots) > 1 && from-newest.from < cutWithin {
		*newest = seenShot{from: to}
		return shots
	}
	newest.to = from
	return append(shots, seenShot{from: to})
}

// seenFaces are the faces of one picture that can be compared, the largest
// first, and how many were there of about its size.
type seenFaces struct {
	faces []seenFace
	count int
}

type seenFace struct {
	vector identity.Vector
	box    vision.Rect
}

// person is a face that was seen in shots.
type person struct {
	vectors []identity.Vector
	pooled  identity.Vector
	longest time.Duration // for which it was shown, half as much beside a larger one
}

// people gathers the faces of all shots by likeness.
func people(shots []seenShot) (out []*person) {
	find := func(v identity.Vector) *person {
		var best *person
		for _, p := range out {
			if best == nil || identity.Cosine(p.pooled, v) > identity.Cosine(best.pooled, v) {
				best = p
			}
		}
		if best == nil || identity.Cosine(best.pooled, v) < shotSame {
			best = &person{}
			out = append(out, best)
		}
		return best
	}
	for _, s := range shots {
		for _, l := range s.looks {
			for i, f := range l.faces {
				p := find(f.vector)
				p.vectors = append(p.vectors, f.vector)
				p.pooled = identity.Pool(p.vectors...)
				share := (s.to - s.from) / time.Duration(len(s.looks))
				if i > 0 {
					share /= 2
				}
				p.longest += share
			}
		}
	}
	return out
}

// whoIsMeant is the face of who is measured: who is shown the longest, or, with
// a time other than 0, whose face is the largest in the shot of that time. It is
// nil where no face could be recognised.
func whoIsMeant(shots []seenShot, at time.Duration) (identity.Vector, error) {
	all := people(shots)
	if at == 0 {
		var most *person
		for _, p := range all {
			if most == nil || p.longest > most.longest {
				most = p
			}
		}
		if most == nil {
			return nil, nil
		}
		return most.pooled, nil
	}
	for _, s := range shots {
		if at < s.from || at >= s.to {
			continue
		}
		var found []identity.Vector
		for _, l := range s.looks {
			if len(l.faces) > 0 {
				found = append(found, l.faces[0].vector)
			}
		}
		if one := identity.Pool(found...); one != nil {
			// The same person's faces of other shots make it surer.
			for _, p := range all {
				if identity.Cosine(p.pooled, one) >= shotSame {
					return p.pooled, nil
				}
			}
			return one, nil
		}
		return nil, fmt.Errorf("no face could be recognised around %v, in the shot from %v to %v: choose a time at which the person is large and looks ahead",
			at, s.from.Round(100*time.Millisecond), s.to.Round(100*time.Millisecond))
	}
	return nil, fmt.Errorf("the recording has no picture at %v: it must lie within", at)
}

// shotsOf says whom each shot shows.
func shotsOf(seen []seenShot, who identity.Vector) []Shot {
	out := make([]Shot, 0, len(seen))
	for _, s := range seen {
		shot := Shot{From: s.from, To: s.to, Shows: ShownUnclear}
		mine, close, looked, several := 0, 0, 0, 0
		var boxes vision.Rect
		for _, l := range s.looks {
			if l.count > 1 {
				several++
			}
			if len(l.faces) == 0 {
				continue
			}
			looked++
			best := slices.MaxFunc(l.faces, func(a, b seenFace) int {
				if identity.Cosine(a.vector, who) > identity.Cosine(b.vector, who) {
					return 1
				}
				return -1
			})
			switch likeness := identity.Cosine(best.vector, who); {
			case likeness >= shotSame:
				mine++
				boxes.X0, boxes.Y0 = boxes.X0+best.box.X0, boxes.Y0+best.box.Y0
				boxes.X1, boxes.Y1 = boxes.X1+best.box.X1, boxes.Y1+best.box.Y1
			case likeness > shotAnother:
				close++
			}
		}
		shot.Several = len(s.looks) > 0 && float64(several) > shotSevere*float64(len(s.looks))
		switch {
		case mine > 0 && float64(mine) >= shotSevere*float64(looked):
			shot.Shows = ShownPerson
			if n := float64(mine); shot.Several {
				shot.near = vision.Rect{X0: boxes.X0 / n, Y0: boxes.Y0 / n, X1: boxes.X1 / n, Y1: boxes.Y1 / n}
			}
		case looked > 0 && mine == 0 && close == 0:
			shot.Shows = ShownOther
		}
		out = append(out, shot)
	}
	return out
}
