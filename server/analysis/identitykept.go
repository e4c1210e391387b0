package analysis

import (
	"fmt"
	"image"
	"maps"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// What is kept of comparisons to be shown.
const (
	stripEvery  = 30 * time.Second // between two pictures of what was compared
	stripNear   = 3 * time.Second  // between two of comparisons near the threshold
	stripMargin = 0.05             // above Match that still counts as near
	stripMost   = 400              // pictures of one run
	seriesName  = "identity.similarity"
	// seriesSame is the least time between two readings that could not be
	// measured for the same reason.
	seriesSame  = time.Second
	maxReadings = 4096
)

// faceKeeper is a detector that has pictures of whom it enrolled and compared.
type faceKeeper interface {
	// TakeEnrolled gives the pictures of the template once when there is one, and
	// once more when it will not change any more, the best first.
	TakeEnrolled() (p evidence.EnrolledPayload, faces []*vision.Frame, ok bool)
	// TakeCompared gives the pictures of comparisons since the last call.
	TakeCompared() []comparedFace
}

// comparedFace is a comparison with its picture.
type comparedFace struct {
	about evidence.ComparedPayload
	face  *vision.Frame
}

// kept is what the detector of another face keeps to be shown.
type kept struct {
	faces    map[time.Duration]*vision.Frame // of the samples of the template, cut out
	told     int                             // 0 nothing, 1 the template, 2 the final one
	changed  bool                            // since it was told
	compared []comparedFace
	stripAt  time.Duration
	strips   int
	points   []evidence.SeriesPoint
}

// cutFace is the part of a picture with a face and its surroundings, of twice
// the face's size, in memory of its own.
func cutFace(f *vision.Frame, face *vision.Face) *vision.Frame {
	c, half := face.Box.Center(), max(face.Box.Width(), face.Box.Height(), 8)
	even := func(v float64) int { return int(v) / 2 * 2 } // the chroma has half the size
	r := image.Rect(even(c.X-half), even(c.Y-half), even(c.X+half), even(c.Y+half)).Add(f.Image.Rect.Min).Intersect(f.Image.Rect)
	if r.Dx() < 8 || r.Dy() < 8 {
		return f.Clone()
	}
	part := vision.Frame{Image: f.Image.SubImage(r).(*image.YCbCr), At: f.At}
	return part.Clone()
}

// sampled keeps the cut-out face of a sample for as long as the template may be
// made of it.
func (d *identityDetector) sampled(at time.Duration, face *vision.Frame, changed bool) {
	if d.kept.faces == nil {
		d.kept.faces = map[time.Duration]*vision.Frame{}
	}
	d.kept.changed = d.kept.changed || changed
	d.kept.faces[at] = face
	wanted := map[time.Duration]bool{}
	for _, s := range d.enrol.Samples() {
		wanted[s.At] = true
	}
	maps.DeleteFunc(d.kept.faces, func(at time.Duration, _ *vision.Frame) bool { return !wanted[at] })
}

// TakeEnrolled tells who was enrolled.
func (d *identityDetector) TakeEnrolled() (p evidence.EnrolledPayload, faces []*vision.Frame, ok bool) {
	t, enrolled := d.enrol.Template()
	final := enrolled && !d.enrol.Open()
	if !enrolled || d.kept.told == 2 || (d.kept.told == 1 && !final) {
		return p, nil, false
	}
	if d.kept.told == 1 && !d.kept.changed {
		d.kept.told = 2 // nothing better came: what was told stays
		return p, nil, false
	}
	d.kept.told, d.kept.changed = 1, false
	if final {
		d.kept.told = 2
	}
	for _, s := range d.enrol.Samples() {
		if f := d.kept.faces[s.At]; f != nil {
			faces = append(faces, f)
		}
	}
	if final {
		d.kept.faces = nil
	}
	return evidence.EnrolledPayload{Frames: t.Frames, FromMS: t.From.Milliseconds(), ToMS: t.To.Milliseconds(), Final: final}, faces, true
}

// TakeCompared gives the strip of what was compared.
func (d *identityDetector) TakeCompared() []comparedFace {
	out := d.kept.compared
	d.kept.compared = nil
	return out
}

// measured keeps a comparison: its number for the series, and a picture of it
// now and then.
func (d *identityDetector) measured(s shot, value, quality float64) {
	d.read(evidence.SeriesPoint{AtMS: s.At.Milliseconds(), Value: value, Quality: quality})
	wait := stripEvery
	if value < d.cfg.Match+stripMargin {
		wait = stripNear
	}
	if s.face == nil || d.kept.strips >= stripMost || (d.kept.strips > 0 && s.At-d.kept.stripAt < wait) {
		return
	}
	d.kept.strips, d.kept.stripAt = d.kept.strips+1, s.At
	d.kept.compared = append(d.kept.compared, comparedFace{evidence.ComparedPayload{
		AtMS: s.At.Milliseconds(), Similarity: value, Frames: len(d.run), Threshold: d.cfg.Mismatch,
	}, s.face})
}

// read keeps a reading of the series.
func (d *identityDetector) read(p evidence.SeriesPoint) {
	if n := len(d.kept.points); n > 0 && p.Reason != "" {
		last := d.kept.points[n-1]
		if last.Reason == p.Reason && p.AtMS-last.AtMS < seriesSame.Milliseconds() {
			return
		}
	}
	if len(d.kept.points) < maxReadings {
		d.kept.points = append(d.kept.points, p)
	}
}

// TakeSeries gives the similarity over time, with both thresholds.
func (d *identityDetector) TakeSeries() []evidence.Series {
	if len(d.kept.points) == 0 {
		return nil
	}
	s := evidence.Series{SeriesPayload: evidence.SeriesPayload{Name: seriesName}}
	s.Unit, s.Points = "cosine similarity", d.kept.points
	s.Lines = []evidence.Measure{
		{Name: "another face at or below", Value: d.cfg.Mismatch},
		{Name: "the same face from", Value: d.cfg.Match},
	}
	d.kept.points = nil
	return []evidence.Series{s}
}

// showFaces gives out the pictures of whom detectors enrolled and compared, as
// far as pictures may be kept.
func (p *Pipeline) showFaces() error {
	for _, d := range p.faces {
		k, ok := d.(faceKeeper)
		if !ok {
			continue
		}
		about := p.sub
		if e, faces, ok := k.TakeEnrolled(); ok && p.emit.Enrolled != nil {
			e.Interview, e.Participant, e.Source, e.Run, e.Models = about.Interview, about.Participant, about.Source, about.Run, about.Models
			for _, f := range faces {
				still, err := p.keepFace(f)
				if err != nil {
					return err
				}
				if still != nil {
					e.Stills = append(e.Stills, *still)
				}
			}
			p.templates.still = ""
			if len(e.Stills) > 0 {
				p.templates.still = e.Stills[0].SHA256
			}
			p.emit.Enrolled(e)
		}
		for _, c := range k.TakeCompared() {
			still, err := p.keepFace(c.face)
			if err != nil {
				return err
			}
			if still == nil || p.emit.Compared == nil {
				continue
			}
			e := c.about
			e.Interview, e.Participant, e.Source, e.Run, e.Models = about.Interview, about.Participant, about.Source, about.Run, about.Models
			e.Still = *still
			p.emit.Compared(e)
		}
	}
	return nil
}

// keepFace gives out a face as a still; nil where none may be kept.
func (p *Pipeline) keepFace(f *vision.Frame) (*evidence.Still, error) {
	if p.gate.NoStills {
		return nil, nil
	}
	still, data, err := makeStill(f, p.cfg.StillWidth)
	if err != nil {
		return nil, fmt.Errorf("keeping a still of a face: %w", err)
	}
	p.emit.Still(still, data)
	return &still, nil
}
