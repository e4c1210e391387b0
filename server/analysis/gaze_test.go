package analysis

import (
	"math"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/speech"
	"bonafide/vision"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// gazeRig is the gaze detector in a pipeline of its own, and what came out.
type gazeRig struct {
	*ScenePipeline
	t        *testing.T
	findings map[string]evidence.Finding
	coverage []evidence.Coverage
	series   []evidence.Series
}

func newGazeRig(t *testing.T, gate Gate) *gazeRig {
	t.Helper()
	r := &gazeRig{t: t, findings: map[string]evidence.Finding{}}
	d := Gaze(GazeConfig{})
	d.Models = nil // tests say where there is speech
	var err error
	r.ScenePipeline, err = NewScenePipeline(Config{Detectors: []Descriptor{d}}, nil, nil,
		evidence.Subject{Interview: "i1", Participant: "p1", Run: "test"}, gate, 0, Emit{
			Finding:  func(f evidence.Finding) { r.findings[f.ID] = f },
			Coverage: func(c []evidence.Coverage) { r.coverage = append(r.coverage, c...) },
			Series:   func(s []evidence.Series) { r.series = append(r.series, s...) },
		})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// look gives the gaze of one picture.
func (r *gazeRig) look(s gaze.Sample) {
	r.t.Helper()
	r.show(FaceReading{AtMS: s.At.Milliseconds(), Main: &vision.Face{}, Gaze: &s})
}

// show gives one reading of faces.
func (r *gazeRig) show(f FaceReading) {
	r.t.Helper()
	if err := r.Faces(f); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Advance(time.Duration(f.AtMS) * time.Millisecond); err != nil {
		r.t.Fatal(err)
	}
}

// follow gives the gaze of a trace in [from, to) at so many pictures a second.
func (r *gazeRig) follow(trace gazetest.Trace, from, to time.Duration, rate int) {
	for at := from; at < to; at += time.Second / time.Duration(rate) {
		r.look(gaze.Sample{At: at, Horizontal: trace.At(at - from), Opening: 0.3, Quality: 0.9})
	}
}

// talk tells who speaks: one of the two, all the time.
func (r *gazeRig) talk(from, to time.Duration, asks bool) {
	r.t.Helper()
	for at := from; at < to; at += 100 * time.Millisecond {
		for who, speaks := range map[string]bool{"p1": !asks, "p2": asks} {
			span := speech.Span{StartMS: at.Milliseconds(), EndMS: at.Milliseconds() + 100, State: speech.Silent}
			if speaks {
				span.State = speech.Speaking
			}
			role := roleInterviewer
			if who == "p1" {
				role = roleCandidate
			}
			if err := r.Add(SceneReading{AtMS: at.Milliseconds(), Participant: who, Role: role, Sound: &SoundReading{
				AtMS: span.StartMS, LengthMS: 100, PCM: make([]float32, SoundRate/10), Speech: []speech.Span{span},
			}}); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

func (r *gazeRig) finish(at time.Duration) []evidence.Finding {
	r.t.Helper()
	if err := r.Finish(at); err != nil {
		r.t.Fatal(err)
	}
	var out []evidence.Finding
	for _, f := range r.findings {
		out = append(out, f)
	}
	return out
}

// value is the number of a finding whose name begins like that.
func value(t *testing.T, f evidence.Finding, name string) evidence.Measure {
	t.Helper()
	for _, m := range f.Values {
		if strings.HasPrefix(m.Name, name) {
			return m
		}
	}
	t.Fatalf("no %q among %+v", name, f.Values)
	return evidence.Measure{}
}

func wide(seed uint64) gazetest.Trace {
	return gazetest.Reading(seed, 2*time.Minute, gazetest.ReadingStyle{Line: 20}).Wander(seed, 0.8, 1)
}

// Talk, then reading aloud, then talk: one finding that begins and ends where
// windows say so, with its numbers, its plot and its coverage.
func TestGazeReadingIsFound(t *testing.T) {
	r := newGazeRig(t, Gate{})
	talk := gazetest.Talking(9, 2*time.Minute).Wander(9, 0.8, 1)
	r.follow(talk, 0, 60*sec, 10)
	r.follow(gazetest.Reading(11, 2*time.Minute, gazetest.ReadingStyle{Line: 20, Aloud: true}).Wander(3, 0.8, 1), 60*sec, 120*sec, 10)
	r.follow(talk, 120*sec, 180*sec, 10)
	all := r.finish(180 * sec)
	if len(all) != 1 || all[0].Kind != evidence.GazeReading || all[0].Open {
		t.Fatalf("findings %+v, want one of reading", all)
	}
	f := all[0]
	if f.StartMS < 65_000 || f.StartMS > 100_000 || f.EndMS < 115_000 || f.EndMS > 150_000 {
		t.Errorf("found from %d to %d ms; somebody read from 60 to 120 s", f.StartMS, f.EndMS)
	}
	if f.Source != "camera" || f.Quality < 0.85 || f.Quality > 0.95 {
		t.Errorf("source %q, quality %v", f.Source, f.Quality)
	}
	if n := value(t, f, "sweeps back in the window"); n.Value < 5 || n.Value > 15 || !strings.Contains(n.Name, "left") {
		t.Errorf("%+v; lines of about 3 s were read leftwards", n)
	}
	if n := value(t, f, "spread"); n.Value < 14 || n.Value > 26 {
		t.Errorf("%+v; lines were 20° wide", n)
	}
	if n := value(t, f, "pictures measured"); math.Abs(n.Value-10) > 0.3 {
		t.Errorf("%+v, want 10", n)
	}
	if n := value(t, f, "share of the window"); n.Value != 0 {
		t.Errorf("%+v: nobody else was heard", n)
	}
	for at, want := range map[time.Duration]string{10 * sec: "not_measurable/too_short", 50 * sec: "measured", 110 * sec: "measured"} {
		if got := stateAt(r.coverage, evidence.GazeReading, at); got != want {
			t.Errorf("coverage at %v: %s, want %s", at, got, want)
		}
	}
	checkCoverage(t, r.coverage, []evidence.Kind{evidence.GazeReading, evidence.GazeOffScreen}, 0, 180_000)
	points, marks, elsewhere := map[string]int{}, 0, 0
	for _, s := range r.series {
		points[s.Name] += len(s.Points)
		for _, m := range s.Marks {
			marks++
			if m.StartMS < 60_000 || m.EndMS > 120_000 {
				elsewhere++ // a window reaches over half a minute
			}
		}
		if s.Source != "camera" || s.Participant != "p1" || s.Count != len(s.Points) {
			t.Errorf("series %+v", s.SeriesPayload)
		}
	}
	if n := points["gaze.horizontal"]; n < 1790 || n > 1800 || points["gaze.reading_score"] < 140 || marks < 10 || marks > 35 || elsewhere > marks/5 {
		t.Errorf("points %v, %d marks, %d where nobody read", points, marks, elsewhere)
	}
}

// Reading while the candidate listens is not looked for, and coverage says why.
func TestGazeWhileListening(t *testing.T) {
	r := newGazeRig(t, Gate{Heard: []string{"p1", "p2"}})
	for from := time.Duration(0); from < 150*sec; from += sec {
		r.talk(from, from+sec, from > 10*sec && from < 80*sec)
		r.follow(gazetest.Trace{Rate: 60, X: wide(5).X[int(from.Seconds())*60%5400:]}, from, from+sec, 10)
	}
	all := r.finish(150 * sec)
	if len(all) != 1 || all[0].StartMS < 100_000 {
		t.Fatalf("%+v; want one finding, after half a minute without the other's voice", all)
	}
	if n := value(t, all[0], "share of the window"); n.Value < 0.99 {
		t.Errorf("%+v, want 1", n)
	}
	if got := stateAt(r.coverage, evidence.GazeReading, 60*sec); got != "not_measurable/listening" {
		t.Errorf("coverage while the other speaks: %s", got)
	}
}

// Without consent nothing is kept or found; with it withdrawn, what was known
// is forgotten; and a reading without a face says so.
func TestGazeConsent(t *testing.T) {
	off := Gate{Off: map[evidence.Kind]evidence.Reason{
		evidence.GazeReading: evidence.ReasonNoConsent, evidence.GazeOffScreen: evidence.ReasonNoConsent,
	}}
	r := newGazeRig(t, off)
	r.follow(wide(7), 0, 90*sec, 10)
	if all := r.finish(90 * sec); len(all) != 0 || len(r.series) != 0 {
		t.Errorf("without consent: %d findings, %d series", len(all), len(r.series))
	}
	if got := stateAt(r.coverage, evidence.GazeReading, 80*sec); got != "not_run/no_consent" {
		t.Errorf("coverage is %s", got)
	}
	// The consent to faces is another one: without it the gaze is measured.
	r = newGazeRig(t, Gate{Refused: []evidence.Consent{evidence.ConsentFace}})
	r.follow(wide(7), 0, 90*sec, 10)
	if all := r.finish(90 * sec); len(all) != 1 {
		t.Errorf("without the consent to faces: %d findings, want one of reading", len(all))
	}
	r = newGazeRig(t, Gate{})
	r.follow(wide(7), 0, 25*sec, 10)
	if err := r.SetGate(off, 25*sec); err != nil {
		t.Fatal(err)
	}
	r.follow(wide(7), 25*sec, 26*sec, 10)
	if err := r.SetGate(Gate{}, 26*sec); err != nil {
		t.Fatal(err)
	}
	r.follow(wide(7), 26*sec, 50*sec, 10)
	for at := 50 * sec; at < 70*sec; at += 500 * time.Millisecond {
		if err := r.Faces(FaceReading{AtMS: at.Milliseconds(), Detected: true}); err != nil {
			t.Fatal(err)
		}
	}
	if all := r.finish(70 * sec); len(all) != 0 {
		t.Errorf("windows reached across the time without consent: %+v", all)
	}
	if got := stateAt(r.coverage, evidence.GazeReading, 68*sec); got != "not_measurable/no_face" {
		t.Errorf("coverage without a face: %s", got)
	}
}

// Looks aside to one place, again and again, are told with their direction;
// the same number of looks to all sides is not.
func TestGazeOffScreen(t *testing.T) {
	places := func(aside func(i int) float64) gazetest.Trace {
		tr := gazetest.Trace{Rate: 60}
		hold := func(x, seconds float64) {
			for range int(seconds * 60) {
				tr.X = append(tr.X, x+0.7*math.Sin(float64(len(tr.X))/9))
			}
		}
		hold(2, 40)
		for i := range 20 {
			hold(aside(i), 1.2)
			hold(2, 5)
		}
		return tr
	}
	r := newGazeRig(t, Gate{})
	r.follow(places(func(int) float64 { return 30 }), 0, 150*sec, 10)
	all := r.finish(150 * sec)
	if len(all) != 1 || all[0].Kind != evidence.GazeOffScreen || all[0].StartMS < 60_000 || all[0].StartMS > 90_000 {
		t.Fatalf("%+v; want one finding from the fifth look on", all)
	}
	if m := value(t, all[0], "direction from the usual place: right in the picture"); math.Abs(m.Value-28) > 2 {
		t.Errorf("%+v, want 28°", m)
	}
	if m := value(t, all[0], "visits"); m.Value < 8 || m.Threshold != 5 {
		t.Errorf("%+v", m)
	}
	points, marks := map[string]int{}, map[string]int{}
	for _, s := range r.series {
		points[s.Name] += len(s.Points)
		for _, m := range s.Marks {
			marks[s.Name]++
			if m.Name != "visit to the place aside" || m.EndMS-m.StartMS < 800 || m.EndMS-m.StartMS > 1600 {
				t.Errorf("%s: mark %+v; looks aside were 1.2 s long", s.Name, m)
			}
		}
	}
	if h, v := points["gaze.horizontal"], points["gaze.vertical"]; h < 1490 || v < 740 || v > 760 {
		t.Errorf("points %v, want 1500 of the horizontal and half as many of the vertical", points)
	}
	if h, v := marks["gaze.horizontal"], marks["gaze.vertical"]; h < 15 || h > 18 || v != h {
		t.Errorf("marks %v, want one of each look aside in both", marks)
	}
	if got := stateAt(r.coverage, evidence.GazeOffScreen, 10*sec); got != "not_measurable/no_baseline" {
		t.Errorf("coverage before the usual place is known: %s", got)
	}
	r = newGazeRig(t, Gate{})
	r.follow(places(func(i int) float64 { return []float64{30, -32, 22, -21, 44, -45}[i%6] }), 0, 150*sec, 10)
	if all := r.finish(150 * sec); len(all) != 0 {
		t.Errorf("looks to all sides: %+v", all)
	}
}
