package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"
)

// Rule turns observations of one kind into findings. Two thresholds keep a
// value that wavers about one of them from making many findings of one event.
type Rule struct {
	Kind    Kind
	Measure string // what the value is called in a finding, e.g. "faces"
	// On is the value at which a finding may begin, Off the one down to which
	// it goes on: both are "at least" or, with Below, "at most".
	On, Off float64
	Below   bool
	// MinLength is the measured time for which readings must hold before they
	// are a finding. Time bridged by MaxHole does not count towards it.
	MinLength time.Duration
	// MinOff is for how long readings must not hold before an open finding
	// ends; 0 ends it with the first.
	MinOff time.Duration
	// MaxHole is the longest spell without a measurement that a finding
	// bridges: one that holds before and after goes on.
	MaxHole time.Duration
	// MaxStep is the longest time for which one observation speaks. What
	// follows until the next is covered as not measurable (packet_loss).
	MaxStep time.Duration
}

// Validate tells which field of a rule makes no sense.
func (r Rule) Validate() error {
	if _, ok := Info(r.Kind); !ok {
		return fmt.Errorf("rule: kind %q does not exist", r.Kind)
	}
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("rule for %s: %s %s", r.Kind, field, fmt.Sprintf(format, args...))
	}
	switch {
	case math.IsNaN(r.On) || math.IsNaN(r.Off) || math.IsInf(r.On, 0) || math.IsInf(r.Off, 0):
		return bad("On and Off", "are %v and %v, must be finite", r.On, r.Off)
	case r.Below && r.Off < r.On:
		return bad("Off", "is %v, must be at least On (%v) where low values hold", r.Off, r.On)
	case !r.Below && r.Off > r.On:
		return bad("Off", "is %v, must be at most On (%v) where high values hold", r.Off, r.On)
	case r.MinLength < 0 || r.MinOff < 0 || r.MaxHole < 0:
		return bad("MinLength, MinOff and MaxHole", "are %v, %v and %v, must not be negative", r.MinLength, r.MinOff, r.MaxHole)
	case r.MaxStep <= 0:
		return bad("MaxStep", "is %v, must be positive", r.MaxStep)
	}
	return nil
}

// Subject says what a segmenter's findings and coverage are about.
type Subject struct {
	Interview   string
	Participant string
	Source      string // e.g. "camera"
	Run         string // RunLive, or the identifier of an offline run
	Models      []ModelRef
}

// Timing of what a segmenter gives out. A crash loses at most this much.
const (
	// CoverageChunk is the longest coverage interval: a longer spell is given
	// out in pieces.
	CoverageChunk = 60 * time.Second
	// GrowEvery is how often a growing finding is given out again.
	GrowEvery = 5 * time.Second
)

// Segmenter makes findings and coverage of one kind out of observations in
// the order of their time. It has one owner and is not safe for concurrent use.
type Segmenter struct {
	rule  Rule
	cover *Covering
	sub   Subject

	measured int64 // time of the newest measurement, holding or not

	begun  bool // an event is going on: pending or given out
	f      Finding
	opened bool  // it was given out
	told   int64 // EndMS that was given out last
	heldMS int64 // measured time for which it held
	solid  bool  // the newest observation held, so time to the next counts
	peak   float64
	sum    float64
	qsum   float64
}

// NewSegmenter makes a segmenter whose coverage begins at the given interview
// time.
func NewSegmenter(rule Rule, sub Subject, startMS int64) (*Segmenter, error) {
	if err := rule.Validate(); err != nil {
		return nil, err
	}
	return &Segmenter{rule: rule, sub: sub, cover: NewCovering(sub, rule.Kind, rule.MaxStep, startMS)}, nil
}

// Add takes the next observation and returns the findings it opened, let grow
// or closed. Observations of another kind, out of order, or without a finite
// value are refused.
func (s *Segmenter) Add(o Observation) ([]Finding, error) {
	switch {
	case o.Kind != s.rule.Kind:
		return nil, fmt.Errorf("observation of %s given to the segmenter of %s", o.Kind, s.rule.Kind)
	case o.AtMS < s.cover.last:
		return nil, fmt.Errorf("observation of %s at %d ms comes after one at %d ms", o.Kind, o.AtMS, s.cover.last)
	case o.Reason == "" && (math.IsNaN(o.Value) || math.IsInf(o.Value, 0)):
		return nil, fmt.Errorf("observation of %s at %d ms has the value %v, must be finite", o.Kind, o.AtMS, o.Value)
	}
	sincePrevious := o.AtMS - s.cover.last
	if o.Reason != "" {
		s.cover.Set(o.AtMS, NotMeasurable, o.Reason)
	} else {
		s.cover.Set(o.AtMS, Measured, "")
	}
	var out []Finding
	if s.begun && o.AtMS-s.measured > s.bridge(o) {
		out = s.end(out)
	}
	if o.Reason != "" {
		s.solid = false
		return out, nil
	}
	s.measured = o.AtMS
	if !s.holds(o.Value) {
		if s.begun && (!s.opened || o.AtMS-s.f.EndMS > s.rule.MinOff.Milliseconds()) {
			out = s.end(out)
		}
		s.solid = false
		return out, nil
	}
	return s.hold(o, sincePrevious, out), nil
}

