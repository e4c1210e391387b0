package speech

import (
	"cmp"
	"slices"

	"bonafide/server/evidence"
)

const (
	// SettleMS is how long after an answer's begin a response is told, in ms, since
	// marks are pressed after what they mark.
	SettleMS = markLagMS + markLeadMS
	// maxSpans of one participant are kept; older ones go. With the usual four
	// spans in three seconds that is an hour of one and the same answer.
	maxSpans = 5000
	// longestWaitMS: whoever has said nothing for so long after a question is
	// not being waited for.
	longestWaitMS = 60_000
)

// Pause is a pause within an answer.
type Pause struct {
	Span
	AnswerStartMS int64
}

// Heard is what became sure of a dialogue since the last look.
type Heard struct {
	Responses []Response
	Pauses    []Pause  // within answers that may go on
	Answers   []Answer // that have ended
}

// Dialogue puts the voices of one interview side by side. One goroutine owns it.
type Dialogue struct {
	people []*person
	marks  []Mark
	marked bool // there were marks
	delay  Delay

	// What was given out of answers that may still go on, by the start of their turn.
	told map[int64]*progress
}

type person struct {
	id    string
	side  Side
	spans []Span
	upTo  int64
}

// progress is how much of an answer was given out.
type progress struct {
	response bool
	pausedTo int64
	ended    bool
}

// NewDialogue makes a dialogue without participants.
func NewDialogue() *Dialogue { return &Dialogue{told: map[int64]*progress{}} }

// Join adds a participant from an instant on; one who is there stays. Before
// it, a participant was silent.
func (d *Dialogue) Join(id string, side Side, atMS int64) {
	if d.person(id) == nil {
		d.people = append(d.people, &person{id: id, side: side, upTo: atMS})
	}
}

func (d *Dialogue) person(id string) *person {
	for _, p := range d.people {
		if p.id == id {
			return p
		}
	}
	return nil
}

// Hear takes the next spans of a participant who joined.
func (d *Dialogue) Hear(id string, spans []Span) {
	p := d.person(id)
	if p == nil {
		return
	}
	for _, s := range spans {
		s.StartMS = max(s.StartMS, p.upTo)
		if s.EndMS <= s.StartMS {
			continue
		}
		p.upTo = s.EndMS
		// A microphone that is off or not there cannot be heard by anyone: for
		// the question whether an interviewer speaks that is silence.
		if p.side == Asker && (s.Reason == evidence.ReasonMuted || s.Reason == evidence.ReasonDisconnected) {
			s.State, s.Reason = Silent, ""
		}
		if n := len(p.spans); n > 0 {
			if l := &p.spans[n-1]; l.State == s.State && l.Reason == s.Reason && l.EndMS == s.StartMS {
				l.EndMS = s.EndMS
				continue
			}
		}
		p.spans = append(p.spans, s)
	}
	if n := len(p.spans); n > maxSpans {
		p.spans = slices.Delete(p.spans, 0, n-maxSpans)
	}
}

// Mark takes an interviewer's mark. One that comes when the response has been
// told, four seconds after the answer's begin, changes nothing.
func (d *Dialogue) Mark(m Mark) {
	d.marks = append(d.marks, m)
	d.marked = true
}

// SetDelay tells what the network adds from now on.
func (d *Dialogue) SetDelay(delay Delay) { d.delay = delay }

// UpTo is the instant up to which all voices are known, in ms.
func (d *Dialogue) UpTo() int64 {
	if len(d.people) == 0 {
		return 0
	}
	return slices.MinFunc(d.people, func(a, b *person) int { return cmp.Compare(a.upTo, b.upTo) }).upTo
}

// State tells what is known of a side at an instant that lies before UpTo. A
// side speaks if one of it does, and is unheard if one of it is.
func (d *Dialogue) State(side Side, atMS int64) (State, evidence.Reason) {
	state, why := Silent, evidence.Reason("")
	if atMS >= d.UpTo() {
		return Unheard, ""
	}
	for _, p := range d.people {
		if p.side != side {
			continue
		}
		i, _ := slices.BinarySearchFunc(p.spans, atMS, func(s Span, at int64) int { return cmp.Compare(s.EndMS, at+1) })
		if i == len(p.spans) || p.spans[i].StartMS > atMS {
			continue
		}
		switch s := p.spans[i]; {
		case s.State == Speaking:
			return Speaking, ""
		case s.State == Unheard && state == Silent:
			state, why = Unheard, s.Reason
		}
	}
	return state, why
}

// hearing gathers what is known of both sides.
func (d *Dialogue) hearing() hearing {
	h := hearing{marks: d.marks, upTo: d.UpTo()}
	for _, p := range d.people {
		for _, s := range p.spans {
			if s.EndMS = min(s.EndMS, h.upTo); s.EndMS <= s.StartMS {
				continue
			}
			switch s.State {
			case Speaking:
				h.speech[p.side] = append(h.speech[p.side], s)
			case Unheard:
				h.unheard[p.side] = append(h.unheard[p.side], s)
			}
		}
	}
	for side := range h.speech {
		h.speech[side] = union(h.speech[side])
		h.unheard[side] = union(h.unheard[side])
	}
	return h
}

