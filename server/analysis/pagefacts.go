package analysis

import (
	"math"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// Limits of what the candidate's page tells. It tells the state of the network
// every five seconds, and with it that it is there.
const (
	pageStep      = 12 * time.Second
	clockApart    = 2 // minutes from which a clock is apart: computers keep time within seconds
	resizedShare  = 0.1
	hiddenAtLeast = time.Second
)

// PageFacts describes the detector of what the candidate's page tells of
// itself. These are facts that a browser reported; a page can be changed by who
// runs it.
func PageFacts() Descriptor {
	event := func(k evidence.Kind, measure string) evidence.Rule {
		return evidence.Rule{Kind: k, Measure: measure, On: 1, Off: 1, MaxStep: pageStep}
	}
	return Descriptor{
		Name: "page-facts", Scope: ScopeParticipant, Source: "page",
		Rules: []evidence.Rule{
			{Kind: evidence.ClientHidden, Measure: "hidden, or another window in use", On: 1, Off: 1, MinLength: hiddenAtLeast, MaxStep: pageStep},
			event(evidence.ClientWindow, "changes of size"),
			{Kind: evidence.ClientScreens, Measure: "screens (2: more than one)", On: 2, Off: 2, MaxStep: pageStep, MaxHole: time.Minute},
			event(evidence.ClientClipboard, "uses"),
			{Kind: evidence.ClientClock, Measure: "minutes apart", On: clockApart, Off: clockApart / 2, MaxStep: pageStep, MaxHole: time.Minute},
			event(evidence.NetworkPath, "changes of path"),
		},
		Scene: func(*models.Set) (Detector[SceneReading], error) { return newPageFacts(), nil },
	}
}

// pageFacts is the newest that a page told.
type pageFacts struct {
	hidden, blurred bool
	window          evidence.FactPayload
	clock           evidence.FactPayload
	network         evidence.FactPayload
	clipboard       map[string]int // by what was done, since the finding began
	lastMS          int64
	hiddenMS        int64 // since the finding began
	blurredMS       int64
}

func newPageFacts() *pageFacts { return &pageFacts{clipboard: map[string]int{}} }

// Detect observes every kind with every fact: that one came tells that the page
// would have told of the others.
func (d *pageFacts) Detect(in SceneReading) ([]evidence.Observation, error) {
	f := in.Fact
	if f == nil || f.Fact == evidence.FactDevice {
		return nil, nil
	}
	at, events := in.AtMS, map[evidence.Kind]float64{}
	d.pass(at)
	var out []evidence.Observation
	if d.hidden || d.blurred {
		out = observe(evidence.ClientHidden, at, 1, 1, "") // it was up to now
	}
	switch f.Fact {
	case evidence.FactVisible:
		d.hidden = f.State == "hidden"
	case evidence.FactFocus:
		d.blurred = f.State == "blurred"
	case evidence.FactWindow:
		if resized(d.window, *f) {
			events[evidence.ClientWindow] = 1
		}
		d.window = *f
	case evidence.FactClipboard:
		d.clipboard[f.State]++
		events[evidence.ClientClipboard] = 1
	case evidence.FactNetwork:
		if f.Changed {
			events[evidence.NetworkPath] = 1
		}
		d.network = *f
	case evidence.FactClock:
		d.clock = *f
	}
	for _, k := range []evidence.Kind{evidence.ClientWindow, evidence.ClientClipboard, evidence.NetworkPath} {
		out = append(out, observe(k, at, events[k], 1, "")...)
	}
	hidden := 0.0
	if d.hidden || d.blurred {
		hidden = 1
	}
	out = append(out, observe(evidence.ClientHidden, at, hidden, 1, "")...)
	out = append(out, observe(evidence.ClientScreens, at, float64(d.window.Screens), 1, missing(d.window.Screens == 0))...)
	return append(out, observe(evidence.ClientClock, at, apart(d.clock), 1, missing(d.clock.Fact == ""))...), nil
}

// missing is the reason for something that the browser did not tell.
func missing(yes bool) evidence.Reason {
	if yes {
		return evidence.ReasonNotAvailable
	}
	return ""
}

// pass counts the time since the fact before.
func (d *pageFacts) pass(at int64) {
	if step := at - d.lastMS; step <= pageStep.Milliseconds() {
		if d.hidden {
			d.hiddenMS += step
		} else if d.blurred {
			d.blurredMS += step
		}
	}
	d.lastMS = at
}

// resized tells that a window is a tenth wider, narrower, higher or lower.
func resized(old, now evidence.FactPayload) bool {
	if old.Width == 0 || old.Height == 0 {
		return false
	}
	by := func(a, b int) float64 { return math.Abs(float64(a-b)) / float64(max(a, 1)) }
	return by(old.Width, now.Width) >= resizedShare || by(old.Height, now.Height) >= resizedShare
}

// apart is by how many minutes a clock differs from the server's, or its zone
// from that of the claimed place where there is one.
func apart(f evidence.FactPayload) float64 {
	minutes := math.Abs(float64(f.OffsetMS)) / 60_000
	if f.State == evidence.FactZoneClaimed {
		minutes = max(minutes, math.Abs(float64(f.ZoneMin-f.ClaimedZoneMin)))
	}
	return minutes
}

// Testify adds the numbers that explain a finding.
func (d *pageFacts) Testify(f evidence.Finding) (out []evidence.Measure, _ []*vision.Frame) {
	add := func(name string, v float64, unit string) {
		out = append(out, evidence.Measure{Name: name, Value: v, Unit: unit})
	}
	switch f.Kind {
	case evidence.ClientHidden:
		add("hidden", float64(d.hiddenMS)/1000, "s")
		add("another window in use", float64(d.blurredMS)/1000, "s")
		if !f.Open {
			d.hiddenMS, d.blurredMS = 0, 0
		}
	case evidence.ClientWindow:
		add("width now", float64(d.window.Width), "px")
		add("height now", float64(d.window.Height), "px")
	case evidence.ClientClipboard:
		for _, what := range evidence.ClipboardStates {
			if n := d.clipboard[what]; n > 0 {
				add(what, float64(n), "")
			}
		}
		if !f.Open {
			clear(d.clipboard)
		}
	case evidence.ClientClock:
		add("clock ahead of the server's", float64(d.clock.OffsetMS)/1000, "s")
		add("time zone, east of UTC", float64(d.clock.ZoneMin), "min")
		if d.clock.State == evidence.FactZoneClaimed {
			add("claimed place's, east of UTC", float64(d.clock.ClaimedZoneMin), "min")
		}
	case evidence.NetworkPath:
		add("round-trip time now", math.Round(d.network.RTTMS), "ms")
		relayed := 0.0
		if d.network.State == "relay" {
			relayed = 1
		}
		add("by a relay", relayed, "")
	}
	return out, nil
}

// Forget and DropPictures have nothing to drop.

// Forget does nothing.
func (d *pageFacts) Forget() {}

// DropPictures does nothing.
func (d *pageFacts) DropPictures() {}

// Close does nothing.
func (d *pageFacts) Close() error { return nil }
