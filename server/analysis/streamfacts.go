package analysis

import (
	"math"
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/vision"
)

// StreamConfig sets the detector of facts about the candidate's streams. The
// zero value of a field takes its default.
type StreamConfig struct {
	// Repeats is the share of pictures, over four seconds, that must come again
	// at one distance in time; default 0.9.
	Repeats float64
	// Apart is by which factor what arrives must fall short of what the browser
	// said of the camera, in width, height or rate; default 1.9. Browsers halve
	// either where the network or the computer is slow.
	Apart float64
	// Spread is that of the times between pictures (from the tenth to the
	// ninetieth part of a hundred) as a share of the usual time, over ten
	// seconds; default 0.9: cameras at work gave 0.01 to 0.5 in Chromium.
	Spread float64
}

// spreadSeconds is over how long the times of pictures are looked at.
const spreadSeconds = 10

// StreamFacts describes the detector of what is plain to see of the candidate's
// streams: which devices they come from, whether they keep to what the browser
// says of them, and whether their pictures come again. It keeps the quality of
// the signal, second by second.
func StreamFacts(c StreamConfig) Descriptor {
	c.Repeats, c.Apart, c.Spread = or(c.Repeats, 0.9), or(c.Apart, 1.9), or(c.Spread, 0.9)
	const step = 3 * time.Second
	event := func(k evidence.Kind, measure string) evidence.Rule {
		return evidence.Rule{Kind: k, Measure: measure, On: 1, Off: 1, MaxStep: step}
	}
	return Descriptor{
		Name: "stream-facts", Scope: ScopeParticipant, Source: string(media.SourceCamera),
		Rules: []evidence.Rule{
			event(evidence.StreamVirtual, "devices named like programs"),
			event(evidence.StreamDevice, "changes of device"),
			{Kind: evidence.StreamSettings, Measure: "short of what the browser said, by a factor of", On: c.Apart, Off: 1.5,
				MinLength: 15 * time.Second, MinOff: 3 * time.Second, MaxHole: 10 * time.Second, MaxStep: step},
			{Kind: evidence.StreamRepeated, Measure: "share of pictures that come again", On: c.Repeats, Off: 0.6,
				MinLength: 3 * time.Second, MinOff: 2 * time.Second, MaxHole: 5 * time.Second, MaxStep: step},
			{Kind: evidence.StreamTimes, Measure: "spread of the times between pictures", On: c.Spread, Off: 0.6,
				MinLength: 5 * time.Second, MinOff: 3 * time.Second, MaxHole: 5 * time.Second, MaxStep: step},
		},
		Scene: func(*models.Set) (Detector[SceneReading], error) {
			return &streamFacts{cfg: c, quality: newSignalSeries()}, nil
		},
	}
}

// streamFacts is the state of one candidate's streams.
type streamFacts struct {
	cfg     StreamConfig
	quality *signalSeries
	loop    loopFinder

	devices map[string]evidence.FactPayload // the newest, by source
	changes map[string]int                  // by source, since the finding began
	seconds []StreamReading                 // the newest of the camera
	faces   int                             // readings since the second before
}

// Detect takes what the page says of devices, and every second of the streams.
func (d *streamFacts) Detect(in SceneReading) ([]evidence.Observation, error) {
	if f := in.Fact; f != nil {
		d.quality.fact(in.AtMS, *f)
		if f.Fact == evidence.FactDevice {
			return d.device(in.AtMS, *f), nil
		}
	}
	if in.Faces != nil && in.Faces.Reason == "" {
		d.faces++
	}
	if in.Stream == nil {
		return nil, nil
	}
	d.quality.add(*in.Stream)
	if in.Stream.Source != string(media.SourceCamera) {
		return nil, nil
	}
	d.quality.put("signal.face_readings", "readings/s", in.Stream.AtMS, float64(d.faces), "")
	d.faces = 0
	return d.second(in.AtMS, *in.Stream), nil
}

// device notes which device a source comes from.
func (d *streamFacts) device(at int64, f evidence.FactPayload) []evidence.Observation {
	if d.devices == nil {
		d.devices, d.changes = map[string]evidence.FactPayload{}, map[string]int{}
	}
	d.devices[f.Source] = f
	if f.Source == string(media.SourceCamera) {
		d.loop, d.seconds = loopFinder{}, nil
	}
	if !f.Changed {
		return nil
	}
	d.changes[f.Source]++
	return observe(evidence.StreamDevice, at, 1, 1, "")
}

// second observes all kinds once a second.
func (d *streamFacts) second(at int64, s StreamReading) []evidence.Observation {
	for _, p := range s.Pictures {
		d.loop.add(p)
	}
	d.seconds = append(d.seconds, s)
	if n := len(d.seconds); n > spreadSeconds {
		d.seconds = slices.Delete(d.seconds, 0, n-spreadSeconds)
	}
	out := observe(evidence.StreamDevice, at, 0, 1, "")
	if !s.Transport && len(d.devices) == 0 {
		out = observe(evidence.StreamDevice, at, 0, 0, evidence.ReasonNotAvailable) // a file tells of no devices
	}
	out = append(out, d.virtual(at)...)
	why := streamReason(s)
	out = append(out, d.settings(at, why)...)
	out = append(out, d.repeated(at, why)...)
	return append(out, d.times(at, why)...)
}

// streamReason is why pictures of a second say nothing of how they were made.
func streamReason(s StreamReading) evidence.Reason {
	switch {
	case s.Resampled:
		return evidence.ReasonNotAvailable
	case s.Dropped > 0:
		return evidence.ReasonOverload
	case s.Damage():
		return evidence.ReasonLoss
	case len(s.Pictures) == 0:
		return evidence.ReasonCameraOff
	}
	return ""
}

