package challenge

import (
	"math"
	"time"

	"bonafide/vision"
)

// Limits of the check of a hand before the face.
const (
	// HiddenBy is by how much the look of a third of the face must change, as 1
	// less the correlation of its cells with how they were when the step began,
	// for that third to count as hidden. It holds for a hand of the very colour
	// of the face too: that hides the eyes, the nose and the mouth.
	HiddenBy = 0.75
	// passFor is for how long something must be before the face.
	passFor = 150 * time.Millisecond
	// unevenBy is by how much more one third must be hidden than another in some
	// picture of a pass: what moves across covers one side first. A face that
	// leaves the picture is gone all at once.
	unevenBy = 0.35
	// poseBy is by how many degrees a head may move and its face still be
	// compared cell by cell.
	poseBy = 20.0
)

// cells of a face's patch in each direction, a multiple of three.
const cells = 12

// patch is the mean luma of each cell of a face's region, rows from the top.
type patch [cells * cells]float64

// Hand checks that something passes before the whole face, and that the face is
// seen again after it.
type Hand struct {
	base    baseline
	refs    []patch
	ref     patch
	place   vision.Rect // of the face when it was last seen whole
	yaw     float64     // of the newest face that was seen whole
	thirds  [3]float64  // the largest hidden share of each third, in this pass
	best    [3]float64  // in the pass that came nearest
	uneven  float64     // the largest difference between thirds, in this pass
	since   time.Duration
	passing bool
	state   State
}

// NewHand makes a check of a hand across the face.
func NewHand() *Hand { return &Hand{} }

// Take takes the next reading.
func (c *Hand) Take(r Reading) (State, bool) {
	if c.state == Done || r.Frame == nil {
		return c.state, false
	}
	whole := r.Face != nil && r.Face.Landmarks != nil
	if !c.base.ready {
		if c.base.add(r.Face); whole {
			c.place = place(r.Face)
			c.refs = append(c.refs, newPatch(r.Frame, c.place))
		}
		if c.base.ready {
			c.ref, c.state = middle(c.refs), Waiting
		}
		return c.state, false
	}
	if whole && (math.Abs(r.Face.Pose.Yaw-c.base.yaw) > poseBy || math.Abs(r.Face.Pose.Pitch-c.base.pitch) > poseBy) {
		c.yaw = r.Face.Pose.Yaw
		return c.state, false // turned away: nothing can be said of what hides it
	}
	if !whole && math.Abs(c.yaw-c.base.yaw) > poseBy {
		return c.state, false // it was lost by turning
	}
	at := c.place
	if whole {
		c.yaw = r.Face.Pose.Yaw
		at = place(r.Face)
	}
	now := newPatch(r.Frame, at)
	hidden := now.hidden(c.ref)
	if whole && max(hidden[0], hidden[1], hidden[2]) < HiddenBy/2 {
		c.ref.follow(now)
	}
	return c.follow(r, at, whole, hidden)
}

// follow puts readings together to passes of something before the face.
func (c *Hand) follow(r Reading, at vision.Rect, whole bool, hidden [3]float64) (State, bool) {
	most := max(hidden[0], hidden[1], hidden[2])
	if most < HiddenBy*0.8 && whole {
		c.place = at
		over := c.passing
		c.passing = false
		if over && r.At-c.since >= passFor && least(c.thirds) >= HiddenBy && c.uneven >= unevenBy {
			c.state = Done
		} else if c.state != Done {
			c.state = Waiting
		}
		c.thirds, c.uneven = [3]float64{}, 0
		return c.state, false
	}
	if !c.passing {
		c.passing, c.since = true, r.At
	}
	c.uneven = max(c.uneven, most-least(hidden))
	best := false
	for i, h := range hidden {
		c.thirds[i] = max(c.thirds[i], h)
	}
	if least(c.thirds) > least(c.best) {
		c.best, best = c.thirds, true
	}
	c.state = Doing
	return c.state, best
}

// Values is how much of the face was hidden.
func (c *Hand) Values() []Value {
	name := [3]string{"picture's left third", "middle third", "picture's right third"}
	var out []Value
	for i, v := range c.best {
		out = append(out, Value{Name: "change of the face's " + name[i] + " (max)", Value: v, Threshold: HiddenBy, Compare: ">="})
	}
	return out
}

func least(v [3]float64) float64 { return min(v[0], v[1], v[2]) }

// place is the region of a face that is compared: its landmarks' bounds,
// without the rim, where hair and background change with every movement.
func place(f *vision.Face) vision.Rect {
	b := vision.BoundsOf(f.Landmarks)
	dx, dy := b.Width()*0.08, b.Height()*0.06
	return vision.Rect{X0: b.X0 + dx, Y0: b.Y0 + dy, X1: b.X1 - dx, Y1: b.Y1 - dy}
}

// newPatch averages the luma of each cell from 16 pixels of it. What lies
// outside the picture repeats its edge.
func newPatch(f *vision.Frame, r vision.Rect) (p patch) {
	const step = 4
	m := f.Image
	w, h := f.Width(), f.Height()
	for cy := range cells {
		for cx := range cells {
			sum := 0
			for sy := range step {
				for sx := range step {
					x := r.X0 + r.Width()*(float64(cx)+(float64(sx)+0.5)/step)/cells
					y := r.Y0 + r.Height()*(float64(cy)+(float64(sy)+0.5)/step)/cells
					px, py := min(max(int(x), 0), w-1), min(max(int(y), 0), h-1)
					sum += int(m.Y[m.YOffset(m.Rect.Min.X+px, m.Rect.Min.Y+py)])
				}
			}
			p[cy*cells+cx] = float64(sum) / (step * step)
		}
	}
	return p
}

// follow moves the reference a little towards a patch of the uncovered face, so
// that light and posture may change in the course of a step.
func (p *patch) follow(now patch) {
	const share = 0.1
	for i, v := range now {
		p[i] += share * (v - p[i])
	}
}

// middle is the median of each cell.
func middle(all []patch) (out patch) {
	for i := range out {
		v := make([]float64, len(all))
		for k, p := range all {
			v[k] = p[i]
		}
		out[i] = median(v)
	}
	return out
}

// hidden is by how much the look of each third, from the picture's left, has
// changed: 0 not at all, 1 it has nothing to do with the reference.
func (p patch) hidden(ref patch) (out [3]float64) {
	for third := range out {
		var sx, sy, sxx, syy, sxy, n float64
		for cy := range cells {
			for cx := third * cells / 3; cx < (third+1)*cells/3; cx++ {
				x, y := p[cy*cells+cx], ref[cy*cells+cx]
				sx, sy, sxx, syy, sxy, n = sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y, n+1
			}
		}
		// Noise of a grey level keeps a plain patch from being divided by nothing.
		vx, vy := sxx-sx*sx/n+n, syy-sy*sy/n+n
		out[third] = 1 - max((sxy-sx*sy/n)/math.Sqrt(vx*vy), 0)
	}
	return out
}
