package signaling_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// withDeck is a world whose interviews have five cards, in this order.
func withDeck(t *testing.T) *world {
	t.Helper()
	return newWorld(t, signaling.Config{}, withDeckOf("one"))
}

// withDeckOf is what withDeck keeps; the candidates of the interviews are known.
func withDeckOf(interviews ...string) *memory {
	store := newMemory()
	store.deck = []evidence.DrawnCard{
		{Card: "up", Kind: evidence.CardLookUp, Required: true, LimitMS: 60_000},
		{Card: "id", Kind: evidence.CardShowID, Required: true, LimitMS: 60_000},
		{Card: "q", Kind: evidence.CardQuestion, LimitMS: 60_000},
		{Card: "code", Kind: evidence.CardSpokenCode, LimitMS: 60_000},
		{Card: "window", Kind: evidence.CardWindow, Required: true, LimitMS: 150},
	}
	for _, id := range interviews {
		store.ivs[id].Candidate = map[string]string{"one": "candidate", "two": "candidate2"}[id]
	}
	return store
}

// sheet waits until the client's run-sheet fits.
func sheet(w *world, c *signaltest.Client, what string, fits func(s evidence.RunSheet) bool) signaling.Cards {
	w.t.Helper()
	got, err := signaltest.Next(w.ctx, c, "cards", func(m signaling.Cards) bool { return fits(m.Sheet) })
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	return got
}

// refused waits for the nth error.
func refused(w *world, c *signaltest.Client, n int, code, field string) signaling.Error {
	w.t.Helper()
	seen := 0
	e, err := signaltest.Next(w.ctx, c, "error", func(signaling.Error) bool { seen++; return seen == n })
	if err != nil || e.Code != code || e.Field != field {
		w.t.Fatalf("error %d is %+v, %v; want %s of %q", n, e, err, code, field)
	}
	return e
}

func ended(step string, how evidence.StepEnd) func(evidence.RunSheet) bool {
	return func(s evidence.RunSheet) bool { st := s.Step(step); return st != nil && st.Ended == how }
}

func TestCardsOfAnInterview(t *testing.T) {
	w := withDeck(t)
	host, cand := w.live()
	first := sheet(w, host, "the draw", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })
	if first.Next != "up" || first.Daylight == nil || first.Daylight.Light != "day" || first.Sheet.Cards[2].Question == "" {
		t.Errorf("the run-sheet is %+v", first)
	}
	drawn, started := w.store.kept(evidence.EntryCardsDrawn), w.store.kept(evidence.EntryInterviewStarted)
	if len(drawn) != 1 || len(started) != 1 || drawn[0].Seq > started[0].Seq || drawn[0].AtMS != nil {
		t.Errorf("drawn %+v, started %+v", drawn, started)
	}

	// Done by the check.
	w.must(host.Send("card.start", signaling.CardStart{Card: "up"}))
	ask, err := signaltest.Next(w.ctx, cand, "card", func(c signaling.Card) bool { return c.Step == "up-1" })
	if err != nil || ask.Kind != evidence.CardLookUp || ask.LimitMS != 60_000 {
		t.Fatalf("asked for %+v, %v", ask, err)
	}
	w.eventually("the order to the analysis", w.saw(`step up-1 begins, look_up for 60000 ms, "Ada" `))
	w.hub.SendStepHint("one", evidence.StepHint{Step: "other-1", Hint: "closer"})
	w.hub.SendStepHint("one", evidence.StepHint{Step: "up-1", Hint: "hold_still", Kept: 1, Wanted: 3})
	if h, err := signaltest.Next[signaling.CardHint](w.ctx, cand, "card.hint", nil); err != nil || h.Hint.Step != "up-1" || h.Hint.Wanted != 3 {
		t.Errorf("the candidate was told %+v, %v", h, err)
	}
	w.must(host.Send("card.verdict", signaling.CardVerdict{Step: "up-1", Verdict: evidence.VerdictDone}))
	refused(w, host, 1, "conflict", "step")
	w.must(host.Send("card.start", signaling.CardStart{Card: "id"}))
	refused(w, host, 2, "conflict", "card")
	checked(w, evidence.StepResult{Interview: "one", Participant: "candidate", Step: "up-1", Card: evidence.CardLookUp, Outcome: evidence.StepNotMeasurable, Reason: evidence.ReasonDark})
	sheet(w, host, "a first result", func(s evidence.RunSheet) bool {
		st := s.Step("up-1")
		return st != nil && st.Result != nil && st.Ended == ""
	})
	checked(w, evidence.StepResult{Interview: "one", Participant: "candidate", Step: "up-1", Card: evidence.CardLookUp, Outcome: evidence.StepDone})
	sheet(w, host, "the end by the check", ended("up-1", evidence.EndComplete))
	w.eventually("its end", w.saw("step up-1 over: complete"))
	if _, err := signaltest.Next(w.ctx, cand, "card", func(c signaling.Card) bool { return c.Step == "" && c.Kind == "" && ask.Step != "" }); err != nil {
		t.Error(err)
	}

	// A document: both sides belong to the card; the verdict needs a note.
	w.must(host.Send("card.start", signaling.CardStart{Card: "id"}))
	w.eventually("the document's order", w.saw(`step id-1 begins, show_id for 60000 ms, "Ada" front`))
	w.must(host.Send("card.stop", signaling.CardStop{Step: "id-1"}))
	sheet(w, host, "the stop", ended("id-1", evidence.EndStopped))
	w.must(host.Send("card.start", signaling.CardStart{Card: "id", Side: "back"}))
	sheet(w, host, "the back", func(s evidence.RunSheet) bool { return s.On() != nil && s.On().Step == "id-2" && s.On().Side == "back" })
	w.must(host.Send("card.cannot", signaling.CardCannot{Step: "id-2", Why: "  "}))
	refused(w, host, 3, "invalid", "why")
	w.must(cand.Send("card.cannot", signaling.CardCannot{Step: "id-2", Why: " It has no back. "}))
	sheet(w, host, "cannot comply", ended("id-2", evidence.EndCannot))
	w.must(host.Send("card.verdict", signaling.CardVerdict{Step: "id-1", Verdict: evidence.VerdictDone, Note: "x"}))
	refused(w, host, 4, "invalid", "verdict")
	w.must(host.Send("card.verdict", signaling.CardVerdict{Step: "id-1", Verdict: evidence.VerdictMatches, Note: "  "}))
	refused(w, host, 5, "invalid", "note")
	w.must(host.Send("card.verdict", signaling.CardVerdict{Step: "id-1", Verdict: evidence.VerdictUnsure, Note: "Glare on the portrait"}))
	judged := sheet(w, host, "the verdict", func(s evidence.RunSheet) bool { st := s.Step("id-1"); return st != nil && st.Verdict != nil })
	if v := judged.Sheet.Step("id-1"); !v.Counts() || v.Verdict.Note != "Glare on the portrait" || v.Verdict.By != "p-ivy" || judged.Sheet.Step("id-2").Counts() {
		t.Errorf("judged %+v", judged.Sheet.Steps)
	}
	if c := w.store.kept(evidence.EntryStepEnded); len(c) != 3 || !strings.Contains(string(c[2].Part), "It has no back.") || strings.Contains(string(c[2].Payload), "no back") {
		t.Errorf("ends %+v", c)
	}
	if d := w.store.kept(evidence.EntryCardsDeviation); len(d) != 0 {
		t.Errorf("deviations %+v", d)
	}
}

