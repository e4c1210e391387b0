package analysis

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// reorder is how long readings wait for earlier ones of other tracks: sound may
// wait 300 ms in the jitter buffer for what was lost, pictures are measured
// after it, and facts travel by another way.
const reorder = time.Second

// maxWaiting bounds the readings that wait. A second of four people's sound has
// 200; only a caller that never tells the time gets here.
const maxWaiting = 20_000

// ScenePipeline runs the detectors of wider scope: it puts what is read of an
// interview's tracks in the order of interview time, and turns what they
// observe into the candidate's findings and coverage. It has one owner.
type ScenePipeline struct {
	laneSet
	candidate string
	detectors []sceneDetector
	hearer    *hearer // nil where no detector wants speech

	waiting  []waiting // by time, then by order of arrival
	voices   map[string]*voice
	order    []*voice
	now      time.Duration // everything before this was given to the detectors
	nextTick time.Duration
	last     int64 // AtMS of the newest reading given
	stats    Stats

	eyes eyes // what is known of the candidate's camera
}

// sceneDetector is a detector and whether it gets only the candidate's readings.
type sceneDetector struct {
	Detector[SceneReading]
	candidateOnly bool
}

// finisher is a detector that waits to be sure: at the end it tells what it has.
type finisher interface {
	Finish() []evidence.Observation
}

// waiting is a reading, or a change, whose time has not come.
type waiting struct {
	at      time.Duration
	reading SceneReading
	do      func() error
}

// NewScenePipeline makes the detectors of wider scope, whose coverage begins at
// the given interview time. sub names the candidate; its Source and Models are
// taken from the descriptors and from modelsOf. The models stay the caller's.
func NewScenePipeline(cfg Config, set *models.Set, modelsOf func(Descriptor) []evidence.ModelRef, sub evidence.Subject, gate Gate, start time.Duration, emit Emit) (*ScenePipeline, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.defaults()
	start = max(start, 0)
	p := &ScenePipeline{
		laneSet: newLaneSet(cfg, gate, start, emit), candidate: sub.Participant, voices: map[string]*voice{},
		now: start, nextTick: start.Truncate(tickEvery) + tickEvery, eyes: newEyes(cfg, start),
	}
	p.missed = func(l *lane) evidence.Reason {
		switch {
		case len(p.voices) == 0 && l.source == string(media.SourceMicrophone):
			return evidence.ReasonNotAvailable // nobody has a microphone
		case l.source != string(media.SourceMicrophone) && l.source != string(media.SourceCamera):
			return evidence.ReasonNotAvailable // the page told nothing
		}
		return p.eyes.missed(l)
	}
	if cfg.hears() {
		p.hearer = newHearer(set)
	}
	for _, d := range cfg.Detectors {
		if !d.wide() {
			continue
		}
		made, err := d.Scene(set)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("analysis: detector %q: %w", d.Name, err), p.close())
		}
		p.detectors = append(p.detectors, sceneDetector{made, d.Scope == ScopeParticipant})
		about := sub
		about.Source = d.source()
		if modelsOf != nil {
			about.Models = modelsOf(d)
		}
		if err := p.add(d, made, about, start); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	p.refresh(start.Milliseconds())
	return p, nil
}

// Add takes a reading, in any order. It is given to the detectors when its time
// has come. Sound may be given through a Voice instead, which knows its state.
func (p *ScenePipeline) Add(r SceneReading) error {
	at := time.Duration(r.AtMS) * time.Millisecond
	if isMicrophone(r.Fact) && r.Fact.Changed {
		if err := p.changing(r.Participant, at); err != nil {
			return err
		}
	}
	return p.later(waiting{at: at, reading: r})
}

// Faces takes a reading of the candidate's faces.
func (p *ScenePipeline) Faces(r FaceReading) error {
	kept := r.kept()
	return p.Add(SceneReading{AtMS: r.AtMS, Participant: p.candidate, Role: roleCandidate, Faces: &kept})
}

// Stream takes a second of one of the candidate's streams. It is given at the
// end of that second.
func (p *ScenePipeline) Stream(r StreamReading) error {
	return p.Add(SceneReading{AtMS: r.AtMS + r.LengthMS, Participant: p.candidate, Role: roleCandidate, Stream: &r})
}

// Step tells that a card of the run-sheet begins: of those, soft questions are
// small talk.
func (p *ScenePipeline) Step(o evidence.StepOrder, at time.Duration) error {
	if o.Card != evidence.CardQuestion {
		return nil
	}
	return p.Add(SceneReading{AtMS: at.Milliseconds(), Role: roleInterviewer, Mark: &MarkReading{AtMS: at.Milliseconds(), Soft: true}})
}

