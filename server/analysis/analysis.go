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

	"bonafide/server/evidence"
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

// The scopes. Only tracks are scoped so far; detectors that need the voice
// beside the lips, or both sides of the conversation, get the wider ones.
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
	// Embeds tells that a detector on faces compares them: its readings can
	// give an embedding, and its findings name that model too.
	Embeds bool
}

// Gate says which kinds are not to be measured and why (no_consent or
// switched_off). A kind that is not in Off is measured.
type Gate struct {
	Off map[evidence.Kind]evidence.Reason `json:"off,omitempty"`
	// NoStills keeps pictures from being kept with findings: set it where
	// recording was refused.
	NoStills bool `json:"no_stills,omitempty"`
}

// Config sets the pipeline. The zero value of a field means its default.
type Config struct {
	// Detectors is the list of what is measured; there is no default.
	Detectors []Descriptor `json:"-"`
	// DetectEvery is the time between two face detections and the step of
	// everything that reads whole pictures; default 500 ms, at which detection
	// costs about 1 % of a core.
	DetectEvery time.Duration
	// LandmarksEvery is the time between two readings of the main face's
	// landmarks; default 100 ms, enough for a line sweep of the eyes.
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
	set(&c.LandmarksEvery, 100*time.Millisecond)
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
		n := 0
		for _, set := range []bool{d.Link != nil, d.Picture != nil, d.Faces != nil} {
			if set {
				n++
			}
		}
		if n != 1 || len(d.Rules) == 0 || d.Scope != ScopeTrack {
			return fmt.Errorf("analysis: detector %q must have scope %q, one constructor and at least one rule", d.Name, ScopeTrack)
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

// Kinds lists the kinds that the detectors measure, in their order.
func (c Config) Kinds() []evidence.Kind {
	var out []evidence.Kind
	for _, d := range c.Detectors {
		for _, r := range d.Rules {
			out = append(out, r.Kind)
		}
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
