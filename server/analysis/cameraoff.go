package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// CameraOffConfig sets the detector of a camera that sends nothing.
type CameraOffConfig struct {
	// Silent is the time without a picture after which a reading holds;
	// default 0.5 s, several frames even of a slow camera.
	Silent time.Duration
	// MinLength beyond that; default 1.5 s, so that 2 s without a picture are
	// a finding.
	MinLength time.Duration
}

// CameraOff describes the detector of a camera that is off. Pictures that were
// sent and lost on the way are not counted: they make it not measurable.
func CameraOff(c CameraOffConfig) Descriptor {
	silent := or(c.Silent, 500*time.Millisecond)
	return Descriptor{
		Name: "camera-off", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.CameraOff, Measure: "time without a picture", On: silent.Seconds(), Off: silent.Seconds(),
			MinLength: or(c.MinLength, 1500*time.Millisecond), MaxHole: 2 * time.Second, MaxStep: maxStep,
		}},
		Link: func() Detector[LinkReading] { return cameraOff{silent.Seconds()} },
	}
}

type cameraOff struct{ on float64 }

// Detect reads the seconds since the last picture, at least the threshold
// while the camera was switched off by hand.
func (d cameraOff) Detect(in LinkReading) ([]evidence.Observation, error) {
	silent := float64(in.SilentMS) / 1000
	if in.Muted {
		silent = max(silent, d.on)
	}
	return observe(evidence.CameraOff, in.AtMS, silent, 1, in.Reason), nil
}

func (cameraOff) Close() error { return nil }
