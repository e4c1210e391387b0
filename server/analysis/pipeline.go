package analysis

import (
	"fmt"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze"
	"bonafide/vision/identity"
)

// Tracker finds and follows the faces of one source's pictures, once for all
// detectors; face.Tracker is one.
type Tracker interface {
	// Process takes every undamaged picture; ok is false where none was due.
	Process(f *vision.Frame) (r face.Result, ok bool, err error)
	// Reset forgets the faces after a pause.
	Reset()
}

// Embedder is a Tracker that can also turn a face into an embedding. Without
// it faces are not compared.
type Embedder interface {
	// Embed takes a face that was found, with landmarks, in this very frame.
	Embed(f *vision.Frame, face *vision.Face, part identity.Part) (identity.Embedding, error)
}

// scorer is a Tracker that can also score how little a face looks like a screen.
type scorer interface {
	Score(f *vision.Frame, face *vision.Face) (float64, error)
}

// Emit takes what a pipeline finds. The functions are called from within the
// pipeline's methods; a still comes before the finding that names it.
type Emit struct {
	Finding  func(evidence.Finding)
	Coverage func([]evidence.Coverage)
	Still    func(s evidence.Still, jpeg []byte)
	// Series takes readings over time, ready to be kept. It may be nil.
	Series func([]evidence.Series)
	// StepHint takes live guidance of the step going on, StepResult what it
	// measured, after its stills. They may be nil.
	StepHint   func(evidence.StepHint)
	StepResult func(evidence.StepResult)
	// Enrolled tells who was enrolled, Compared shows what was compared with
	// that, after their stills. They may be nil.
	Enrolled func(evidence.EnrolledPayload)
	Compared func(evidence.ComparedPayload)
	// Template takes faces' templates at the end, where the gate lets them be
	// kept. It may be nil.
	Template func(evidence.FaceTemplate)
	// Faces takes every reading of faces after the detectors did, for those of
	// wider scope. It may be nil. What the reading can only do while its picture
	// is there must be done before it returns.
	Faces func(FaceReading)
}

// tickEvery is the step at which a source that sends nothing is read.
const tickEvery = 250 * time.Millisecond

// Pipeline measures one source of one participant: pictures and events go in,
// in the order of interview time, findings and coverage come out. The same
// input gives the same output. It has one owner.
type Pipeline struct {
	laneSet
	cfg   Config
	track Tracker

	link  []Detector[LinkReading]
	pics  []Detector[PictureReading]
	faces []Detector[FaceReading]
	face  []evidence.Kind // the kinds that need faces

	embed    Embedder        // nil without one
	compared []evidence.Kind // the kinds that compare faces
	scored   []evidence.Kind // the kinds that score them
	closer   []evidence.Kind // the kinds that search for small ones
	gazing   []evidence.Kind // the kinds that need the gaze

	state sourceState
	shown evidence.Reason // why the pictures do not show the participant; "" while they do
	sub   evidence.Subject
	steps stepKeeper

	templates templates

	now      time.Duration // nothing before this is taken
	nextTick time.Duration
	nextPic  time.Duration // when the picture as a whole is read again
	lastPic  time.Duration
	lastStep time.Duration // when faces were measured last
	pace     pace          // of readings of faces, on a slow machine
	searched bool          // faces were looked for in the picture read last
	followed bool          // and one was found
	dark     bool          // it was too dark for that
	aside    bool          // faces were found, none where the participant's is to be
	stats    Stats
}

// Stats counts what a pipeline did.
type Stats struct {
	Pictures  int `json:"pictures"`  // taken in
	Searched  int `json:"searched"`  // for faces
	Landmarks int `json:"landmarks"` // followed without a search
	Damaged   int `json:"damaged"`   // of the pictures
	Late      int `json:"late"`      // came after their time and were left out
	Dropped   int `json:"dropped"`   // measurements that were due and not made, since analysis was late
	Slowed    int `json:"slowed"`    // faces are read every so many steps: 1, or 2 or 4 on a machine that is too slow
	Packets   int `json:"packets"`   // dropped before they were decoded
	// Runs of sound that were measured, and that were dropped before.
	Sounds       int `json:"sounds"`
	SoundDropped int `json:"sound_dropped"`
}

