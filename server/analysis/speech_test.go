package analysis

import (
	"slices"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/speech"
)

// line is somebody's speech in a script, in seconds.
type line struct{ from, to float64 }

// conversation is a script of an interview, as it is heard.
type conversation struct {
	candidate, asker []line
	muted            []line          // the candidate's microphone
	why              evidence.Reason // it is not heard then; "": it is muted
	facts            map[float64]evidence.FactPayload
	marks            map[float64]evidence.QuestionPhase
	soft             []float64 // soft questions of the run-sheet
	length           float64
}

// play gives the readings of a conversation to a scene pipeline with only the
// detector of waits and pauses, and what it gives out.
func (c conversation) play(t *testing.T) (findings []evidence.Finding, cover []evidence.Coverage, series []evidence.Series) {
	t.Helper()
	d := Speech(SpeechConfig{})
	d.Models = nil // the script says where there is speech
	emit := Emit{
		Finding: func(f evidence.Finding) {
			if n := len(findings); n > 0 && findings[n-1].ID == f.ID {
				findings = findings[:n-1]
			}
			findings = append(findings, f)
		},
		Coverage: func(cs []evidence.Coverage) { cover = append(cover, cs...) },
		Still:    func(evidence.Still, []byte) {},
		Series:   func(s []evidence.Series) { series = append(series, s...) },
	}
	sub := evidence.Subject{Interview: "i", Participant: "cand", Run: evidence.RunLive}
	p, err := NewScenePipeline(Config{Detectors: []Descriptor{d}}, nil, nil, sub, Gate{Heard: []string{"cand", "host"}}, 0, emit)
	if err != nil {
		t.Fatal(err)
	}
	in := func(lines []line, ms int64) bool {
		for _, l := range lines {
			if s := float64(ms) / 1000; s >= l.from && s < l.to {
				return true
			}
		}
		return false
	}
	for ms := int64(0); ms < int64(c.length*1000); ms += 100 {
		for _, who := range []struct {
			id, role string
			lines    []line
		}{{"cand", roleCandidate, c.candidate}, {"host", roleInterviewer, c.asker}} {
			span := speech.Span{StartMS: ms, EndMS: ms + 100, State: speech.Silent}
			s := &SoundReading{AtMS: ms, LengthMS: 100, Source: "microphone"}
			switch {
			case who.role == roleCandidate && in(c.muted, ms):
				span.State, span.Reason, s.Reason, s.Muted = speech.Unheard, c.why, c.why, c.why == ""
				if s.Muted {
					span.Reason = evidence.ReasonMuted
				}
			case in(who.lines, ms):
				span.State = speech.Speaking
			}
			s.Speech = []speech.Span{span}
			must(t, p.Add(SceneReading{AtMS: ms, Participant: who.id, Role: who.role, Sound: s}))
		}
		if f, ok := c.facts[float64(ms)/1000]; ok {
			must(t, p.Add(SceneReading{AtMS: ms, Participant: "cand", Role: roleCandidate, Fact: &f}))
		}
		if slices.Contains(c.soft, float64(ms)/1000) {
			must(t, p.Step(evidence.StepOrder{Step: "s", Card: evidence.CardQuestion}, time.Duration(ms)*time.Millisecond))
		}
		if m, ok := c.marks[float64(ms)/1000]; ok {
			must(t, p.Add(SceneReading{AtMS: ms, Participant: "host", Role: roleInterviewer, Mark: &MarkReading{AtMS: ms, Phase: m}}))
		}
		must(t, p.Advance(time.Duration(ms)*time.Millisecond))
	}
	must(t, p.Finish(time.Duration(c.length*float64(time.Second))))
	return findings, cover, series
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// smallTalk is 90 seconds of questions and answers with the same wait and two
// short pauses in each answer.
func smallTalk(wait float64) (c conversation) {
	for at := 0.0; at < 90; at += 15 {
		c.asker = append(c.asker, line{at, at + 3})
		a := at + 3 + wait
		c.candidate = append(c.candidate, line{a, a + 2}, line{a + 2.5, a + 4}, line{a + 4.4, a + 7})
	}
	c.length = 95
	return c
}

// ask adds a question after 95 seconds with a wait and a pause in its answer.
func (c conversation) ask(wait, pause float64) conversation {
	c.asker = append(c.asker, line{95, 98})
	a := 98 + wait
	c.candidate = append(c.candidate, line{a, a + 3}, line{a + 3 + pause, a + 7 + pause})
	c.length = a + 7 + pause + 5
	c.asker = append(c.asker, line{c.length, c.length + 2})
	c.length += 10
	return c
}

func TestSpeech(t *testing.T) {
	net := map[float64]evidence.FactPayload{1: {Participant: "cand", Fact: evidence.FactNetwork, RTTMS: 900, PlayoutMS: 300}}
	for _, c := range []struct {
		name string
		talk conversation
		want []evidence.Kind
		from float64 // of the first finding
		to   float64
	}{
		{"nothing unusual", smallTalk(0.5).ask(1.5, 1), nil, 0, 0},
		{"a long wait", smallTalk(0.5).ask(6, 1), []evidence.Kind{evidence.SpeechLatency}, 98, 104},
		{"usual for somebody slow", smallTalk(4).ask(4.4, 1), nil, 0, 0},
		{"a long pause", smallTalk(0.5).ask(1, 5), []evidence.Kind{evidence.SpeechPause}, 102, 107},
		{"below the floor", smallTalk(0.2).ask(3.5, 3), nil, 0, 0},
		{"no baseline", conversation{length: 90}.ask(6, 5), nil, 0, 0},
		{"the network's part is taken out", func() conversation { c := smallTalk(0.5).ask(4.8, 1); c.facts = net; return c }(), nil, 0, 0},
		{"a muted microphone is not silence", func() conversation {
			c := smallTalk(0.5).ask(8, 1)
			c.muted = []line{{99, 103}}
			return c
		}(), nil, 0, 0},
		{"nor is one within an answer", func() conversation {
			c := smallTalk(0.5).ask(1, 6)
			c.muted = []line{{103, 107}}
			return c
		}(), nil, 0, 0},
		{"lost packets are not silence", func() conversation {
			c := smallTalk(0.5).ask(8, 1)
			c.muted, c.why = []line{{99, 103}}, evidence.ReasonLoss
			return c
		}(), nil, 0, 0},
		{"nor are they within an answer", func() conversation {
			c := smallTalk(0.5).ask(1, 6)
			c.muted, c.why = []line{{103, 107}}, evidence.ReasonLoss
			return c
		}(), nil, 0, 0},
		{"nor is a change of the microphone", func() conversation {
			c := smallTalk(0.5).ask(1, 6)
			c.muted, c.why = []line{{103, 107}}, evidence.ReasonDevice
			return c
		}(), nil, 0, 0},
		{"the answer to a soft question is small talk", func() conversation { c := smallTalk(0.5).ask(6, 1); c.soft = []float64{95}; return c }(), nil, 0, 0},
		{"not a marked question where there are some", func() conversation {
			c := smallTalk(0.5).ask(6, 1)
			c.marks = map[float64]evidence.QuestionPhase{63.5: evidence.QuestionAsked}
			return c
		}(), nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			findings, cover, series := c.talk.play(t)
			var got []evidence.Kind
			for _, f := range findings {
				got = append(got, f.Kind)
				if f.Open {
					t.Errorf("finding of %s is open at the end", f.Kind)
				}
			}
			if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Fatalf("findings %v, want %v", got, c.want)
			}
			checkCoverage(t, cover, []evidence.Kind{evidence.SpeechLatency, evidence.SpeechPause}, 0, int64(c.talk.length*1000))
			if len(series) == 0 {
				t.Error("no series")
			}
			if len(findings) == 0 {
				return
			}
			f := findings[0]
			if off := float64(f.StartMS) - c.from*1000; off < -150 || off > 150 {
				t.Errorf("begins at %d ms, want %.1f s", f.StartMS, c.from)
			}
			if off := float64(f.EndMS) - c.to*1000; off < -150 || off > 150 {
				t.Errorf("ends at %d ms, want %.1f s", f.EndMS, c.to)
			}
			names := map[string]evidence.Measure{}
			for _, m := range f.Values {
				names[m.Name] = m
			}
			if m := names["against the candidate's own limit"]; m.Threshold < 3.5 || m.Compare != ">=" || m.Value < m.Threshold {
				t.Errorf("the finding does not say what it was compared with: %+v", f.Values)
			}
		})
	}
}