// Look evaluates what was heard and gives what became sure. It is cheap enough
// for once or twice a second. At the end of an interview all is sure.
func (d *Dialogue) Look(end bool) Heard {
	var out Heard
	h := d.hearing()
	if end {
		h.upTo += SettleMS
	}
	keep := h.upTo
	found := h.exchanges()
	for i, e := range found {
		p := d.told[e.turnMS]
		if p == nil {
			p = &progress{}
			d.told[e.turnMS] = p
		}
		d.tell(e, p, h.upTo, end, &out)
		if !p.ended && i >= len(found)-2 {
			keep = min(keep, e.QuestionStartMS)
		}
	}
	d.forget(h, keep)
	return out
}

// tell gives out what is new of one exchange.
func (d *Dialogue) tell(e exchange, p *progress, upTo int64, end bool, out *Heard) {
	if p.ended || !e.begun {
		return
	}
	e.Delay = d.delay
	if e.Reason == "" {
		e.WaitMS -= e.Delay.TotalMS()
	}
	if !p.response && (end || upTo >= e.AnswerStartMS+SettleMS) {
		p.response = true
		out.Responses = append(out.Responses, e.Response)
	}
	for _, pause := range e.Pauses {
		if pause.StartMS >= p.pausedTo && (end || upTo >= pause.EndMS+aroundMS) {
			p.pausedTo = pause.EndMS
			out.Pauses = append(out.Pauses, Pause{pause, e.AnswerStartMS})
		}
	}
	if p.response && (e.ended || end) {
		p.ended = true
		out.Answers = append(out.Answers, e.Answer)
	}
}

// forget drops what no answer to come can rest on.
func (d *Dialogue) forget(h hearing, keep int64) {
	turns := Turns(h.speech[Candidate], h.speech[Asker])
	for i := len(turns) - 1; i >= 0; i-- {
		if turns[i].Side == Asker {
			keep = min(keep, turns[i].StartMS)
			break
		}
	}
	keep -= SettleMS + earlyMS
	for _, p := range d.people {
		n := 0
		for n < len(p.spans) && p.spans[n].EndMS < keep {
			n++
		}
		p.spans = slices.Delete(p.spans, 0, n)
	}
	d.marks = slices.DeleteFunc(d.marks, func(m Mark) bool { return m.AtMS < keep-markLagMS })
	for start := range d.told {
		if start < keep-earlyMS {
			delete(d.told, start)
		}
	}
}

// Open tells what of the newest turn cannot be judged yet. With Asker it is the
// end of a question that waits for its answer, with Candidate the end of speech
// in an answer that may go on. It is false after a minute, and where nobody has
// said anything.
func (d *Dialogue) Open() (side Side, sinceMS int64, ok bool) {
	h := d.hearing()
	turns := Turns(h.speech[Candidate], h.speech[Asker])
	for i := len(turns) - 1; i >= 0; i-- {
		t := turns[i]
		if t.Side == Candidate && h.upTo < t.StartMS+SettleMS && i > 0 {
			continue // marks may still move its begin
		}
		since := t.EndMS
		if t.Side == Candidate {
			since = min(since, d.untold(h))
		}
		return t.Side, since, h.upTo < t.EndMS+longestWaitMS
	}
	return Candidate, 0, false
}

// untold is where the first pause of the newest answer begins that has ended and
// was not told.
func (d *Dialogue) untold(h hearing) int64 {
	if found := h.exchanges(); len(found) > 0 {
		e := found[len(found)-1]
		for _, pause := range e.Pauses {
			if p := d.told[e.turnMS]; p == nil || pause.StartMS >= p.pausedTo {
				return pause.StartMS
			}
		}
	}
	return h.upTo
}

// Asked tells whether the interviewers have set question marks so far.
func (d *Dialogue) Asked() bool { return d.marked }

// HasSide tells whether somebody of that side joined.
func (d *Dialogue) HasSide(side Side) bool {
	return slices.ContainsFunc(d.people, func(p *person) bool { return p.side == side })
}

// lastWordMS: who spoke last has the floor for so long.
const lastWordMS = 10_000

// Answering tells whether the candidate had the floor at an instant: speaks, or
// spoke last. It is not known where a voice was not heard, nobody has spoken
// for ten seconds, or the instant is newer than UpTo.
func (d *Dialogue) Answering(atMS int64) (answering, known bool) {
	candidate, _ := d.State(Candidate, atMS)
	asker, _ := d.State(Asker, atMS)
	switch {
	case candidate == Speaking:
		return true, true
	case asker == Speaking:
		return false, true
	case candidate == Unheard || asker == Unheard:
		return false, false
	}
	last, whose := int64(-1), Candidate
	for _, p := range d.people {
		for i := len(p.spans) - 1; i >= 0; i-- {
			if s := p.spans[i]; s.State == Speaking && s.EndMS <= atMS {
				if s.EndMS > last {
					last, whose = s.EndMS, p.side
				}
				break
			}
		}
	}
	return whose == Candidate, last >= 0 && atMS-last <= lastWordMS
}