// checked does what the application does with a result: the log, then the room.
func checked(w *world, r evidence.StepResult) {
	w.t.Helper()
	kept, err := w.store.Append(w.ctx, evidence.NewEntry{Interview: "one", Actor: evidence.System, Kind: evidence.EntryStepChecked, Payload: r})
	w.must(err)
	w.hub.SendStepChecked("one", kept[0])
}

func TestDeviations(t *testing.T) {
	w := withDeck(t)
	host, cand := w.live()
	sheet(w, host, "the draw", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })

	w.must(host.Send("card.start", signaling.CardStart{Card: "code"}))
	refused(w, host, 1, "invalid", "reason")
	w.must(host.Send("card.start", signaling.CardStart{Card: "code", Reason: "because"}))
	refused(w, host, 2, "invalid", "reason")
	w.must(host.Send("card.start", signaling.CardStart{Card: "code", Reason: evidence.ReasonAsked, Note: "Wants to read first"}))
	on := sheet(w, host, "out of order", func(s evidence.RunSheet) bool { return s.On() != nil })
	code, err := signaltest.Next(w.ctx, cand, "card", func(c signaling.Card) bool { return c.Step == "code-1" })
	if err != nil || len(strings.Fields(code.Phrase)) != 4 || on.Sheet.On().Shown.Phrase != code.Phrase {
		t.Errorf("the phrase is %q and %q, %v", code.Phrase, on.Sheet.On().Shown.Phrase, err)
	}
	w.must(host.Send("card.stop", signaling.CardStop{Step: "code-1"}))
	sheet(w, host, "the stop", ended("code-1", evidence.EndStopped))
	w.must(host.Send("card.start", signaling.CardStart{Card: "code"}))
	refused(w, host, 3, "invalid", "reason")
	w.must(host.Send("card.start", signaling.CardStart{Card: "code", Reason: evidence.ReasonUnclear}))
	again := sheet(w, host, "repeated", func(s evidence.RunSheet) bool { return s.On() != nil && s.On().Attempt == 2 })
	if again.Sheet.On().Shown.Phrase == code.Phrase {
		t.Error("the same phrase was drawn again")
	}
	w.must(host.Send("card.stop", signaling.CardStop{Step: "code-2"}))
	w.must(host.Send("card.skip", signaling.CardSkip{Card: "up"}))
	refused(w, host, 4, "invalid", "reason")
	w.must(host.Send("card.skip", signaling.CardSkip{Card: "up", Reason: evidence.ReasonAccommodation}))
	skipped := sheet(w, host, "left out", func(s evidence.RunSheet) bool { return s.Card("up").Skipped })
	if skipped.Next != "id" {
		t.Errorf("next is %q", skipped.Next)
	}
	w.must(host.Send("card.add", signaling.CardAdd{Kind: evidence.CardQuestion, Reason: evidence.ReasonOther}))
	refused(w, host, 5, "invalid", "question")
	w.must(host.Send("card.add", signaling.CardAdd{Kind: evidence.CardQuestion, Question: "Which bridge do you cross?", Reason: evidence.ReasonOther}))
	added := sheet(w, host, "added", func(s evidence.RunSheet) bool { return len(s.Cards) == 6 })
	if c := added.Sheet.Cards[5]; !c.Added || c.Question != "Which bridge do you cross?" || c.LimitMS == 0 {
		t.Errorf("added %+v", c)
	}

	// A question is shown to the interviewers alone.
	w.must(host.Send("card.start", signaling.CardStart{Card: "added_1"}))
	sheet(w, host, "the question", func(s evidence.RunSheet) bool { return s.On() != nil && s.On().Card == "added_1" })
	w.must(cand.Send("card.cannot", signaling.CardCannot{Step: "added_1-1"}))
	refused(w, cand, 1, "conflict", "step")
	w.must(host.Send("hangup", signaling.Hangup{}))
	w.eventually("the end", func() bool { return len(w.store.kept(evidence.EntryInterviewEnded)) == 1 })
	for _, c := range signaltest.All[signaling.Card](cand, "card") {
		if strings.HasPrefix(c.Step, "added_1") {
			t.Errorf("the candidate was shown %+v", c)
		}
	}
	if n := len(signaltest.All[signaling.Cards](cand, "cards")); n != 0 {
		t.Errorf("the candidate was sent %d run-sheets", n)
	}
	var got []string
	for _, e := range w.store.kept(evidence.EntryCardsDeviation) {
		d := payload[evidence.DeviationPayload](t, e)
		got = append(got, string(d.Change)+" "+d.Card+" "+string(d.Reason))
	}
	want := "out_of_order code candidate_asked, repeated code unclear_result, skipped up accommodation, added added_1 other, not_reached id interview_ended, not_reached window interview_ended"
	if strings.Join(got, ", ") != want {
		t.Errorf("deviations %v\nwant %s", got, want)
	}
	ends := w.store.kept(evidence.EntryStepEnded)
	if last := payload[evidence.StepPayload](t, ends[len(ends)-1]); last.Ended != evidence.EndHangup {
		t.Errorf("the last step ended by %s", last.Ended)
	}
}

