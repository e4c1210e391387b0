package evidence

// SeriesPayload goes with series entries: a stretch of readings of one signal,
// kept so that people see what findings rest on and where nothing could be
// measured. The readings themselves are the part, a SeriesPart, for they tell
// of a person's face or voice and can be deleted.
type SeriesPayload struct {
	Interview   string `json:"interview"`
	Participant string `json:"participant"`
	Source      string `json:"source"` // media source, e.g. "camera"
	Run         string `json:"run"`
	Name        string `json:"name"` // e.g. "identity.similarity", "gaze.horizontal", "signal.loss"
	StartMS     int64  `json:"start_ms"`
	EndMS       int64  `json:"end_ms"`
	Count       int    `json:"count"` // of the readings
}

// SeriesPart is the deletable half of a series entry.
type SeriesPart struct {
	Unit   string        `json:"unit"`
	Points []SeriesPoint `json:"points"`
	// Lines are levels to draw across, such as thresholds.
	Lines []Measure `json:"lines,omitempty"`
	// Marks are stretches to point out, such as return sweeps.
	Marks []SeriesMark `json:"marks,omitempty"`
}

// SeriesPoint is one reading. With a Reason the value could not be measured.
type SeriesPoint struct {
	AtMS    int64   `json:"t"`
	Value   float64 `json:"v"`
	Quality float64 `json:"q,omitempty"` // 0 to 1; 0 where the signal has none
	Reason  Reason  `json:"r,omitempty"`
}

// SeriesMark names a stretch of a series.
type SeriesMark struct {
	StartMS int64  `json:"start_ms"`
	EndMS   int64  `json:"end_ms"`
	Name    string `json:"name"`
}

// Series is a stretch of readings with all that is known of it. As JSON both
// halves lie side by side, so no name may be in both.
type Series struct {
	SeriesPayload
	SeriesPart
}
