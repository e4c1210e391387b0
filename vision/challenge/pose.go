package challenge

import (
	"math"
	"time"

	"bonafide/vision"
)

// Limits of what counts as done. TestEvalCompliance of server/analysis prints
// how they do on clips in which people turned, and on all others.
const (
	// TurnBy is by how many degrees the head must turn from how it was held
	// when the step began. Talking people stay within 25° of it.
	TurnBy = 35.0
	// TurnTo is how far in degrees it must then be turned from the camera: who
	// began turned to one side does not show the other profile by facing it.
	TurnTo = 28.0
	// TurnLost is the turn from which a face that is lost at once is taken to
	// have turned on to the profile, in which it cannot be found.
	TurnLost = 28.0
	// TurnDoubtful is the turn from which a head may have turned to the profile
	// all the same: of heads drawn turned by 70°, the landmarks read most as 19 to
	// 34° (TestEvalTurned of server/analysis).
	TurnDoubtful = TurnLost - 10
	// LookUpBy is by how many degrees the head must be raised.
	LookUpBy = 18.0
	// BackBy is to which share of its size at the beginning the face must shrink.
	BackBy = 0.7
)

// Side is where a head turns to.
type Side float64

// The sides, the person's own: the left one is the picture's right side.
const (
	Left  Side = 1
	Right Side = -1
)

// Turn checks that the head turns to one side.
type Turn struct {
	side  Side
	base  baseline
	held  hold
	lost  hold
	most  float64 // degrees to the side asked for
	other float64 // degrees to the other
	near  float64 // of the newest face
	state State
}

// NewTurn makes a check of a turn.
func NewTurn(side Side) *Turn {
	return &Turn{side: side, held: hold{need: 300 * time.Millisecond}, lost: hold{need: 300 * time.Millisecond}}
}

// Take takes the next reading.
func (c *Turn) Take(r Reading) (State, bool) {
	if c.state == Done {
		return Done, false
	}
	if r.Face == nil || r.Face.Landmarks == nil {
		if !c.base.ready {
			return NoBaseline, false
		}
		// Where a face was lost while it faced the camera, something else hides it.
		c.state = max(Waiting, c.lost.add(r.At, c.near >= TurnLost))
		return c.state, false
	}
	if !c.base.add(r.Face) {
		if c.base.ready {
			c.state = Waiting
		}
		return c.state, false
	}
	c.near = float64(c.side) * (r.Face.Pose.Yaw - c.base.yaw)
	from := float64(c.side) * r.Face.Pose.Yaw
	best := c.near > c.most
	c.most, c.other = max(c.most, c.near), max(c.other, -c.near)
	c.lost.add(r.At, false)
	c.state = c.held.add(r.At, c.near >= TurnBy && from >= TurnTo)
	return c.state, best
}

// Doubtful tells that the head turned to the side asked for by TurnDoubtful or
// more.
func (c *Turn) Doubtful() bool { return c.state != Done && c.most >= TurnDoubtful }

// Values are the largest turns to both sides.
func (c *Turn) Values() []Value {
	return []Value{
		{Name: "turn to the side asked for (max)", Value: c.most, Unit: "°", Threshold: TurnBy, Compare: ">="},
		{Name: "turn to the other side (max)", Value: c.other, Unit: "°"},
	}
}

// Raise checks that the head is raised.
type Raise struct {
	base  baseline
	held  hold
	most  float64
	state State
}

// NewRaise makes a check of looking up.
func NewRaise() *Raise { return &Raise{held: hold{need: 300 * time.Millisecond}} }

// Take takes the next reading.
func (c *Raise) Take(r Reading) (State, bool) {
	if c.state == Done {
		return Done, false
	}
	if !c.base.add(r.Face) {
		if c.base.ready {
			c.state = max(c.state, Waiting)
		}
		return c.state, false
	}
	if r.Face == nil || r.Face.Landmarks == nil {
		return c.state, false
	}
	by := r.Face.Pose.Pitch - c.base.pitch
	best := by > c.most
	c.most = max(c.most, by)
	c.state = c.held.add(r.At, by >= LookUpBy && math.Abs(r.Face.Pose.Yaw-c.base.yaw) < TurnLost)
	return c.state, best
}

// Values is by how much the head was raised.
func (c *Raise) Values() []Value {
	return []Value{{Name: "head raised by (max)", Value: c.most, Unit: "°", Threshold: LookUpBy, Compare: ">="}}
}

// Back checks that the person moves away from the camera.
type Back struct {
	base  baseline
	held  hold
	least float64 // share of the size at the beginning
	state State
}

// NewBack makes a check of standing back.
func NewBack() *Back { return &Back{held: hold{need: 500 * time.Millisecond}, least: 1} }

// Take takes the next reading.
func (c *Back) Take(r Reading) (State, bool) {
	if c.state == Done {
		return Done, false
	}
	if !c.base.add(r.Face) {
		if c.base.ready {
			c.state = max(c.state, Waiting)
		}
		return c.state, false
	}
	if r.Face == nil || r.Face.Landmarks == nil || vision.BoundsOf(r.Face.Landmarks).Inside(r.Frame.Bounds()) < 0.9 {
		return c.state, false // a face that is cut off is not measured
	}
	share := Size(r.Face) / c.base.size
	best := share < c.least
	c.least = min(c.least, share)
	c.state = c.held.add(r.At, share <= BackBy)
	return c.state, best
}

// Values is how small the face became.
func (c *Back) Values() []Value {
	return []Value{{Name: "size of the face, share of that at the beginning (min)", Value: c.least, Threshold: BackBy, Compare: "<="}}
}