func TestStepEndsWithItsTime(t *testing.T) {
	w := withDeck(t)
	host, _ := w.live()
	sheet(w, host, "the draw", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })
	w.must(host.Send("card.start", signaling.CardStart{Card: "window", Reason: evidence.ReasonNoTime}))
	got := sheet(w, host, "the end", ended("window-1", evidence.EndTime))
	over := got.Sheet.Step("window-1")
	if over.EndMS-over.StartMS != 150 || over.Shown.Daylight == nil {
		t.Errorf("ended as %+v", over)
	}
}

// What a restart of the server must not lose, and what it does not pretend.
func TestRunSheetSurvivesRestarts(t *testing.T) {
	w := withDeck(t)
	host, _ := w.live()
	sheet(w, host, "the draw", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })
	w.must(host.Send("card.start", signaling.CardStart{Card: "up"}))
	sheet(w, host, "a step", func(s evidence.RunSheet) bool { return s.On() != nil })

	// A reload in the middle shows the same again.
	again := w.interviewer("ivy")
	if got := sheet(w, again, "after the reload", func(s evidence.RunSheet) bool { return true }); got.Sheet.On() == nil || got.Sheet.On().Step != "up-1" {
		t.Errorf("after a reload %+v", got.Sheet)
	}
	back := w.candidate()
	if c, err := signaltest.Next[signaling.Card](w.ctx, back, "card", nil); err != nil || c.Step != "up-1" {
		t.Errorf("the candidate is asked for %+v, %v after a reload", c, err)
	}
	// A crash: the step has no end in the log.
	crashed := newMemory()
	w.store.set(func(m *memory) {
		crashed.deck, crashed.entries, crashed.people = m.deck, append([]evidence.Entry{}, m.entries...), m.people
		iv := *m.ivs["one"]
		crashed.ivs["one"] = &iv
	})
	w2 := newWorld(t, signaling.Config{}, crashed)
	host2 := w2.interviewer("ivy")
	got := sheet(w2, host2, "after the crash", func(s evidence.RunSheet) bool { return s.On() == nil && len(s.Steps) == 1 })
	if s := got.Sheet.Steps[0]; s.Ended != evidence.EndInterrupted || s.EndMS < s.StartMS || len(got.Sheet.Cards) != 5 {
		t.Errorf("after a crash %+v", got.Sheet)
	}
	w2.eventually("the end in the log", func() bool { return len(crashed.kept(evidence.EntryStepEnded)) == 1 })
	if n := len(crashed.kept(evidence.EntryCardsDrawn)); n != 1 {
		t.Errorf("drawn %d times", n)
	}
}