func (d *streamFacts) virtual(at int64) []evidence.Observation {
	if len(d.devices) == 0 {
		return observe(evidence.StreamVirtual, at, 0, 0, evidence.ReasonNotAvailable)
	}
	n := 0.0
	for _, f := range d.devices {
		if f.Virtual {
			n++
		}
	}
	return observe(evidence.StreamVirtual, at, n, 1, "")
}

// settings compares what arrives with what the browser said of the camera, both
// ways of holding a phone being the same.
func (d *streamFacts) settings(at int64, why evidence.Reason) []evidence.Observation {
	told, ok := d.devices[string(media.SourceCamera)]
	if why == "" && (!ok || told.Width == 0 || told.Height == 0) {
		why = evidence.ReasonNotAvailable
	}
	if why != "" {
		return observe(evidence.StreamSettings, at, 0, 0, why)
	}
	factor := d.shortBy(told)
	return observe(evidence.StreamSettings, at, factor, 1, "")
}

func (d *streamFacts) shortBy(told evidence.FactPayload) float64 {
	s := d.seconds[len(d.seconds)-1]
	long, short := float64(max(s.Width, s.Height, 1)), float64(max(min(s.Width, s.Height), 1))
	factor := max(float64(max(told.Width, told.Height))/long, float64(min(told.Width, told.Height))/short)
	if rate, ok := d.rate(); ok && told.FrameRate > 0 {
		factor = max(factor, told.FrameRate/rate)
	}
	return factor
}

// rate is the number of pictures a second over the time that is kept.
func (d *streamFacts) rate() (float64, bool) {
	n := 0
	for _, s := range d.seconds {
		n += len(s.Pictures)
	}
	return float64(n) / float64(len(d.seconds)), len(d.seconds) >= 3 && n > 0
}

func (d *streamFacts) repeated(at int64, why evidence.Reason) []evidence.Observation {
	s := d.loop.state()
	switch {
	case why != "":
	case !s.moves:
		why = evidence.ReasonStill
	case !s.known:
		why = evidence.ReasonNoBaseline
	}
	return observe(evidence.StreamRepeated, at, s.share, 1, why)
}

// times observes how evenly pictures follow each other.
func (d *streamFacts) times(at int64, why evidence.Reason) []evidence.Observation {
	var steps []float64
	previous := 0.0
	for _, s := range d.seconds {
		if s.Damage() {
			why = streamReason(s)
		}
		for _, p := range s.Pictures {
			if previous > 0 {
				steps = append(steps, p.AtMS-previous)
			}
			previous = p.AtMS
		}
	}
	if why == "" && (len(d.seconds) < spreadSeconds || len(steps) < 3*spreadSeconds) {
		why = evidence.ReasonNoBaseline
	}
	if why != "" {
		return observe(evidence.StreamTimes, at, 0, 0, why)
	}
	return observe(evidence.StreamTimes, at, spread(steps), 1, "")
}

// spread is the distance from the tenth to the ninetieth part of a hundred of
// values, as a share of their median.
func spread(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	median := sorted[n/2]
	if median <= 0 {
		return 0
	}
	return math.Max(sorted[n*9/10]-sorted[n/10], 0) / median
}

// Testify adds the numbers that explain a finding.
func (d *streamFacts) Testify(f evidence.Finding) (out []evidence.Measure, _ []*vision.Frame) {
	camera := d.devices[string(media.SourceCamera)]
	switch f.Kind {
	case evidence.StreamVirtual:
		for _, source := range []string{string(media.SourceCamera), string(media.SourceMicrophone)} {
			if d.devices[source].Virtual {
				out = append(out, evidence.Measure{Name: source, Value: 1})
			}
		}
	case evidence.StreamDevice:
		for _, source := range []string{string(media.SourceCamera), string(media.SourceMicrophone)} {
			if n := d.changes[source]; n > 0 {
				out = append(out, evidence.Measure{Name: "changes of the " + source, Value: float64(n)})
			}
		}
		if !f.Open {
			clear(d.changes)
		}
	case evidence.StreamSettings:
		if len(d.seconds) > 0 {
			s := d.seconds[len(d.seconds)-1]
			rate, _ := d.rate()
			out = append(out, evidence.Measure{Name: "width that was said", Value: float64(camera.Width), Unit: "px"},
				evidence.Measure{Name: "width that arrives", Value: float64(s.Width), Unit: "px"},
				evidence.Measure{Name: "pictures a second that were said", Value: camera.FrameRate},
				evidence.Measure{Name: "pictures a second that arrive", Value: math.Round(rate*10) / 10})
		}
	case evidence.StreamRepeated:
		s := d.loop.state()
		out = append(out, evidence.Measure{Name: "time after which they come again", Value: math.Round(s.lagMS) / 1000, Unit: "s"},
			evidence.Measure{Name: "difference between them", Value: s.diff, Unit: "grey levels of 255", Threshold: loopSame, Compare: "<="})
	}
	return out, nil
}

// Forget drops the prints of pictures.
func (d *streamFacts) Forget() { d.loop, d.seconds = loopFinder{}, nil }

// DropPictures does nothing: prints are kept for three minutes, and shown to
// nobody.
func (d *streamFacts) DropPictures() {}

// TakeSeries gives the quality of the signal.
func (d *streamFacts) TakeSeries() []evidence.Series { return d.quality.take() }

// Close does nothing.
func (d *streamFacts) Close() error { return nil }
