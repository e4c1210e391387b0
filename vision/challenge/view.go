package challenge

import (
	"math"
	"time"

	"bonafide/vision"
)

// Limits of the check of another view.
const (
	// ViewBy is by how many grey levels, on average over the picture, a view must
	// differ from the one at the beginning.
	ViewBy = 28.0
	// ViewFor is for how long another view must be shown.
	ViewFor = 5 * time.Second
)

// grid is the size of the thumbs that views are compared by.
const grid = 16

// View checks that the camera is pointed at something else, and measures how
// light that is. It looks for no faces.
type View struct {
	first         []thumb
	ref           thumb
	light, before float64
	most          float64
	shown         time.Duration
	last          time.Duration
	began         bool
	lights        []float64
	state         State
}

type thumb [grid * grid]float64

// NewView makes a check of another view.
func NewView() *View { return &View{} }

// Take takes the next reading.
func (c *View) Take(r Reading) (State, bool) {
	if r.Frame == nil {
		return c.state, false
	}
	t := newThumb(r.Frame)
	if len(c.first) < 2 {
		if c.first = append(c.first, t); len(c.first) == 2 {
			c.ref, c.before, c.state, c.last = t, r.Frame.Brightness(), Waiting, r.At
		}
		return c.state, false
	}
	by := 0.0
	for i, v := range t {
		by += math.Abs(v-c.ref[i]) / float64(len(t))
	}
	best := by > c.most
	c.most = max(c.most, by)
	step := min(r.At-c.last, time.Second)
	c.last = r.At
	if by < ViewBy {
		if c.state != Done {
			c.state = Waiting
		}
		return c.state, best
	}
	c.shown += step
	if c.lights = append(c.lights, r.Frame.Brightness()); len(c.lights) > 600 {
		c.lights = c.lights[1:]
	}
	c.light = median(c.lights)
	if c.state = Doing; c.shown >= ViewFor {
		c.state = Done
	}
	return c.state, best
}

// Values are by how much the view changed, for how long, and how light it is.
func (c *View) Values() []Value {
	out := []Value{
		{Name: "change of the view (max)", Value: c.most, Unit: "grey levels of 255", Threshold: ViewBy, Compare: ">="},
		{Name: "other view shown for", Value: c.shown.Seconds(), Unit: "s", Threshold: ViewFor.Seconds(), Compare: ">="},
		{Name: "brightness before", Value: c.before, Unit: "of 255"},
	}
	if len(c.lights) > 0 {
		out = append(out, Value{Name: "brightness of the other view (median)", Value: c.light, Unit: "of 255"})
	}
	return out
}

// newThumb averages the luma of each cell from 64 pixels of it.
func newThumb(f *vision.Frame) (t thumb) {
	const step = 8
	m := f.Image
	w, h := f.Width(), f.Height()
	for i := range grid * step {
		y := m.Rect.Min.Y + i*h/(grid*step)
		for k := range grid * step {
			x := m.Rect.Min.X + k*w/(grid*step)
			t[i/step*grid+k/step] += float64(m.Y[m.YOffset(x, y)]) / (step * step)
		}
	}
	return t
}
