package analysis

import (
	"math"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// signalSeries keeps the quality of the candidate's streams second by second.
type signalSeries struct {
	order []string
	of    map[string]*evidence.Series

	cameraLate, soundLate lateness
	previous              *StreamPicture
}

// lateness is the mean time from capture to arrival in one second.
type lateness struct {
	atMS  int64
	ms    float64
	known bool
}

func newSignalSeries() *signalSeries { return &signalSeries{of: map[string]*evidence.Series{}} }

func (q *signalSeries) put(name, unit string, at int64, value float64, why evidence.Reason) {
	s := q.of[name]
	if s == nil {
		s = &evidence.Series{SeriesPayload: evidence.SeriesPayload{Name: name}, SeriesPart: evidence.SeriesPart{Unit: unit}}
		q.of[name], q.order = s, append(q.order, name)
	}
	p := evidence.SeriesPoint{AtMS: at, Reason: why}
	if why == "" {
		p.Value = math.Round(value*100) / 100
	}
	s.Points = append(s.Points, p)
}

// fact keeps the round-trip time that the page told.
func (q *signalSeries) fact(at int64, f evidence.FactPayload) {
	if f.Fact == evidence.FactNetwork && f.RTTMS > 0 {
		q.put("signal.rtt", "ms", at, f.RTTMS, "")
	}
}

// add keeps one second of a stream.
func (q *signalSeries) add(s StreamReading) {
	at := s.AtMS
	sound := s.Source == string(media.SourceMicrophone)
	name := func(n string) string {
		if sound {
			return "signal.sound_" + n
		}
		return "signal." + n
	}
	if s.Transport {
		lost, why := 0.0, evidence.Reason("")
		if all := s.Packets + s.Lost; all > 0 {
			lost = 100 * float64(s.Lost) / float64(all)
		} else if why = evidence.ReasonLoss; s.Dropped > 0 {
			why = evidence.ReasonOverload
		}
		q.put(name("loss"), "%", at, lost, why)
		q.put(name("jitter"), "ms", at, s.JitterMS, why)
		late := lateness{at, s.LateMS, s.Packets > 0}
		if sound {
			q.soundLate = late
		} else {
			q.cameraLate = late
		}
		if q.soundLate.atMS == q.cameraLate.atMS && q.soundLate.known && q.cameraLate.known {
			q.put("signal.av_offset", "ms", at, q.cameraLate.ms-q.soundLate.ms, "")
		}
	}
	if s.Logged {
		q.put(name("missing"), "% of the time", at, 100*float64(s.MissingMS)/float64(max(s.LengthMS, 1)), "")
	}
	if !sound && !s.Resampled {
		q.pictures(s)
	}
}

// pictures keeps what is seen of a second of the camera.
func (q *signalSeries) pictures(s StreamReading) {
	damaged, twice, longest := 0, 0, 0.0
	var steps []float64
	for i := range s.Pictures {
		p := &s.Pictures[i]
		if p.Damaged {
			damaged++
		}
		if q.previous != nil {
			step := p.AtMS - q.previous.AtMS
			steps, longest = append(steps, step), max(longest, step)
			if p.Print != nil && q.previous.Print != nil && *p.Print == *q.previous.Print {
				twice++
			}
		}
		q.previous = p
	}
	n := float64(len(s.Pictures))
	q.put("signal.rate", "pictures/s", s.AtMS, n, "")
	if n == 0 {
		if q.previous != nil {
			longest = float64(s.AtMS+s.LengthMS) - q.previous.AtMS
		}
		q.put("signal.freeze", "ms", s.AtMS, longest, "")
		return
	}
	q.put("signal.freeze", "ms", s.AtMS, longest, "")
	q.put("signal.damaged", "%", s.AtMS, 100*float64(damaged)/n, "")
	q.put("signal.repeated", "%", s.AtMS, 100*float64(twice)/n, "")
	if len(steps) >= 3 {
		q.put("signal.interval_spread", "of the usual", s.AtMS, spread(steps), "")
	}
}

// take gives what was gathered since the last call.
func (q *signalSeries) take() []evidence.Series {
	var out []evidence.Series
	for _, name := range q.order {
		if s := q.of[name]; len(s.Points) > 0 {
			out = append(out, *s)
		}
	}
	q.order, q.of = nil, map[string]*evidence.Series{}
	return out
}
