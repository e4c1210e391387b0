package app

import (
	"encoding/json"
	"slices"
	"testing"

	"bonafide/server/analysis"
	"bonafide/server/evidence"
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
			got, err := mutesOf(entries, "c", 9000)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("mutes %v, %v; want %v", got, err, c.want)
			}
		})
	}
}
