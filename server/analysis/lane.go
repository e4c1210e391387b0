package analysis

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/opencv"
)

// stillQuality is the JPEG quality of stills, 0 to 100.
const stillQuality = 85

// laneSet is the lanes of a pipeline, with what decides over what they give out.
type laneSet struct {
	emit       Emit
	gate       Gate
	lanes      map[evidence.Kind]*lane
	order      []*lane
	witnesses  []Witness
	series     *seriesKeeper
	damage     damage
	stillWidth int
	held       []evidence.Kind // not measurable while a challenge goes on
	tiles      bool            // the pictures show other people too: their number says nothing
	// missed tells why a lane was not told of the time since its newest
	// observation. nil means packet_loss.
	missed func(*lane) evidence.Reason
}

func newLaneSet(cfg Config, gate Gate, start time.Duration, emit Emit) laneSet {
	return laneSet{
		emit: emit, gate: gate, lanes: map[evidence.Kind]*lane{}, damage: damage{}, stillWidth: cfg.StillWidth,
		series: newSeriesKeeper(start, emit.Series),
	}
}

// add makes the lanes of a detector's kinds. made is the detector.
func (p *laneSet) add(d Descriptor, made any, sub evidence.Subject, start time.Duration) error {
	witness, _ := made.(Witness)
	if witness != nil {
		p.witnesses = append(p.witnesses, witness)
	}
	source := p.series.add(made, sub, d)
	for _, r := range d.Rules {
		seg, err := evidence.NewSegmenter(r, sub, start.Milliseconds())
		if err != nil {
			return fmt.Errorf("analysis: detector %q: %w", d.Name, err)
		}
		l := &lane{
			kind: r.Kind, seg: seg, off: p.gate.reason(r.Kind), witness: witness, series: source,
			source: sub.Source, sees: d.Faces != nil || d.Sees,
		}
		p.lanes[r.Kind] = l
		p.order = append(p.order, l)
	}
	return nil
}

// observeAll segments what a detector observed. The frame is nil where there
// is no picture.
func (p *laneSet) observeAll(os []evidence.Observation, f *vision.Frame) error {
	for _, o := range os {
		l, ok := p.lanes[o.Kind]
		if !ok {
			return fmt.Errorf("a detector observed %s, which none of its rules is for", o.Kind)
		}
		if l.off != "" {
			continue
		}
		if slices.Contains(p.held, o.Kind) {
			o.Value, o.Quality, o.Reason = 0, 0, evidence.ReasonChallenge
		}
		if p.tiles && o.Reason == "" && (o.Kind == evidence.FaceMultiple || o.Kind == evidence.FaceLooksOver) {
			o.Value, o.Quality, o.Reason = 0, 0, evidence.ReasonOtherShown
		}
		// A detector that waited to be sure may speak of an earlier instant.
		o.AtMS = max(o.AtMS, l.seg.LastMS())
		if err := p.observe(l, o, f); err != nil {
			return err
		}
	}
	return nil
}

// setGate changes what is measured.
func (p *laneSet) setGate(g Gate) {
	p.series.takeAll(p.gate) // what came before was gathered under the old gate
	p.gate = g
	for _, l := range p.order {
		l.off = g.reason(l.kind)
		if g.NoStills {
			l.picture = nil
		}
	}
	for _, w := range p.witnesses {
		if g.NoStills {
			w.DropPictures()
		}
		if !slices.ContainsFunc(p.order, func(l *lane) bool { return l.witness == w && l.off == "" }) {
			w.Forget()
		}
	}
}

// explain tells a lane why nothing may have been told since its newest
// observation.
func (p *laneSet) explain(l *lane) {
	if p.missed != nil {
		l.seg.SetHole(p.missed(l))
	}
}

// look counts a reading of faces for the coverage of what rests on them.
func (p *laneSet) look(r FaceReading) {
	if r.Reason != "" {
		return
	}
	for _, l := range p.order {
		if l.sees && l.off == "" {
			l.seg.Slow(r.AtMS, r.PerSecond)
			l.seg.Look()
		}
	}
}

// finish closes what is open and ends coverage at an instant.
func (p *laneSet) finish(at time.Duration) error {
	for _, l := range p.order {
		p.explain(l)
		for _, f := range l.seg.Finish(at.Milliseconds()) {
			if err := p.report(l, f); err != nil {
				return err
			}
		}
	}
	p.series.takeAll(p.gate)
	p.flush()
	return nil
}

// lane is one kind's way from observations to findings.
type lane struct {
	kind evidence.Kind
	seg  *evidence.Segmenter
	off  evidence.Reason // why it is not measured; "" if it is

	source string // the media source it is measured on
	sees   bool   // it rests on readings of faces

	witness Witness       // nil if its detector is none
	series  *seriesSource // likewise

	picture  *vision.Frame // where the event going on began, until it is a finding
	stills   []evidence.Still
	pictured bool // the witness gave its pictures
}