// NewPipeline makes a pipeline whose coverage begins at the given interview
// time. sub.Models are those that the tracker measures with.
func NewPipeline(cfg Config, t Tracker, sub evidence.Subject, gate Gate, start time.Duration, emit Emit) (*Pipeline, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.defaults()
	start = max(start, 0)
	p := &Pipeline{
		laneSet: newLaneSet(cfg, gate, start, emit), cfg: cfg, track: t, now: start,
		nextTick: start.Truncate(tickEvery) + tickEvery, lastPic: start, lastStep: start, state: newSourceState(start),
	}
	p.embed, _ = t.(Embedder)
	p.sub = sub
	p.missed = func(l *lane) evidence.Reason {
		if p.state.overloaded(time.Duration(l.seg.LastMS()) * time.Millisecond) {
			return evidence.ReasonOverload
		}
		return evidence.ReasonLoss
	}
	for _, d := range cfg.Detectors {
		if d.wide() {
			if d.Sees {
				p.face = append(p.face, d.kinds()...)
			}
			if d.Gazes {
				p.gazing = append(p.gazing, d.kinds()...)
			}
			continue // a ScenePipeline's
		}
		if err := p.add(d, sub, start); err != nil {
			return nil, err
		}
	}
	p.refresh(start.Milliseconds())
	return p, nil
}

// add makes a detector and the lanes of its kinds.
func (p *Pipeline) add(d Descriptor, sub evidence.Subject, start time.Duration) error {
	var made any
	switch {
	case d.Link != nil:
		detector := d.Link()
		p.link, made = append(p.link, detector), detector
	case d.Picture != nil:
		detector := d.Picture()
		p.pics, made = append(p.pics, detector), detector
	case d.Faces != nil:
		detector := d.Faces()
		p.faces, made = append(p.faces, detector), detector
	}
	sub.Models = modelsOf(d, sub.Models)
	if d.Faces != nil {
		p.face = append(p.face, d.kinds()...)
	}
	if d.Scores {
		p.scored = append(p.scored, d.kinds()...)
	}
	if d.Closer {
		p.closer = append(p.closer, d.kinds()...)
	}
	if d.Embeds {
		p.compared = append(p.compared, d.kinds()...)
	}
	return p.laneSet.add(d, made, sub, start)
}

// Frame takes the next decoded picture. It reads it only until it returns.
// Pictures that are not due are only counted, and those older than what was
// already measured are left out.
func (p *Pipeline) Frame(f *vision.Frame) error {
	if err := f.Check(); err != nil {
		return fmt.Errorf("analysing: %w", err)
	}
	if f.At < p.now {
		p.stats.Late++
		return nil
	}
	if err := p.Advance(f.At); err != nil {
		return err
	}
	if p.state.muted {
		return nil // what a muted camera may still send is not measured
	}
	p.stats.Pictures++
	p.state.picture(f.At)
	if p.shown != "" {
		return p.unshown(f)
	}
	if f.Damaged {
		p.stats.Damaged++
		p.damage.note(f.At.Milliseconds())
	}
	if f.At >= p.nextPic {
		p.nextPic = f.At.Truncate(p.cfg.DetectEvery) + p.cfg.DetectEvery
		if err := p.measure(f); err != nil {
			return err
		}
	}
	if !f.Damaged && !p.dark && (p.gate.anyOn(p.face) || p.checking()) {
		if err := p.follow(f); err != nil {
			return err
		}
	}
	p.flush()
	return nil
}

