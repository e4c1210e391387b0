package store

import (
	"reflect"
	"testing"

	"bonafide/server/auth"
	"bonafide/server/evidence"
)

func TestSeriesComeBack(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	iv := planned(t, s, account(t, s, "Ada", auth.Interviewer), "Tom")
	series := func(name string, from int64) evidence.Series {
		return evidence.Series{
			SeriesPayload: evidence.SeriesPayload{Interview: iv.ID, Participant: "p", Source: "camera", Run: evidence.RunLive, Name: name,
				StartMS: from, EndMS: from + 1000, Count: 2},
			SeriesPart: evidence.SeriesPart{Unit: "%", Lines: []evidence.Measure{{Name: "limit", Value: 3}},
				Points: []evidence.SeriesPoint{{AtMS: from, Value: 1.5, Quality: 0.5}, {AtMS: from + 1000, Reason: evidence.ReasonDark}},
				Marks:  []evidence.SeriesMark{{StartMS: from, EndMS: from + 100, Name: "sweep"}}},
		}
	}
	all := []evidence.Series{series("signal.loss", 0), series("gaze.horizontal", 0), series("signal.loss", 60_000)}
	for _, one := range all {
		_, err := s.Append(ctx, evidence.NewEntry{Interview: iv.ID, AtMS: evidence.At(one.EndMS), Actor: evidence.System,
			Kind: evidence.EntrySeries, Payload: one.SeriesPayload, Part: one.SeriesPart})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Series(ctx, iv.ID, "signal.loss"); err != nil || !reflect.DeepEqual(got, []evidence.Series{all[0], all[2]}) {
		t.Errorf("signal.loss: %+v, %v; want the two pieces as they were", got, err)
	}
	if got, err := s.Series(ctx, iv.ID); len(got) != 0 || err != nil {
		t.Errorf("without a name: %d, %v; want none", len(got), err)
	}
	names, err := s.SeriesNames(ctx, iv.ID)
	if err != nil || len(names) != 2 || names[1].Name != "signal.loss" || names[1].EndMS != 61_000 || names[1].Count != 2 {
		t.Errorf("names %+v, %v; want gaze.horizontal, and signal.loss in two pieces up to 61 s", names, err)
	}
	if _, err := s.Append(ctx, evidence.NewEntry{Interview: iv.ID, Actor: evidence.System, Kind: evidence.EntrySeries, Payload: series("x", 0)}); err == nil {
		t.Error("a series with its readings in the payload was taken")
	}
}
