package gallery

// Band is where a likeness of two faces counts as likely of one person, as
// unlikely, or as neither.
type Band struct {
	Threshold float64 `json:"threshold"` // cosine
	From      float64 `json:"from"`      // below it: unlike
	To        float64 `json:"to"`        // from it on: alike
}

// Judge names a likeness: "alike", "unsure" or "unlike".
func (b Band) Judge(similarity float64) string {
	switch {
	case similarity >= b.To:
		return "alike"
	case similarity < b.From:
		return "unlike"
	}
	return "unsure"
}

// Rates is what was measured of a model, and so at which likeness its
// templates are shown as what.
type Rates struct {
	Round    Band // of two faces that were enrolled in calls, or of one and a profile picture
	Portrait Band // of a face that was enrolled and the portrait of a document
	// RoundFalse and RoundMissed are the shares of pairs of two people at or above
	// Round.Threshold, and of pairs of one person below it; FarOff is the former
	// in the one source of pictures where it was largest.
	RoundFalse, RoundMissed, FarOff float64
	// Search is the cosine from which a search among many shows a face, and
	// FalseMatches the share of pairs of two people at or above it, SearchMissed
	// that of pairs of one person below it.
	Search       float64
	FalseMatches float64
	SearchMissed float64
	Pictures     int // that the rates were measured on; larger galleries are extrapolations
}

// measured holds the rates by the SHA-256 of the model file. Templates of a
// model that is not here are not compared: a threshold of one model says
// nothing about another.
//
// For the model of the manifest: vision/identity TestEvalGallery over 3050
// photographs, 4,645,040 pairs of two people (make eval). 0.333 is reached by
// one pair of 1000 (and missed by 1.8 % of the pairs of one person), 0.407 by
// one of 10,000 (3.8 %), 0.468 by one of 100,000 (7.3 %), 0.515 by one of a
// million (fewer than ten pairs; 11.5 %). One small source, of 56 pairs, lies
// far off: 16 % of its pairs reach 0.333, 3.6 % reach 0.407 and 1.8 % reach
// 0.468. Therefore the band of rounds is wide on both sides of its threshold.
// The band of portraits is that of vision/document (TestEvalPortrait).
var measured = map[string]Rates{
	"3e90f2d0c33b05f448d8496c5774bea1084ace0d9173e0c64f9f489512c40abd": {
		Round:      Band{Threshold: 0.407, From: 0.333, To: 0.515},
		Portrait:   Band{Threshold: 0.32, From: 0.20, To: 0.44},
		RoundFalse: 1e-4, RoundMissed: 0.038, FarOff: 0.036,
		Search: 0.515, FalseMatches: 1e-6, SearchMissed: 0.115, Pictures: 3050,
	},
}

// RatesOf returns what was measured of the model with this SHA-256; false where
// nothing was.
func RatesOf(model string) (Rates, bool) {
	r, ok := measured[model]
	return r, ok
}
