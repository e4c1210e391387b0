package analysis

import (
	"math"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/speech"
	"bonafide/vision"
)

// LipsConfig sets the detector of mouth against voice. The zero value of a field
// takes its default.
type LipsConfig struct {
	// Still is the mean change of the mouth's opening within a tenth of a second,
	// in units of the distance between the eyes, at or below which a mouth does
	// not move, default 0.008, and Moves the one from which it does, 0.012. Of real
	// people at 10 pictures a second mouths at rest have 0.001 to 0.006, talking
	// ones 0.014 and more (TestEvalLips).
	Still, Moves float64
	// For is how long that must go on beyond the three seconds of a
	// measurement, default 3 s.
	For time.Duration
	// Shift is the offset between mouth and voice from which they are out of
	// step, default 0.3 s; a tenth is usual for good clips.
	Shift float64
	// MinIOD is the distance between the eyes in pixels from which the lips are
	// measured, default 24: below it a resting mouth trembles as much as some
	// talk. MaxYaw and MaxPitch are the turns in degrees up to which they are,
	// defaults 30 and 25.
	MinIOD, MaxYaw, MaxPitch float64
}

// Lips describes the detector of a mouth that is still while the candidate's
// microphone carries speech, and of one that moves out of step with it.
func Lips(c LipsConfig) Descriptor {
	c.Still, c.Moves, c.Shift = or(c.Still, 0.008), or(c.Moves, 0.012), or(c.Shift, 0.3)
	c.For = or(c.For, 3*time.Second)
	c.MinIOD, c.MaxYaw, c.MaxPitch = or(c.MinIOD, 24), or(c.MaxYaw, 30), or(c.MaxPitch, 25)
	return Descriptor{
		Name: "lips", Scope: ScopeInterview, Models: []string{models.SpeechVAD}, Sees: true,
		Rules: []evidence.Rule{{
			Kind: evidence.SpeechLipsStill, Measure: "movement of the mouth", Below: true,
			On: c.Still, Off: max(c.Moves, c.Still), MinLength: c.For, MaxHole: 2 * time.Second, MaxStep: 2 * time.Second,
		}, {
			Kind: evidence.SpeechLipsShift, Measure: "offset between mouth and voice",
			On: c.Shift, Off: c.Shift - 0.05, MinLength: shiftFor, MaxHole: 15 * time.Second, MaxStep: 10 * time.Second,
		}},
		Scene: func(*models.Set) (Detector[SceneReading], error) {
			return &lipsDetector{cfg: c, talk: newTalk(), last: math.NaN()}, nil
		},
	}
}

// shiftFor is how long an offset must stay the same: longer than the half minute
// of one measurement, so that the first and the last share nothing. A chance
// likeness of mouth and voice does not last from one to the other.
const shiftFor = 35 * time.Second

// Steps of the observations, in ms.
const (
	stillEvery = 500
	shiftEvery = 5000
)

// lipsDetector keeps the newest half minute of the candidate's mouth and voice,
// as numbers.
type lipsDetector struct {
	cfg  LipsConfig
	talk *talk
	lips speech.Lips

	iod              float64
	nextStill, shift int64   // when each is due
	waited           int64   // when it was told last that there is no voice
	last             float64 // the offset measured before; NaN if it was not
	signed           float64 // the newest offset, in s
	movement         evidence.SeriesPart
	offsets          evidence.SeriesPart
}

// Detect takes any reading of an interview.
func (d *lipsDetector) Detect(r SceneReading) (out []evidence.Observation, err error) {
	if due := d.talk.take(r); due {
		d.talk.dialogue.Look(false) // for it to forget what is old
	}
	switch {
	case r.Faces != nil:
		if m, ok := d.mouth(r.Faces); ok {
			d.lips.See(m)
		}
	case r.Sound != nil && r.Role == roleCandidate:
		d.lips.Hear(r.Sound.Frames)
	}
	dialogue := d.talk.dialogue
	if !dialogue.HasSide(speech.Candidate) {
		return d.unheard(r.AtMS), nil
	}
	upTo := dialogue.UpTo()
	if d.nextStill == 0 {
		d.nextStill, d.shift = upTo+stillEvery, upTo+shiftEvery
	}
	for ; d.nextStill <= upTo; d.nextStill += stillEvery {
		out = append(out, d.still(d.nextStill))
	}
	for ; d.shift <= upTo; d.shift += shiftEvery {
		out = append(out, d.offset(d.shift))
	}
	return out, nil
}

// unheard tells, now and then, that the candidate has no microphone yet.
func (d *lipsDetector) unheard(atMS int64) (out []evidence.Observation) {
	if atMS-d.waited < shiftEvery/5 {
		return nil
	}
	d.waited = atMS
	for _, k := range []evidence.Kind{evidence.SpeechLipsStill, evidence.SpeechLipsShift} {
		out = append(out, observe(k, atMS, 0, 0, evidence.ReasonNotAvailable)...)
	}
	return out
}

// Points of the inner lips, in pairs one above the other.
var innerLips = [3][2]int{{82, 87}, {13, 14}, {312, 317}}

