package api

import "bonafide/server/evidence"

// SeriesData answers GET /api/interviews/{id}/series?name=&run=&from=&to=&points=:
// readings over time of the names asked for.
type SeriesData struct {
	Lines []SeriesLine `json:"lines"`
}

// SeriesLine is what there is of one signal, put together from the pieces in
// which it was kept. Where points were asked for, a long line is thinned out:
// of each stretch the lowest and the highest reading stay, and a reason.
type SeriesLine struct {
	Participant string                 `json:"participant"`
	Source      string                 `json:"source"`
	Run         string                 `json:"run"`
	Name        string                 `json:"name"`
	Unit        string                 `json:"unit"`
	Points      []evidence.SeriesPoint `json:"points"`
	Levels      []evidence.Measure     `json:"levels"` // to draw across, such as thresholds
	Marks       []evidence.SeriesMark  `json:"marks"`
}
