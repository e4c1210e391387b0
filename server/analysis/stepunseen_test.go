package analysis

import (
	"slices"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// TestUnseen has cards of which nothing is done, with the readings that a slow
// machine, or a slow camera, makes: where a hand could have passed, or a head
// have turned until it is lost, between two of them, nothing can be said.
func TestUnseen(t *testing.T) {
	const ms, length = time.Millisecond, 15 * sec
	type spell struct {
		until, every time.Duration
		late         bool    // pictures were dropped
		perSecond    float64 // readings due at a slower pace
	}
	steady := func(every time.Duration) []spell { return []spell{{until: length, every: every}} }
	hole := func(from, to time.Duration, late bool) []spell {
		return []spell{{until: from, every: 100 * ms}, {until: to, every: to - from}, {until: to + 1, every: 100 * ms, late: late}, {until: length, every: 100 * ms}}
	}
	const seen, overload, few = evidence.Reason(""), evidence.ReasonOverload, evidence.ReasonFewFrames
	for _, c := range []struct {
		name   string
		card   evidence.CardKind
		spells []spell
		reason evidence.Reason // "": not seen
	}{
		{"ten a second", evidence.CardHand, steady(100 * ms), seen},
		{"a camera of five", evidence.CardHand, steady(200 * ms), seen},
		{"a camera of three", evidence.CardHand, steady(300 * ms), few},
		{"half the pace", evidence.CardHand, []spell{{length, 200 * ms, false, 5}}, overload},
		{"half the pace", evidence.CardTurnLeft, []spell{{length, 200 * ms, false, 5}}, seen},
		{"a quarter", evidence.CardTurnLeft, []spell{{length, 400 * ms, false, 2.5}}, overload},
		{"a quarter", evidence.CardLookUp, []spell{{length, 400 * ms, false, 2.5}}, seen},
		{"a quarter for three seconds", evidence.CardTurnRight, []spell{{12 * sec, 100 * ms, false, 0}, {length, 400 * ms, false, 2.5}}, overload},
		{"late from the third second on, at the usual pace", evidence.CardTurnLeft, []spell{{3 * sec, 100 * ms, false, 0}, {length, 700 * ms, true, 0}}, overload},
		{"late, as often as needed", evidence.CardTurnLeft, []spell{{length, 300 * ms, true, 0}}, seen},
		{"a hole of three seconds", evidence.CardLookUp, hole(5*sec, 8*sec, true), overload},
		{"the same of the camera", evidence.CardStandBack, hole(5*sec, 8*sec, false), few},
		{"a hole of a second", evidence.CardTurnLeft, hole(5*sec, 6*sec, true), seen},
		{"nothing after four seconds", evidence.CardTurnLeft, []spell{{4 * sec, 100 * ms, false, 0}}, few},
		{"nothing in the last moment", evidence.CardHand, []spell{{length - 900*ms, 100 * ms, false, 0}}, seen},
	} {
		all := Compliance()
		check := all[slices.IndexFunc(all, func(d StepDescriptor) bool { return d.Card == c.card })].New(evidence.StepOrder{Step: "s"})
		main := &vision.Face{IOD: 60, Presence: 1, Landmarks: make([]vision.Point3, vision.LandmarkCount), Quality: vision.Quality{Score: 0.9}}
		at := time.Duration(0)
		for _, s := range c.spells {
			for ; at < s.until; at += s.every {
				in := FaceReading{AtMS: at.Milliseconds(), Main: main, Picture: (&rig{}).picture(at), Late: s.late, PerSecond: s.perSecond}
				if err := check.Take(in); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := evidence.StepNotMeasurable
		if c.reason == "" {
			want = evidence.StepNotSeen
		}
		if r, _ := check.Result(0, length); r.Outcome != want || r.Reason != c.reason {
			t.Errorf("%s, %s: %s %q, want %s %q", c.card, c.name, r.Outcome, r.Reason, want, c.reason)
		}
	}
}

// TestOverloadedStep has a machine that begins to drop pictures with a card, for
// a while that is shorter than what slows its pace.
func TestOverloadedStep(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to time.Duration // in which nothing but every seventh picture is read
		none     bool          // nor that
		outcome  evidence.StepOutcome
		reason   evidence.Reason
	}{
		{"never", 0, 0, false, evidence.StepNotSeen, ""},
		{"for eight seconds", 11 * sec, 19 * sec, false, evidence.StepNotMeasurable, evidence.ReasonOverload},
		{"for half a second", 11 * sec, 11*sec + 500*time.Millisecond, false, evidence.StepNotSeen, ""},
		{"until the end", 20 * sec, 25 * sec, true, evidence.StepNotMeasurable, evidence.ReasonOverload},
	} {
		s := newStepRig(t, []act{{until: 40 * sec, who: personA}}, Gate{NoStills: true})
		s.frames(0, 10*sec, step)
		s.must(s.BeginStep(evidence.StepOrder{Step: "s1", Card: evidence.CardTurnLeft}, 10*sec))
		for n, at := 0, 10*sec; at < 25*sec; n, at = n+1, at+step {
			if at >= c.from && at < c.to && (c.none || n%7 != 0) {
				s.Dropped(at)
				continue
			}
			s.must(s.Frame(s.picture(at)))
		}
		s.must(s.EndStep("s1", 25*sec))
		if r := s.result(); r.Outcome != c.outcome || r.Reason != c.reason {
			t.Errorf("%s: %s %q, want %s %q", c.name, r.Outcome, r.Reason, c.outcome, c.reason)
		}
	}
}

// TestHalfATurn has heads that turn some of the way.
func TestHalfATurn(t *testing.T) {
	for yaw, want := range map[float64]evidence.StepOutcome{10: evidence.StepNotSeen, 22: evidence.StepNotMeasurable, -22: evidence.StepNotSeen, 50: evidence.StepDone} {
		turned := func(f *vision.Face) { f.Pose.Yaw = yaw }
		s := newStepRig(t, []act{{until: 12 * sec, who: personA}, {until: 14 * sec, who: personA, face: turned}, {until: 40 * sec, who: personA}}, Gate{NoStills: true})
		s.frames(0, 10*sec, step)
		s.must(s.BeginStep(evidence.StepOrder{Step: "s1", Card: evidence.CardTurnLeft}, 10*sec))
		s.frames(10*sec, 20*sec, step)
		s.must(s.EndStep("s1", 20*sec))
		reason := evidence.Reason("")
		if want == evidence.StepNotMeasurable {
			reason = evidence.ReasonVague
		}
		if r := s.result(); r.Outcome != want || r.Reason != reason {
			t.Errorf("turned by %v degrees: %s %q, want %s %q", yaw, r.Outcome, r.Reason, want, reason)
		}
	}
}
