package analysis

import (
	"time"

	"bonafide/server/evidence"
	"bonafide/vision/identity"
)

// compare takes a good picture: it enrols, or observes how alike the run that
// it belongs to and the template are.
func (d *identityDetector) compare(s shot, quality float64) []evidence.Observation {
	_, had := d.enrol.Template()
	better := d.enrol.Add(s.Sample)
	if d.enrol.Open() {
		d.sampled(s.At, s.face, better)
	}
	t, ok := d.enrol.Template()
	if !ok {
		d.next = s.At + enrolEvery
		d.remember(s)
		return d.both(s.At, evidence.ReasonNoBaseline)
	}
	if !had {
		d.begin(t, s)
	} else if better && t.Best == s.At {
		d.enrolled = s.picture
	}
	d.extend(s)
	d.next = s.At + d.cfg.Every
	if len(d.run) < runSure || d.again > 0 {
		d.next = s.At + quickEvery
		d.again = max(d.again-1, 0)
	}
	if len(d.run) < runShort {
		if d.silent++; d.silent > runSure && s.At-d.told >= unsteady {
			return d.both(s.At, evidence.ReasonUnsteady)
		}
		return nil
	}
	d.told, d.silent = s.At, 0
	pooled := identity.PoolSamples(d.samples())
	value := identity.Cosine(t.Vector, pooled)
	d.measured(s, value, quality)
	if value <= d.cfg.Mismatch && t.PartLikeness(d.samples()) >= d.cfg.Part {
		return d.both(s.At, evidence.ReasonCovered)
	}
	var out []evidence.Observation
	if value <= d.cfg.Mismatch && !d.differs {
		// It holds since the run began.
		d.differs, d.against, d.most = true, len(d.run)-1, 0
		out = observe(evidence.IdentityMismatch, d.first.Milliseconds(), value, quality, "")
	}
	// The numbers of a mismatch stay until the next: its end is yet to be told.
	if d.differs = d.differs && value < d.cfg.Match; d.differs {
		d.against++
		d.most = max(d.most, d.number)
	}
	out = append(out, observe(evidence.IdentityMismatch, s.At.Milliseconds(), value, quality, "")...)
	return append(out, d.changed(t, pooled, s.At, quality)...)
}

// remember keeps the newest pictures until somebody is enrolled.
func (d *identityDetector) remember(s shot) {
	if d.run = append(d.run, s); len(d.run) > enrolKept {
		d.run = append(d.run[:0], d.run[1:]...)
	}
}

// begin is done once the template is made: the best of its pictures is kept,
// or the newest if that one is gone.
func (d *identityDetector) begin(t identity.Template, newest shot) {
	d.before, d.enrolled = newest, newest.picture
	for _, s := range d.run {
		if s.At == t.Best {
			d.enrolled = s.picture
		}
	}
	d.run = nil
}

// extend adds a picture to the run, or begins another one where it does not
// agree with it.
func (d *identityDetector) extend(s shot) {
	if len(d.run) > 0 && identity.Cosine(identity.PoolSamples(d.samples()), s.Vector) < d.cfg.Enrol.Agree {
		d.run = nil
	}
	if len(d.run) == 0 {
		d.first, d.best = s.At, s
	} else if s.Score > d.best.Score {
		d.best = s
	}
	if d.run = append(d.run, s); len(d.run) > runPool {
		d.run = append(d.run[:0], d.run[1:]...)
	}
}

// changed tells, once a run is sure to show another person than the one
// before, of the change since the run began. While that is open it tells
// nothing.
func (d *identityDetector) changed(enrolled identity.Template, pooled identity.Vector, at time.Duration, quality float64) []evidence.Observation {
	current := enrolled
	if d.other != nil {
		current = *d.other
	}
	value := identity.Cosine(current.Vector, pooled)
	newest := d.run[len(d.run)-1]
	if value > d.cfg.Mismatch {
		if value >= d.cfg.Match {
			d.before = newest
		}
		return observe(evidence.IdentityChanged, at.Milliseconds(), value, quality, "")
	}
	if d.other != nil && current.PartLikeness(d.samples()) >= d.cfg.Part {
		return observe(evidence.IdentityChanged, at.Milliseconds(), 0, 0, evidence.ReasonCovered)
	}
	if len(d.run) < runSure || at-d.first < runSpan {
		return nil
	}
	d.change = change{before: d.before, after: d.best, from: d.before.At, to: d.first, frames: len(d.run)}
	d.other, d.before = nil, newest
	if identity.Cosine(enrolled.Vector, pooled) < d.cfg.Match {
		t := identity.TemplateOf(d.samples())
		d.other = &t
	}
	return append(observe(evidence.IdentityChanged, d.first.Milliseconds(), value, quality, ""),
		observe(evidence.IdentityChanged, at.Milliseconds(), value, quality, "")...)
}

// samples are the run without its pictures.
func (d *identityDetector) samples() []identity.Sample {
	out := make([]identity.Sample, len(d.run))
	for i, s := range d.run {
		out[i] = s.Sample
	}
	return out
}
