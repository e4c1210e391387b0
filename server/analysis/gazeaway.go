package analysis

import (
	"time"

	"bonafide/server/evidence"
	"bonafide/vision/gaze"
)

// awayLeast is the share of the last minute in which the gaze must have been
// measured to tell how often it went aside.
const awayLeast = 0.5

// observeAway counts the visits to the place aside that the gaze returned to
// most in the last minute.
func (d *gazeDetector) observeAway(at time.Duration) []evidence.Observation {
	// Fixations are found in the newest samples: those found before may have
	// grown, and one longer than that becomes several at the same place.
	var recent []gaze.Sample
	for _, s := range d.samples {
		if s.At >= at-fixationsOver {
			recent = append(recent, s.Sample)
		}
	}
	d.places.Add(gaze.Fixations(recent))
	no := func(why evidence.Reason) []evidence.Observation {
		return observe(evidence.GazeOffScreen, at.Milliseconds(), 0, 0, why)
	}
	// Half a minute of samples is at hand, which stands for the minute.
	from := at - gaze.Window
	lost, in := tally{}, []gaze.Sample(nil)
	for _, s := range d.samples {
		if s.At >= from {
			in = append(in, s.Sample)
			if !s.OK() {
				lost.add(s.Reason)
			}
		}
	}
	_, measured, _ := gaze.Resample(in, max(from, min(d.began, at-gaze.Step)), at)
	if measured < awayLeast {
		return no(lost.most(d.few(from)))
	}
	if picturesPerSecond(in) < gazeRate {
		return no(d.few(from))
	}
	place, ok := d.places.Away(at - d.cfg.AwayOver)
	if !ok {
		return no(evidence.ReasonNoBaseline)
	}
	if place.Visits > 0 {
		d.away = place
	}
	if float64(place.Visits) >= d.cfg.Visits {
		d.series.visits(at, place.Stays)
	}
	quality := place.Quality
	if place.Visits == 0 {
		quality = 1
	}
	return observe(evidence.GazeOffScreen, at.Milliseconds(), float64(place.Visits), quality, "")
}

// fixationsOver is how far back fixations are looked for each time.
const fixationsOver = 10 * time.Second
