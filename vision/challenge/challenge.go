// Package challenge measures whether a person on camera does what a card of
// the run-sheet asks for: turn the head, look up, stand back, pass a hand
// across the face, or show another view. It measures compliance with what was
// asked and nothing else. It is pure Go: faces are found by vision/face.
//
// Every check compares with the person's own start of the step, not with other
// people: the baseline is the median of the first readings.
package challenge

import (
	"math"
	"slices"
	"time"

	"bonafide/vision"
)

// Reading is one picture of a step, about twelve a second.
type Reading struct {
	At time.Duration
	// Face is the main face with its landmarks, nil where none was found.
	Face *vision.Face
	// Frame is the picture. It is read only until Take returns.
	Frame *vision.Frame
}

// State is what a check can say at an instant.
type State int

// The states of a check.
const (
	NoBaseline State = iota // too little was seen to compare with
	Waiting                 // what was asked for was not seen yet
	Doing                   // it is being seen, not yet for long enough
	Done                    // it was seen
)

// Value is a number behind what a check says.
type Value struct {
	Name      string
	Value     float64
	Unit      string
	Threshold float64
	Compare   string // ">=", "<=": how; "" for context only
}

// Doubter is a check that can tell too little of what was asked for from nothing.
type Doubter interface {
	// Doubtful tells that something like what was asked for was seen, too little
	// of it to count, and that what is measured may well be too little by itself.
	Doubtful() bool
}

// Check is one card's check. It has one owner and takes readings in the order
// of their time.
type Check interface {
	// Take takes the next reading. best tells that no reading so far shows
	// better what was asked for: its picture is worth keeping.
	Take(r Reading) (s State, best bool)
	// Values are the numbers so far, with the thresholds.
	Values() []Value
}

// baseFrames is how many readings make the baseline: not half a second, which is
// less than people take to read a card and begin.
const baseFrames = 5

// maxTurned is how far in degrees a head may be turned for a baseline.
const maxTurned = 30

// baseline is how the face was when the step began.
type baseline struct {
	yaws, pitches, sizes []float64
	yaw, pitch, size     float64
	ready                bool
}

// add takes a face until there are enough. It tells whether the baseline is
// ready and was so before.
func (b *baseline) add(f *vision.Face) bool {
	if b.ready {
		return true
	}
	if f == nil || f.Landmarks == nil || math.Abs(f.Pose.Yaw) > maxTurned || math.Abs(f.Pose.Pitch) > maxTurned {
		return false
	}
	b.yaws, b.pitches, b.sizes = append(b.yaws, f.Pose.Yaw), append(b.pitches, f.Pose.Pitch), append(b.sizes, Size(f))
	if len(b.yaws) == baseFrames {
		b.yaw, b.pitch, b.size, b.ready = median(b.yaws), median(b.pitches), median(b.sizes), true
	}
	return false
}

// median of a list that is not empty.
func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// Points of the face mesh at the top of the forehead and the tip of the chin.
const (
	foreheadTop = 10
	chin        = 152
)

// Size is a face's height from the forehead to the chin in pixels, foreshortened
// neither by a turn to the side nor, to first order, by a nod: it is measured
// with the landmarks' depth.
func Size(f *vision.Face) float64 {
	a, b := f.Landmarks[foreheadTop], f.Landmarks[chin]
	return math.Sqrt((a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y) + (a.Z-b.Z)*(a.Z-b.Z))
}

// hold counts for how long something lasts.
type hold struct {
	need   time.Duration
	since  time.Duration
	on     bool
	last   time.Duration
	denied bool // a reading since the last one showed otherwise
}

const (
	// maxGap is for how long readings may show otherwise and something still goes
	// on.
	maxGap = 350 * time.Millisecond
	// maxBlind is for how long nothing may be read and something still goes on: a
	// machine that is too slow reads three pictures a second, and may miss one or
	// two of them.
	maxBlind = 1300 * time.Millisecond
)

// add tells whether it has lasted for long enough now.
func (h *hold) add(at time.Duration, so bool) State {
	over := at-h.last > maxBlind || h.denied && at-h.last > maxGap
	switch {
	case so && (!h.on || over):
		h.on, h.since, h.last, h.denied = true, at, at, false
	case so:
		h.last, h.denied = at, false
	default:
		h.denied = true
		h.on = h.on && at-h.last <= maxGap
	}
	switch {
	case h.on && h.last-h.since >= h.need:
		return Done
	case h.on:
		return Doing
	}
	return Waiting
}
