package document

// MatchThreshold is the cosine between the faces of several pictures of a
// portrait, pooled, and a live face from which they count as alike;
// MatchUnsure is half the width of the band around it that says nothing.
const (
	MatchThreshold = 0.34
	MatchUnsure    = 0.10
)

// MinPortrait is the height in pixels of a portrait's face from which it is
// compared.
const MinPortrait = 56

// Judge names a similarity: "alike", "unsure" or "unlike".
func Judge(similarity float64) string {
	switch {
	case similarity >= MatchThreshold+MatchUnsure:
		return "alike"
	case similarity < MatchThreshold-MatchUnsure:
		return "unlike"
	}
	return "unsure"
}
