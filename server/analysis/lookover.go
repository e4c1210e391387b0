package analysis

import (
	"math"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// LooksOverConfig sets the detector of a further face that looks on from beside
// or behind the candidate. The zero value of a field takes its default.
type LooksOverConfig struct {
	// MinScore is the face detector's score from which a face counts; default
	// 0.8, as for more than one face.
	MinScore float64
	// MinSize and MaxSize are the face's height as a share of the candidate's;
	// default 0.35 and 1.6: about an arm's length before to two metres behind.
	MinSize, MaxSize float64
	// MaxTurn in degrees to the side, default 35: beyond it the face looks past
	// the screen.
	MaxTurn float64
	// MinLength is for how long it must look; default 2 s. Who walks by is gone
	// in less or looks where they go.
	MinLength time.Duration
	// StillFor is for how long a face may stay in exactly the same place before
	// it is taken for a picture on the wall; default 15 s.
	StillFor time.Duration
}

// LooksOver describes the detector of a further face that looks on.
func LooksOver(c LooksOverConfig) Descriptor {
	c.MinScore, c.MinSize, c.MaxSize = or(c.MinScore, 0.8), or(c.MinSize, 0.35), or(c.MaxSize, 1.6)
	c.MaxTurn, c.MinLength, c.StillFor = or(c.MaxTurn, 35), or(c.MinLength, 2*time.Second), or(c.StillFor, 15*time.Second)
	return Descriptor{
		Name: "looks-over", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.FaceLooksOver, Measure: "further faces turned to the screen", On: 1, Off: 1,
			MinLength: c.MinLength, MinOff: 1500 * time.Millisecond, MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return &looksOver{cfg: c} },
	}
}

// looksOver counts further faces that look on. It remembers where faces have
// been without moving, to leave out portraits on the wall.
type looksOver struct {
	cfg   LooksOverConfig
	still []stillFace
	first time.Duration
	began bool
}

// stillFace is a place where a face has been seen.
type stillFace struct {
	box         vision.Rect
	since, last time.Duration
	wall        bool // it was there from the beginning, or for very long
}

const (
	// samePlace is the overlap from which a face has not moved: people who look
	// at a screen sway by more than this within some seconds.
	samePlace = 0.85
	// forgetPlace is for how long a place is remembered after the face was seen
	// there last: small faces are missed now and then.
	forgetPlace = 30 * time.Second
	// fromStart is the time at the beginning in which a face that is there is
	// taken for part of the room, if it does not move later.
	fromStart = 3 * time.Second
)

// Detect reads how many further faces look on.
func (d *looksOver) Detect(in FaceReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		return observe(evidence.FaceLooksOver, in.AtMS, 0, 0, in.Reason), nil
	}
	if !in.Detected {
		return nil, nil
	}
	at := time.Duration(in.AtMS) * time.Millisecond
	if !d.began {
		d.first, d.began = at, true
	}
	if in.Main == nil || len(in.Faces) == 0 {
		return observe(evidence.FaceLooksOver, in.AtMS, 0, 0, evidence.ReasonNoFace), nil
	}
	number, quality := 0, 1.0
	for _, f := range in.Faces[1:] {
		if f.Score < d.cfg.MinScore || f.Landmarks == nil {
			continue
		}
		wall := d.remember(f.Box, at)
		if !wall && d.looks(in.Main, &f) {
			number++
			quality = min(quality, f.Score)
		}
	}
	d.forget(at)
	return observe(evidence.FaceLooksOver, in.AtMS, float64(number), quality, ""), nil
}

// looks tells that a face is near the candidate's in size and turned to the
// screen.
func (d *looksOver) looks(main, f *vision.Face) bool {
	share := f.Box.Height() / max(main.Box.Height(), 1)
	return share >= d.cfg.MinSize && share <= d.cfg.MaxSize &&
		math.Abs(f.Pose.Yaw) <= d.cfg.MaxTurn && math.Abs(f.Pose.Pitch) <= d.cfg.MaxTurn
}

// remember keeps where a face is, and tells whether it is one on the wall.
func (d *looksOver) remember(box vision.Rect, at time.Duration) (wall bool) {
	for i := range d.still {
		s := &d.still[i]
		if s.box.IoU(box) < samePlace {
			continue
		}
		s.last = at
		s.wall = s.wall || at-s.since >= d.cfg.StillFor || (s.since-d.first <= fromStart && at-s.since >= fromStart)
		return s.wall
	}
	d.still = append(d.still, stillFace{box: box, since: at, last: at})
	return false
}

func (d *looksOver) forget(at time.Duration) {
	kept := d.still[:0]
	for _, s := range d.still {
		if wait := forgetPlace; s.wall || at-s.last < min(wait, 2*time.Second+(s.last-s.since)) {
			kept = append(kept, s)
		}
	}
	const most = 64
	d.still = kept[max(0, len(kept)-most):]
}

// Close forgets the places.
func (d *looksOver) Close() error {
	d.still = nil
	return nil
}
