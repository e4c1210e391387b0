package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// FaceAbsentConfig sets the detector of an empty picture.
type FaceAbsentConfig struct {
	// MinLength without a face; default 1.5 s. A blink of the detector, a
	// sneeze or a hand across the face is shorter.
	MinLength time.Duration
	// MinOff is for how long a face must be back; default 1 s.
	MinOff time.Duration
}

// FaceAbsent describes the detector of pictures without a face. Each search of
// the picture is a reading of 0 (a face) or 1 (none).
func FaceAbsent(c FaceAbsentConfig) Descriptor {
	return Descriptor{
		Name: "face-absent", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.FaceAbsent, Measure: "share of frames without a face", On: 0.5, Off: 0.5,
			MinLength: or(c.MinLength, 1500*time.Millisecond), MinOff: or(c.MinOff, time.Second),
			MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return faceAbsent{} },
	}
}

type faceAbsent struct{}

// Detect reads 1 where a search found nothing and no face is being followed.
func (faceAbsent) Detect(in FaceReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		return observe(evidence.FaceAbsent, in.AtMS, 0, 0, in.Reason), nil
	}
	if !in.Detected {
		return nil, nil
	}
	if len(in.Faces) == 0 && in.Main == nil {
		return observe(evidence.FaceAbsent, in.AtMS, 1, 1, ""), nil
	}
	quality := 1.0
	if in.Main != nil {
		quality = in.Main.Quality.Score
	}
	return observe(evidence.FaceAbsent, in.AtMS, 0, quality, ""), nil
}

func (faceAbsent) Close() error { return nil }

// or is a if it is set, else b.
func or[T int | float64 | time.Duration](a, b T) T {
	if a > 0 {
		return a
	}
	return b
}
