package app

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestCancelledIsClosed cancels an interview whose candidate is in the lobby:
// they are sent away, the log is closed after the last word on them, the receipt
// says what it is of, and it is known when the record goes.
func TestCancelledIsClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	m := s.plan()
	ok(t, m.dialCandidate())
	t.Cleanup(func() { m.cand.Close() })
	m.do("POST", "/api/interviews/"+m.id+"/cancel", api.CancelRequest{Reason: "She took another offer"}, nil)
	if e, err := signaltest.Next[signaling.Ended](m.ctx, m.cand, "ended", nil); err != nil || e.Reason != "cancelled" {
		t.Errorf("the candidate was told %+v, %v", e, err)
	}
	if r := m.receipt(); !strings.Contains(r.Text, "which was cancelled on ") {
		t.Errorf("the receipt says\n%s", r.Text)
	}
	var closing []string
	for _, e := range m.entries() {
		switch e.Entry.Kind {
		case evidence.EntryInterviewCancelled, evidence.EntryParticipantLeft, evidence.EntrySealed:
			closing = append(closing, string(e.Entry.Kind))
		}
	}
	want := []string{string(evidence.EntryInterviewCancelled), string(evidence.EntryParticipantLeft), string(evidence.EntrySealed)}
	if !slices.Equal(closing, want) {
		t.Errorf("the log has %v, want %v", closing, want)
	}
	m.until("it is known when the record goes", 10*time.Second, func() bool {
		due, err := s.app.store.Upcoming(m.ctx, math.MaxInt64, 10)
		ok(t, err)
		return slices.Contains(due, m.id)
	})
}
