package api

import (
	"net/http/httptest"
	"testing"

	"bonafide/server/evidence"
)

func piece(name, run string, reasonAt int, ms ...int64) evidence.Series {
	s := evidence.Series{SeriesPayload: evidence.SeriesPayload{Participant: "p", Source: "camera", Run: run, Name: name, Count: len(ms)}}
	for i, at := range ms {
		one := evidence.SeriesPoint{AtMS: at, Value: float64(at % 700)}
		if i == reasonAt {
			one = evidence.SeriesPoint{AtMS: at, Reason: evidence.ReasonDark}
		}
		s.Points = append(s.Points, one)
	}
	s.StartMS, s.EndMS = ms[0], ms[len(ms)-1]
	return s
}

func TestLinesOfSeries(t *testing.T) {
	a, b := piece("signal.loss", "live", 1, 0, 1000, 2000), piece("signal.loss", "live", -1, 3000, 4000)
	a.Marks = []evidence.SeriesMark{{StartMS: 500, EndMS: 900, Name: "loss"}}
	other := piece("gaze.horizontal", "r2", -1, 0, 100)
	pieces := []evidence.Series{b, other, a}

	got := linesOf(pieces, seriesQuery{names: []string{"signal.loss", "gaze.horizontal"}})
	if len(got) != 2 || got[0].Name != "signal.loss" || len(got[0].Points) != 5 || got[0].Points[0].AtMS != 0 || len(got[0].Marks) != 1 {
		t.Fatalf("joined %+v; want five points of signal.loss in order of time, then gaze.horizontal", got)
	}
	if got := linesOf(pieces, seriesQuery{names: []string{"signal.loss"}, run: "live", from: 1000, to: 3000}); len(got) != 1 || len(got[0].Points) != 3 || len(got[0].Marks) != 0 {
		t.Errorf("from 1 to 3 s: %+v; want three points and no mark", got)
	}
}

func TestThinnedSeriesKeepExtremesAndHoles(t *testing.T) {
	var points []evidence.SeriesPoint
	for i := range 10_000 {
		p := evidence.SeriesPoint{AtMS: int64(i) * 100, Value: 1}
		switch {
		case i == 5123:
			p.Value = 50
		case i >= 7000 && i < 8000:
			p = evidence.SeriesPoint{AtMS: p.AtMS, Reason: evidence.ReasonDark}
		}
		points = append(points, p)
	}
	got := thin(points, 400)
	peak, dark := false, 0
	for i, p := range got {
		peak = peak || p.Value == 50
		if p.Reason != "" {
			dark++
		}
		if i > 0 && p.AtMS <= got[i-1].AtMS {
			t.Fatalf("point %d at %d ms follows one at %d ms", i, p.AtMS, got[i-1].AtMS)
		}
	}
	if len(got) > 450 || !peak || dark < 15 {
		t.Errorf("%d points, peak kept %v, %d of the dark; want at most 450, the peak, and the dark tenth", len(got), peak, dark)
	}
}

func TestSeriesQueries(t *testing.T) {
	for query, ok := range map[string]bool{
		"name=a": true, "name=a&name=b&from=0&to=5&points=400": true,
		"": false, "name=a&from=-1": false, "name=a&to=x": false, "name=a&points=3": false,
	} {
		if _, err := readSeriesQuery(httptest.NewRequest("GET", "/?"+query, nil)); (err == nil) != ok {
			t.Errorf("%q: %v; valid should be %v", query, err, ok)
		}
	}
}