// mouth reads the opening of the main face's mouth; false where the reading
// says nothing.
func (d *lipsDetector) mouth(in *FaceReading) (speech.Mouth, bool) {
	m := speech.Mouth{AtMS: in.AtMS}
	switch f := in.Main; {
	case in.Reason != "":
		m.Reason = in.Reason
	case f == nil && !in.Detected:
		return m, false
	case f == nil || f.Landmarks == nil || !f.Confirmed():
		m.Reason = evidence.ReasonNoFace
	case f.IOD < d.cfg.MinIOD:
		m.Reason = evidence.ReasonSmall
	case math.Abs(f.Pose.Yaw) > d.cfg.MaxYaw || math.Abs(f.Pose.Pitch) > d.cfg.MaxPitch:
		m.Reason = evidence.ReasonTurned
	case f.Quality.Has(vision.ReasonDark):
		m.Reason = evidence.ReasonDark
	case f.Quality.Has(vision.ReasonBlurred):
		m.Reason = evidence.ReasonBlur
	case f.Quality.Has(vision.ReasonCut):
		m.Reason = evidence.ReasonCut
	case f.Quality.Has(vision.ReasonCovered):
		m.Reason = evidence.ReasonCovered
	default:
		for _, p := range innerLips {
			a, b := f.Landmarks[p[0]], f.Landmarks[p[1]]
			m.Opening += math.Sqrt((a.X-b.X)*(a.X-b.X)+(a.Y-b.Y)*(a.Y-b.Y)+(a.Z-b.Z)*(a.Z-b.Z)) / f.IOD / float64(len(innerLips))
		}
		d.iod = f.IOD
	}
	return m, true
}

// voice tells why the candidate's voice cannot be compared at an instant: it is
// not heard, or it may be somebody else's out of the loudspeaker.
func (d *lipsDetector) voice(fromMS, toMS int64) evidence.Reason {
	reasons := map[evidence.Reason]int{}
	n := 0
	for at := fromMS; at < toMS; at += 50 {
		n++
		if state, why := d.talk.dialogue.State(speech.Candidate, at); state == speech.Unheard {
			reasons[why]++
			continue
		}
		switch state, why := d.talk.dialogue.State(speech.Asker, at); state {
		case speech.Speaking:
			reasons[evidence.ReasonOthers]++
		case speech.Unheard:
			reasons[why]++
		}
	}
	for why, times := range reasons {
		if times*5 > n && why != "" {
			return why
		}
	}
	return ""
}

// still observes the mouth's movement in the three seconds before an instant.
func (d *lipsDetector) still(atMS int64) evidence.Observation {
	o := evidence.Observation{Kind: evidence.SpeechLipsStill, AtMS: atMS}
	speaks := func(ms int64) bool {
		state, _ := d.talk.dialogue.State(speech.Candidate, ms)
		return state == speech.Speaking
	}
	if o.Reason = d.voice(atMS-speech.StillWindowMS, atMS); o.Reason == "" {
		o.Value, o.Quality, o.Reason = d.lips.Movement(atMS, speaks)
	}
	if atMS%1000 < stillEvery {
		d.movement.Points = appendPoint(d.movement.Points, evidence.SeriesPoint{AtMS: atMS, Value: o.Value, Quality: o.Quality, Reason: o.Reason})
	}
	return o
}

// offset observes how far mouth and voice are apart in the half minute before
// an instant, where two measurements in a row agree.
func (d *lipsDetector) offset(atMS int64) evidence.Observation {
	o := evidence.Observation{Kind: evidence.SpeechLipsShift, AtMS: atMS}
	ms, peak, why := d.lips.Shift(atMS)
	before := d.last
	if d.last = ms; why != "" {
		d.last = math.NaN()
	}
	switch {
	case why != "":
		o.Reason = why
	case math.IsNaN(before) || math.Abs(ms-before) > 100:
		o.Reason = evidence.ReasonVague
	default:
		d.signed = ms / 1000
		o.Value, o.Quality = math.Abs(ms)/1000, min(peak/0.5, 1)
	}
	d.offsets.Points = appendPoint(d.offsets.Points, evidence.SeriesPoint{AtMS: atMS, Value: ms / 1000, Quality: o.Quality, Reason: o.Reason})
	if n := len(d.offsets.Points); o.Reason != "" {
		d.offsets.Points[n-1].Value = 0
	}
	return o
}

// Testify gives what a finding rests on.
func (d *lipsDetector) Testify(f evidence.Finding) ([]evidence.Measure, []*vision.Frame) {
	if f.Kind == evidence.SpeechLipsShift {
		return []evidence.Measure{{Name: "voice after the mouth by", Value: d.signed, Unit: "s"}}, nil
	}
	return []evidence.Measure{{Name: "distance between the eyes", Value: d.iod, Unit: "px", Threshold: d.cfg.MinIOD, Compare: ">="}}, nil
}

// Forget drops everything kept of the person.
func (d *lipsDetector) Forget() {
	*d = lipsDetector{cfg: d.cfg, talk: newTalk(), last: math.NaN()}
}

// DropPictures does nothing: there are none.
func (d *lipsDetector) DropPictures() {}

// TakeSeries gives the mouth's movement while there is speech, and the offset.
func (d *lipsDetector) TakeSeries() (out []evidence.Series) {
	for _, s := range []struct {
		name, unit string
		line       evidence.Measure
		part       *evidence.SeriesPart
	}{
		{"speech.lips_movement", "of the eyes' distance", evidence.Measure{Name: "still", Value: d.cfg.Still}, &d.movement},
		{"speech.lips_offset", "s", evidence.Measure{Name: "out of step", Value: d.cfg.Shift, Unit: "s"}, &d.offsets},
	} {
		if n := len(s.part.Points); n > 0 {
			one := evidence.Series{SeriesPart: *s.part}
			one.Name, one.Unit, one.Lines = s.name, s.unit, []evidence.Measure{s.line}
			one.StartMS, one.EndMS, one.Count = one.Points[0].AtMS, one.Points[n-1].AtMS, n
			out = append(out, one)
			*s.part = evidence.SeriesPart{}
		}
	}
	return out
}

// Close drops what is kept.
func (d *lipsDetector) Close() error { return nil }