// later puts something in its place among what waits.
func (p *ScenePipeline) later(w waiting) error {
	if len(p.waiting) >= maxWaiting {
		return fmt.Errorf("analysis: %d readings wait for their time", len(p.waiting))
	}
	i := len(p.waiting)
	for i > 0 && p.waiting[i-1].at > w.at {
		i--
	}
	p.waiting = slices.Insert(p.waiting, i, w)
	return nil
}

// Advance tells that it is now this time: readings older than the wait for
// others are given to the detectors.
func (p *ScenePipeline) Advance(now time.Duration) error { return p.release(now - reorder) }

// release gives out everything up to a time.
func (p *ScenePipeline) release(until time.Duration) error {
	for {
		tick := p.nextTick <= until
		if len(p.waiting) > 0 && p.waiting[0].at <= until && (!tick || p.waiting[0].at <= p.nextTick) {
			w := p.waiting[0]
			p.waiting[0] = waiting{}
			p.waiting = p.waiting[1:]
			if err := p.do(w); err != nil {
				return err
			}
			continue
		}
		if !tick {
			break
		}
		if err := p.tick(p.nextTick); err != nil {
			return err
		}
		p.nextTick += tickEvery
	}
	if until > p.now {
		p.now = until
		p.series.upTo(p.now, p.gate)
		p.flush()
	}
	return nil
}

// do gives a reading out, or carries out a change.
func (p *ScenePipeline) do(w waiting) error {
	p.now = max(p.now, w.at)
	if w.do != nil {
		return w.do()
	}
	if f := w.reading.Faces; f != nil && p.gate.refuses(evidence.ConsentFace) {
		// The gaze has a consent of its own: without it there is none in a reading.
		w.reading.Faces = &FaceReading{AtMS: f.AtMS, Detected: true, Gaze: f.Gaze, Reason: evidence.ReasonNoConsent}
	}
	if f := w.reading.Faces; f != nil {
		p.eyes.read(f)
		p.look(*f)
	}
	if v := p.voices[w.reading.Participant]; v != nil {
		if !v.take(p, &w.reading) {
			return nil
		}
	}
	return p.give(w.reading)
}

// give hands a reading to the detectors it is for.
func (p *ScenePipeline) give(r SceneReading) error {
	if (r.Stream != nil && r.Stream.Damage()) || (r.Sound != nil && r.Participant == p.candidate && r.Sound.Lost) {
		p.damage.note(r.AtMS - 1)
	}
	r.AtMS = max(r.AtMS, p.last)
	p.last = r.AtMS
	p.refresh(r.AtMS)
	if p.hearer != nil && r.Sound != nil {
		if err := p.hearer.listen(r.Participant, r.Sound); err != nil {
			return err
		}
	}
	for _, d := range p.detectors {
		if d.candidateOnly && r.Participant != p.candidate {
			continue
		}
		os, err := d.Detect(r)
		if err != nil {
			return fmt.Errorf("detecting: %w", err)
		}
		if err := p.observeAll(os, nil); err != nil {
			return err
		}
	}
	return nil
}

// tick tells the detectors of the microphones from which nothing was heard, and
// of a camera of which no faces are read.
func (p *ScenePipeline) tick(at time.Duration) error {
	if f, ok := p.eyes.blind(at); ok {
		if err := p.give(SceneReading{AtMS: f.AtMS, Participant: p.candidate, Role: roleCandidate, Faces: f}); err != nil {
			return err
		}
	}
	for _, v := range p.order {
		if r, ok := v.silent(p, at); ok {
			if err := p.give(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetGate changes what is measured from this time on.
func (p *ScenePipeline) SetGate(g Gate, at time.Duration) error {
	return p.later(waiting{at: at, do: func() error {
		p.setGate(g)
		p.refresh(max(at.Milliseconds(), p.last))
		p.flush()
		return nil
	}})
}

// Stats counts what was done so far.
func (p *ScenePipeline) Stats() Stats { return p.stats }

// Finish gives out everything and ends coverage at the given time.
func (p *ScenePipeline) Finish(at time.Duration) error {
	at = max(at, p.now)
	err := p.release(at)
	for _, d := range p.detectors {
		if last, ok := d.Detector.(finisher); ok && err == nil {
			err = p.observeAll(last.Finish(), nil)
		}
	}
	if err == nil {
		err = p.finish(max(at, time.Duration(p.last)*time.Millisecond))
	}
	return errors.Join(err, p.close())
}

func (p *ScenePipeline) close() error {
	var errs []error
	for _, d := range p.detectors {
		errs = append(errs, d.Close())
	}
	p.detectors = nil
	if p.hearer != nil {
		errs = append(errs, p.hearer.close())
	}
	return errors.Join(errs...)
}
