package app

import (
	"reflect"
	"testing"

	"bonafide/server/evidence"
)

// TestOutageBefore covers the time in which the server was down, of each kind
// from where it was known last, in pieces of a minute at most.
func TestOutageBefore(t *testing.T) {
	cover := func(who, run string, k evidence.Kind, from, to int64) evidence.Coverage {
		return evidence.Coverage{Interview: "i", Participant: who, Source: "camera", Run: run, Kind: k, State: evidence.Measured, StartMS: from, EndMS: to, Samples: 9}
	}
	out := func(k evidence.Kind, from, to int64) evidence.Coverage {
		c := cover("c", evidence.RunLive, k, from, to)
		c.State, c.Reason, c.Samples = evidence.NotRun, evidence.ReasonOutage, 0
		return c
	}
	before := []evidence.Coverage{
		cover("c", evidence.RunLive, evidence.FaceAbsent, 1000, 61_000),
		cover("c", evidence.RunLive, evidence.FaceAbsent, 61_000, 70_000),
		cover("c", evidence.RunLive, evidence.CameraOff, 1000, 150_000),
		cover("c", "later", evidence.FaceAbsent, 1000, 120_000),
		cover("other", evidence.RunLive, evidence.FaceAbsent, 1000, 5000),
	}
	want := []evidence.Coverage{out(evidence.FaceAbsent, 70_000, 130_000), out(evidence.FaceAbsent, 130_000, 150_000)}
	if got := outageBefore(before, "c", 150_000); !reflect.DeepEqual(got, want) {
		t.Errorf("covered %+v, want %+v", got, want)
	}
	if got := outageBefore(nil, "c", 150_000); got != nil {
		t.Errorf("without earlier coverage %+v", got)
	}
}
