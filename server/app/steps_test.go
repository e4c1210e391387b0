package app

import (
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// told notes what the analysis is told.
type told struct {
	mu   sync.Mutex
	list []string
}

func (c *told) BeginStep(interview string, o evidence.StepOrder) {
	c.add("begin " + interview + " " + o.Step)
}

func (c *told) EndStep(interview, step string) { c.add("end " + interview + " " + step) }

func (c *told) add(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, s)
}

func TestEveryStepHasOneResult(t *testing.T) {
	iv := interview.Interview{ID: "iv", Candidate: "cand"}
	order := func(step string) evidence.StepOrder {
		return evidence.StepOrder{Step: step, Card: evidence.CardLookUp, LimitMS: 1000}
	}
	stop := func(step string, how evidence.StepEnd) evidence.StepPayload {
		return evidence.StepPayload{Step: step, Kind: evidence.CardLookUp, StartMS: 100, EndMS: 900, Ended: how}
	}
	seen := func(step string, o evidence.StepOutcome) evidence.StepResult {
		return evidence.StepResult{Interview: "iv", Participant: "cand", Step: step, Outcome: o, StartMS: 110, EndMS: 800}
	}
	var mu sync.Mutex
	var kept []evidence.StepResult
	keep := func(r evidence.StepResult) {
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, r)
	}
	check := &told{}
	s := newSteps(check, keep)
	s.wait = time.Hour

	s.began(iv, order("a"), 100)
	s.result(seen("a", evidence.StepDone)) // ends by itself
	s.over(iv, stop("a", evidence.EndComplete))
	s.began(iv, order("b"), 100)
	s.over(iv, stop("b", evidence.EndCannot))
	s.result(seen("b", evidence.StepNotSeen)) // what somebody cannot do was not "not seen"
	s.result(seen("b", evidence.StepDone))    // a second one
	s.began(iv, order("c"), 100)
	s.over(iv, stop("c", evidence.EndStopped)) // no result before the end of the interview
	s.finish("iv")
	s.result(seen("c", evidence.StepDone))

	want := []struct {
		step    string
		outcome evidence.StepOutcome
		reason  evidence.Reason
	}{{"a", evidence.StepDone, ""}, {"b", evidence.StepCannotComply, ""}, {"c", evidence.StepNotChecked, evidence.ReasonOutage}}
	if len(kept) != len(want) {
		t.Fatalf("kept %+v", kept)
	}
	for i, w := range want {
		if r := kept[i]; r.Step != w.step || r.Outcome != w.outcome || r.Reason != w.reason || r.Participant != "cand" || r.EndMS == 0 {
			t.Errorf("kept %+v, want %+v", r, w)
		}
	}
	if !slices.Equal(check.list, []string{"begin iv a", "end iv a", "begin iv b", "end iv b", "begin iv c", "end iv c"}) {
		t.Errorf("the analysis was told %v", check.list)
	}

	// One that comes too late was given up.
	kept = nil
	s.wait = time.Millisecond
	s.began(iv, order("d"), 100)
	s.over(iv, stop("d", evidence.EndTime))
	for end := time.Now().Add(5 * time.Second); ; {
		mu.Lock()
		n := len(kept)
		mu.Unlock()
		if n == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no result was kept")
		}
		time.Sleep(time.Millisecond)
	}
	s.close()

	// What an earlier run of the server measured is lost, and that is said.
	kept = nil
	after := newSteps(check, keep)
	after.over(iv, stop("before", evidence.EndInterrupted))
	if len(kept) != 1 || kept[0].Outcome != evidence.StepNotChecked || kept[0].Reason != evidence.ReasonOutage {
		t.Errorf("after a crash %+v", kept)
	}

	// Without analysis it is said at once.
	kept = nil
	off := newSteps(nil, keep)
	off.began(iv, order("e"), 100)
	off.over(iv, stop("e", evidence.EndStopped))
	off.began(iv, order("f"), 100)
	off.over(iv, stop("f", evidence.EndCannot))
	if len(kept) != 2 || kept[0].Outcome != evidence.StepNotChecked || kept[0].Reason != evidence.ReasonNotAvailable || kept[1].Outcome != evidence.StepCannotComply {
		t.Errorf("without analysis %+v", kept)
	}
}