// measure reads the link and the picture as a whole, and damaged pictures for
// all detectors.
func (p *Pipeline) measure(f *vision.Frame) error {
	at := f.At.Milliseconds()
	if err := p.late(f.At); err != nil {
		return err
	}
	late := p.state.overloaded(p.lastPic)
	p.lastPic = f.At
	p.refresh(at)
	if err := run(&p.laneSet, p.link, LinkReading{AtMS: at}, f); err != nil {
		return err
	}
	if p.viewing() && !f.Damaged {
		if err := p.giveStep(FaceReading{AtMS: at, Width: f.Width(), Height: f.Height(), Late: late}, f); err != nil {
			return err
		}
	}
	if f.Damaged {
		return p.blind(at, p.state.damage(f.At), f)
	}
	if p.dark = f.Brightness() < p.cfg.MinLight; p.dark {
		p.track.Reset()
		return p.blind(at, evidence.ReasonDark, f)
	}
	if p.searched && p.aside {
		return run(&p.laneSet, p.pics, PictureReading{AtMS: at, Reason: evidence.ReasonVague}, f)
	}
	return run(&p.laneSet, p.pics, PictureReading{AtMS: at, Thumb: newThumb(f.Image), Empty: p.searched && !p.followed}, f)
}

// blind tells all detectors that look at pictures that there is none to
// measure.
func (p *Pipeline) blind(atMS int64, why evidence.Reason, f *vision.Frame) error {
	p.searched = false
	if err := run(&p.laneSet, p.pics, PictureReading{AtMS: atMS, Reason: why}, f); err != nil {
		return err
	}
	return p.giveFaces(FaceReading{AtMS: atMS, Detected: true, Reason: why}, f)
}

// follow finds the faces of a picture if that is due, and where there are
// none, whether that says anything.
func (p *Pipeline) follow(f *vision.Frame) error {
	p.hurry(f.At)
	if !p.pace.due(f.At) {
		return nil
	}
	found, due, err := p.track.Process(f)
	if err != nil {
		return fmt.Errorf("finding faces at %v: %w", f.At, err)
	}
	if !due {
		return nil
	}
	late := p.state.overloaded(p.lastStep)
	p.step(f.At)
	p.searched, p.followed, p.aside = true, found.Main != nil, found.Elsewhere
	r := FaceReading{
		AtMS: f.At.Milliseconds(), Detected: found.Searched, Main: found.Main, Width: f.Width(), Height: f.Height(), Late: late,
	}
	if found.Main != nil && p.embed != nil && p.gate.anyOn(p.compared) {
		r.Embed = func(part identity.Part) (identity.Embedding, error) { return p.embed.Embed(f, found.Main, part) }
	}
	if found.Main != nil && p.gate.anyOn(p.gazing) {
		s := gaze.Config{}.Measure(found.Main, f, f.At)
		r.Gaze = &s
	}
	if live, ok := p.track.(scorer); ok && found.Main != nil && p.gate.anyOn(p.scored) {
		r.Live = func() (float64, error) { return live.Score(f, found.Main) }
	}
	if !p.gate.NoStills {
		r.Picture = f
	}
	r.PerSecond = p.pace.perSecond(p.cfg, p.followed)
	if !found.Searched {
		p.stats.Landmarks++
		return p.giveFaces(r, f)
	}
	p.stats.Searched++
	if small, ok := p.track.(smallSearcher); ok && p.pace.step <= 1 && p.gate.anyOn(p.closer) {
		r.Small = func(near vision.Rect) ([]vision.Face, error) { return small.Small(f, found.Main, near) }
	}
	if found.Main != nil {
		r.Faces = append(append(r.Faces, *found.Main), found.Others...)
	} else {
		switch {
		case found.TooDark:
			r.Reason = evidence.ReasonDark
		case found.Elsewhere:
			// The seats in a picture of several people may have changed.
			r.Reason = evidence.ReasonVague
		case laplacian(f.Image) < p.cfg.BlurVariance:
			r.Reason = evidence.ReasonBlur
		}
	}
	return p.giveFaces(r, f)
}