// TestSpeechCoverage holds what is said of times that cannot be measured.
func TestSpeechCoverage(t *testing.T) {
	c := smallTalk(0.5).ask(1.5, 1)
	c.length = 140
	c.muted = []line{{115, 130}}
	_, cover, series := c.play(t)
	for _, x := range []struct {
		at   float64
		want string
	}{{30, "not_measurable/no_baseline"}, {100, "measured"}, {120, "not_measurable/muted"}} {
		if got := stateAt(cover, evidence.SpeechPause, time.Duration(x.at*float64(time.Second))); got != x.want {
			t.Errorf("at %.0f s pauses are %s, want %s", x.at, got, x.want)
		}
	}
	waits, marks := 0, 0
	for _, s := range series {
		switch s.Name {
		case seriesLatency:
			waits += len(s.Points)
		case seriesActivity:
			for _, p := range s.Points {
				if (p.AtMS >= 116_000 && p.AtMS < 129_000) != (p.Reason == evidence.ReasonMuted) && p.AtMS < 114_000 {
					t.Errorf("activity at %d ms has the reason %q", p.AtMS, p.Reason)
				}
			}
			marks += len(s.Marks)
		}
	}
	if waits != 7 {
		t.Errorf("%d waits are drawn, want 7", waits)
	}
	if marks < 20 {
		t.Errorf("%d stretches of speech are marked, want at least 20", marks)
	}
}
