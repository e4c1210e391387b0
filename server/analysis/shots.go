package analysis

import (
	"cmp"
	"fmt"
	"math"
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
	Several  bool   // it shows several people, as in tiles
	seats    []seat // where the person is, in a shot that shows several, in order of time
}

// seat is a place in the picture, in shares of its width and height, at which a
// person was seen from one time to another.
type seat struct {
	from, to time.Duration
	near     vision.Rect
	looks    int
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
	shotSame    = identityMatch    // from which two faces are one person's
	shotAnother = identityMismatch // at or below which they are two people's
	// shotShare is the share of a shot's pictures in which the person must be
	// recognised, and sideShare the size of a further face, by that of the
	// largest, from which a picture shows several people.
	shotShare = 0.5
	sideShare = 0.5
	// seatReach is how far a face may move from one look to the next and still be
	// at the same place, in widths and heights of it: the tiles of a call are
	// further apart.
	seatReach = 1
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

// seenFaces are the faces of one picture that can be compared, the larger ones
// first, and how many were there of about the largest one's size.
type seenFaces struct {
	at      time.Duration
	faces   []seenFace
	largest bool // the picture's largest face is the first of them
	count   int
}

type seenFace struct {
	vector identity.Vector
	box    vision.Rect // in shares of the picture
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
	tenths := func(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
	for i, s := range shots {
		switch {
		case at >= s.to:
			continue
		case at < s.from && i > 0:
			return nil, fmt.Errorf("at %v one picture fades into the next, from %v to %v: choose a time before or after that", at, tenths(shots[i-1].to), tenths(s.from))
		}
		one := largestIn(s, at)
		if one == nil {
			return nil, fmt.Errorf("no face could be recognised around %v, in the shot from %v to %v: choose a time at which the person is large and looks ahead",
				at, tenths(s.from), tenths(s.to))
		}
		// The same person's faces of other shots make it surer.
		for _, p := range all {
			if identity.Cosine(p.pooled, one) >= shotSame {
				return p.pooled, nil
			}
		}
		return one, nil
	}
	return nil, fmt.Errorf("the recording has no picture at %v: its pictures end at %v", at, tenths(shots[len(shots)-1].to))
}

// largestIn is the face that is the largest in most looks at a shot, of two that
// are so equally often the one that is seen nearer to a time. Looks in which the
// largest face could not be recognised do not count. It is nil without any.
func largestIn(s seenShot, at time.Duration) identity.Vector {
	only := seenShot{from: s.from, to: s.to}
	for _, l := range s.looks {
		if l.largest {
			only.looks = append(only.looks, seenFaces{at: l.at, faces: l.faces[:1]})
		}
	}
	slices.SortStableFunc(only.looks, func(a, b seenFaces) int { return cmp.Compare((a.at - at).Abs(), (b.at - at).Abs()) })
	var most *person
	for _, p := range people([]seenShot{only}) {
		if most == nil || len(p.vectors) > len(most.vectors) {
			most = p
		}
	}
	if most == nil {
		return nil
	}
	return most.pooled
}

// shotsOf says whom each shot shows.
func shotsOf(seen []seenShot, who identity.Vector) []Shot {
	out := make([]Shot, 0, len(seen))
	for _, s := range seen {
		shot := Shot{From: s.from, To: s.to, Shows: ShownUnclear}
		mine, between, looked, several := 0, 0, 0, 0
		var seats []seat
		for _, l := range s.looks {
			if l.count > 1 {
				several++
			}
			if len(l.faces) == 0 {
				continue
			}
			looked++
			best := slices.MaxFunc(l.faces, func(a, b seenFace) int {
				return cmp.Compare(identity.Cosine(a.vector, who), identity.Cosine(b.vector, who))
			})
			switch likeness := identity.Cosine(best.vector, who); {
			case likeness >= shotSame:
				mine++
				seats = sit(seats, l.at, best.box)
			case likeness > shotAnother:
				between++
			}
		}
		shot.Several = len(s.looks) > 0 && float64(several) > shotShare*float64(len(s.looks))
		switch {
		case mine > 0 && float64(mine) >= shotShare*float64(looked):
			shot.Shows = ShownPerson
			if shot.Several {
				// Nothing else is known of the shot's first and last moments.
				seats[0].from, seats[len(seats)-1].to = s.from, s.to
				shot.seats = seats
			}
		case looked > 0 && mine == 0 && between == 0:
			shot.Shows = ShownOther
		}
		out = append(out, shot)
	}
	return out
}

// reaches tells that a face may be the one that was at a place before.
func (s seat) reaches(box vision.Rect) bool {
	a, b := s.near.Center(), box.Center()
	return math.Abs(a.X-b.X) <= seatReach*box.Width() && math.Abs(a.Y-b.Y) <= seatReach*box.Height()
}

// sit adds that a person was seen at a place: the one of before, of which the
// mean is taken, or another.
func sit(seats []seat, at time.Duration, box vision.Rect) []seat {
	if n := len(seats) - 1; n >= 0 && seats[n].reaches(box) {
		s := &seats[n]
		mean := func(old, v float64) float64 { return old + (v-old)/float64(s.looks+1) }
		s.near = vision.Rect{X0: mean(s.near.X0, box.X0), Y0: mean(s.near.Y0, box.Y0), X1: mean(s.near.X1, box.X1), Y1: mean(s.near.Y1, box.Y1)}
		s.to = at
		s.looks++
		return seats
	}
	return append(seats, seat{at, at, box, 1})
}
