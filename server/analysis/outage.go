package analysis

import (
	"time"

	"bonafide/server/evidence"
)

// book is what the parent knows of one interview's findings and coverage, so
// that it can close them when a child is gone. The session's goroutine owns it.
type book struct {
	interview string
	detectors []Descriptor
	events    Events
	run       string

	open     map[string]evidence.Finding
	lanes    map[laneKey]*laneCover
	order    []laneKey
	findings int
	start    time.Duration
	who      string // the participant
	lost     map[string]bool
}

type laneKey struct {
	participant, source string
	kind                evidence.Kind
}

// laneCover is one lane's coverage: complete up to a time, and what goes on.
type laneCover struct {
	until   int64
	present evidence.Coverage
}

func newBook(interview string, detectors []Descriptor, events Events) *book {
	return &book{
		interview: interview, detectors: detectors, events: events, run: evidence.RunLive,
		open: map[string]evidence.Finding{}, lanes: map[laneKey]*laneCover{}, lost: map[string]bool{},
	}
}

// sources notes the sources there are: each is analysed from its time on.
func (b *book) sources(known []knownSource) {
	for _, k := range known {
		if len(b.lanes) == 0 {
			b.start, b.who = k.since, k.open.Participant
		}
		for _, d := range b.detectors {
			if !d.wide() && k.open.Source != d.source() {
				continue
			}
			for _, kind := range d.kinds() {
				key := laneKey{k.open.Participant, d.source(), kind}
				if b.lanes[key] == nil {
					b.lanes[key] = &laneCover{until: k.since.Milliseconds()}
					b.order = append(b.order, key)
				}
			}
		}
	}
}

// finding passes a finding on, without stills that could not be kept.
func (b *book) finding(f evidence.Finding) {
	stills := f.Stills
	f.Stills = nil
	for _, s := range stills {
		if !b.lost[s.SHA256] {
			f.Stills = append(f.Stills, s)
		}
	}
	if _, known := b.open[f.ID]; !known {
		b.findings++
	}
	if f.Open {
		b.open[f.ID] = f
	} else {
		delete(b.open, f.ID)
	}
	b.events.Finding(f)
}

// coverage passes complete intervals on.
func (b *book) coverage(cs []evidence.Coverage) {
	for _, c := range cs {
		if k := b.lanes[laneKey{c.Participant, c.Source, c.Kind}]; k != nil {
			k.until = c.EndMS
			if k.present.StartMS < c.EndMS {
				k.present = evidence.Coverage{}
			}
		}
	}
	b.events.Coverage(cs)
}

// alive notes and passes on the coverage going on.
func (b *book) alive(cs []evidence.Coverage) {
	for _, c := range cs {
		if k := b.lanes[laneKey{c.Participant, c.Source, c.Kind}]; k != nil {
			k.present = c
		}
	}
	b.events.Present(b.interview, cs)
}

// crashed closes what a child left open: findings where they held last,
// coverage where it was known last.
func (b *book) crashed() {
	for id, f := range b.open {
		if k := b.lanes[laneKey{f.Participant, f.Source, f.Kind}]; k != nil && k.present.State == evidence.Measured {
			k.present.EndMS = max(k.present.EndMS, f.EndMS)
		}
		f.Open = false
		b.events.Finding(f)
		delete(b.open, id)
	}
	var out, now []evidence.Coverage
	for _, key := range b.order {
		k := b.lanes[key]
		if c := k.present; c.EndMS > c.StartMS && c.StartMS >= k.until {
			out = append(out, c)
			k.until = c.EndMS
		}
		k.present = evidence.Coverage{}
		now = append(now, b.hole(key, k.until, k.until))
	}
	if len(out) > 0 {
		b.events.Coverage(out)
	}
	b.events.Present(b.interview, now)
}

func (b *book) hole(key laneKey, from, to int64) evidence.Coverage {
	return evidence.Coverage{
		Interview: b.interview, Participant: key.participant, Source: key.source, Run: b.run, Kind: key.kind,
		State: evidence.NotRun, Reason: evidence.ReasonOutage, StartMS: from, EndMS: to,
	}
}

// outage covers the time from where things were known last to now as not run,
// and tells of it. Kinds that are switched off keep that reason.
func (b *book) outage(now time.Duration, why string, g Gate) {
	to := now.Milliseconds()
	from := int64(-1) // the time after which nothing was measured of any kind
	var out []evidence.Coverage
	for _, key := range b.order {
		k := b.lanes[key]
		for at := k.until; at < to; {
			end := min(at+evidence.CoverageChunk.Milliseconds(), to)
			c := b.hole(key, at, end)
			if why == outageLate {
				c.State, c.Reason = evidence.NotMeasurable, evidence.ReasonOverload
			}
			if off := g.reason(key.kind); off != "" {
				c.State, c.Reason = evidence.NotRun, off
			} else {
				from = max(from, k.until)
			}
			out = append(out, c)
			at = end
		}
		k.until = max(k.until, to)
	}
	if len(out) > 0 {
		b.events.Coverage(out)
	}
	if from >= 0 {
		b.events.Outage(b.interview, evidence.AnalysisPayload{
			Run: b.run, Participant: b.who, StartMS: from, EndMS: to, Reason: why,
		})
	}
}
