package analysis

import (
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// FaceMultipleConfig sets the detector of a second face.
type FaceMultipleConfig struct {
	// MinScore is the face detector's score, 0 to 1, from which a face beside
	// the main one counts; default 0.8. Below it a vase and a puppet on a
	// screen behind the person were taken for faces, by the landmark model too.
	MinScore float64
	// CloserEvery is the time between two searches in tiles, for faces that the
	// search of the whole picture is too coarse for; default 3 s, at which they
	// cost some 1.5 % of a core (BenchmarkStages: 42 ms at 640×480). Below 0
	// there are none.
	CloserEvery time.Duration
	// MinSmall is the height in pixels from which a face counts that was found
	// so; default 16, below which the landmark model confirms nothing.
	MinSmall float64
	// MinLength with two or more faces; default 1 s, three searches in a row:
	// a single false box never makes a finding.
	MinLength time.Duration
	// MinOff is for how long they must be gone; default 1 s, since a small face
	// is missed now and then (recall 0.9 per search at 32 px).
	MinOff time.Duration
}

// FaceMultiple describes the detector of more than one face.
func FaceMultiple(c FaceMultipleConfig) Descriptor {
	c.MinScore, c.MinSmall = or(c.MinScore, 0.8), or(c.MinSmall, 16)
	if c.CloserEvery == 0 {
		c.CloserEvery = 3 * time.Second
	}
	return Descriptor{
		Name: "face-multiple", Scope: ScopeTrack, Closer: c.CloserEvery > 0,
		Rules: []evidence.Rule{{
			Kind: evidence.FaceMultiple, Measure: "faces in view", On: 2, Off: 2,
			MinLength: or(c.MinLength, time.Second), MinOff: or(c.MinOff, time.Second),
			MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return &faceMultiple{cfg: c} },
	}
}

// faceMultiple counts faces. A small one that a search in tiles found is looked
// for at its place from then on, at every search, so that it too must be there
// three times in a row before it makes a finding.
type faceMultiple struct {
	cfg    FaceMultipleConfig
	closer time.Duration // when the tiles are searched next
	small  vision.Face   // that is followed
	missed int           // searches since it was seen; 0 where it was, or there is none
	follow bool
}

// maxMissed is how many searches in a row a small face may be missed in before
// it is no longer looked for at its place.
const maxMissed = 2

// Detect reads the number of faces in the picture.
func (d *faceMultiple) Detect(in FaceReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		d.follow = false
		return observe(evidence.FaceMultiple, in.AtMS, 0, 0, in.Reason), nil
	}
	if !in.Detected {
		return nil, nil
	}
	number, quality := 0, 1.0
	for i, f := range in.Faces {
		if i == 0 || f.Score >= d.cfg.MinScore {
			number++
			quality = min(quality, f.Score)
		}
	}
	if number == 1 && in.Small != nil && in.Main != nil {
		seen, err := d.look(in)
		if err != nil {
			return nil, fmt.Errorf("looking for small faces: %w", err)
		}
		if seen {
			number++
			quality = min(quality, d.small.Score)
		}
	}
	return observe(evidence.FaceMultiple, in.AtMS, float64(number), quality, ""), nil
}

// look tells whether a small face is in the picture: the one that is followed,
// or, when that is due, any.
func (d *faceMultiple) look(in FaceReading) (bool, error) {
	at := time.Duration(in.AtMS) * time.Millisecond
	var near vision.Rect
	switch {
	case d.follow:
		near = d.small.Box
	case at >= d.closer:
		d.closer = at.Truncate(d.cfg.CloserEvery) + d.cfg.CloserEvery
	default:
		return false, nil
	}
	found, err := in.Small(near)
	if err != nil {
		return false, err
	}
	for _, f := range found {
		if f.Score < d.cfg.MinScore || f.Box.Height() < d.cfg.MinSmall || (d.follow && !nearby(f.Box, d.small.Box)) {
			continue
		}
		d.small, d.follow, d.missed = f, true, 0
		return true, nil
	}
	if d.missed++; d.missed >= maxMissed {
		d.follow, d.missed = false, 0
	}
	return false, nil
}

// nearby tells that a box may be of the face that another was of half a second
// before: it has moved by no more than its size.
func nearby(a, b vision.Rect) bool {
	p, q := a.Center(), b.Center()
	far := max(a.Height(), b.Height())
	return max(p.X-q.X, q.X-p.X) <= far && max(p.Y-q.Y, q.Y-p.Y) <= far
}

func (*faceMultiple) Close() error { return nil }
