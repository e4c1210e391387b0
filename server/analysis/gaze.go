package analysis

import (
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/gaze"
)

// GazeConfig sets the detector of where the candidate looks.
type GazeConfig struct {
	// Threshold is the score from which a window of 30 s looks like reading, and
	// MinLength for how long it must; defaults gaze.Threshold and gaze.HoldFor.
	Threshold float64
	MinLength time.Duration
	// Visits is how often within AwayOver the gaze must have gone to the same
	// place aside; defaults 5 and a minute: in 3.6 h of clips of people before
	// cameras, 2 to 10 s each and played back and forth, that was four times so,
	// each time of a clip of 2 or 3 s, which a minute holds ten times and more
	// (TestEvalGazeClips).
	Visits   float64
	AwayOver time.Duration
}

// Gaze describes the detector of reading and of places that the gaze returns
// to. It takes the gaze of every followed face, and who has the floor: while
// the candidate listens, reading is not looked for.
func Gaze(c GazeConfig) Descriptor {
	c.Threshold, c.MinLength = or(c.Threshold, gaze.Threshold), or(c.MinLength, gaze.HoldFor)
	c.Visits, c.AwayOver = or(c.Visits, 5), or(c.AwayOver, time.Minute)
	return Descriptor{
		Name: "gaze", Scope: ScopeInterview, Source: "camera", Sees: true, Gazes: true, Models: []string{models.SpeechVAD},
		Rules: []evidence.Rule{{
			Kind: evidence.GazeReading, Measure: "reading score of 30 s", On: c.Threshold, Off: c.Threshold,
			MinLength: c.MinLength, MinOff: 10 * time.Second, MaxHole: 5 * time.Second, MaxStep: 2 * gazeEvery,
		}, {
			Kind: evidence.GazeOffScreen, Measure: "visits within a minute", On: c.Visits, Off: max(c.Visits-1, 1),
			MinLength: 2 * time.Second, MinOff: 5 * time.Second, MaxHole: 5 * time.Second, MaxStep: 2 * gazeEvery,
		}},
		Scene: func(*models.Set) (Detector[SceneReading], error) {
			return &gazeDetector{cfg: c, talk: newTalk(), slowed: never}, nil
		},
	}
}

// gazeEvery is the step at which windows are scored, and gazeKept how far back
// samples are kept: longer than a window.
const (
	gazeEvery = time.Second
	gazeKept  = gaze.Window + 5*time.Second
)

// gazeSample is a sample with what is known of the talk: that comes later.
type gazeSample struct {
	gaze.Sample
	known, listening bool
}

// gazeDetector follows one candidate's gaze.
type gazeDetector struct {
	cfg  GazeConfig
	talk *talk

	follow  gaze.Follower
	samples []gazeSample // settled, up to gazeKept back
	places  gaze.Places
	next    time.Duration // when windows are scored again
	began   time.Duration // the first sample since the gaze was measured anew
	going   bool
	slowed  time.Duration // the newest reading before which the analysis left some out, or is to

	reading readingRun
	away    gaze.Place
	series  gazeSeries
}

// Detect takes readings of faces and of sound.
func (d *gazeDetector) Detect(in SceneReading) ([]evidence.Observation, error) {
	if in.Faces == nil {
		if d.talk.take(in) {
			d.talk.dialogue.Look(false)
		}
		return nil, nil
	}
	s, ok := gazeOf(in.Faces)
	if !ok {
		return nil, nil
	}
	if !d.going {
		d.going, d.began, d.next = true, s.At, s.At.Truncate(gazeEvery)+gazeEvery
	}
	if in.Faces.PerSecond > 0 || in.Faces.Late {
		d.slowed = s.At
	}
	for _, settled := range d.follow.Add(s) {
		d.samples = append(d.samples, gazeSample{Sample: settled})
		d.series.add(settled)
	}
	for len(d.samples) > 0 && d.samples[0].At < s.At-gazeKept {
		d.samples = d.samples[1:]
	}
	if s.At < d.next {
		return nil, nil
	}
	d.next = s.At.Truncate(gazeEvery) + gazeEvery
	d.listen()
	return append(d.observeReading(s.At), d.observeAway(s.At)...), nil
}

// listen notes of the samples kept who had the floor, as far as that has become
// known. What is not known is taken for time in which the candidate answers.
func (d *gazeDetector) listen() {
	for i := range d.samples {
		s := &d.samples[i]
		if s.known {
			continue
		}
		answers, known := d.talk.Answering(s.At.Milliseconds())
		s.known, s.listening = known, known && !answers
	}
}

// gazeOf is the sample of a reading of faces; ok is false where it says
// nothing of the gaze.
func gazeOf(in *FaceReading) (gaze.Sample, bool) {
	at := time.Duration(in.AtMS) * time.Millisecond
	switch {
	case in.Gaze != nil:
		return *in.Gaze, true
	case in.Reason != "":
		return gaze.Sample{At: at, Reason: vision.Reason(in.Reason)}, true
	case in.Main == nil && in.Detected:
		return gaze.Sample{At: at, Reason: gaze.ReasonNoEyes}, true
	}
	return gaze.Sample{}, false
}

// gazeReasons are the words of the evidence for those of vision; others are
// the same.
var gazeReasons = map[vision.Reason]evidence.Reason{
	vision.ReasonTooSmall: evidence.ReasonSmall, vision.ReasonBlurred: evidence.ReasonBlur,
	vision.ReasonTurned: evidence.ReasonTurned, vision.ReasonCut: evidence.ReasonCut,
	vision.ReasonUnconfirmed: evidence.ReasonCovered, vision.ReasonCovered: evidence.ReasonCovered,
	gaze.ReasonGlare: evidence.ReasonGlare, gaze.ReasonBlink: evidence.ReasonCovered,
	gaze.ReasonDisagree: evidence.ReasonUnsteady, gaze.ReasonNoEyes: evidence.ReasonNoFace,
}

func gazeReason(r vision.Reason) evidence.Reason {
	if e, ok := gazeReasons[r]; ok {
		return e
	}
	return evidence.Reason(r)
}

// Forget drops everything kept of the person.
func (d *gazeDetector) Forget() {
	*d = gazeDetector{cfg: d.cfg, talk: d.talk, slowed: d.slowed}
}

// DropPictures has none to drop.
func (d *gazeDetector) DropPictures() {}

// TakeSeries gives the readings since the last call.
func (d *gazeDetector) TakeSeries() []evidence.Series {
	h, v, known := d.places.Main()
	return d.series.take(d.cfg.Threshold, [2]float64{h, v}, known)
}

// Close frees nothing.
func (d *gazeDetector) Close() error { return nil }
