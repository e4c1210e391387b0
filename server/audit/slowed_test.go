package audit

import (
	"encoding/json"
	"testing"

	"bonafide/server/evidence"
)

// An interval that was slowed counts as measured, and the summary says for how
// long and how far; one that grew counts once.
func TestSummarySaysWhatWasSlowed(t *testing.T) {
	s := Summary{covered: map[string]int{}, intervals: map[string]evidence.Coverage{}}
	for _, c := range []evidence.Coverage{
		{StartMS: 0, EndMS: 10_000},
		{StartMS: 10_000, EndMS: 30_000, SlowedTo: 5},
		{StartMS: 10_000, EndMS: 40_000, SlowedTo: 4.8},
		{StartMS: 40_000, EndMS: 60_000, SlowedTo: 2.5},
	} {
		c.Run, c.Kind, c.State = evidence.RunLive, evidence.FaceAbsent, evidence.Measured
		payload, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.coverage(evidence.Entry{Kind: evidence.EntryCoverage, Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Coverage) != 1 {
		t.Fatalf("%d rows, want one", len(s.Coverage))
	}
	if c := s.Coverage[0]; c.Measured != 60_000 || c.Slowed != 50_000 || c.SlowedTo != 2.5 {
		t.Errorf("%+v, want 60 s measured, 50 s of it slowed to 2.5 readings a second", c)
	}
}
