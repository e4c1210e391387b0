package face

import (
	"cmp"
	"slices"
	"time"

	"bonafide/vision"
)

// Tracker decides what is computed on which frame and follows the main face
// from frame to frame. Feed it every decoded frame in time order: it is a
// function of the frames and their times alone. It is not safe for concurrent
// use.
type Tracker struct {
	stage        *Stage
	detect, land pace
	main         *vision.Face
	others       []vision.Face
	near         vision.Rect // where the main face is to be found, in shares of the picture; empty: the largest is
}

// NewTracker makes a tracker of one participant's frames. The stage stays the
// caller's; several trackers may take turns on it.
func NewTracker(s *Stage) *Tracker {
	return &Tracker{stage: s, detect: pace{every: s.cfg.DetectEvery}, land: pace{every: s.cfg.LandmarksEvery}}
}

// Result is what is known at one frame.
type Result struct {
	At time.Duration
	// Main is the main face as measured on this very frame, or nil if none is
	// visible. It stays the same person's while that can be followed, even if
	// somebody else comes closer to the camera.
	Main *vision.Face
	// Searched tells that the whole picture was searched on this frame. Only
	// then do Others mean anything.
	Searched bool
	// TooDark tells that no face was found in a picture so dark that there may
	// well be one: not measurable, rather than absent.
	TooDark bool
	// Elsewhere tells that faces were found, none of them near the place where
	// the main face is to be: it may be one of them, moved, or gone.
	Elsewhere bool
	// Others are the further faces, the largest first, or with a place for the
	// main face the nearest to that.
	Others []vision.Face
}

// Count is the number of faces, meaningful where Searched.
func (r Result) Count() int {
	if r.Main == nil {
		return len(r.Others)
	}
	return 1 + len(r.Others)
}

// Process takes the next frame. ok is false where nothing was due (no search,
// and no landmarks or no face to follow), or where the frame is damaged: then
// whatever was due happens on the next good frame.
func (t *Tracker) Process(f *vision.Frame) (r Result, ok bool, err error) {
	search := t.detect.due(f.At)
	if f.Damaged || !t.land.due(f.At) || (t.main == nil && !search) {
		return Result{}, false, nil
	}
	r = Result{At: f.At}
	if t.main != nil {
		if r.Main, err = t.stage.Landmarks(f, t.main); err != nil {
			return Result{}, false, err
		}
	}
	// A face that was lost is searched for at once.
	if search || (t.main != nil && r.Main == nil) {
		faces, err := t.stage.Detect(f)
		if err != nil {
			return Result{}, false, err
		}
		t.detect.done(f.At)
		r.Searched = true
		faces, near := nearest(faces, t.near, f)
		if r.Main != nil {
			r.Main, r.Others = assign(r.Main, faces)
		}
		if r.Main == nil || astray(r.Main, r.Others) {
			r.Elsewhere = !near && len(faces) > 0
			r.Main, r.Others = nil, nil
			if near {
				r.Main, r.Others = assign(nil, faces)
			}
		}
		r.TooDark = r.Main == nil && f.Brightness() < t.stage.cfg.MinLight
	}
	t.land.done(f.At)
	t.main = r.Main
	if t.main != nil && t.main.Landmarks == nil {
		t.main = nil // unconfirmed: nothing to follow
	}
	return r, true, nil
}

// Near tells where in the picture the main face is to be found, in shares of
// its width and height, 0 to 1: in pictures that show several people, only a
// face near that place is the main one. With an empty rectangle, as in the
// beginning, it is the largest.
func (t *Tracker) Near(r vision.Rect) { t.near = r }

// nearReach is how far from its place the main face may be, in widths of it.
const nearReach = 2

// nearest gives the faces in the order of their distance from a place, in
// shares of the picture, and tells whether the first is near it. Without a place
// they stay as they are.
func nearest(faces []vision.Face, place vision.Rect, f *vision.Frame) (sorted []vision.Face, near bool) {
	if place.Area() == 0 || len(faces) == 0 {
		return faces, len(faces) > 0
	}
	w, h := float64(f.Width()), float64(f.Height())
	place = vision.Rect{X0: place.X0 * w, Y0: place.Y0 * h, X1: place.X1 * w, Y1: place.Y1 * h}
	from := place.Center()
	out := slices.Clone(faces)
	slices.SortStableFunc(out, func(a, b vision.Face) int {
		return cmp.Compare(a.Box.Center().Dist(from), b.Box.Center().Dist(from))
	})
	return out, out[0].Box.Center().Dist(from) <= nearReach*place.Width()
}

// Reset forgets the face: after a gap in the stream it must be found anew.
func (t *Tracker) Reset() {
	t.main = nil
	t.detect.began, t.land.began = false, false
}

// sameFace is the overlap from which a detected box is the followed face. The
// detector's box and the landmarks' bounds differ somewhat, hence not more.
const sameFace = 0.3

// assign tells the followed face from the others among those detected.
func assign(followed *vision.Face, faces []vision.Face) (main *vision.Face, others []vision.Face) {
	if followed == nil {
		if len(faces) == 0 {
			return nil, nil
		}
		return &faces[0], faces[1:]
	}
	best, overlap := -1, sameFace
	for i := range faces {
		if o := followed.Box.IoU(extent(&faces[i])); o > overlap {
			best, overlap = i, o
		}
	}
	for i := range faces {
		if i != best && faces[i].Landmarks != nil {
			others = append(others, faces[i])
		}
	}
	out := *followed
	if best >= 0 {
		// The region that was held stays; the detector's box and score are new.
		out.Box, out.Score = faces[best].Box, faces[best].Score
	}
	return &out, others
}

// maxAstray is the share of one face's box within another's from which both
// cannot be faces.
const maxAstray = 0.5

// astray tells that what is followed lies within another face that the search
// found, or around it: after a cut to another picture the landmarks can settle
// on a part of the new face, or on where the old one was.
func astray(followed *vision.Face, others []vision.Face) bool {
	for _, o := range others {
		if followed != nil && max(followed.Box.Inside(o.Box), o.Box.Inside(followed.Box)) > maxAstray {
			return true
		}
	}
	return false
}

// extent is a face's place in the way Landmarks gives it.
func extent(f *vision.Face) vision.Rect {
	if f.Landmarks == nil {
		return f.Box
	}
	return vision.BoundsOf(f.Landmarks)
}

// pace spreads work over time: due once per period, on a grid that does not
// drift with the frames' own times.
type pace struct {
	every time.Duration
	next  time.Duration
	began bool
}

// maxSlack is by how much a frame may come early and still count: the times of a
// camera's frames tremble by some milliseconds. A camera of 10 to 12 frames per
// second has none to spare: without it, up to half of those that fall on the grid
// would be left out.
const maxSlack = 15 * time.Millisecond

func (p *pace) slack() time.Duration { return min(p.every/5, maxSlack) }

func (p *pace) due(at time.Duration) bool { return !p.began || at+p.slack() >= p.next }

func (p *pace) done(at time.Duration) {
	if !p.began || at >= p.next+p.every {
		p.next, p.began = at, true // first, or after a gap: a new grid
	}
	for p.next <= at+p.slack() && p.every > 0 {
		p.next += p.every
	}
}

// Small is Stage.Small: the search for small faces beside the main one.
func (t *Tracker) Small(f *vision.Frame, main *vision.Face, near vision.Rect) ([]vision.Face, error) {
	return t.stage.Small(f, main, near)
}
