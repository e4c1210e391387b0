// Package analysis measures a participant's media: it decodes what the relay
// hands it, samples the pictures, finds the faces once for all detectors, and
// turns what those observe into findings and coverage.
//
// The same Pipeline runs on a live track and on a kept file. Live, a Manager
// runs one child process per interview, so that a crash in native code cannot
// end a call: packets go in over its standard input, results come out of its
// standard output. Offline, AnalyzeFile feeds the Pipeline directly.
package analysis

import (
	"fmt"
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// Detector turns readings into observations of its kinds. It has one owner and
// gets its readings in the order of their time.
type Detector[In any] interface {
	// Detect gives the observations that a reading yields, none where it says
	// nothing. What could not be measured is an observation with a reason.
	Detect(in In) ([]evidence.Observation, error)
	Close() error
}

// Scope says what one instance of a detector looks at.
type Scope string

// The scopes. A detector of tracks looks at the candidate's camera. One of a
// participant gets all that is read of the candidate: sound, faces, facts. One
// of an interview gets the sound and the facts of everybody, beside the
// candidate's faces and the question marks.
const (
	ScopeTrack       Scope = "track"
	ScopeParticipant Scope = "participant"
	ScopeInterview   Scope = "interview"
)

// Descriptor is a detector's line in the list that the program is built with.
// Exactly one of its constructors is set: it tells which readings it takes.
type Descriptor struct {
	Name  string
	Scope Scope
	// Rules turn the observations of each of its kinds into findings.
	Rules []evidence.Rule

	Link    func() Detector[LinkReading]
	Picture func() Detector[PictureReading]
	Faces   func() Detector[FaceReading]
	// Scene is for the two wider scopes: readings of several tracks come in the
	// order of interview time. The models are open for as long as the detector
	// lives; sessions that it makes of them it closes.
	Scene func(*models.Set) (Detector[SceneReading], error)
	// Source is the media source that a wider detector's findings name; default
	// "microphone".
	Source string
	// Sees tells that a wider detector needs faces, so that they are looked for
	// where nothing else wants them.
	Sees bool
	// Gazes tells that a wider detector, which Sees, needs the direction of the
	// gaze in readings of faces.
	Gazes bool
	// Models names the models that a wider detector's findings rest on, beside
	// those of faces if it Sees.
	Models []string
	// Embeds tells that a detector on faces compares them: its readings can
	// give an embedding, and its findings name that model too.
	Embeds bool
	// Closer tells that a detector on faces searches a picture in tiles now and
	// then: its readings can do that, unless the machine is too slow.
	Closer bool
	// Scores tells that a detector on faces asks whether they look like a screen:
	// its readings can give that score, and its findings name that model too.
	//
	// Whoever has a better model of presentation attacks puts it here: a package
	// with a Scorer that takes a frame and a face, a row in models.Manifest, and a
	// detector whose readings call FaceReading.Live, which the engine binds to it.
	// A model of the whole picture, such as one of face swaps, is a detector on
	// FaceReading.Picture with its own Descriptor.
	Scores bool
}

// Gate says which kinds are not to be measured and why (no_consent or
// switched_off). A kind that is not in Off is measured.
type Gate struct {
	Off map[evidence.Kind]evidence.Reason `json:"off,omitempty"`
	// NoStills keeps pictures from being kept with findings: set it where
	// recording was refused.
	NoStills bool `json:"no_stills,omitempty"`
	// Heard names the participants whose sound may be measured: those who
	// agreed to that. Sound of others is never handed to the analysis process.
	Heard []string `json:"heard,omitempty"`
	// Refused is what the candidate did not agree to. Detectors of wider scope
	// get no readings of faces where it names that consent.
	Refused []evidence.Consent `json:"refused,omitempty"`
	// KeepTemplates tells that the candidate agreed to face templates being kept
	// after the interview. Without it none leaves the analysis process.
	KeepTemplates bool `json:"keep_templates,omitempty"`
}

// hears tells that a participant's sound may be measured.
func (g Gate) hears(participant string) bool { return slices.Contains(g.Heard, participant) }

// refuses tells that the candidate did not agree to something.
func (g Gate) refuses(c evidence.Consent) bool { return slices.Contains(g.Refused, c) }

// Config sets the pipeline. The zero value of a field means its default.
type Config struct {
	// Detectors is the list of what is measured; there is no default.
	Detectors []Descriptor `json:"-"`
	// Steps are the checks of the run-sheet's cards.
	Steps []StepDescriptor `json:"-"`
	// DetectEvery is the time between two face detections and the step of
	// everything that reads whole pictures; default 500 ms, at which detection
	// costs about 1 % of a core.
	DetectEvery time.Duration
	// LandmarksEvery is the time between two readings of the main face's
	// landmarks; default a twelfth of a second, so that the ten a second that
	// windows of gaze want come of a camera that loses some pictures too.
	LandmarksEvery time.Duration
	// SilentAfter is how long a source may send no pictures before that is a
	// reading of its own; default 500 ms.
	SilentAfter time.Duration
	// MinLight is the brightness (0 to 255) of the whole picture below which
	// one without a face, or a still one, is too dark to measure; default 12,
	// at which 11 of 15 faces in darkened photos are found.
	MinLight float64
	// BlurVariance is the variance of the Laplacian, at a width of 320 pixels,
	// below which a picture without a face is too blurred to measure; default
	// 0.6. In photos of groups blurred ever more no face was missed down to
	// 1.4, half of the pictures' faces at 0.9 to 0.5, and all at 0.48, where
	// nothing but the rounding of grey levels is left. A plain wall has more.
	BlurVariance float64
	// StillWidth is the width in pixels to which stills are scaled down;
	// default 960.
	StillWidth int
}

// defaults fills in what is not set.
func (c Config) defaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&c.DetectEvery, 500*time.Millisecond)
	set(&c.LandmarksEvery, time.Second/12)
	set(&c.SilentAfter, 500*time.Millisecond)
	if c.MinLight <= 0 {
		c.MinLight = 12
	}
	if c.BlurVariance <= 0 {
		c.BlurVariance = 0.6
	}
	if c.StillWidth <= 0 {
		c.StillWidth = 960
	}
	return c
}

