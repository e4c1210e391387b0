package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// MediaFrozenConfig sets the detector of pictures that do not change.
type MediaFrozenConfig struct {
	// On is the mean difference of grey level (0 to 255) between pictures half
	// a second apart at or below which they count as the same; default 0.25.
	// Among 1161 such pairs of 53 clips of people the least was 0.39, at full
	// quality and coded again at 250 kbit/s alike. A picture sent again and
	// again gives 0.24 while the encoder still refines it, then 0.02 and less.
	// A photograph in which the irises alone move gives 0.01 to 0.4, so it is
	// taken for frozen (TestEvalFrozen). No head is held so still, and the
	// largest cell, which would tell the two apart, is at low bit rates as large
	// at a key frame of a frozen picture (7) as in nine of ten eye movements.
	On float64
	// Off is the difference above which they differ again; default 0.38. A key
	// frame of a still picture is coded anew and differs by up to 0.32.
	Off float64
	// MinLength for which nothing must change; default 3 s.
	MinLength time.Duration
}

// MediaFrozen describes the detector of a frozen picture. A picture without a
// face is not measurable: an empty room does not change either. Where faces
// are not looked for, that cannot be told, and every picture is measured.
func MediaFrozen(c MediaFrozenConfig) Descriptor {
	on := or(c.On, 0.25)
	return Descriptor{
		Name: "media-frozen", Scope: ScopeTrack,
		Rules: []evidence.Rule{{
			Kind: evidence.MediaFrozen, Measure: "difference between pictures", Below: true,
			On: on, Off: max(or(c.Off, 0.38), on), MinLength: or(c.MinLength, 3*time.Second), MinOff: 600 * time.Millisecond,
			MaxHole: time.Second, MaxStep: maxStep,
		}},
		Picture: func() Detector[PictureReading] { return &mediaFrozen{} },
	}
}

type mediaFrozen struct {
	previous   Thumb
	previousMS int64
	have       bool
}

// Detect reads the mean difference to the picture before. There is none after
// a pause.
func (d *mediaFrozen) Detect(in PictureReading) ([]evidence.Observation, error) {
	if in.Reason != "" {
		d.have = false
		return observe(evidence.MediaFrozen, in.AtMS, 0, 0, in.Reason), nil
	}
	if in.Empty {
		d.have = false
		return observe(evidence.MediaFrozen, in.AtMS, 0, 0, evidence.ReasonNoFace), nil
	}
	had := d.have && in.AtMS-d.previousMS <= maxStep.Milliseconds()
	diff := in.Thumb.Difference(&d.previous)
	d.previous, d.previousMS, d.have = *in.Thumb, in.AtMS, true
	if !had {
		return nil, nil
	}
	return observe(evidence.MediaFrozen, in.AtMS, diff, 1, ""), nil
}

func (*mediaFrozen) Close() error { return nil }
