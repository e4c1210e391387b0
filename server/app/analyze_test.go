package app

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/server/analysis"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/media"
)

func TestMutesOf(t *testing.T) {
	type line struct {
		kind   evidence.EntryKind
		at     int64
		who    string
		source string
		muted  bool
	}
	const mute, published, ended = evidence.EntryTrackMute, evidence.EntryTrackPublished, evidence.EntryTrackEnded
	for name, c := range map[string]struct {
		lines []line
		want  []analysis.Span
	}{
		"on and off": {[]line{{mute, 1000, "c", "camera", true}, {mute, 2000, "c", "camera", false}}, []analysis.Span{span(1000, 2000)}},
		"to the end": {[]line{{mute, 1000, "c", "camera", true}}, []analysis.Span{span(1000, 9000)}},
		"ends with the track": {[]line{{mute, 1000, "c", "camera", true}, {ended, 1500, "c", "camera", false}, {published, 3000, "c", "camera", false}},
			[]analysis.Span{span(1000, 1500)}},
		"published muted": {[]line{{ended, 1500, "c", "camera", false}, {published, 3000, "c", "camera", true}, {mute, 4000, "c", "camera", false}},
			[]analysis.Span{span(3000, 4000)}},
		"others": {[]line{{mute, 1000, "c", "microphone", true}, {mute, 1000, "i", "camera", true}, {mute, 9500, "c", "camera", true}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var entries []evidence.Entry
			for _, l := range c.lines {
				payload, err := json.Marshal(evidence.TrackPayload{Participant: l.who, Source: l.source, Muted: l.muted})
				if err != nil {
					t.Fatal(err)
				}
				entries = append(entries, evidence.Entry{Kind: l.kind, AtMS: evidence.At(l.at), Payload: payload})
			}
			got, err := mutesOf(entries, "c", media.SourceCamera, 9000)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("mutes %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// TestGatesOf has a consent that was given late, one that was withdrawn for a
// while, and one that was withdrawn for good.
func TestGatesOf(t *testing.T) {
	var entries []evidence.Entry
	say := func(who string, c evidence.Consent, granted bool, at *int64) {
		payload, err := json.Marshal(evidence.ConsentPayload{Participant: who, Consent: c, Granted: granted})
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, evidence.Entry{Kind: evidence.EntryConsent, AtMS: at, Payload: payload})
	}
	say("c", evidence.ConsentRecording, true, nil)
	say("c", evidence.ConsentFace, false, nil)
	say("i", evidence.ConsentFace, true, nil)
	say("c", evidence.ConsentFace, true, evidence.At(5000))
	say("c", evidence.ConsentFace, false, evidence.At(7000))
	say("c", evidence.ConsentFace, true, evidence.At(9000))
	c := interview.Participant{ID: "c", Consents: map[evidence.Consent]bool{evidence.ConsentRecording: true, evidence.ConsentFace: true}}
	face := func(g analysis.Gate) evidence.Reason { return g.Off[evidence.FaceAbsent] }

	first, later, err := gatesOf(entries, c, []evidence.Kind{evidence.CameraOff})
	if err != nil || face(first) != evidence.ReasonNoConsent || first.NoStills || len(later) != 3 {
		t.Fatalf("first %+v, later %+v, %v", first, later, err)
	}
	for i, want := range []struct {
		at  time.Duration
		why evidence.Reason
	}{{5 * time.Second, ""}, {7 * time.Second, evidence.ReasonNoConsent}, {9 * time.Second, ""}} {
		if g := later[i]; g.At != want.at || face(g.Gate) != want.why || g.Gate.Off[evidence.CameraOff] != evidence.ReasonSwitchedOff {
			t.Errorf("change %d is %+v, want %v from %v on", i, g, want.why, want.at)
		}
	}
	c.Consents[evidence.ConsentFace] = false // withdrawn after the call
	if _, later, err = gatesOf(entries, c, nil); err != nil || face(later[0].Gate) != evidence.ReasonNoConsent || face(later[2].Gate) != evidence.ReasonNoConsent {
		t.Errorf("after a withdrawal %+v, %v", later, err)
	}
}

// TestStepsOf has steps before, in and after a recording, and one that goes on.
func TestStepsOf(t *testing.T) {
	step := func(id string, from, to int64, ended evidence.StepEnd) evidence.Step {
		return evidence.Step{Step: id, Kind: evidence.CardLookUp, StartMS: from, EndMS: to, Ended: ended}
	}
	sheet := evidence.RunSheet{Steps: []evidence.Step{
		step("before", 0, 1000, evidence.EndStopped), step("into", 500, 2500, evidence.EndStopped),
		step("after", 9000, 9500, evidence.EndStopped), step("on", 3000, 0, ""),
	}}
	got := stepsOf(sheet, evidence.Segment{StartMS: 1000, EndMS: 9000})
	if len(got) != 1 || got[0].Order.Step != "into" || got[0].From != 500*time.Millisecond || got[0].To != 2500*time.Millisecond || got[0].Order.LimitMS != 2000 {
		t.Errorf("%+v", got)
	}
}

func TestParseClock(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"": 0, "83": 83 * time.Second, "1:23": 83 * time.Second, "1:23.5": 83500 * time.Millisecond, "1:02:03": 3723 * time.Second,
	} {
		if got, err := parseClock(in); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"0", "0:00", "1:60", "-1", "1.5:10", "a", "1:", "1:2:3:4", "NaN", "1:-2"} {
		if got, err := parseClock(in); err == nil || !strings.Contains(err.Error(), strconv.Quote(in)) {
			t.Errorf("%q is %v, error %v", in, got, err)
		}
	}
}
