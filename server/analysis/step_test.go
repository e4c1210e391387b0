package analysis

import (
	"math/rand/v2"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/vision"
)

// stepRig is a pipeline with a cast that keeps what steps give out.
type stepRig struct {
	*rig
	hints   []evidence.StepHint
	results []evidence.StepResult
	stills  int
}

func newStepRig(t *testing.T, acts []act, gate Gate) *stepRig {
	t.Helper()
	s := &stepRig{rig: &rig{t: t, findings: map[string]evidence.Finding{}}}
	c := &cast{acts: acts, r: rand.New(rand.NewPCG(1, 2))}
	cfg := Config{
		Detectors: []Descriptor{Identity(IdentityConfig{}), FaceAbsent(FaceAbsentConfig{}), FaceMultiple(FaceMultipleConfig{})},
		Steps:     Compliance(),
	}
	p, err := NewPipeline(cfg, c, evidence.Subject{Interview: "i", Participant: "p", Run: "test"}, gate, 0, Emit{
		Finding:    func(f evidence.Finding) { s.findings[f.ID] = f },
		Coverage:   func(c []evidence.Coverage) { s.coverage = append(s.coverage, c...) },
		Still:      func(evidence.Still, []byte) { s.stills++ },
		StepHint:   func(h evidence.StepHint) { s.hints = append(s.hints, h) },
		StepResult: func(r evidence.StepResult) { s.results = append(s.results, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Pipeline = p
	return s
}

// result is the only one there is.
func (s *stepRig) result() evidence.StepResult {
	s.t.Helper()
	if len(s.results) != 1 {
		s.t.Fatalf("%d results, want one: %+v", len(s.results), s.results)
	}
	return s.results[0]
}

func turnedLeft(f *vision.Face) { f.Pose.Yaw = 50 }

// TestStep has a head that turns to its left from 12 s to 14 s, and profiles
// that would be findings without the card.
func TestStep(t *testing.T) {
	acts := []act{{until: 12 * sec, who: personA}, {until: 14 * sec, who: noise, face: turnedLeft}, {until: 40 * sec, who: personA}}
	order := evidence.StepOrder{Step: "s1", Card: evidence.CardTurnLeft}
	for _, c := range []struct {
		name    string
		order   evidence.StepOrder
		gate    Gate
		act     func(s *stepRig)
		outcome evidence.StepOutcome
		reason  evidence.Reason
		endMS   int64
		stills  int
	}{
		{"done", order, Gate{}, nil, evidence.StepDone, "", 12300, 2},
		{"no pictures are kept", order, Gate{NoStills: true}, nil, evidence.StepDone, "", 12300, 0},
		{"the other side", evidence.StepOrder{Step: "s1", Card: evidence.CardTurnRight}, Gate{}, nil, evidence.StepNotSeen, "", 20000, 1},
		{"stopped before it was done", order, Gate{}, func(s *stepRig) { s.must(s.EndStep("s1", 11*sec)) }, evidence.StepNotSeen, "", 11000, 1},
		{"the limit is over", evidence.StepOrder{Step: "s1", Card: evidence.CardLookUp, LimitMS: 5000}, Gate{}, nil, evidence.StepNotSeen, "", 15000, 1},
		{"no consent", order, Gate{Refused: []evidence.Consent{evidence.ConsentFace}}, nil, evidence.StepNotChecked, evidence.ReasonNoConsent, 20000, 0},
		{"consent withdrawn", order, Gate{}, func(s *stepRig) {
			s.must(s.SetGate(Gate{Refused: []evidence.Consent{evidence.ConsentFace}}, 11*sec))
		}, evidence.StepNotChecked, evidence.ReasonNoConsent, 11000, 0},
		{"no check of this card", evidence.StepOrder{Step: "s1", Card: evidence.CardCheek}, Gate{}, nil, evidence.StepNotChecked, evidence.ReasonNotAvailable, 20000, 0},
		{"the camera goes off", order, Gate{}, func(s *stepRig) { s.must(s.SetMuted(true, 10*sec)) }, evidence.StepNotMeasurable, evidence.ReasonCameraOff, 20000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStepRig(t, acts, c.gate)
			s.frames(0, 10*sec, step)
			s.must(s.BeginStep(c.order, 10*sec))
			if c.act != nil && c.name != "the camera goes off" {
				s.frames(10*sec, 11*sec, step)
			}
			if c.act != nil {
				c.act(s)
			}
			s.frames(max(s.now, 10*sec), 20*sec, step)
			if len(s.results) == 0 {
				s.must(s.EndStep("another", 20*sec))
				s.must(s.EndStep("s1", 20*sec))
			}
			s.must(s.EndStep("s1", 20*sec)) // again: nothing
			s.must(s.Finish(21 * sec))
			r := s.result()
			if r.Outcome != c.outcome || r.Reason != c.reason || r.StartMS != 10000 || r.EndMS != c.endMS {
				t.Errorf("got %s %q, %d-%d ms, want %s %q until %d", r.Outcome, r.Reason, r.StartMS, r.EndMS, c.outcome, c.reason, c.endMS)
			}
			if r.Step != "s1" || r.Card != c.order.Card || r.Interview != "i" || r.Participant != "p" || r.Values == nil {
				t.Errorf("got %+v", r)
			}
			if len(r.Stills) != c.stills {
				t.Errorf("%d stills, want %d", len(r.Stills), c.stills)
			}
			for _, h := range s.hints {
				if h.Step != "s1" || h.Hint == "" {
					t.Errorf("hint %+v", h)
				}
			}
		})
	}
}

// TestCheckRatesAreThoseOfTheChecks holds that every check has its figures, and
// nothing else.
func TestCheckRatesAreThoseOfTheChecks(t *testing.T) {
	checks, rates := Compliance(), evidence.CheckRates
	if len(checks) != len(rates) {
		t.Errorf("%d checks, figures of %d", len(checks), len(rates))
	}
	for i := range min(len(checks), len(rates)) {
		r := rates[i]
		if r.Card != checks[i].Card || r.Idle < 50 || r.False > r.Idle || r.Missed > r.Acted {
			t.Errorf("figures %+v, want those of %s", r, checks[i].Card)
		}
	}
}

// TestChallengeIsNoFinding leaves the picture for 6 s while a card asks for
// that, and again without one.
func TestChallengeIsNoFinding(t *testing.T) {
	acts := []act{{until: 11 * sec, who: personA}, {until: 17 * sec, who: nobody}, {until: 26 * sec, who: personA}, {until: 30 * sec, who: nobody}, {until: 40 * sec, who: personA}}
	s := newStepRig(t, acts, Gate{})
	s.frames(0, 10*sec, step)
	s.must(s.BeginStep(evidence.StepOrder{Step: "s1", Card: evidence.CardStandBack}, 10*sec))
	s.frames(10*sec, 18*sec, step)
	s.must(s.EndStep("s1", 18*sec))
	s.frames(18*sec, 40*sec, step)
	s.must(s.Finish(40 * sec))
	got := s.list()
	if len(got) != 1 || got[0].Kind != evidence.FaceAbsent || got[0].StartMS < 25500 || got[0].StartMS > 26600 {
		t.Errorf("findings %+v, want one, of the absence at 26 s", got)
	}
	for _, k := range []evidence.Kind{evidence.FaceAbsent, evidence.IdentityMismatch, evidence.IdentityChanged} {
		for at, want := range map[time.Duration]string{9 * sec: "measured", 14 * sec: "not_measurable/challenge", 19 * sec: "not_measurable/challenge", 24 * sec: "measured"} {
			if state := stateAt(s.coverage, k, at); state != want {
				t.Errorf("%s at %v is %s, want %s", k, at, state, want)
			}
		}
	}
	if r := s.result(); r.Outcome != evidence.StepNotSeen {
		t.Errorf("%+v", r)
	}
}

// TestShowingADocument has a second face, as of a portrait, while a document is
// asked for.
func TestShowingADocument(t *testing.T) {
	acts := []act{{until: 10 * sec, who: personA}, {until: 20 * sec, who: personA, more: 1}, {until: 30 * sec, who: personA}}
	s := newStepRig(t, acts, Gate{})
	s.frames(0, 10*sec, step)
	s.must(s.BeginStep(evidence.StepOrder{Step: "id", Card: evidence.CardShowID}, 10*sec))
	s.frames(10*sec, 30*sec, step)
	s.must(s.Finish(30 * sec))
	if got := s.list(); len(got) != 0 {
		t.Errorf("findings %+v, want none", got)
	}
	if state := stateAt(s.coverage, evidence.FaceMultiple, 15*sec); state != "not_measurable/challenge" {
		t.Errorf("face.multiple at 15 s is %s", state)
	}
}

// TestOneStepAfterAnother begins a step while another goes on.
func TestOneStepAfterAnother(t *testing.T) {
	s := newStepRig(t, []act{{until: 40 * sec, who: personA}}, Gate{})
	s.frames(0, 5*sec, step)
	s.must(s.BeginStep(evidence.StepOrder{Step: "a", Card: evidence.CardLookUp}, 5*sec))
	s.frames(5*sec, 8*sec, step)
	s.must(s.BeginStep(evidence.StepOrder{Step: "b", Card: evidence.CardWindow}, 8*sec))
	s.frames(8*sec, 10*sec, step)
	s.must(s.Finish(10 * sec))
	if len(s.results) != 2 || s.results[0].Step != "a" || s.results[1].Step != "b" || s.results[1].EndMS != 10000 || s.results[1].Outcome != evidence.StepNotSeen {
		t.Errorf("%+v", s.results)
	}
}

// TestRetake enrols anew.
func TestRetake(t *testing.T) {
	s := newStepRig(t, []act{{until: 15 * sec, who: personA}, {until: 60 * sec, who: personB}}, Gate{})
	s.frames(0, 14*sec, step)
	s.must(s.Advance(15 * sec))
	s.Retake()
	s.frames(15*sec, 40*sec, step)
	s.must(s.Finish(40 * sec))
	if got := s.list(); len(got) != 0 {
		t.Errorf("findings %+v: the second face was enrolled, and is the same", got)
	}
	if state := stateAt(s.coverage, evidence.IdentityMismatch, 17*sec); state != "not_measurable/no_baseline" {
		t.Errorf("after the retake it is %s", state)
	}
}

// TestLiveStep runs steps through the child process: without an analysis, with
// a camera, and over a crash.
func TestLiveStep(t *testing.T) {
	m, n, _ := newManager(t, func(c *ManagerConfig) {
		c.Pipeline.Steps = []StepDescriptor{{Card: evidence.CardWindow, New: Compliance()[5].New}}
		c.RestartAfter = 10 * time.Millisecond
	})
	m.BeginStep("i1", evidence.StepOrder{Step: "early", Card: evidence.CardWindow})
	n.wait(t, "the result of a step without analysis", func() bool { return len(n.steps) == 1 })
	if r := n.steps[0]; r.Outcome != evidence.StepNotMeasurable || r.Reason != evidence.ReasonCameraOff || r.Interview != "i1" {
		t.Errorf("%+v", r)
	}
	epoch := time.Now()
	sink := m.Sink(media.Track{Interview: "i1", Participant: "p1", Role: "candidate", ID: "t1", Source: media.SourceCamera,
		MimeType: "video/VP8", ClockRate: 90000, PayloadType: 96, SSRC: 7, Epoch: epoch, RequestKeyFrame: func() {}})
	n.wait(t, "the start", func() bool { return len(n.started) == 1 })
	m.BeginStep("i1", evidence.StepOrder{Step: "one", Card: evidence.CardWindow})
	m.EndStep("i1", "one")
	n.wait(t, "the result of the first step", func() bool { return len(n.steps) == 2 })
	if r := n.steps[1]; r.Step != "one" || r.Outcome != evidence.StepNotMeasurable || r.Participant != "p1" {
		t.Errorf("%+v", r)
	}
	m.BeginStep("i1", evidence.StepOrder{Step: "two", Card: evidence.CardWindow})
	m.mu.Lock()
	s := m.sessions["i1"]
	m.mu.Unlock()
	s.tell(control{Do: "no such control"}) // the child ends over it
	n.wait(t, "the result of the step that was lost", func() bool { return len(n.steps) == 3 })
	if r := n.steps[2]; r.Step != "two" || r.Outcome != evidence.StepNotMeasurable || r.Reason != evidence.ReasonOutage {
		t.Errorf("%+v", r)
	}
	n.wait(t, "the restart", func() bool { l := m.Live(); return len(l) == 1 && l[0].Restarts == 1 && l[0].PID != 0 })
	m.BeginStep("i1", evidence.StepOrder{Step: "three", Card: evidence.CardWindow})
	sink.Close()
	if err := m.Finish("i1"); err != nil {
		t.Fatal(err)
	}
	if len(n.steps) != 4 || n.steps[3].Step != "three" {
		t.Errorf("at the end there are %d results", len(n.steps))
	}
	m.EndStep("i1", "three") // too late, and unknown: nothing happens
	m.EndStep("nowhere", "x")
}
