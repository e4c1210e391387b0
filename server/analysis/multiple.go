package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// FaceMultipleConfig sets the detector of a second face.
type FaceMultipleConfig struct {
	// MinLength with two or more faces; default 1 s, three searches in a row:
	// a single false box never makes a finding.
	MinLength time.Duration
	// MinOff is for how long they must be gone; default 1 s, since a small face
	// is missed now and then (recall 0.9 per search at 32 px).
	MinOff time.Duration
}

// FaceMultiple describes the detector of more than one face.
func FaceMultiple(c FaceMultipleConfig) Descriptor {
	return Descriptor{
		Name: "face-multiple", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.FaceMultiple, Measure: "faces", On: 2, Off: 2,
			MinLength: or(c.MinLength, time.Second), MinOff: or(c.MinOff, time.Second),
			MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return faceMultiple{} },
	}
}

type faceMultiple struct{}

// Detect reads the number of faces in the picture.
func (faceMultiple) Detect(in FaceReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		return observe(evidence.FaceMultiple, in.AtMS, 0, 0, in.Reason), nil
	}
	if !in.Detected {
		return nil, nil
	}
	quality := 1.0
	for _, f := range in.Faces {
		quality = min(quality, f.Score)
	}
	return observe(evidence.FaceMultiple, in.AtMS, float64(len(in.Faces)), quality, ""), nil
}

func (faceMultiple) Close() error { return nil }
