package api

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Bounds of what may be asked for.
const (
	maxSeriesNames  = 20
	maxSeriesPoints = 20_000
)

// seriesQuery is what a request for readings asks for.
type seriesQuery struct {
	names    []string
	run      string // "" for every run
	from, to int64  // ms; to 0 for the end
	points   int    // 0 for all
}

func readSeriesQuery(r *http.Request) (seriesQuery, error) {
	v := r.URL.Query()
	q := seriesQuery{names: v["name"], run: v.Get("run")}
	if n := len(q.names); n < 1 || n > maxSeriesNames {
		return q, interview.Invalid("name", "%d were given; ask for 1 to %d series by name", n, maxSeriesNames)
	}
	for _, p := range []struct {
		name string
		to   *int64
		max  int64
	}{{"from", &q.from, maxLevelMS}, {"to", &q.to, maxLevelMS}} {
		text := v.Get(p.name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > p.max {
			return q, interview.Invalid(p.name, "%q is not a time of an interview; give milliseconds, 0 to %d", text, p.max)
		}
		*p.to = n
	}
	if text := v.Get("points"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 10 || n > maxSeriesPoints {
			return q, interview.Invalid("points", "%q is not a number of points; give 10 to %d", text, maxSeriesPoints)
		}
		q.points = n
	}
	return q, nil
}

// getSeries answers with readings over time.
func (a *API) getSeries(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := readSeriesQuery(r)
	if err != nil {
		return err
	}
	pieces, err := a.Store.Series(r.Context(), c.interview.ID, q.names...)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, SeriesData{Lines: linesOf(pieces, q)})
}

// linesOf joins the pieces of each signal, in the order of their time.
func linesOf(pieces []evidence.Series, q seriesQuery) []SeriesLine {
	type key struct{ participant, source, run, name string }
	lines, order := map[key]*SeriesLine{}, []key{}
	for _, p := range pieces {
		if q.run != "" && p.Run != q.run || p.EndMS < q.from || q.to > 0 && p.StartMS > q.to {
			continue
		}
		k := key{p.Participant, p.Source, p.Run, p.Name}
		l := lines[k]
		if l == nil {
			l = &SeriesLine{Participant: p.Participant, Source: p.Source, Run: p.Run, Name: p.Name, Unit: p.Unit,
				Points: []evidence.SeriesPoint{}, Levels: []evidence.Measure{}, Marks: []evidence.SeriesMark{}}
			lines[k], order = l, append(order, k)
		}
		for _, one := range p.Points {
			if one.AtMS >= q.from && (q.to == 0 || one.AtMS <= q.to) {
				l.Points = append(l.Points, one)
			}
		}
		for _, m := range p.Marks {
			if m.EndMS >= q.from && (q.to == 0 || m.StartMS <= q.to) {
				l.Marks = append(l.Marks, m)
			}
		}
		if p.Lines != nil {
			l.Levels = p.Lines // the newest hold
		}
	}
	out := make([]SeriesLine, 0, len(order))
	for _, k := range order {
		l := lines[k]
		slices.SortStableFunc(l.Points, func(x, y evidence.SeriesPoint) int { return cmp.Compare(x.AtMS, y.AtMS) })
		l.Points = thin(l.Points, q.points)
		out = append(out, *l)
	}
	slices.SortStableFunc(out, func(x, y SeriesLine) int {
		return cmp.Compare(slices.Index(q.names, x.Name), slices.Index(q.names, y.Name))
	})
	return out
}

// thin leaves about n of the points: the lowest and the highest of each stretch
// of time, and the first of a stretch that could not be measured at all.
func thin(points []evidence.SeriesPoint, n int) []evidence.SeriesPoint {
	if n == 0 || len(points) <= n {
		return points
	}
	first, last := points[0].AtMS, points[len(points)-1].AtMS
	step := max((last-first)/int64(n/2)+1, 1)
	var out []evidence.SeriesPoint
	for len(points) > 0 {
		end := 0
		stretch := (points[0].AtMS - first) / step
		low, high := -1, -1
		for end < len(points) && (points[end].AtMS-first)/step == stretch {
			if p := points[end]; p.Reason == "" {
				if low < 0 || p.Value < points[low].Value {
					low = end
				}
				if high < 0 || p.Value > points[high].Value {
					high = end
				}
			}
			end++
		}
		switch {
		case low < 0:
			out = append(out, points[0])
		case low == high:
			out = append(out, points[low])
		default:
			out = append(out, points[min(low, high)], points[max(low, high)])
		}
		points = points[end:]
	}
	return out
}