// Validate checks the list of detectors and the rates.
func (c Config) Validate() error {
	if len(c.Detectors) == 0 {
		return fmt.Errorf("analysis: Detectors is empty, must name at least one detector")
	}
	c = c.defaults()
	if c.LandmarksEvery > c.DetectEvery {
		return fmt.Errorf("analysis: LandmarksEvery is %v, must be at most DetectEvery (%v)", c.LandmarksEvery, c.DetectEvery)
	}
	if c.DetectEvery > 2*time.Second {
		return fmt.Errorf("analysis: DetectEvery is %v, must be at most 2s", c.DetectEvery)
	}
	seen := map[evidence.Kind]string{}
	for _, d := range c.Detectors {
		if err := d.validate(); err != nil {
			return err
		}
		for _, r := range d.Rules {
			if err := r.Validate(); err != nil {
				return fmt.Errorf("analysis: detector %q: %w", d.Name, err)
			}
			if other, ok := seen[r.Kind]; ok {
				return fmt.Errorf("analysis: detectors %q and %q both measure %s", other, d.Name, r.Kind)
			}
			seen[r.Kind] = d.Name
		}
	}
	return nil
}

// validate tells what a descriptor lacks.
func (d Descriptor) validate() error {
	n := 0
	for _, set := range []bool{d.Link != nil, d.Picture != nil, d.Faces != nil} {
		if set {
			n++
		}
	}
	switch {
	case len(d.Rules) == 0:
		return fmt.Errorf("analysis: detector %q has no rule, must have at least one", d.Name)
	case d.Scope == ScopeTrack && (n != 1 || d.Scene != nil):
		return fmt.Errorf("analysis: detector %q of scope %q must have one constructor: Link, Picture or Faces", d.Name, d.Scope)
	case d.wide() && (n != 0 || d.Scene == nil):
		return fmt.Errorf("analysis: detector %q of scope %q must have the constructor Scene and no other", d.Name, d.Scope)
	case d.Scope != ScopeTrack && !d.wide():
		return fmt.Errorf("analysis: detector %q has the scope %q, must be %q, %q or %q", d.Name, d.Scope, ScopeTrack, ScopeParticipant, ScopeInterview)
	}
	return nil
}

// wide tells that a detector looks at more than one track.
func (d Descriptor) wide() bool { return d.Scope == ScopeParticipant || d.Scope == ScopeInterview }

// source is the media source that the detector's findings name.
func (d Descriptor) source() string {
	switch {
	case !d.wide():
		return string(media.SourceCamera)
	case d.Source != "":
		return d.Source
	}
	return string(media.SourceMicrophone)
}

func (d Descriptor) kinds() []evidence.Kind {
	out := make([]evidence.Kind, 0, len(d.Rules))
	for _, r := range d.Rules {
		out = append(out, r.Kind)
	}
	return out
}

// wide tells that some detector looks at more than one track.
func (c Config) wide() bool { return slices.ContainsFunc(c.Detectors, Descriptor.wide) }

// SourceOf names the media source on which a kind is measured; "camera" for
// one that no detector measures.
func (c Config) SourceOf(k evidence.Kind) string {
	for _, d := range c.Detectors {
		if slices.Contains(d.kinds(), k) {
			return d.source()
		}
	}
	return string(media.SourceCamera)
}

// Kinds lists the kinds that the detectors measure, in their order.
func (c Config) Kinds() []evidence.Kind {
	var out []evidence.Kind
	for _, d := range c.Detectors {
		out = append(out, d.kinds()...)
	}
	return out
}

// reason tells why a kind is off; "" if it is on.
func (g Gate) reason(k evidence.Kind) evidence.Reason { return g.Off[k] }

// anyOn reports whether one of the kinds is to be measured.
func (g Gate) anyOn(kinds []evidence.Kind) bool {
	return slices.ContainsFunc(kinds, func(k evidence.Kind) bool { return g.reason(k) == "" })
}

// maxStep is for how long one observation speaks: three missed in a row at
// two a second are a hole.
const maxStep = 1500 * time.Millisecond
