package analysis

import (
	"time"

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
	face := func(card evidence.CardKind, perSecond float64, hides time.Duration, c func() challenge.Check) StepDescriptor {
		return StepDescriptor{Card: card, Consent: evidence.ConsentFace, New: func(o evidence.StepOrder) StepCheck {
			return &compliance{step: o.Step, check: c(), perSecond: perSecond, hides: hides}
		}}
	}
	const ms = time.Millisecond
	return []StepDescriptor{
		// A hand passes in half a second, and a head that turns to the profile, in
		// which no face is found, takes no longer: a machine that reads few pictures
		// may miss them, and then nothing can be said. A head is raised, and a person
		// stands back, for about a second.
		face(evidence.CardHand, 8, 250*ms, func() challenge.Check { return challenge.NewHand() }),
		face(evidence.CardTurnLeft, 4, 350*ms, func() challenge.Check { return challenge.NewTurn(challenge.Left) }),
		face(evidence.CardTurnRight, 4, 350*ms, func() challenge.Check { return challenge.NewTurn(challenge.Right) }),
		face(evidence.CardLookUp, 0, 1000*ms, func() challenge.Check { return challenge.NewRaise() }),
		face(evidence.CardStandBack, 0, 1000*ms, func() challenge.Check { return challenge.NewBack() }),
		// Only how light the picture is and by how much it changes is measured:
		// no face is looked for, and no consent to that is needed.
		{Card: evidence.CardWindow, New: func(o evidence.StepOrder) StepCheck {
			return &compliance{step: o.Step, check: challenge.NewView(), anyLight: true, hides: 1000 * ms}
		}},
	}
}

// compliance runs a challenge's check on the readings of a step.
type compliance struct {
	step     string
	check    challenge.Check
	anyLight bool // a dark picture can be measured too
	// What was asked for can happen unseen between two readings further apart than
	// hides, and where fewer than perSecond are read a second on a machine that is
	// too slow; perSecond is 0 where hides alone counts.
	perSecond float64
	hides     time.Duration

	state   challenge.State
	taken   int           // readings that the check took
	faces   int           // of them with a face
	first   time.Duration // of them the oldest
	last    time.Duration // and the newest
	blind   time.Duration // in which what was asked for could have happened unseen
	late    time.Duration // of that, since the analysis was late
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
	at := time.Duration(in.AtMS) * time.Millisecond
	slow := in.PerSecond > 0 && in.PerSecond < c.perSecond
	if c.taken > 0 && (slow || at-c.last > c.hides) {
		c.blind += at - c.last
		if slow || in.Late {
			c.late += at - c.last
		}
	}
	if c.taken == 0 {
		c.first = at
	}
	c.taken++
	c.last = at
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

const (
	// blindShare is the share of a step from which "not seen" cannot be said, if
	// what was asked for could have happened unseen in it: about as often it would
	// be wrong of somebody who did it once.
	blindShare = 0.1
	// blindEdge is how long after a step's beginning the first reading may come,
	// and how long before its end the last: a picture takes that long to arrive.
	blindEdge = time.Second
)

// unseen is for how long what was asked for could have happened unseen in a step
// that went on between two times.
func (c *compliance) unseen(from, to time.Duration) time.Duration {
	all := c.blind
	for _, edge := range []time.Duration{c.first - from, to - c.last} {
		if edge > blindEdge {
			all += edge
		}
	}
	return all
}

// Result is what was seen, with a picture from the beginning and the one that
// shows best what was asked for. Where that is nothing, it says so only if it
// would have been seen.
func (c *compliance) Result(from, to time.Duration) (evidence.StepResult, []StepPicture) {
	r := evidence.StepResult{Outcome: evidence.StepNotSeen, Quality: 1}
	for _, v := range c.check.Values() {
		r.Values = append(r.Values, evidence.Measure{Name: v.Name, Value: v.Value, Unit: v.Unit, Threshold: v.Threshold, Compare: v.Compare})
	}
	if !c.anyLight && c.faces > 0 {
		r.Quality = c.quality / float64(c.faces)
	}
	most, missed := c.mostMissed()
	doubt, ok := c.check.(challenge.Doubter)
	switch {
	case c.state == challenge.Done:
		r.Outcome = evidence.StepDone
	case missed > c.taken:
		r.Outcome, r.Reason, r.Quality = evidence.StepNotMeasurable, most, 0
	case c.state == challenge.NoBaseline && c.faces == 0 && !c.anyLight:
		r.Outcome, r.Reason, r.Quality = evidence.StepNotMeasurable, evidence.ReasonNoFace, 0
	case c.state == challenge.NoBaseline:
		r.Outcome, r.Reason = evidence.StepNotMeasurable, evidence.ReasonNoBaseline
	case c.unseen(from, to) > time.Duration(blindShare*float64(to-from)):
		r.Outcome, r.Reason = evidence.StepNotMeasurable, c.whyUnseen(most)
	case ok && doubt.Doubtful():
		r.Outcome, r.Reason = evidence.StepNotMeasurable, evidence.ReasonVague
	}
	var pictures []StepPicture
	for _, one := range []StepPicture{{"before", c.before}, {"during", c.during}} {
		if one.Frame != nil {
			pictures = append(pictures, one)
		}
	}
	return r, pictures
}

// whyUnseen is why there were too few readings: the machine was too slow, or what
// most of those say that could not be taken, or else the camera.
func (c *compliance) whyUnseen(most evidence.Reason) evidence.Reason {
	switch {
	case c.late > 0 && 2*c.late >= c.blind:
		return evidence.ReasonOverload
	case most != "":
		return most
	}
	return evidence.ReasonFewFrames
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
