package app

import (
	"math"
	"testing"

	"bonafide/models"
	"bonafide/server/gallery"
	"bonafide/vision/document"
)

// TestRatesAreOfTheModel holds that the thresholds of templates belong to the
// model that makes them, and to portraits as the check of documents has them.
func TestRatesAreOfTheModel(t *testing.T) {
	for _, a := range models.Manifest {
		if a.Name != models.FaceEmbed {
			continue
		}
		r, ok := gallery.RatesOf(a.SHA256)
		if !ok {
			t.Fatalf("no rates were measured of %s (%s): its templates would never be compared", a.Name, a.SHA256)
		}
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
		if !near(r.Portrait.Threshold, document.MatchThreshold) || !near(r.Portrait.From, document.MatchThreshold-document.MatchUnsure) || !near(r.Portrait.To, document.MatchThreshold+document.MatchUnsure) {
			t.Errorf("portraits %+v, want %v ± %v", r.Portrait, document.MatchThreshold, document.MatchUnsure)
		}
		if r.Search < r.Round.To || r.Round.From > r.Round.Threshold || r.Round.Threshold > r.Round.To {
			t.Errorf("thresholds out of order: %+v", r)
		}
		return
	}
	t.Fatal("the manifest has no model of faces")
}
