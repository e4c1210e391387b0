package analysis

import (
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/challenge"
)

// Compliance lists the checks of the challenge cards: each tells whether what
// the card asks for was seen, and nothing about the person.
//
// There is none of a finger on the cheek: what a fingertip changes in a face of
// a webcam's size is less than what talking changes, so it could not be told
// from doing nothing. The card is there for the interviewer's own eyes.
func Compliance() []StepDescriptor {
	face := func(card evidence.CardKind, perSecond float64, c func() challenge.Check) StepDescriptor {
		return StepDescriptor{Card: card, Consent: evidence.ConsentFace, New: func(o evidence.StepOrder) StepCheck {
			return &compliance{step: o.Step, check: c(), perSecond: perSecond}
		}}
	}
	return []StepDescriptor{
		// A hand passes in half a second, and a head that turns to the profile, in
		// which no face is found, takes no longer: a machine that reads few pictures
		// may miss them, and then nothing can be said.
		face(evidence.CardHand, 8, func() challenge.Check { return challenge.NewHand() }),
		face(evidence.CardTurnLeft, 4, func() challenge.Check { return challenge.NewTurn(challenge.Left) }),
		face(evidence.CardTurnRight, 4, func() challenge.Check { return challenge.NewTurn(challenge.Right) }),
		face(evidence.CardLookUp, 0, func() challenge.Check { return challenge.NewRaise() }),
		face(evidence.CardStandBack, 0, func() challenge.Check { return challenge.NewBack() }),
		// Only how light the picture is and by how much it changes is measured:
		// no face is looked for, and no consent to that is needed.
		{Card: evidence.CardWindow, New: func(o evidence.StepOrder) StepCheck {
			return &compliance{step: o.Step, check: challenge.NewView(), anyLight: true}
		}},
	}
}

// compliance runs a challenge's check on the readings of a step.
type compliance struct {
	step     string
	check    challenge.Check
	anyLight bool // a dark picture can be measured too
	// perSecond is how many readings a second are needed to say "not seen"; 0
	// where those of a machine that is too slow are enough.
	perSecond float64

	state   challenge.State
	taken   int // readings that the check took
	faces   int // of them with a face
	slowed  int // of them read while fewer than perSecond were read
	quality float64
	missed  map[evidence.Reason]int // readings that it could not take

	before, during *vision.Frame
}

// Take hands a reading to the check, or counts why it cannot.
func (c *compliance) Take(in FaceReading) error {
	why := in.Reason
	if c.anyLight && why == evidence.ReasonDark && in.Picture != nil {
		why = ""
	}
	// A reading without a face and the reason blur is one where the face was
	// lost: a hand that moves fast is blurred too.
	if why == evidence.ReasonBlur && c.state != challenge.NoBaseline {
		why = ""
	}
	if why == "" && in.Picture == nil {
		why = evidence.ReasonCameraOff
	}
	if why != "" {
		if c.missed == nil {
			c.missed = map[evidence.Reason]int{}
		}
		c.missed[why]++
		return nil
	}
	c.taken++
	if in.PerSecond > 0 && in.PerSecond < c.perSecond {
		c.slowed++
	}
	if in.Main != nil {
		c.faces++
		c.quality += in.Main.Quality.Score
	}
	if c.before == nil && (in.Main != nil || c.anyLight) {
		c.before = in.Picture.Clone()
	}
	var best bool
	c.state, best = c.check.Take(challenge.Reading{At: in.Picture.At, Face: in.Main, Frame: in.Picture})
	if best {
		c.during = in.Picture.Clone()
	}
	return nil
}

// Hint tells the candidate how it goes.
func (c *compliance) Hint() evidence.StepHint {
	h := evidence.StepHint{Step: c.step, Hint: "begin"}
	switch c.state {
	case challenge.NoBaseline:
		h.Hint = "face_camera"
		if c.missed[evidence.ReasonDark] > c.taken {
			h.Hint = "more_light"
		}
	case challenge.Doing:
		h.Hint = "good"
	case challenge.Done:
		h.Hint = "done"
	}
	return h
}

// Complete tells that what was asked for was seen.
func (c *compliance) Complete() bool { return c.state == challenge.Done }

// Result is what was seen, with a picture from the beginning and the one that
// shows best what was asked for.
func (c *compliance) Result() (evidence.StepResult, []StepPicture) {
	r := evidence.StepResult{Outcome: evidence.StepNotSeen, Quality: 1}
	for _, v := range c.check.Values() {
		r.Values = append(r.Values, evidence.Measure{Name: v.Name, Value: v.Value, Unit: v.Unit, Threshold: v.Threshold, Compare: v.Compare})
	}
	if !c.anyLight && c.faces > 0 {
		r.Quality = c.quality / float64(c.faces)
	}
	most, missed := c.mostMissed()
	switch {
	case c.state == challenge.Done:
		r.Outcome = evidence.StepDone
	case missed > c.taken:
		r.Outcome, r.Reason, r.Quality = evidence.StepNotMeasurable, most, 0
	case c.state == challenge.NoBaseline && c.faces == 0 && !c.anyLight:
		r.Outcome, r.Reason, r.Quality = evidence.StepNotMeasurable, evidence.ReasonNoFace, 0
	case c.state == challenge.NoBaseline:
		r.Outcome, r.Reason = evidence.StepNotMeasurable, evidence.ReasonNoBaseline
	case 2*c.slowed > c.taken:
		r.Outcome, r.Reason = evidence.StepNotMeasurable, evidence.ReasonOverload
	}
	var pictures []StepPicture
	for _, one := range []StepPicture{{"before", c.before}, {"during", c.during}} {
		if one.Frame != nil {
			pictures = append(pictures, one)
		}
	}
	return r, pictures
}

// mostMissed is the most frequent reason for which readings could not be taken,
// and how many there were in all.
func (c *compliance) mostMissed() (most evidence.Reason, all int) {
	for why, n := range c.missed {
		all += n
		if n > c.missed[most] || (n == c.missed[most] && why < most) {
			most = why
		}
	}
	return most, all
}

// Close forgets the pictures.
func (c *compliance) Close() error {
	c.before, c.during = nil, nil
	return nil
}
