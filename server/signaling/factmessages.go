package signaling

import "bonafide/server/evidence"

// ---- client to server -------------------------------------------------

// Fact ("fact") is what the candidate's page tells of itself. Which fields go
// with which fact is said with evidence.FactKind; those that the browser does
// not tell are left out. What a source comes from is told by "device".
type Fact struct {
	Fact  evidence.FactKind `json:"fact"`
	State string            `json:"state,omitempty"`
	AtMS  *int64            `json:"at_ms,omitempty"` // interview time at which it was so; now if absent

	Width   int `json:"width,omitempty"`  // of the window, CSS pixels
	Height  int `json:"height,omitempty"` //
	Screens int `json:"screens,omitempty"`

	Family    string  `json:"family,omitempty"`
	Protocol  string  `json:"protocol,omitempty"`
	Address   string  `json:"address,omitempty"` // of this end of the path; kept apart from the rest, deletable
	RTTMS     float64 `json:"rtt_ms,omitempty"`
	PlayoutMS float64 `json:"playout_ms,omitempty"`
	LostShare float64 `json:"lost_share,omitempty"`

	ClientMS int64  `json:"client_ms,omitempty"` // the browser's clock, Unix ms
	ZoneMin  int    `json:"zone_min,omitempty"`  // minutes east of UTC
	TimeZone string `json:"time_zone,omitempty"` // IANA name
}
