package analysis

import (
	"math"
	"time"

	"bonafide/server/evidence"
)

// FaceTooSmallConfig sets the detector of a face with too few pixels.
type FaceTooSmallConfig struct {
	// On is the distance between the eyes in pixels at or below which a face
	// is too small; default 35. Below it face verification misses 9 % of true
	// matches, against 2.8 % at 35 to 50 px.
	On float64
	// Off is the distance above which it no longer is; default 40.
	Off float64
	// MinLength for which it must be too small; default 3 s: leaning back for
	// a moment is nothing to tell anybody.
	MinLength time.Duration
}

// FaceTooSmall describes the detector of a face too small for measurements.
func FaceTooSmall(c FaceTooSmallConfig) Descriptor {
	on := or(c.On, 35)
	return Descriptor{
		Name: "face-too-small", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.FaceTooSmall, Measure: "distance between the eyes", Below: true,
			On: on, Off: max(or(c.Off, 40), on), MinLength: or(c.MinLength, 3*time.Second), MinOff: time.Second,
			MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Faces: func() Detector[FaceReading] { return faceTooSmall{} },
	}
}

type faceTooSmall struct{}

// Detect reads the main face's distance between the eyes, with the
// foreshortening of a turned head undone: who turns has not moved away. Beyond
// 60 degrees that is no longer possible.
func (faceTooSmall) Detect(in FaceReading) ([]evidence.Observation, error) {
	switch {
	case in.Reason != "":
		return observe(evidence.FaceTooSmall, in.AtMS, 0, 0, in.Reason), nil
	case in.Main == nil && in.Detected:
		return observe(evidence.FaceTooSmall, in.AtMS, 0, 0, evidence.ReasonNoFace), nil
	case in.Main == nil:
		return nil, nil
	}
	turn := math.Abs(in.Main.Pose.Yaw)
	if turn > 60 || in.Main.Landmarks == nil {
		return observe(evidence.FaceTooSmall, in.AtMS, 0, 0, evidence.ReasonNoFace), nil
	}
	return observe(evidence.FaceTooSmall, in.AtMS, in.Main.IOD/math.Cos(turn*math.Pi/180), in.Main.Presence, ""), nil
}

func (faceTooSmall) Close() error { return nil }
