package analysis

import (
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision/liveness"
)

// ReplayConfig sets the observation of a face that looks as if a screen were
// held before the camera. The zero value of a field takes its default.
type ReplayConfig struct {
	// Every is the time between two scores; default 2 s, at which they cost less
	// than 0.5 % of a core.
	Every time.Duration
	// On and Off are the mean of the newest Pool scores at or below which it is
	// observed, and above which it is over; default 0.3 and 0.5. TestEval of
	// vision/liveness prints how far genuine pictures and replays are apart.
	On, Off float64
	// Pool is the number of scores that are joined; default 8.
	Pool int
	// MinLength is for how long it must last; default 20 s.
	MinLength time.Duration
}

// Replay describes the observation of a possible screen replay.
func Replay(c ReplayConfig) Descriptor {
	c.Every, c.MinLength = or(c.Every, 2*time.Second), or(c.MinLength, 20*time.Second)
	c.On, c.Off, c.Pool = or(c.On, 0.3), or(c.Off, 0.5), or(c.Pool, 8)
	return Descriptor{
		Name: "replay", Scope: ScopeTrack, Scores: true,
		Rules: []evidence.Rule{{
			Kind: evidence.LivenessReplay, Measure: "likeness to a face before the camera (mean)", Below: true,
			On: c.On, Off: max(c.Off, c.On), MinLength: c.MinLength, MinOff: 4 * time.Second,
			MaxHole: 6 * time.Second, MaxStep: c.Every + maxStep,
		}},
		Faces: func() Detector[FaceReading] { return &replayDetector{cfg: c} },
	}
}

// replayDetector pools scores of the main face.
type replayDetector struct {
	cfg    ReplayConfig
	next   time.Duration
	scores []float64
	width  int
}

// Detect scores the main face when that is due.
func (d *replayDetector) Detect(in FaceReading) ([]evidence.Observation, error) {
	at := time.Duration(in.AtMS) * time.Millisecond
	blind := func(why evidence.Reason) ([]evidence.Observation, error) {
		d.scores = d.scores[:0]
		return observe(evidence.LivenessReplay, in.AtMS, 0, 0, why), nil
	}
	switch {
	case in.Reason != "":
		return blind(in.Reason)
	case !in.Detected:
		return nil, nil
	case in.Main == nil:
		return blind(evidence.ReasonNoFace)
	case in.Live == nil:
		return blind(evidence.ReasonNotAvailable)
	case in.Main.Box.Height() < liveness.MinFace:
		return blind(evidence.ReasonSmall)
	case len(in.Main.Quality.Reasons) > 0:
		return blind(reasonOf(in.Main.Quality.Reasons[0]))
	case in.Width != d.width:
		d.width, d.scores = in.Width, d.scores[:0] // another camera, perhaps
	}
	if at < d.next {
		return nil, nil
	}
	d.next = at.Truncate(d.cfg.Every) + d.cfg.Every
	score, err := in.Live()
	if err != nil {
		return nil, fmt.Errorf("scoring a face: %w", err)
	}
	if d.scores = append(d.scores, score); len(d.scores) > d.cfg.Pool {
		d.scores = append(d.scores[:0], d.scores[1:]...)
	}
	if len(d.scores) < d.cfg.Pool {
		return observe(evidence.LivenessReplay, in.AtMS, 0, 0, evidence.ReasonNoBaseline), nil
	}
	mean := 0.0
	for _, s := range d.scores {
		mean += s / float64(len(d.scores))
	}
	return observe(evidence.LivenessReplay, in.AtMS, mean, in.Main.Quality.Score, ""), nil
}

// Close forgets the scores.
func (d *replayDetector) Close() error {
	d.scores = nil
	return nil
}
