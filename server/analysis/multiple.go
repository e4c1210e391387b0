package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// FaceMultipleConfig sets the detector of a second face.
type FaceMultipleConfig struct {
	// MinScore is the face detector's score, 0 to 1, from which a face beside
	// the main one counts; default 0.8. Below it a vase and a puppet on a
	// screen behind the person were taken for faces, by the landmark model too.
	MinScore float64
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
			Kind: evidence.FaceMultiple, Measure: "faces in view", On: 2, Off: 2,
			MinLength: or(c.MinLength, time.Second), MinOff: or(c.MinOff, time.Second),
			MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return faceMultiple{or(c.MinScore, 0.8)} },
	}
}

type faceMultiple struct{ minScore float64 }

// Detect reads the number of faces in the picture.
func (d faceMultiple) Detect(in FaceReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		return observe(evidence.FaceMultiple, in.AtMS, 0, 0, in.Reason), nil
	}
	if !in.Detected {
		return nil, nil
	}
	number, quality := 0, 1.0
	for i, f := range in.Faces {
		if i == 0 || f.Score >= d.minScore {
			number++
			quality = min(quality, f.Score)
		}
	}
	return observe(evidence.FaceMultiple, in.AtMS, float64(number), quality, ""), nil
}

func (faceMultiple) Close() error { return nil }
