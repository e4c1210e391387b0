package document

import (
	"time"

	"bonafide/vision"
)

// FinderConfig sets how the face on a document is told from others. The zero
// value of a field takes its default.
type FinderConfig struct {
	// Background is how long at the beginning every small face is taken to be a
	// part of the room: a picture on the wall, a person in another window.
	// Default 1.2 s, before anybody has fetched a document. Where the room is
	// known to have been empty (RoomEmpty) such a face may be on a document that
	// was held up early.
	Background time.Duration
	// Still is the share of its height within which a face may stay for
	// StillFor and be part of the room as well; defaults 0.025 and 3 s. A hand
	// trembles by a millimetre or two, which is more. One that was in view from
	// the beginning, or is where one of the room was, must have been watched for
	// StillFor before it is sure to be on a document.
	Still    float64
	StillFor time.Duration
	// MaxSize is how high it may be when it is seen first, as a share of the
	// live face's height, default 0.85.
	MaxSize float64
	// Lost is after how long without it a document is taken to be gone,
	// default 800 ms.
	Lost time.Duration
	// Sure is in how many pictures, and over what time, it must have been seen;
	// defaults 3 and 500 ms.
	Sure     int
	SureSpan time.Duration
}

func (c FinderConfig) defaults() FinderConfig {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&c.Background, 1200*time.Millisecond)
	set(&c.StillFor, 3*time.Second)
	set(&c.Lost, 800*time.Millisecond)
	set(&c.SureSpan, 500*time.Millisecond)
	if c.Still == 0 {
		c.Still = 0.025
	}
	if c.MaxSize == 0 {
		c.MaxSize = 0.85
	}
	if c.Sure == 0 {
		c.Sure = 3
	}
	return c
}

// Finder tells the face on a document from the other small faces in view by
// time: it appears after the beginning, it moves, and it is smaller than the
// live one. Geometry alone cannot: a portrait on the wall and a person in a
// video window look the same. It has one owner.
type Finder struct {
	cfg   FinderConfig
	began time.Duration
	start bool
	room  room
	empty bool // there was nobody else in the room before the beginning

	main   vision.Rect // the live face as last seen
	hidden bool        // what is followed as the main face is the document's

	track   []sighting // of the face going on, oldest first, within StillFor
	since   time.Duration
	seen    int
	suspect bool // it may be of the room
}

type sighting struct {
	at  time.Duration
	box vision.Rect
	to  vision.Point // the landmarks' centre, steadier than the box
}

// NewFinder begins without knowing the room.
func NewFinder(c FinderConfig) *Finder { return &Finder{cfg: c.defaults()} }

// RoomEmpty says that for a while, until shortly before the beginning, nobody but
// the live face was in view: a face that is there at the beginning came just
// before, and may be on a document. It is to be called before Look.
func (f *Finder) RoomEmpty() { f.empty = true }

// InRoom tells that a face in the newest picture was left out since it belongs to
// the room: a document that is in view since before the beginning is, too, until
// it is taken away.
func (f *Finder) InRoom() bool { return f.room.seen }

// Near is where the face was that is followed, empty without one: the place to
// search first.
func (f *Finder) Near() vision.Rect {
	if len(f.track) == 0 {
		return vision.Rect{}
	}
	return f.track[len(f.track)-1].box
}

// Hidden tells that the live face went out of sight when the document came:
// it is held before it.
func (f *Finder) Hidden() bool { return f.hidden }

// Sure tells that a document's face has been in view for long enough.
func (f *Finder) Sure() bool {
	span := f.cfg.SureSpan
	if f.suspect {
		span = f.cfg.StillFor
	}
	return f.seen >= f.cfg.Sure && len(f.track) > 0 && f.track[len(f.track)-1].at-f.since >= span
}

// Speed is how fast it moves, in its own heights per second.
func (f *Finder) Speed() float64 {
	n := len(f.track)
	if n < 2 {
		return 0
	}
	a, b := f.track[n-2], f.track[n-1]
	dt := (b.at - a.at).Seconds()
	if dt <= 0 {
		return 0
	}
	return a.to.Dist(b.to) / max(b.box.Height(), 1) / dt
}

// Look takes the main face, nil where there is none, and all others found at a
// time, and gives the live face and the one on a document, nil where there is
// none. Where a document hides the live face, it is the main one, and live is
// nil. everywhere tells that all of the picture was searched for others.
func (f *Finder) Look(at time.Duration, main *vision.Face, others []vision.Face, everywhere bool) (live, portrait *vision.Face) {
	if !f.start {
		f.began, f.start = at, true
	}
	live = main
	if f.hidden = f.swapped(main); f.hidden {
		others, live = append([]vision.Face{*main}, others...), nil
	} else if main != nil {
		f.main = main.Box
	}
	if at-f.began < f.cfg.Background && !f.empty {
		for i := range others {
			f.room.remember(others[i].Box)
		}
		return live, nil
	}
	f.room.look(f.main, others, everywhere)
	if len(f.track) > 0 && at-f.track[len(f.track)-1].at > f.cfg.Lost {
		f.track, f.seen = nil, 0
	}
	portrait = f.choose(others)
	if portrait == nil {
		return live, nil
	}
	f.follow(at, portrait)
	if f.motionless(at) {
		f.room.remember(portrait.Box)
		f.track, f.seen = nil, 0
		return live, nil
	}
	return live, portrait
}

// swapped tells that what is followed as the main face is another one: it is
// elsewhere, or much smaller, than the live face was.
func (f *Finder) swapped(main *vision.Face) bool {
	if main == nil || f.main.Area() == 0 {
		return false
	}
	smaller := main.Box.Height() < 0.75*f.main.Height()
	return smaller && (main.Box.IoU(f.main) < 0.25 || f.hidden)
}

// choose gives the face that is followed, or else the surest that can be one
// on a document.
func (f *Finder) choose(others []vision.Face) *vision.Face {
	var best *vision.Face
	for i := range others {
		o := &others[i]
		if !o.Confirmed() || f.room.has(o.Box) {
			continue
		}
		// One that is followed may come closer than a new one may appear.
		if near := f.Near(); near.Area() > 0 && o.Box.Center().Dist(near.Center()) < near.Height() {
			return o
		}
		if f.main.Area() > 0 && o.Box.Height() > f.cfg.MaxSize*f.main.Height() {
			continue
		}
		if best == nil || o.Score > best.Score {
			best = o
		}
	}
	return best
}

// follow adds a sighting, to the track or to a new one.
func (f *Finder) follow(at time.Duration, p *vision.Face) {
	s := sighting{at: at, box: p.Box, to: p.Box.Center()}
	if p.Landmarks != nil {
		s.to = vision.BoundsOf(p.Landmarks).Center()
	}
	if near := f.Near(); near.Area() > 0 && p.Box.Center().Dist(near.Center()) > 2*near.Height() {
		f.track, f.seen = nil, 0
	}
	if len(f.track) == 0 {
		f.since = at
		f.suspect = at-f.began < f.cfg.Background || f.room.had(p.Box)
	}
	f.track = append(f.track, s)
	f.seen++
	for len(f.track) > 2 && at-f.track[1].at >= f.cfg.StillFor {
		f.track = f.track[1:]
	}
}

// motionless tells that the face has stayed where it is for StillFor.
func (f *Finder) motionless(at time.Duration) bool {
	if at-f.track[0].at < f.cfg.StillFor {
		return false
	}
	first := f.track[0]
	for _, s := range f.track {
		if s.to.Dist(first.to) > max(f.cfg.Still*s.box.Height(), 0.75) {
			return false
		}
	}
	return true
}
