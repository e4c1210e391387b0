package app

import (
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestRunSheetOfAnInterview: drawn before the call, played in the room, kept in
// the log, and after a restart of the server still what it was.
func TestRunSheetOfAnInterview(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	m.begin(signaltest.AllConsents(), signaltest.AllConsents())
	sheet, err := signaltest.Next(s.ctx, m.host, "cards", func(c signaling.Cards) bool { return len(c.Sheet.Cards) > 0 })
	ok(t, err)
	drawn, begun := int64(0), int64(0)
	for _, one := range m.entries() {
		switch e := one.Entry; e.Kind {
		case evidence.EntryCardsDrawn:
			drawn = e.Seq
		case evidence.EntryInterviewStarted:
			begun = e.Seq
		}
	}
	if drawn == 0 || drawn > begun {
		t.Errorf("drawn by entry %d, begun by entry %d", drawn, begun)
	}
	card := sheet.Next
	ok(t, m.host.Send("card.start", signaling.CardStart{Card: card}))
	_, err = signaltest.Next(s.ctx, m.host, "cards", func(c signaling.Cards) bool { return c.Sheet.On() != nil })
	ok(t, err)
	ok(t, m.host.Send("card.stop", signaling.CardStop{Step: card + "-1"}))
	// Without analysis it is said that nothing was checked.
	got, err := signaltest.Next(s.ctx, m.host, "cards", func(c signaling.Cards) bool {
		st := c.Sheet.Step(card + "-1")
		return st != nil && st.Result != nil && st.Ended != ""
	})
	ok(t, err)
	if r := got.Sheet.Step(card + "-1").Result; r.Outcome != evidence.StepNotChecked || r.Reason != evidence.ReasonNotAvailable || r.Participant == "" {
		t.Errorf("result %+v", r)
	}
	again := got.Next
	ok(t, m.host.Send("card.start", signaling.CardStart{Card: again}))
	_, err = signaltest.Next(s.ctx, m.host, "cards", func(c signaling.Cards) bool { return c.Sheet.On() != nil && c.Sheet.On().Card == again })
	ok(t, err)
	s.end() // the server stops in the middle of a step
	back := openSite(t, s.data, 60*sec, nil)
	kept, err := back.app.store.RunSheet(back.ctx, m.id)
	ok(t, err)
	if st := kept.Step(again + "-1"); st == nil || st.Ended != evidence.EndInterrupted || len(kept.Cards) != len(sheet.Sheet.Cards) || kept.DrawnSeq != drawn {
		t.Errorf("after a restart %+v", kept)
	}
	if r := kept.Step(again + "-1").Result; r == nil || r.Outcome != evidence.StepNotChecked {
		t.Errorf("the interrupted step has the result %+v", r)
	}
}
