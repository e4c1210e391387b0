package identity

import (
	"slices"
	"time"
)

// Sample is one good picture of a face.
type Sample struct {
	At     time.Duration // interview time
	Vector Vector
	Score  float64 // as Score gives it
	// Eyes and Mouth are of those parts alone; nil where they were not computed.
	Eyes, Mouth Vector
}

// Template is what later faces are compared with: the mean of several samples
// of one person. It is biometric data and lives in memory only.
type Template struct {
	Vector   Vector
	Parts    [2]Vector     // Eyes and Mouth, nil without
	Frames   int           // samples it is the mean of
	From, To time.Duration // of the first and the last of them
	Best     time.Duration // when the best of them was taken
}

// EnrolConfig sets how a template is made. The zero value of a field takes its
// default.
type EnrolConfig struct {
	// MinFrames that agree, and MinSpan from the first to the last of them:
	// default 5, and 5 s.
	MinFrames int
	MinSpan   time.Duration
	// Agree is the least cosine between two samples of one person, default
	// 0.5: within a call the same person's are above 0.58 in 99 of 100 cases,
	// two people's never above 0.43.
	Agree float64
	// Keep is how many of the best samples make the template, default 10.
	Keep int
	// Within is for how long, of measured face time, a better sample takes the
	// place of a poorer one; default 60 s.
	Within time.Duration
}

// Defaults fills in every field that is zero.
func (c EnrolConfig) Defaults() EnrolConfig {
	if c.MinFrames == 0 {
		c.MinFrames = 5
	}
	if c.MinSpan == 0 {
		c.MinSpan = 5 * time.Second
	}
	if c.Agree == 0 {
		c.Agree = 0.5
	}
	if c.Keep == 0 {
		c.Keep = 10
	}
	if c.Within == 0 {
		c.Within = time.Minute
	}
	return c
}

const (
	// maxCandidates bounds the samples kept before they agree.
	maxCandidates = 30
	// maxStep is the longest time between two samples that counts as measured.
	maxStep = 2500 * time.Millisecond
)

// Enrolment makes a template of the face that is seen first for long enough,
// and betters it for a while. It has one owner.
type Enrolment struct {
	cfg     EnrolConfig
	samples []Sample // candidates, then those of the template
	done    bool
	tmpl    Template
	last    time.Duration // of the newest sample
	faced   time.Duration // measured face time
	began   bool
}

// NewEnrolment begins without a template.
func NewEnrolment(c EnrolConfig) *Enrolment { return &Enrolment{cfg: c.Defaults()} }

// Template is what is enrolled; ok is false as long as nobody is.
func (e *Enrolment) Template() (t Template, ok bool) { return e.tmpl, e.done }

// Samples are those that the template is made of, the best first; before there
// is one, those that it may be made of.
func (e *Enrolment) Samples() []Sample { return e.samples }

// Open tells whether a sample may still change the template.
func (e *Enrolment) Open() bool { return !e.done || e.faced <= e.cfg.Within }

// Add takes the next sample in order of time, and tells whether the template is
// another one now. Samples that do not agree with it are left out.
func (e *Enrolment) Add(s Sample) (changed bool) {
	if e.began {
		e.faced += min(max(s.At-e.last, 0), maxStep)
	}
	e.last, e.began = s.At, true
	if e.done {
		return e.better(s)
	}
	if e.samples = append(e.samples, s); len(e.samples) > maxCandidates {
		e.samples = e.samples[1:]
	}
	// Those that agree with the newest, and with each other.
	var group []Sample
	var vectors []Vector
	for _, c := range slices.Backward(e.samples) {
		if !slices.ContainsFunc(vectors, func(v Vector) bool { return Cosine(v, c.Vector) < e.cfg.Agree }) {
			group, vectors = append(group, c), append(vectors, c.Vector)
		}
	}
	slices.Reverse(group)
	if len(group) < e.cfg.MinFrames || s.At-group[0].At < e.cfg.MinSpan {
		return false
	}
	e.samples, e.done = group, true
	e.pick()
	return true
}

// better puts a sample in the place of the poorest, while there is time.
func (e *Enrolment) better(s Sample) bool {
	if !e.Open() || Cosine(s.Vector, e.tmpl.Vector) < e.cfg.Agree {
		return false
	}
	if len(e.samples) >= e.cfg.Keep && s.Score <= e.samples[len(e.samples)-1].Score {
		return false
	}
	e.samples = append(e.samples, s)
	e.pick()
	return true
}

// pick keeps the best samples and makes the template of them.
func (e *Enrolment) pick() {
	slices.SortStableFunc(e.samples, func(a, b Sample) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	e.samples = e.samples[:min(len(e.samples), e.cfg.Keep)]
	parts := e.tmpl.Parts
	if e.tmpl = TemplateOf(e.samples); parts[0] != nil {
		e.tmpl.Parts = parts // those of the beginning: later samples may have none
	}
}

// TemplateOf joins samples of one person, at least one.
func TemplateOf(samples []Sample) Template {
	best := samples[0]
	t := Template{Frames: len(samples), From: best.At, To: best.At}
	for _, s := range samples {
		t.From, t.To = min(t.From, s.At), max(t.To, s.At)
		if s.Score > best.Score {
			best = s
		}
	}
	t.Vector, t.Parts, t.Best = PoolSamples(samples), poolParts(samples), best.At
	return t
}

// PoolSamples joins the whole faces of several samples.
func PoolSamples(samples []Sample) Vector {
	vs := make([]Vector, len(samples))
	for i, s := range samples {
		vs[i] = s.Vector
	}
	return Pool(vs...)
}

func poolParts(samples []Sample) [2]Vector {
	var eyes, mouths []Vector
	for _, s := range samples {
		if s.Eyes != nil && s.Mouth != nil {
			eyes, mouths = append(eyes, s.Eyes), append(mouths, s.Mouth)
		}
	}
	return [2]Vector{Pool(eyes...), Pool(mouths...)}
}

// PartLikeness is the larger of the cosines of the two parts with the
// template's, pooled over the samples: high where the same face is covered in
// part. It is 0 where parts were not computed.
func (t Template) PartLikeness(samples []Sample) float64 {
	best := 0.0
	for i, v := range poolParts(samples) {
		best = max(best, Cosine(t.Parts[i], v))
	}
	return best
}