// Every message of the run-sheet against everybody who may not send it.
func TestWhoMaySendCards(t *testing.T) {
	w := withDeck(t)
	host, cand := w.live()
	obs := w.dial(signaltest.Config{Join: signaling.Join{Interview: "one", Observe: true}, Header: http.Header{"User": {"olga"}}})
	w.must(obs.Enter(signaltest.AllConsents()))
	w.must(obs.WaitStage(w.ctx, signaling.StageRoom))
	sheet(w, obs, "observers see the run-sheet", func(s evidence.RunSheet) bool { return len(s.Cards) == 5 })
	all := []struct {
		kind string
		data any
	}{
		{"card.start", signaling.CardStart{Card: "up"}},
		{"card.stop", signaling.CardStop{Step: "up-1"}},
		{"card.skip", signaling.CardSkip{Card: "up", Reason: evidence.ReasonOther}},
		{"card.add", signaling.CardAdd{Kind: evidence.CardLookUp, Reason: evidence.ReasonOther}},
		{"card.verdict", signaling.CardVerdict{Step: "up-1", Verdict: evidence.VerdictDone}},
	}
	for i, m := range all {
		w.must(cand.Send(m.kind, m.data))
		refused(w, cand, i+1, "forbidden", "type")
		w.must(obs.Send(m.kind, m.data))
		refused(w, obs, i+1, "forbidden", "type")
	}
	w.must(obs.Send("card.cannot", signaling.CardCannot{Step: "up-1"}))
	refused(w, obs, len(all)+1, "forbidden", "type")
	// Bad input from those who may.
	for i, bad := range []struct {
		kind, code, field string
		data              any
	}{
		{"card.start", "not_found", "card", signaling.CardStart{Card: "nose"}},
		{"card.start", "invalid", "side", signaling.CardStart{Card: "up", Side: "front"}},
		{"card.start", "invalid", "side", signaling.CardStart{Card: "id", Side: "left", Reason: evidence.ReasonOther}},
		{"card.start", "invalid", "note", signaling.CardStart{Card: "up", Note: strings.Repeat("x", 2001)}},
		{"card.stop", "conflict", "step", signaling.CardStop{Step: "up-1"}},
		{"card.skip", "not_found", "card", signaling.CardSkip{Card: "nose", Reason: evidence.ReasonOther}},
		{"card.add", "invalid", "kind", signaling.CardAdd{Kind: "dance", Reason: evidence.ReasonOther}},
		{"card.verdict", "not_found", "step", signaling.CardVerdict{Step: "up-1", Verdict: evidence.VerdictDone}},
		{"card.cannot", "conflict", "step", signaling.CardCannot{Step: "up-1"}},
	} {
		w.must(host.Send(bad.kind, bad.data))
		refused(w, host, i+1, bad.code, bad.field)
	}
}

// Without a run-sheet the call goes on, and the interviewers are told.
func TestRunSheetThatCannotBeRead(t *testing.T) {
	store := newMemory()
	store.unread = errors.New("the disk is gone")
	w := newWorld(t, signaling.Config{}, store)
	host, _ := w.live()
	if n, err := signaltest.Next(w.ctx, host, "notice", func(n signaling.Notice) bool { return n.Code == "cards_failed" }); err != nil || n.Level != "error" {
		t.Errorf("notice %+v, %v", n, err)
	}
	w.must(host.Send("card.start", signaling.CardStart{Card: "up"}))
	refused(w, host, 1, "conflict", "")
	store.set(func(m *memory) {
		m.unread, m.deck = nil, []evidence.DrawnCard{{Card: "up", Kind: evidence.CardLookUp, LimitMS: 5000}}
	})
	again := w.interviewer("ivy")
	sheet(w, again, "read at the next join", func(s evidence.RunSheet) bool { return s.Cards != nil })
	if n := len(store.kept(evidence.EntryCardsDrawn)); n != 0 {
		t.Errorf("cards were drawn %d times after the call had begun", n)
	}
}
