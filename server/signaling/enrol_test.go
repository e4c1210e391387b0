package signaling_test

import (
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/signaling"
	"bonafide/server/signaling/signaltest"
)

// TestRetake shows an interviewer who was enrolled and has it done anew; the
// candidate neither sees it nor may ask for it.
func TestRetake(t *testing.T) {
	w := withDeck(t)
	host, cand := w.live()
	enrolled := evidence.EnrolledPayload{Interview: "one", Participant: "candidate", Frames: 7, FromMS: 1000, ToMS: 9000}
	w.hub.SendEnrolled("one", enrolled)
	got, err := signaltest.Next(w.ctx, host, "enrolled", func(e signaling.Enrolled) bool { return e.Enrolled.Frames == 7 })
	if err != nil || got.Retaken {
		t.Fatalf("%+v, %v", got, err)
	}
	w.must(cand.Send("enrol.retake", signaling.EnrolRetake{}))
	refused(w, cand, 1, "forbidden", "type")
	w.must(host.Send("enrol.retake", signaling.EnrolRetake{}))
	if _, err := signaltest.Next(w.ctx, host, "enrolled", func(e signaling.Enrolled) bool { return e.Retaken }); err != nil {
		t.Fatal(err)
	}
	w.eventually("the retake of the analysis", w.saw("retake one"))
	kept := w.store.kept(evidence.EntryRetake)
	if len(kept) != 1 || kept[0].AtMS == nil || kept[0].Actor.Type == "system" {
		t.Errorf("kept %+v", kept)
	}
	w.must(host.Send("enrol.retake", signaling.EnrolRetake{}))
	refused(w, host, 1, "conflict", "type")
}
