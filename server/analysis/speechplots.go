package analysis

import (
	"bonafide/server/evidence"
	"bonafide/server/speech"
)

// The series of a conversation. Points of the three of an answer have the same
// time, that of the answer's begin.
const (
	seriesLatency  = "speech.latency"       // s: wait before an answer
	seriesPause    = "speech.longest_pause" // s: within an answer
	seriesSilence  = "speech.silence_ratio" // share of pauses in an answer
	seriesActivity = "speech.activity"      // share of a second in which the candidate speaks
)

// Names of marks.
const (
	markBaseline     = "baseline"
	markQuestion     = "question"        // speech that came before an answer
	markMarked       = "marked question" // likewise, and an interviewer marked it
	markCandidate    = "candidate speaks"
	markInterviewers = "interviewers speak"
)

// maxPlotted bounds what is kept until it is asked for, about once a minute.
const maxPlotted = 2000

// plots gathers the numbers of a conversation until they are asked for.
type plots struct {
	latency, pause, silence evidence.SeriesPart
	talk                    evidence.SeriesPart
	drawn                   int64 // up to where the activity was drawn
	begun                   bool
	found                   []beyond // newest findings
}

// keep remembers what led to a finding, for a while.
func (p *plots) keep(e beyond) {
	if p.found = append(p.found, e); len(p.found) > 20 {
		p.found = p.found[1:]
	}
}

// response draws a wait before an answer.
func (p *plots) response(r speech.Response, base *speech.Baseline) {
	point := evidence.SeriesPoint{AtMS: r.AnswerStartMS, Value: r.WaitMS / 1000, Reason: r.Reason}
	if r.Reason == "" {
		point.Quality = 1
	}
	before := len(p.latency.Points)
	if p.latency.Points = appendPoint(p.latency.Points, point); len(p.latency.Points) == before {
		return
	}
	name := markQuestion
	if r.Marked {
		name = markMarked
	}
	p.latency.Marks = append(p.latency.Marks, evidence.SeriesMark{StartMS: r.QuestionStartMS, EndMS: r.QuestionEndMS, Name: name})
}

// answer draws a whole answer.
func (p *plots) answer(a speech.Answer) {
	longest := a.Longest()
	p.pause.Points = appendPoint(p.pause.Points, evidence.SeriesPoint{
		AtMS: a.AnswerStartMS, Value: float64(longest.EndMS-longest.StartMS) / 1000, Quality: a.HeardRatio,
	})
	p.silence.Points = appendPoint(p.silence.Points, evidence.SeriesPoint{AtMS: a.AnswerStartMS, Value: a.SilenceRatio, Quality: a.HeardRatio})
	p.pause.Marks = append(p.pause.Marks, evidence.SeriesMark{StartMS: a.AnswerStartMS, EndMS: a.EndMS, Name: "answer"})
}

// appendPoint keeps points in the order of time, and bounded.
func appendPoint(points []evidence.SeriesPoint, p evidence.SeriesPoint) []evidence.SeriesPoint {
	n := len(points)
	if n >= maxPlotted || n > 0 && p.AtMS <= points[n-1].AtMS {
		return points
	}
	return append(points, p)
}

// activity draws who speaks, second by second, as far as that is sure.
func (p *plots) activity(d *speech.Dialogue) {
	const step, grain = 1000, 50
	upTo := d.UpTo()
	if !p.begun {
		p.begun, p.drawn = true, upTo/step*step
	}
	for ; p.drawn+step <= upTo; p.drawn += step {
		spoke, heard := 0, 0
		var why evidence.Reason
		for at := p.drawn; at < p.drawn+step; at += grain {
			for _, side := range []speech.Side{speech.Candidate, speech.Asker} {
				state, reason := d.State(side, at)
				switch {
				case side == speech.Candidate && state == speech.Unheard:
					why = reason
				case side == speech.Candidate:
					heard++
				}
				if state == speech.Speaking {
					name := markInterviewers
					if side == speech.Candidate {
						name = markCandidate
						spoke++
					}
					p.mark(name, at, at+grain)
				}
			}
		}
		point := evidence.SeriesPoint{AtMS: p.drawn, Reason: why}
		if heard > step/grain/2 {
			point.Value, point.Quality, point.Reason = float64(spoke)/float64(heard), float64(heard)*grain/step, ""
		}
		if point.Reason == "" && point.Quality == 0 {
			continue // before anything was heard
		}
		p.talk.Points = appendPoint(p.talk.Points, point)
	}
}

// mark lengthens the newest mark of that name, or begins one.
func (p *plots) mark(name string, from, to int64) {
	for i := len(p.talk.Marks) - 1; i >= max(len(p.talk.Marks)-4, 0); i-- {
		if m := &p.talk.Marks[i]; m.Name == name && m.EndMS >= from {
			m.EndMS = to
			return
		}
	}
	p.talk.Marks = append(p.talk.Marks, evidence.SeriesMark{StartMS: from, EndMS: to, Name: name})
}

// take gives what was gathered, with the baseline as lines.
func (p *plots) take(base *speech.Baseline) (out []evidence.Series) {
	p.latency.Lines, p.pause.Lines = nil, nil
	if u, ok := base.Waits(); ok {
		p.latency.Lines = usualLines(u)
	}
	if u, ok := base.Pauses(); ok {
		p.pause.Lines = usualLines(u)
	}
	if from, to, ok := base.Range(); ok && len(p.latency.Points) > 0 && base.Learning(p.latency.Points[0].AtMS) {
		p.latency.Marks = append(p.latency.Marks, evidence.SeriesMark{StartMS: from, EndMS: to, Name: markBaseline})
	}
	for _, s := range []struct {
		name, unit string
		part       *evidence.SeriesPart
	}{{seriesLatency, "s", &p.latency}, {seriesPause, "s", &p.pause}, {seriesSilence, "share", &p.silence}, {seriesActivity, "share", &p.talk}} {
		if len(s.part.Points) == 0 {
			continue
		}
		one := evidence.Series{SeriesPart: *s.part}
		one.Name, one.Unit = s.name, s.unit
		one.StartMS, one.EndMS, one.Count = one.Points[0].AtMS, one.Points[len(one.Points)-1].AtMS, len(one.Points)
		out = append(out, one)
		*s.part = evidence.SeriesPart{}
	}
	return out
}

func usualLines(u speech.Usual) []evidence.Measure {
	return []evidence.Measure{{Name: "own median", Value: u.Median, Unit: "s"}, {Name: "own limit", Value: u.Limit, Unit: "s"}}
}
