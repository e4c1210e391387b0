package document

// MatchThreshold is the cosine between the faces of several pictures of a
// portrait, pooled, and a live face around which they count as alike or unlike;
// MatchUnsure is half the width of the band around it that says nothing.
//
// Of 110 pairs of photos of two people each, one made into a portrait of 56 or
// 80 pixels and held into a picture, the most alike had 0.28 and 99 in 100 less
// than 0.25. Of as many pairs of one person the twentieth had 0.21 to 0.26 at
// 56 pixels and 0.34 to 0.36 at 80 (TestEvalPortrait, simulated). The people of
// those photos differ from one another more than relatives do, hence the wide
// distance to "alike".
const (
	MatchThreshold = 0.32
	MatchUnsure    = 0.12
)

// MinPortrait is the height in pixels of a portrait's face from which it is
// compared; MinUnlike that from which it may be called unlike: below, one in
// twenty portraits of the same person is.
const (
	MinPortrait = 56
	MinUnlike   = 80
)

// Judge names the similarity of a portrait so many pixels high: "alike",
// "unsure" or "unlike".
func Judge(similarity, height float64) string {
	switch {
	case similarity >= MatchThreshold+MatchUnsure:
		return "alike"
	case similarity < MatchThreshold-MatchUnsure && height >= MinUnlike:
		return "unlike"
	}
	return "unsure"
}
