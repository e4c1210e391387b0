package analysis

import (
	"fmt"
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

// IdentityConfig sets the detector of another face than the enrolled one. The
// zero value of a field takes its default.
type IdentityConfig struct {
	// Every is the time between two comparisons of a face that stays in view,
	// default 2 s, at which they cost about 1 % of a core.
	Every time.Duration
	// Mismatch is the cosine of several pooled pictures with the enrolled face
	// at or below which it is another face, default 0.40; Match the one from
	// which it is the same, default 0.50. Between the two nothing changes.
	Mismatch, Match float64
	// Part is the cosine of the eyes' or the mouth's part alone from which the
	// same face is taken to be covered in part, default 0.60: not measurable.
	// With a mask painted over the face, three of four are above; two people
	// are in one of a hundred pairs.
	Part float64
	// Gate says which pictures are good enough.
	Gate identity.Gate
	// Enrol says how the template is made.
	Enrol identity.EnrolConfig
}

// Likeness of two faces, as cosines of the model's embeddings (models/README.md
// says how they were chosen).
const (
	identityMismatch = 0.40 // at or below which they are two people's
	identityMatch    = 0.50 // from which they are one person's
)

// Timing of comparisons.
const (
	enrolEvery = time.Second            // until somebody is enrolled
	quickEvery = 500 * time.Millisecond // after anything that may hide a switch
	patience   = time.Second            // how long to wait for a good picture when one is due
	unsteady   = 3 * time.Second        // for how long pictures may contradict each other
)

// Sizes of a run: pictures in a row that agree with each other.
const (
	runShort = 3 // pictures from which it is compared
	runSure  = 5 // from which it can be another person, over runSpan
	runSpan  = 2 * time.Second
	runPool  = 5 // the newest that are pooled
	// enrolKept pictures, at one a second, are kept until somebody is enrolled.
	enrolKept = 12
)

// Identity describes the detector that compares the face in view with the one
// enrolled at the beginning of the call.
func Identity(c IdentityConfig) Descriptor {
	c.Every = or(c.Every, 2*time.Second)
	c.Mismatch, c.Match, c.Part = or(c.Mismatch, identityMismatch), or(c.Match, identityMatch), or(c.Part, 0.60)
	c.Gate, c.Enrol = c.Gate.Defaults(), c.Enrol.Defaults()
	return Descriptor{
		Name: "identity", Scope: ScopeTrack, Embeds: true,
		Rules: []evidence.Rule{{
			Kind: evidence.IdentityMismatch, Measure: "similarity to the enrolled face", Below: true,
			On: c.Mismatch, Off: max(c.Match, c.Mismatch), MinLength: 1500 * time.Millisecond,
			MaxHole: 5 * time.Second, MaxStep: c.Every + unsteady,
		}, {
			// Told only when it is over, so it needs no length.
			Kind: evidence.IdentityChanged, Measure: "similarity to the face before", Below: true,
			On: c.Mismatch, Off: c.Mismatch, MaxHole: 0, MaxStep: c.Every + 2*unsteady,
		}},
		Faces: func() Detector[FaceReading] {
			return &identityDetector{cfg: c, enrol: identity.NewEnrolment(c.Enrol)}
		},
	}
}

// shot is a sample with the picture it is from, where one may be kept.
type shot struct {
	identity.Sample
	picture *vision.Frame
	face    *vision.Frame // cut out of it
}

// identityDetector compares the main face. What it keeps of the person is in
// memory only, and gone with the process.
type identityDetector struct {
	cfg   IdentityConfig
	enrol *identity.Enrolment

	next   time.Duration // when a comparison is due
	told   time.Duration // when something was observed last
	silent int           // pictures compared since, in vain
	gone   bool          // there was no face
	number int           // of faces at the last search
	width  int
	height int
	again  int // quick comparisons still to be made

	enrolled *vision.Frame // the best picture of the template
	other    *identity.Template
	run      []shot // pictures in a row that agree, oldest first
	first    time.Duration
	best     shot // of the run
	before   shot // the newest that agreed with the person of before

	differs bool // a mismatch is going on
	against int  // pictures of the newest mismatch
	most    int  // faces in view during it
	change  change

	kept kept // to be shown
}

// change is a switch from one face to another.
type change struct {
	before, after shot
	from, to      time.Duration
	frames        int
}

// both gives the observations of both kinds for the same reason.
func (d *identityDetector) both(at time.Duration, why evidence.Reason) []evidence.Observation {
	d.told, d.silent = at, 0
	d.read(evidence.SeriesPoint{AtMS: at.Milliseconds(), Reason: why})
	return append(observe(evidence.IdentityMismatch, at.Milliseconds(), 0, 0, why),
		observe(evidence.IdentityChanged, at.Milliseconds(), 0, 0, why)...)
}

// Detect compares the main face when that is due and the picture is good
// enough.
func (d *identityDetector) Detect(in FaceReading) ([]evidence.Observation, error) {
	at := time.Duration(in.AtMS) * time.Millisecond
	switch {
	case in.Reason != "":
		d.lost(at)
		return d.both(at, in.Reason), nil
	case in.Main == nil && !in.Detected:
		return nil, nil
	case in.Main == nil:
		d.lost(at)
		return d.both(at, evidence.ReasonNoFace), nil
	case in.Embed == nil:
		if !in.Detected {
			return nil, nil
		}
		return d.both(at, evidence.ReasonNotAvailable), nil
	}
	d.watch(in, at)
	if at < d.next {
		return d.waiting(in, at, ""), nil
	}
	if why := d.cfg.Gate.Check(in.Main); why != "" {
		return d.waiting(in, at, why), nil
	}
	e, err := in.Embed(identity.Whole)
	if err != nil {
		return nil, fmt.Errorf("comparing faces: %w", err)
	}
	if why := d.cfg.Gate.CheckEmbedding(e); why != "" {
		out := d.waiting(in, at, why)
		d.next = max(d.next, at-patience+quickEvery) // an embedding costs too much to try at every picture
		return out, nil
	}
	s := shot{Sample: identity.Sample{At: at, Vector: e.Vector, Score: identity.Score(in.Main)}}
	if d.wantsParts(s.Vector) {
		if err := s.parts(in.Embed); err != nil {
			return nil, fmt.Errorf("comparing faces: %w", err)
		}
	}
	if in.Picture != nil {
		s.picture, s.face = in.Picture.Clone(), cutFace(in.Picture, in.Main)
	}
	return d.compare(s, in.Main.Quality.Score), nil
}

// wantsParts tells whether the parts of a face are worth their cost: for the
// template, and where the face as a whole is unlike it.
func (d *identityDetector) wantsParts(v identity.Vector) bool {
	t, enrolled := d.enrol.Template()
	return !enrolled || identity.Cosine(t.Vector, v) < d.cfg.Match ||
		(d.other != nil && identity.Cosine(d.other.Vector, v) < d.cfg.Match)
}

// parts computes the embeddings of the two parts.
func (s *shot) parts(embed func(identity.Part) (identity.Embedding, error)) error {
	eyes, err := embed(identity.Eyes)
	if err != nil {
		return err
	}
	mouth, err := embed(identity.Mouth)
	if err != nil {
		return err
	}
	s.Eyes, s.Mouth = eyes.Vector, mouth.Vector
	return nil
}

// lost forgets the run: whoever comes next is looked at anew.
func (d *identityDetector) lost(at time.Duration) {
	d.gone, d.next = true, at
	if _, enrolled := d.enrol.Template(); enrolled {
		d.run = nil
	}
}

// watch makes a comparison due at once where something may hide a switch.
func (d *identityDetector) watch(in FaceReading, at time.Duration) {
	suspect := d.gone || d.width != in.Width || d.height != in.Height
	if in.Detected {
		suspect = suspect || d.number != len(in.Faces)
		d.number = len(in.Faces)
	}
	d.gone, d.width, d.height = false, in.Width, in.Height
	if suspect {
		d.next, d.again = min(d.next, at), runShort
	}
}

// waiting tells, where that is so, why no good picture came for too long.
func (d *identityDetector) waiting(in FaceReading, at time.Duration, why vision.Reason) []evidence.Observation {
	_, enrolled := d.enrol.Template()
	switch {
	case !in.Detected:
		return nil
	case !enrolled:
		return d.both(at, evidence.ReasonNoBaseline)
	case why == "" || at-max(d.next, d.told) < patience:
		return nil
	}
	return d.both(at, reasonOf(why))
}

// reasonOf names a face's fault the way coverage does.
func reasonOf(why vision.Reason) evidence.Reason {
	switch why {
	case vision.ReasonTooSmall:
		return evidence.ReasonSmall
	case vision.ReasonDark:
		return evidence.ReasonDark
	case vision.ReasonBright:
		return evidence.ReasonBright
	case vision.ReasonBlurred:
		return evidence.ReasonBlur
	case vision.ReasonTurned:
		return evidence.ReasonTurned
	case vision.ReasonCut:
		return evidence.ReasonCut
	case vision.ReasonUnconfirmed:
		return evidence.ReasonNoFace
	}
	return evidence.ReasonCovered
}

// Template is the enrolled face; ok is false as long as there is none.
func (d *identityDetector) Template() (t identity.Template, ok bool) { return d.enrol.Template() }

// Retake forgets who is enrolled: the next good pictures are enrolled instead.
func (d *identityDetector) Retake() { d.Forget() }

// Testify tells what a finding rests on: the template, the number of pictures,
// and the pictures of both faces.
func (d *identityDetector) Testify(f evidence.Finding) ([]evidence.Measure, []*vision.Frame) {
	var values []evidence.Measure
	var pictures []*vision.Frame
	if t, ok := d.enrol.Template(); ok && f.Kind == evidence.IdentityMismatch {
		values = []evidence.Measure{
			{Name: "pictures compared", Value: float64(d.against)},
			{Name: "faces in view (max)", Value: float64(d.most)},
			{Name: "enrolled from pictures", Value: float64(t.Frames)},
			{Name: "enrolled from", Value: t.From.Seconds(), Unit: "s"},
			{Name: "enrolled until", Value: t.To.Seconds(), Unit: "s"},
		}
		pictures = []*vision.Frame{d.enrolled, d.best.picture}
	} else if f.Kind == evidence.IdentityChanged {
		values = []evidence.Measure{
			{Name: "pictures compared", Value: float64(d.change.frames)},
			{Name: "last seen before", Value: d.change.from.Seconds(), Unit: "s"},
			{Name: "first seen after", Value: d.change.to.Seconds(), Unit: "s"},
		}
		pictures = []*vision.Frame{d.change.before.picture, d.change.after.picture}
	}
	return values, slices.DeleteFunc(pictures, func(f *vision.Frame) bool { return f == nil })
}

// Forget drops the template and all else that is kept of the person.
func (d *identityDetector) Forget() {
	*d = identityDetector{cfg: d.cfg, enrol: identity.NewEnrolment(d.cfg.Enrol)}
}

// DropPictures keeps the template and drops what shows the person.
func (d *identityDetector) DropPictures() {
	d.enrolled, d.best.picture, d.before.picture = nil, nil, nil
	d.change.before.picture, d.change.after.picture = nil, nil
	d.kept.faces, d.kept.compared = nil, nil
	for i := range d.run {
		d.run[i].picture, d.run[i].face = nil, nil
	}
}

// Close forgets everything.
func (d *identityDetector) Close() error {
	d.Forget()
	return nil
}