// bridge is how far back the newest measurement may lie for the event to go
// on, in ms.
func (s *Segmenter) bridge(o Observation) int64 {
	if o.Reason != "" {
		return s.rule.MaxHole.Milliseconds()
	}
	return max(s.rule.MaxStep, s.rule.MaxHole).Milliseconds()
}

// holds compares a value with the threshold that counts now.
func (s *Segmenter) holds(v float64) bool {
	limit := s.rule.On
	if s.begun {
		limit = s.rule.Off
	}
	if s.rule.Below {
		return v <= limit
	}
	return v >= limit
}

// hold begins or extends an event by an observation that holds.
func (s *Segmenter) hold(o Observation, sincePrevious int64, out []Finding) []Finding {
	if !s.begun {
		info, _ := Info(s.rule.Kind)
		s.begun, s.opened, s.heldMS, s.sum, s.qsum = true, false, 0, 0, 0
		s.peak = o.Value
		s.f = Finding{
			ID: FindingID(s.sub, s.rule.Kind, o.AtMS), Interview: s.sub.Interview, Participant: s.sub.Participant,
			Source: s.sub.Source, Run: s.sub.Run, Kind: s.rule.Kind, Severity: info.Severity,
			StartMS: o.AtMS, Open: true, Models: s.sub.Models,
		}
	} else if s.solid && sincePrevious <= s.rule.MaxStep.Milliseconds() {
		s.heldMS += sincePrevious
	}
	s.solid = true
	s.f.EndMS = o.AtMS
	s.f.Samples++
	s.sum += o.Value
	s.qsum += o.Quality
	if s.rule.Below {
		s.peak = min(s.peak, o.Value)
	} else {
		s.peak = max(s.peak, o.Value)
	}
	switch {
	case !s.opened && s.heldMS >= s.rule.MinLength.Milliseconds():
		s.opened = true
	case s.opened && s.f.EndMS-s.told >= GrowEvery.Milliseconds():
	default:
		return out
	}
	return append(out, s.snapshot())
}

// end closes the event at the last instant at which it held.
func (s *Segmenter) end(out []Finding) []Finding {
	s.begun, s.solid = false, false
	if !s.opened {
		return out
	}
	s.f.Open = false
	return append(out, s.snapshot())
}

// snapshot is the finding as it stands.
func (s *Segmenter) snapshot() Finding {
	s.told = s.f.EndMS
	info, _ := Info(s.rule.Kind)
	compare, extreme := ">=", " (max)"
	if s.rule.Below {
		compare, extreme = "<=", " (min)"
	}
	n := float64(s.f.Samples)
	f := s.f
	f.Quality = s.qsum / n
	f.Values = []Measure{
		{Name: s.rule.Measure + extreme, Value: s.peak, Unit: info.Unit, Threshold: s.rule.On, Compare: compare},
		{Name: s.rule.Measure + " (mean)", Value: s.sum / n, Unit: info.Unit},
		{Name: "measured time", Value: float64(s.heldMS) / 1000, Unit: "s", Threshold: s.rule.MinLength.Seconds(), Compare: ">="},
	}
	return f
}

// NotRun tells that the kind is not measured from this instant on. An open
// finding is closed. It lasts until the next observation.
func (s *Segmenter) NotRun(atMS int64, reason Reason) []Finding {
	s.cover.Set(max(atMS, s.cover.last), NotRun, reason)
	if s.begun {
		return s.end(nil)
	}
	return nil
}

// Finish ends coverage at the given interview time and closes an open finding.
func (s *Segmenter) Finish(atMS int64) []Finding {
	s.cover.Finish(atMS)
	if s.begun {
		return s.end(nil)
	}
	return nil
}

// SetHole says why no observation tells of the time since the newest one:
// packet_loss unless this was called.
func (s *Segmenter) SetHole(why Reason) { s.cover.SetHole(why) }

// Slow tells that from this instant on the signal is looked at only perSecond
// times a second, since the machine is too slow for more; 0 ends that.
func (s *Segmenter) Slow(atMS int64, perSecond float64) { s.cover.Slow(atMS, perSecond) }

// Look counts that the signal was looked at once.
func (s *Segmenter) Look() { s.cover.Look() }

// Pending gives the start of the event going on, whether it is a finding yet
// or not.
func (s *Segmenter) Pending() (startMS int64, ok bool) { return s.f.StartMS, s.begun }

// Peak gives the value furthest beyond the threshold in the event going on.
func (s *Segmenter) Peak() float64 { return s.peak }

// LastMS is the time of the newest observation.
func (s *Segmenter) LastMS() int64 { return s.cover.last }

// TakeCoverage gives the coverage intervals completed since the last call.
func (s *Segmenter) TakeCoverage() []Coverage { return s.cover.Take() }

// Present is the coverage interval going on, as far as it reaches now.
func (s *Segmenter) Present() (Coverage, bool) { return s.cover.Present() }

// FindingID derives a finding's identifier from what makes it unique, so that
// the same run gives the same identifiers: 32 hex digits of a SHA-256.
func FindingID(sub Subject, kind Kind, startMS int64) string {
	h := sha256.New()
	for _, part := range []string{sub.Run, sub.Interview, sub.Participant, sub.Source, string(kind)} {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	fmt.Fprintf(h, "%d", startMS)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
