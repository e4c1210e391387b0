package analysis

import (
	"slices"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/speech"
	"bonafide/vision"
)

// SpeechConfig sets the detector of waits and pauses. The zero value of a field
// takes its default.
type SpeechConfig struct {
	// Baseline is what the candidate's own baseline is made of, and the floors.
	Baseline speech.BaselineConfig
}

// Speech describes the detector of waits before answers and of pauses within
// them, against the candidate's own in the first minute and a half of talk.
func Speech(c SpeechConfig) Descriptor {
	c.Baseline = c.Baseline.Defaults()
	return Descriptor{
		Name: "speech", Scope: ScopeInterview, Models: []string{models.SpeechVAD},
		Rules: []evidence.Rule{
			// Both are told when they are over, so they need no length.
			{Kind: evidence.SpeechLatency, Measure: "wait before the answer", On: c.Baseline.FloorWait, Off: c.Baseline.FloorWait, MaxStep: 2 * speechStep * time.Millisecond},
			{Kind: evidence.SpeechPause, Measure: "pause", On: c.Baseline.FloorPause, Off: c.Baseline.FloorPause, MaxStep: 2 * speechStep * time.Millisecond},
		},
		Scene: func(*models.Set) (Detector[SceneReading], error) {
			return newSpeechDetector(c), nil
		},
	}
}

// softFor is how long what is said after a soft question was begun belongs to
// it, in ms: nobody tells when the conversation moves on.
const softFor = 60_000

// speechStep is the time between two observations, in ms.
const speechStep = 1000

// speechDetector compares a candidate's waits and pauses with the baseline.
type speechDetector struct {
	talk  *talk
	base  *speech.Baseline
	told  [2]int64 // up to when latency and pause were observed
	wait  []beyond
	pause []beyond
	plots plots
}

// beyond is a wait or a pause that lies beyond the limit.
type beyond struct {
	fromMS, toMS int64
	seconds      float64
	about        []evidence.Measure
}

func newSpeechDetector(c SpeechConfig) *speechDetector {
	return &speechDetector{talk: newTalk(), base: speech.NewBaseline(c.Baseline), told: [2]int64{-1, -1}}
}

// Detect takes any reading, and about once a second tells what became sure: it
// lags behind by some seconds, and by a whole wait while one goes on.
func (d *speechDetector) Detect(r SceneReading) ([]evidence.Observation, error) {
	due := d.talk.take(r)
	if r.Mark != nil && r.Mark.Soft {
		d.base.Soft(r.Mark.AtMS, r.Mark.AtMS+softFor)
	}
	for i := range d.told {
		if d.told[i] < 0 {
			d.told[i] = r.AtMS
		}
	}
	if !due {
		return nil, nil
	}
	return d.look(false), nil
}

// Finish tells what was not sure yet: nothing more will be said.
func (d *speechDetector) Finish() []evidence.Observation { return d.look(true) }

// look evaluates the dialogue.
func (d *speechDetector) look(end bool) []evidence.Observation {
	d.learn(d.talk.dialogue.Look(end))
	d.plots.activity(d.talk.dialogue)
	upTo := [2]int64{d.talk.dialogue.UpTo(), d.talk.dialogue.UpTo()}
	if !end {
		upTo[0] = d.settled(speech.Asker)
		upTo[1] = d.settled(speech.Candidate)
	}
	out := d.observe(evidence.SpeechLatency, &d.told[0], &d.wait, upTo[0])
	return append(out, d.observe(evidence.SpeechPause, &d.told[1], &d.pause, upTo[1])...)
}

// settled is up to where nothing can come any more: while the side has just
// stopped speaking, not beyond that.
func (d *speechDetector) settled(waiting speech.Side) int64 {
	upTo := d.talk.dialogue.UpTo() - speech.SettleMS
	if side, since, ok := d.talk.dialogue.Open(); ok && side == waiting {
		upTo = min(upTo, since)
	}
	return upTo
}

// learn puts what became sure into the baseline, or compares it with that.
func (d *speechDetector) learn(h speech.Heard) {
	for _, r := range h.Responses {
		d.plots.response(r, d.base)
		if r.Reason != "" {
			continue
		}
		d.base.Begin(r.QuestionStartMS)
		seconds := r.WaitMS / 1000
		if d.base.Learning(r.AnswerStartMS) {
			d.base.AddWait(seconds)
			continue
		}
		usual, ok := d.base.Waits()
		// Where interviewers mark their questions, only those are questions.
		if !ok || seconds < usual.Limit || d.talk.dialogue.Asked() && !r.Marked {
			continue
		}
		d.wait = append(d.wait, beyond{r.QuestionEndMS, r.AnswerStartMS, seconds, append(aboutUsual(usual, seconds), aboutDelay(r)...)})
	}
	for _, p := range h.Pauses {
		seconds := float64(p.EndMS-p.StartMS) / 1000
		if d.base.Learning(p.AnswerStartMS) {
			d.base.AddPause(seconds)
			continue
		}
		if usual, ok := d.base.Pauses(); ok && seconds >= usual.Limit {
			d.pause = append(d.pause, beyond{p.StartMS, p.EndMS, seconds, aboutUsual(usual, seconds)})
		}
	}
	for _, a := range h.Answers {
		d.plots.answer(a)
	}
}

