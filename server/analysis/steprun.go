package analysis

import (
	"fmt"
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

const (
	// stepLimit ends a step whose order names no limit.
	stepLimit = 90 * time.Second
	// maxStepLimit bounds what an order may ask for.
	maxStepLimit = 10 * time.Minute
	// stepEvery is the time between two searches for faces during a step, where
	// none can be followed.
	stepEvery = 100 * time.Millisecond
	// hintEvery is the least time between two different hints, so that they can
	// be read.
	hintEvery = 400 * time.Millisecond
	// settleAfter is for how long after a challenge the face is still on its way
	// back.
	settleAfter = 2 * time.Second
	// stepStillWidth is the width of a step's stills: a document must be legible.
	stepStillWidth = 1280
)

// smallSearcher is a Tracker that can look for small faces.
type smallSearcher interface {
	Small(f *vision.Frame, main *vision.Face, near vision.Rect) ([]vision.Face, error)
}

// enroller is a detector that has a template.
type enroller interface {
	Template() (t identity.Template, ok bool)
}

// stepRun is a step that is going on.
type stepRun struct {
	order  evidence.StepOrder
	about  StepDescriptor
	check  StepCheck // nil where nothing is checked
	why    evidence.Reason
	began  time.Duration
	until  time.Duration
	next   time.Duration // when faces are looked for again where none is followed
	hint   evidence.StepHint
	hinted time.Duration
	seen   int             // readings with a picture
	last   evidence.Reason // of the newest reading without one
}

// stepKeeper runs the steps of a pipeline, one at a time.
type stepKeeper struct {
	on *stepRun // nil between steps
	// held are the kinds that a challenge makes meaningless, until an instant;
	// all tells that it hides or moves the face, so that nothing on faces can be
	// read.
	held      []evidence.Kind
	heldUntil time.Duration
	all       bool
	before    company
}

// disturbs names the kinds that what a card asks for would set off, and whether
// that is so of everything that is read of the face.
func disturbs(c evidence.CardKind) (kinds []evidence.Kind, all bool) {
	switch c {
	case evidence.CardHand, evidence.CardTurnLeft, evidence.CardTurnRight, evidence.CardCheek,
		evidence.CardLookUp, evidence.CardStandBack, evidence.CardWindow:
		return nil, true
	case evidence.CardShowID:
		return []evidence.Kind{evidence.FaceMultiple, evidence.FaceLooksOver, evidence.FaceAbsent, evidence.FaceTooSmall,
			evidence.IdentityMismatch, evidence.IdentityChanged}, false
	}
	return nil, false
}

// BeginStep starts the check of a step. One that still goes on ends with what
// it has measured.
func (p *Pipeline) BeginStep(o evidence.StepOrder, at time.Duration) error {
	at = max(at, p.now)
	if p.steps.on != nil {
		if err := p.endStep(at); err != nil {
			return err
		}
	}
	limit := min(time.Duration(o.LimitMS)*time.Millisecond, maxStepLimit)
	if limit <= 0 {
		limit = stepLimit
	}
	s := &stepRun{order: o, began: at, until: at + limit, next: at, last: evidence.ReasonCameraOff, why: evidence.ReasonNotAvailable}
	for _, d := range p.cfg.Steps {
		if d.Card != o.Card {
			continue
		}
		s.about = d
		if d.Consent != "" && p.gate.refuses(d.Consent) {
			s.why = evidence.ReasonNoConsent
		} else {
			s.check, s.why = d.New(o), ""
		}
		if r, ok := s.check.(interface{ RoomEmpty() }); ok && p.steps.before.alone(at) {
			r.RoomEmpty()
		}
	}
	p.steps.on = s
	p.steps.held, p.steps.all = disturbs(o.Card)
	p.steps.heldUntil = s.until + settleAfter
	return nil
}

// EndStep ends a step and gives out what was measured. One that is not on (any
// more) is left out.
func (p *Pipeline) EndStep(step string, at time.Duration) error {
	if p.steps.on == nil || p.steps.on.order.Step != step {
		return nil
	}
	return p.endStep(max(at, p.now))
}

// stepUpTo ends a step whose time is over.
func (p *Pipeline) stepUpTo(now time.Duration) error {
	if s := p.steps.on; s != nil && now >= s.until {
		return p.endStep(s.until)
	}
	return nil
}

// stepGate ends a step whose consent was withdrawn.
func (p *Pipeline) stepGate(at time.Duration) error {
	s := p.steps.on
	if s == nil || s.check == nil || s.about.Consent == "" || !p.gate.refuses(s.about.Consent) {
		return nil
	}
	err := s.check.Close()
	s.check, s.why = nil, evidence.ReasonNoConsent
	if err != nil {
		return fmt.Errorf("ending step %s: %w", s.order.Step, err)
	}
	return p.endStep(at)
}

// checking tells that faces are wanted for a step.
func (p *Pipeline) checking() bool {
	return p.steps.on != nil && p.steps.on.check != nil && p.steps.on.about.Consent != ""
}

// viewing tells that a step goes on which looks at pictures as a whole, and for
// which no faces may be looked for.
func (p *Pipeline) viewing() bool {
	return p.steps.on != nil && p.steps.on.check != nil && p.steps.on.about.Consent == ""
}

// hurry makes the search for a face due in a step that has lost it: a hand
// before the face must be seen at ten pictures per second, not two.
func (p *Pipeline) hurry(at time.Duration) {
	if s := p.steps.on; p.checking() && !p.followed && at >= s.next {
		s.next = at.Truncate(stepEvery) + stepEvery
		p.track.Reset()
	}
}

// giveStep gives a reading to the step that goes on. Its picture is there even
// where none may be kept.
func (p *Pipeline) giveStep(r FaceReading, f *vision.Frame) error {
	s := p.steps.on
	at := time.Duration(r.AtMS) * time.Millisecond
	r.Picture = f
	if f != nil && !f.Damaged {
		s.seen++
	} else if r.Reason != "" {
		s.last = r.Reason
	}
	if f != nil && r.Reason == "" && s.about.Consent == evidence.ConsentFace {
		p.enable(&r, f)
	}
	if err := s.check.Take(r); err != nil {
		return fmt.Errorf("checking step %s: %w", s.order.Step, err)
	}
	if h := s.check.Hint(); h != s.hint && (at-s.hinted >= hintEvery || s.hinted == 0) {
		s.hint, s.hinted = h, at
		if h.Step = s.order.Step; p.emit.StepHint != nil {
			p.emit.StepHint(h)
		}
	}
	if s.check.Complete() {
		return p.endStep(at)
	}
	return nil
}

// enable lets a step's check compare faces and look for small ones.
func (p *Pipeline) enable(r *FaceReading, f *vision.Frame) {
	main := r.Main
	if p.embed != nil {
		r.EmbedFace = func(face *vision.Face, part identity.Part) (identity.Embedding, error) {
			return p.embed.Embed(f, face, part)
		}
		if main != nil {
			r.Embed = func(part identity.Part) (identity.Embedding, error) { return p.embed.Embed(f, main, part) }
		}
	}
	if small, ok := p.track.(smallSearcher); ok {
		r.Small = func(near vision.Rect) ([]vision.Face, error) { return small.Small(f, main, near) }
	}
	for _, d := range p.faces {
		if e, ok := d.(enroller); ok {
			r.Enrolled = e.Template
		}
	}
}

// endStep gives out what the step that goes on has measured, its stills first.
func (p *Pipeline) endStep(at time.Duration) error {
	s := p.steps.on
	p.steps.on = nil
	p.steps.heldUntil = at + settleAfter
	r := evidence.StepResult{Outcome: evidence.StepNotChecked, Reason: s.why}
	if s.check != nil {
		if newest := max(p.lastStep, p.lastPic, s.began); p.state.overloaded(newest) && at > newest {
			if err := s.check.Take(FaceReading{AtMS: at.Milliseconds(), Reason: evidence.ReasonOverload, Late: true}); err != nil {
				return fmt.Errorf("ending step %s: %w", s.order.Step, err)
			}
		}
		var pictures []StepPicture
		r, pictures = s.check.Result(s.began, at)
		if s.seen == 0 {
			r = evidence.StepResult{Outcome: evidence.StepNotMeasurable, Reason: s.last, Values: r.Values}
		}
		if s.about.Consent == evidence.ConsentFace {
			r.Models = slices.Clone(p.sub.Models)
		}
		for _, one := range pictures {
			if err := p.keepStep(&r, one); err != nil {
				return err
			}
		}
		p.keepPortrait(s.check, r)
		if err := s.check.Close(); err != nil {
			return fmt.Errorf("ending step %s: %w", s.order.Step, err)
		}
	}
	r.Interview, r.Participant = p.sub.Interview, p.sub.Participant
	r.Step, r.Card = s.order.Step, s.order.Card
	r.StartMS, r.EndMS = s.began.Milliseconds(), at.Milliseconds()
	if r.Values == nil {
		r.Values = []evidence.Measure{}
	}
	if p.emit.StepResult != nil {
		p.emit.StepResult(r)
	}
	return nil
}

// keepStep gives out a picture as a still of a step's result, if that is
// allowed.
func (p *Pipeline) keepStep(r *evidence.StepResult, one StepPicture) error {
	if p.gate.NoStills || one.Frame == nil {
		return nil
	}
	still, data, err := makeStill(one.Frame, max(p.cfg.StillWidth, stepStillWidth))
	if err != nil {
		return fmt.Errorf("keeping a still of step %s: %w", r.Step, err)
	}
	r.Stills = append(r.Stills, evidence.StepStill{Still: still, Shows: one.Shows})
	p.emit.Still(still, data)
	return nil
}

// challenged gives what detectors are to read of faces while a card asks for
// what hides or moves them: nothing, and why.
func (p *Pipeline) challenged(r FaceReading) FaceReading {
	if at := time.Duration(r.AtMS) * time.Millisecond; at >= p.steps.heldUntil {
		p.steps.held, p.steps.all = nil, false
	}
	p.held = p.steps.held
	if !p.steps.all || r.Reason != "" {
		return r
	}
	return FaceReading{AtMS: r.AtMS, Detected: true, Reason: evidence.ReasonChallenge}
}

// Retake lets detectors that have enrolled somebody begin anew.
func (p *Pipeline) Retake() {
	for _, d := range p.faces {
		if r, ok := d.(interface{ Retake() }); ok {
			r.Retake()
		}
	}
}
