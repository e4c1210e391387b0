package speech

import (
	"slices"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// sp is a stretch of speech in ms.
func sp(from, to int64) Span { return Span{from, to, Speaking, ""} }

func TestTurns(t *testing.T) {
	type turn struct {
		side     Side
		from, to int64
	}
	for _, c := range []struct {
		name             string
		candidate, asker []Span
		want             []turn
	}{
		{"question and answer", []Span{sp(3000, 6000)}, []Span{sp(0, 2500)}, []turn{{Asker, 0, 2500}, {Candidate, 3000, 6000}}},
		{"pauses of one side are one turn", []Span{sp(3000, 5000), sp(7000, 9000)}, []Span{sp(0, 2500), sp(10000, 12000)},
			[]turn{{Asker, 0, 2500}, {Candidate, 3000, 9000}, {Asker, 10000, 12000}}},
		{"a backchannel is no turn", []Span{sp(1200, 1500), sp(4000, 6000)}, []Span{sp(0, 3500)}, []turn{{Asker, 0, 3500}, {Candidate, 4000, 6000}}},
		{"nor in a gap of the other", []Span{sp(2600, 2900), sp(6000, 9000)}, []Span{sp(0, 2500), sp(3200, 5500)},
			[]turn{{Asker, 0, 5500}, {Candidate, 6000, 9000}}},
		{"a short answer is a turn", []Span{sp(3000, 3400)}, []Span{sp(0, 2500), sp(6000, 8000)},
			[]turn{{Asker, 0, 2500}, {Candidate, 3000, 3400}, {Asker, 6000, 8000}}},
		{"long overlap is a turn", []Span{sp(2000, 5000)}, []Span{sp(0, 3000)}, []turn{{Asker, 0, 3000}, {Candidate, 2000, 5000}}},
		{"nobody", nil, nil, nil},
	} {
		var got []turn
		for _, x := range Turns(c.candidate, c.asker) {
			got = append(got, turn{x.Side, x.StartMS, x.EndMS})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// feed gives a dialogue both sides' voices as the frames of a detection would
// be given: in pieces, up to a time.
func feed(d *Dialogue, id string, talk, holes []Span, upTo int64) {
	at := int64(0)
	state := func(ms int64) (State, evidence.Reason) {
		for _, h := range holes {
			if ms >= h.StartMS && ms < h.EndMS {
				return Unheard, h.Reason
			}
		}
		for _, s := range talk {
			if ms >= s.StartMS && ms < s.EndMS {
				return Speaking, ""
			}
		}
		return Silent, ""
	}
	for ; at < upTo; at += 10 {
		s, why := state(at)
		d.Hear(id, []Span{{at, at + 10, s, why}})
	}
}

// gather feeds a whole dialogue and looks every second, as live.
func gather(d *Dialogue, candidate, asker, cHoles, aHoles []Span, marks []Mark, upTo int64) (all Heard) {
	d.Join("c", Candidate, 0)
	d.Join("a", Asker, 0)
	for at := int64(1000); at <= upTo; at += 1000 {
		for _, p := range []struct {
			id          string
			talk, holes []Span
		}{{"c", candidate, cHoles}, {"a", asker, aHoles}} {
			// Hear leaves out what it has heard already.
			feed(d, p.id, p.talk, p.holes, at)
		}
		for _, m := range marks {
			if m.AtMS >= at-1000 && m.AtMS < at {
				d.Mark(m)
			}
		}
		h := d.Look(at+1000 > upTo)
		all.Responses = append(all.Responses, h.Responses...)
		all.Pauses = append(all.Pauses, h.Pauses...)
		all.Answers = append(all.Answers, h.Answers...)
	}
	return all
}

func TestResponses(t *testing.T) {
	lost := func(from, to int64) Span { return Span{from, to, Unheard, evidence.ReasonLoss} }
	for _, c := range []struct {
		name             string
		candidate, asker []Span
		cHoles, aHoles   []Span
		marks            []Mark
		delay            Delay
		want             float64
		reason           evidence.Reason
		marked           bool
	}{
		{name: "plain", candidate: []Span{sp(4000, 8000)}, asker: []Span{sp(0, 2500)}, want: 1500},
		{name: "overlapping", candidate: []Span{sp(2200, 8000)}, asker: []Span{sp(0, 2500)}, want: -300},
		{name: "network taken out", candidate: []Span{sp(4000, 8000)}, asker: []Span{sp(0, 2500)},
			delay: Delay{RoundTripMS: 180, BufferMS: 60, Known: true}, want: 1260},
		{name: "silence of a muted candidate is not one", candidate: []Span{sp(6000, 8000)}, asker: []Span{sp(0, 2500)},
			cHoles: []Span{{2600, 5000, Unheard, evidence.ReasonMuted}}, reason: evidence.ReasonMuted},
		{name: "nor is loss", candidate: []Span{sp(6000, 8000)}, asker: []Span{sp(0, 2500)}, cHoles: []Span{lost(3000, 3400)}, reason: evidence.ReasonLoss},
		{name: "a lost packet is", candidate: []Span{sp(6000, 8000)}, asker: []Span{sp(0, 2500)}, cHoles: []Span{lost(3000, 3060)}, want: 3500},
		{name: "an interviewer who was not heard", candidate: []Span{sp(6000, 8000)}, asker: []Span{sp(0, 2500)}, aHoles: []Span{lost(3000, 5000)}, reason: evidence.ReasonLoss},
		{name: "an interviewer's microphone is off", candidate: []Span{sp(6000, 8000)}, asker: []Span{sp(0, 2500)},
			aHoles: []Span{{3000, 5000, Unheard, evidence.ReasonMuted}}, want: 3500},
		{name: "the mark tells where the question ended", candidate: []Span{sp(9000, 12000)}, asker: []Span{sp(0, 2500), sp(7000, 8800)},
			marks: []Mark{{3200, evidence.QuestionAsked}}, want: 6500, marked: true},
		{name: "the mark tells where the answer begins", candidate: []Span{sp(3000, 4200), sp(5500, 12000)}, asker: []Span{sp(0, 2500)},
			marks: []Mark{{6000, evidence.QuestionAnswer}}, want: 3000, marked: true},
		{name: "not when it comes late", candidate: []Span{sp(3000, 4200), sp(9000, 12000)}, asker: []Span{sp(0, 2500)},
			marks: []Mark{{10000, evidence.QuestionAnswer}}, want: 500},
	} {
		d := NewDialogue()
		d.SetDelay(c.delay)
		got := gather(d, c.candidate, c.asker, c.cHoles, c.aHoles, c.marks, 20_000)
		if len(got.Responses) != 1 {
			t.Errorf("%s: %d responses, want 1: %+v", c.name, len(got.Responses), got.Responses)
			continue
		}
		if r := got.Responses[0]; r.WaitMS != c.want || r.Reason != c.reason || r.Marked != c.marked {
			t.Errorf("%s: %v ms, reason %q, marked %v; want %v, %q, %v", c.name, r.WaitMS, r.Reason, r.Marked, c.want, c.reason, c.marked)
		}
	}
}

func TestAnswers(t *testing.T) {
	candidate := []Span{sp(3000, 5000), sp(5150, 7000), sp(11000, 13000), sp(13400, 15000), sp(19000, 20000)}
	asker := []Span{sp(0, 2500), sp(16500, 18500)}
	d := NewDialogue()
	got := gather(d, candidate, asker, []Span{{13100, 13300, Unheard, evidence.ReasonLoss}}, nil, nil, 30_000)
	if len(got.Answers) != 2 || len(got.Pauses) != 1 {
		t.Fatalf("%d answers and %d pauses, want 2 and 1: %+v", len(got.Answers), len(got.Pauses), got)
	}
	a := got.Answers[0]
	if l := a.Longest(); l.StartMS != 7000 || l.EndMS != 11000 {
		t.Errorf("longest pause %+v, want 7000 to 11000", l)
	}
	// 150 ms is no pause, and the one with a hole in it is not counted.
	if want := 4000.0 / 11800; a.SilenceRatio < want-0.001 || a.SilenceRatio > want+0.001 {
		t.Errorf("silence ratio %.4f, want %.4f", a.SilenceRatio, want)
	}
	if p := got.Pauses[0]; p.StartMS != 7000 || p.EndMS != 11000 {
		t.Errorf("pause %+v, want 7000 to 11000", p)
	}
	if answering, known := d.Answering(19500); !answering || !known {
		t.Errorf("at 19.5 s answering %v, known %v", answering, known)
	}
	if answering, known := d.Answering(17000); answering || !known {
		t.Errorf("at 17 s answering %v, known %v", answering, known)
	}
}

// TestEachOnce holds that a long conversation gives every exchange once, while
// what is kept of it stays small.
func TestEachOnce(t *testing.T) {
	var candidate, asker []Span
	for i := range int64(60) {
		at := i * 10_000
		asker = append(asker, sp(at, at+3000))
		candidate = append(candidate, sp(at+3000+10*i, at+8000))
	}
	d := NewDialogue()
	d.Join("c", Candidate, 0)
	d.Join("a", Asker, 0)
	var waits []float64
	answers, most := 0, 0
	heard := [2]int64{}
	for at := int64(1000); at <= 600_000; at += 1000 {
		for side, talk := range [][]Span{candidate, asker} {
			for ; heard[side] < at; heard[side] += 100 {
				state := Silent
				if ms, _ := within(talk, heard[side], heard[side]+100); ms >= 50 {
					state = Speaking
				}
				d.Hear([]string{"c", "a"}[side], []Span{{heard[side], heard[side] + 100, state, ""}})
			}
		}
		h := d.Look(at == 600_000)
		for _, r := range h.Responses {
			waits = append(waits, r.WaitMS)
		}
		answers += len(h.Answers)
		most = max(most, len(d.people[0].spans)+len(d.people[1].spans))
	}
	if len(waits) != 60 || answers != 60 {
		t.Errorf("%d waits and %d answers, want 60 of each", len(waits), answers)
	}
	if !slices.IsSorted(waits) {
		t.Errorf("waits are out of order or wrong: %v", waits)
	}
	if most > 60 {
		t.Errorf("%d spans were kept at once", most)
	}
}

func TestVoice(t *testing.T) {
	v := NewVoice(VoiceConfig{})
	at := time.Duration(0)
	push := func(n int, prob float64) {
		for range n {
			v.Add(Frame{At: at, Prob: prob})
			at += FrameLen
		}
	}
	push(30, 0.01) // 0 to 960 ms
	push(4, 0.9)   // a click of 128 ms
	push(27, 0.01) // to 1952 ms
	push(31, 0.9)  // to 2944 ms
	push(2, 0.01)  // a stop
	push(29, 0.9)  // to 3936 ms
	push(31, 0.01) // to 4928 ms
	at += 150 * time.Millisecond
	push(20, 0.01)
	hole := at.Milliseconds()
	at += 600 * time.Millisecond
	push(20, 0.01)
	v.Unheard(at+time.Second, evidence.ReasonMuted)
	spans := v.Finish()
	var got []string
	end := int64(0)
	for _, s := range spans {
		if s.StartMS != end || s.EndMS <= s.StartMS {
			t.Errorf("span %+v does not go on from %d", s, end)
		}
		end = s.EndMS
		got = append(got, s.State.String()+string(s.Reason))
	}
	want := []string{"silent", "speaking", "silent", "unheardpacket_loss", "silent", "unheardmuted"}
	if !slices.Equal(got, want) {
		t.Fatalf("spans %v, want %v: %+v", got, want, spans)
	}
	if s := spans[1]; s.StartMS != 1952-beginLate || s.EndMS != 3936-endLate {
		t.Errorf("speech %+v, want from %d to %d", s, 1952-beginLate, 3936-endLate)
	}
	if s := spans[3]; s.StartMS != hole || s.EndMS != hole+600 {
		t.Errorf("loss %+v, want from %d to %d", s, hole, hole+600)
	}
}

func TestBaseline(t *testing.T) {
	b := NewBaseline(BaselineConfig{})
	b.Begin(10_000)
	b.Begin(50_000)
	if !b.Learning(10_000) || !b.Learning(99_999) || b.Learning(100_000) || b.Learning(9_999) {
		t.Error("small talk is not from 10 to 100 s")
	}
	b.Soft(200_000, 260_000)
	if !b.Learning(230_000) || b.Learning(260_000) {
		t.Error("a soft question is not small talk, or for too long")
	}
	for _, w := range []float64{0.2, 0.4} {
		b.AddWait(w)
	}
	if _, ok := b.Waits(); ok {
		t.Error("two waits are a baseline, want three at least")
	}
	b.AddWait(0.3)
	if u, ok := b.Waits(); !ok || u.Median != 0.3 || u.Limit != 4 {
		t.Errorf("usual wait %+v, want a median of 0.3 and the floor of 4 s", u)
	}
	slow := NewBaseline(BaselineConfig{})
	for _, w := range []float64{2, 3, 4, 5} {
		slow.AddWait(w)
	}
	if u, _ := slow.Waits(); u.Median != 3.5 || u.Limit < 10.9 || u.Limit > 11 {
		t.Errorf("usual wait of somebody slow %+v, want a limit of 3.5 + 5 × 1.4826 × 1 s", u)
	}
}

// TestVADSilence runs the model over silence, noise of steps, and holes.
func TestVADSilence(t *testing.T) {
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Skipf("no models: %v", err)
	}
	defer set.Close()
	v, err := NewVAD(set)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Add(media.Block{Rate: 48000, PCM: make([]float32, 960)}); err == nil {
		t.Error("sound of 48 kHz is taken, must be an error")
	}
	var frames []Frame
	at := time.Duration(0)
	for i := range 100 {
		pcm := make([]float32, 320)
		filled := i == 50 || i >= 70 && i < 80
		got, err := v.Add(media.Block{At: at, Rate: Rate, PCM: pcm, Filled: filled})
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, got...)
		at += 20 * time.Millisecond
	}
	if len(frames) < 55 {
		t.Errorf("%d frames in two seconds", len(frames))
	}
	missing := 0.0
	for i, f := range frames {
		if f.Prob > 0.3 || f.Level > -90 {
			t.Errorf("silence at %v has a probability of %.2f and %.0f dB", f.At, f.Prob, f.Level)
		}
		if i > 0 && f.At < frames[i-1].At+FrameLen {
			t.Errorf("frame at %v comes after one at %v", f.At, frames[i-1].At)
		}
		missing += f.Missing
	}
	if want := 220.0 / 32; missing < want-0.5 || missing > want+0.5 {
		t.Errorf("%.2f frames are missing, want %.2f", missing, want)
	}
}
