package analysis

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
)

// acted are clips of $BONAFIDE_EVAL/videos in which somebody does what a card
// asks for, found by looking at their pictures. All other clips show people who
// do something else: there every "done" is a false one.
var acted = map[string]evidence.CardKind{
	"intel/want.mkv": evidence.CardLookUp, // raises the head at 0.4 s
	"intel/walk.mkv": evidence.CardLookUp, // raises and tilts it at 2.4 s
}

// trialLength is the length of one trial: a card is on the screen for about so
// long.
const trialLength = 15 * time.Second

// every runs all checks at once, anew for every trial.
type every struct {
	cards  []StepDescriptor
	checks []StepCheck
	from   time.Duration
	trials []trial
}

// trial is what one check said of one stretch of a clip.
type trial struct {
	card     evidence.CardKind
	from, to time.Duration
	result   evidence.StepResult
}

func (e *every) Take(in FaceReading) error {
	at := time.Duration(in.AtMS) * time.Millisecond
	if e.checks == nil || at-e.from >= trialLength {
		e.end(at)
		for _, d := range e.cards {
			e.checks = append(e.checks, d.New(evidence.StepOrder{}))
		}
		e.from = at
	}
	for _, c := range e.checks {
		if err := c.Take(in); err != nil {
			return err
		}
	}
	return nil
}

// end closes the trials that go on, if they were long enough to mean anything.
func (e *every) end(at time.Duration) {
	for i, c := range e.checks {
		r, _ := c.Result(e.from, at)
		if at-e.from >= time.Second {
			e.trials = append(e.trials, trial{e.cards[i].Card, e.from, at, r})
		}
	}
	e.checks = nil
}

func (e *every) Hint() evidence.StepHint { return evidence.StepHint{} }
func (e *every) Complete() bool          { return false }
func (e *every) Close() error            { return nil }
func (e *every) Result(_, _ time.Duration) (evidence.StepResult, []StepPicture) {
	return evidence.StepResult{Outcome: evidence.StepNotSeen}, nil
}

// TestEvalCompliance gives every clip of $BONAFIDE_EVAL/videos to the checks of
// the challenge cards, 15 seconds at a time. It prints what they say and
// asserts nothing.
func TestEvalCompliance(t *testing.T) {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: the checks of the cards are not measured on real people (make eval DATA=<folder>)")
	}
	dir = filepath.Join(dir, "videos")
	clips, err := filepath.Glob(filepath.Join(dir, "*", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ trials, done, unmeasured, acted, actedDone int }
	counts := map[evidence.CardKind]*count{}
	for _, clip := range clips {
		name := strings.TrimPrefix(clip, dir+"/")
		e, err := trials(clip)
		if err != nil {
			t.Log(name, err)
			continue
		}
		for _, r := range e.trials {
			if counts[r.card] == nil {
				counts[r.card] = &count{}
			}
			c, done := counts[r.card], r.result.Outcome == evidence.StepDone
			switch {
			case acted[name] == r.card && done:
				c.acted, c.actedDone = c.acted+1, c.actedDone+1
			case acted[name] == r.card:
				c.acted++
			case r.result.Outcome == evidence.StepNotMeasurable:
				c.unmeasured++
			default:
				c.trials++
			}
			if done && acted[name] != r.card {
				c.done++
				fmt.Printf("done without being asked: %s on %s, %.1f-%.1f s, %v\n", r.card, name, r.from.Seconds(), r.to.Seconds(), r.result.Values)
			}
		}
	}
	fmt.Printf("\n%-18s %-32s %-14s %s\n", "card", "done without being asked", "not measurable", "done when it was done (real)")
	for _, d := range Compliance() {
		if c := counts[d.Card]; c != nil {
			fmt.Printf("%-18s %-32s %-14d %d of %d\n", d.Card, wilson(c.done, c.trials), c.unmeasured, c.actedDone, c.acted)
			if r := rateOf(d.Card); r.False != c.done || r.Idle != c.trials || (!r.Simulated && (r.Acted != c.acted || r.Missed != c.acted-c.actedDone)) {
				fmt.Printf("%-18s what is shown beside the card is %d of %d, missed %d of %d\n", "", r.False, r.Idle, r.Missed, r.Acted)
			}
		}
	}
}

// wilson is a share with its 95 % interval (Wilson 1927).
func wilson(k, n int) string {
	if n == 0 {
		return "0 of 0"
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return fmt.Sprintf("%d of %d (%.1f %%, %.1f-%.1f)", k, n, 100*p, 100*max(mid-half, 0), 100*min(mid+half, 1))
}

// trials runs the checks on a clip.
func trials(clip string) (*every, error) {
	e := &every{cards: Compliance()}
	opts := Options{Run: "eval", Interview: "eval", Participant: "p", ModelsDir: models.Dir(), Config: Config{
		Detectors: []Descriptor{FaceAbsent(FaceAbsentConfig{})},
		Steps:     []StepDescriptor{{Card: evidence.CardQuestion, Consent: evidence.ConsentFace, New: func(evidence.StepOrder) StepCheck { return e }}},
	}}
	opts.Truth.Steps = []StepSpan{{evidence.StepOrder{Step: "s", Card: evidence.CardQuestion, LimitMS: maxStepLimit.Milliseconds()}, Span{0, time.Hour}}}
	r, err := AnalyzeFile(context.Background(), clip, opts)
	e.end(r.Start + r.Duration)
	return e, err
}