// giveFaces gives a reading of faces to the detectors on faces, and on to those
// of wider scope.
func (p *Pipeline) giveFaces(r FaceReading, f *vision.Frame) error {
	if p.checking() {
		if err := p.giveStep(r, f); err != nil {
			return err
		}
	}
	r = p.challenged(r)
	if p.steps.on == nil && p.held == nil {
		p.steps.before.take(r)
	}
	p.look(r)
	if err := run(&p.laneSet, p.faces, r, f); err != nil {
		return err
	}
	if err := p.showFaces(); err != nil {
		return err
	}
	if p.emit.Faces != nil {
		p.emit.Faces(r)
	}
	return nil
}

// step counts the measurements that were missed since the one before because
// pictures were dropped.
func (p *Pipeline) step(at time.Duration) {
	dropped := 0
	if p.state.overloaded(p.lastStep) {
		every := p.cfg.DetectEvery
		if p.followed {
			every = p.cfg.LandmarksEvery
		}
		every *= time.Duration(max(p.pace.step, 1))
		dropped = max(int((at-p.lastStep+every/2)/every)-1, 0)
		p.stats.Dropped += dropped
	}
	p.pace.read(at, dropped, p.cfg.LandmarksEvery)
	p.stats.Slowed = max(p.pace.step, 1)
	p.lastStep = at
}

// Advance tells that it is now this time: a source that sent nothing until
// then is read as such. Earlier pictures are left out from here on.
func (p *Pipeline) Advance(now time.Duration) error {
	for ; p.nextTick <= now; p.nextTick += tickEvery {
		if p.nextTick < p.now {
			continue
		}
		if err := p.tick(p.nextTick); err != nil {
			return err
		}
	}
	p.now = max(p.now, now)
	if err := p.stepUpTo(p.now); err != nil {
		return err
	}
	p.series.upTo(p.now, p.gate)
	return nil
}

// tick reads a source at an instant at which it sent no picture.
func (p *Pipeline) tick(at time.Duration) error {
	link, why := p.state.silent(at, p.cfg.SilentAfter)
	if !link {
		return nil
	}
	if p.shown != "" {
		why = p.shown
	}
	ms := at.Milliseconds()
	if why == evidence.ReasonLoss || why == evidence.ReasonOverload {
		p.damage.note(ms)
	}
	p.refresh(ms)
	err := run(&p.laneSet, p.link, LinkReading{
		AtMS: ms, SilentMS: (at - p.state.lastPicture).Milliseconds(), Muted: p.state.muted, Reason: why,
	}, nil)
	if err != nil {
		return err
	}
	if p.state.muted || p.state.disconnected || at-p.state.lastPicture >= time.Second {
		if why == "" {
			why = evidence.ReasonCameraOff
		}
		p.track.Reset()
		if err := p.blind(ms, why, nil); err != nil {
			return err
		}
	}
	p.flush()
	return nil
}

// late tells the time in which measurements were due and dropped.
func (p *Pipeline) late(at time.Duration) error {
	if at-p.lastPic <= maxStep || !p.state.overloaded(p.lastPic) {
		return nil
	}
	ms := (p.lastPic + maxStep).Milliseconds()
	for _, l := range p.order {
		if l.off == "" && l.seg.LastMS() <= ms {
			o := evidence.Observation{Kind: l.kind, AtMS: ms, Reason: evidence.ReasonOverload}
			if err := p.observe(l, o, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// run gives a reading to the detectors that take it and segments what they
// observe. The frame is nil where there is no picture.
func run[In any](p *laneSet, ds []Detector[In], in In, f *vision.Frame) error {
	for _, d := range ds {
		os, err := d.Detect(in)
		if err != nil {
			return fmt.Errorf("detecting: %w", err)
		}
		if err := p.observeAll(os, f); err != nil {
			return err
		}
	}
	return nil
}