// aboutUsual says what a value was compared with.
func aboutUsual(u speech.Usual, seconds float64) []evidence.Measure {
	return []evidence.Measure{
		{Name: "against the candidate's own limit", Value: seconds, Unit: "s", Threshold: u.Limit, Compare: ">="},
		{Name: "candidate's own median", Value: u.Median, Unit: "s"},
		{Name: "candidate's own spread", Value: u.Spread, Unit: "s"},
		{Name: "values in the baseline", Value: float64(u.Count)},
	}
}

// aboutDelay says what of a wait was the network's.
func aboutDelay(r speech.Response) []evidence.Measure {
	marked := 0.0
	if r.Marked {
		marked = 1
	}
	out := []evidence.Measure{{Name: "marked as a question", Value: marked}}
	if !r.Delay.Known {
		return append(out, evidence.Measure{Name: "network delay subtracted (not known)", Value: 0, Unit: "ms"})
	}
	return append(out,
		evidence.Measure{Name: "round trip subtracted", Value: r.Delay.RoundTripMS, Unit: "ms"},
		evidence.Measure{Name: "jitter buffer subtracted", Value: r.Delay.BufferMS, Unit: "ms"})
}

// observe tells of one kind up to an instant.
func (d *speechDetector) observe(k evidence.Kind, told *int64, events *[]beyond, upTo int64) (out []evidence.Observation) {
	say := func(at int64, e *beyond) {
		if at < *told {
			return
		}
		o := evidence.Observation{Kind: k, AtMS: at, Quality: 1, Reason: d.reason(k, at)}
		if e != nil {
			o.Value, o.Reason = e.seconds, ""
		}
		if o.Reason != "" {
			o.Quality = 0
		}
		out = append(out, o)
		*told = at + 1
	}
	for _, e := range *events {
		d.plots.keep(e)
		for at := *told; at < e.fromMS; at += speechStep {
			say(at, nil)
		}
		for at := e.fromMS; at < e.toMS; at += speechStep {
			say(at, &e)
		}
		say(e.toMS, &e)
	}
	*events = nil
	for at := *told + speechStep - 1; at <= upTo; at += speechStep {
		say(at, nil)
	}
	return out
}

// reason tells why nothing can be said of an instant; "" where it can.
func (d *speechDetector) reason(k evidence.Kind, atMS int64) evidence.Reason {
	sides := []speech.Side{speech.Candidate}
	if k == evidence.SpeechLatency {
		sides = append(sides, speech.Asker)
	}
	for _, side := range sides {
		if !d.talk.dialogue.HasSide(side) {
			return evidence.ReasonNotAvailable
		}
		if state, why := d.talk.dialogue.State(side, atMS); state == speech.Unheard && why != "" {
			return why
		}
	}
	usual := d.base.Waits
	if k == evidence.SpeechPause {
		usual = d.base.Pauses
	}
	if _, ok := usual(); !ok || d.base.Learning(atMS) || !d.base.After(atMS) {
		return evidence.ReasonNoBaseline
	}
	return ""
}

// Close drops what is kept.
func (d *speechDetector) Close() error { return nil }

// Testify gives what a finding was compared with.
func (d *speechDetector) Testify(f evidence.Finding) ([]evidence.Measure, []*vision.Frame) {
	for _, e := range slices.Backward(d.plots.found) {
		if e.fromMS <= f.StartMS && f.StartMS <= e.toMS {
			return e.about, nil
		}
	}
	return nil, nil
}

// Forget drops everything kept of the voices.
func (d *speechDetector) Forget() {
	d.talk, d.base = newTalk(), speech.NewBaseline(d.base.Config())
	d.wait, d.pause, d.plots = nil, nil, plots{}
}

// DropPictures does nothing: there are none.
func (d *speechDetector) DropPictures() {}

// TakeSeries gives the plain numbers of the conversation.
func (d *speechDetector) TakeSeries() []evidence.Series { return d.plots.take(d.base) }