// observe segments an observation and gives out the findings that changed,
// with a still of the picture at which the event began.
func (p *laneSet) observe(l *lane, o evidence.Observation, f *vision.Frame) error {
	p.explain(l)
	findings, err := l.seg.Add(o)
	if err != nil {
		return fmt.Errorf("segmenting: %w", err)
	}
	for _, finding := range findings {
		if err := p.report(l, finding); err != nil {
			return err
		}
	}
	start, going := l.seg.Pending()
	switch {
	case !going:
		l.forget()
	case start == o.AtMS && o.Reason == "" && f != nil && f.At.Milliseconds() == start && !p.gate.NoStills:
		l.forget()
		l.picture = f.Clone()
		// It may have become a finding with this very observation.
		for _, finding := range findings {
			if finding.StartMS == start {
				return p.report(l, finding)
			}
		}
	}
	return nil
}

// report gives out a finding, and its stills the first time.
func (p *laneSet) report(l *lane, f evidence.Finding) error {
	if l.witness != nil {
		more, pictures := l.witness.Testify(f)
		f.Values = append(f.Values, more...)
		for _, picture := range pictures {
			if l.pictured {
				break
			}
			if err := p.keep(l, picture); err != nil {
				return err
			}
		}
		l.pictured = true
	}
	if l.picture != nil && l.picture.At.Milliseconds() == f.StartMS {
		if err := p.keep(l, l.picture); err != nil {
			return err
		}
		l.picture = nil
	}
	f.Values = append(f.Values, p.damage.within(f)...)
	f.Stills = l.stills
	p.series.take(l.series, p.gate)
	p.emit.Finding(f)
	if !f.Open {
		l.forget()
	}
	return nil
}

func (l *lane) forget() { l.picture, l.stills, l.pictured = nil, nil, false }

// keep gives out a picture as a still of the finding going on, if that is
// allowed.
func (p *laneSet) keep(l *lane, f *vision.Frame) error {
	if p.gate.NoStills {
		return nil
	}
	still, data, err := makeStill(f, p.stillWidth)
	if err != nil {
		return fmt.Errorf("keeping a still of %s: %w", l.kind, err)
	}
	l.stills = append(l.stills, still)
	p.emit.Still(still, data)
	return nil
}

// makeStill encodes a picture and names it by its hash.
func makeStill(f *vision.Frame, width int) (evidence.Still, []byte, error) {
	data, err := opencv.JPEG(f, width, stillQuality)
	if err != nil {
		return evidence.Still{}, nil, err
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return evidence.Still{}, nil, fmt.Errorf("reading back a still: %w", err)
	}
	sum := sha256.Sum256(data)
	return evidence.Still{
		AtMS: f.At.Milliseconds(), SHA256: hex.EncodeToString(sum[:]), Width: size.Width, Height: size.Height,
	}, data, nil
}

// SetGate changes what is measured from this time on. A kind that is switched
// off ends its finding at once and is covered as not run.
func (p *Pipeline) SetGate(g Gate, at time.Duration) error {
	at = max(at, p.now)
	if err := p.Advance(at); err != nil {
		return err
	}
	p.setGate(g)
	p.forgetTemplates()
	if err := p.stepGate(at); err != nil {
		return err
	}
	p.track.Reset()
	p.searched = false
	p.refresh(at.Milliseconds())
	p.flush()
	return nil
}

// refresh tells the lanes that are switched off that they still are.
func (p *laneSet) refresh(atMS int64) {
	for _, l := range p.order {
		if l.off == "" {
			continue
		}
		for _, f := range l.seg.NotRun(atMS, l.off) {
			f.Stills = l.stills
			p.emit.Finding(f)
		}
		l.forget()
	}
}

// flush gives out the coverage that is complete.
func (p *laneSet) flush() {
	var out []evidence.Coverage
	for _, l := range p.order {
		out = append(out, l.seg.TakeCoverage()...)
	}
	if len(out) > 0 {
		p.emit.Coverage(out)
	}
}

// Present is the coverage going on, one interval of each kind, as far as it is
// known. It will be given out again when it is complete.
func (p *laneSet) Present() []evidence.Coverage {
	out := make([]evidence.Coverage, 0, len(p.order))
	for _, l := range p.order {
		if c, ok := l.seg.Present(); ok {
			out = append(out, c)
		}
	}
	return out
}

// Stats counts what was done so far.
func (p *Pipeline) Stats() Stats { return p.stats }

// Finish ends the pipeline at the given time: coverage ends there, and open
// findings are closed where they last held.
func (p *Pipeline) Finish(at time.Duration) error {
	at = max(at, p.now)
	if err := p.Advance(at); err != nil {
		return err
	}
	if err := p.late(at); err != nil {
		return err
	}
	if p.steps.on != nil {
		if err := p.endStep(at); err != nil {
			return err
		}
	}
	if err := p.finish(at); err != nil {
		return err
	}
	p.giveTemplates()
	for _, d := range p.link {
		d.Close()
	}
	for _, d := range p.pics {
		d.Close()
	}
	for _, d := range p.faces {
		d.Close()
	}
	return nil
}
