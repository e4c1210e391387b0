package mrz

import "strings"

// What recognition makes of the filler within a name, where it also reads one
// as two or leaves one out, and in the long row of them behind it.
const (
	fillersWithin = "<KCSX"
	fillersBehind = "<KCSXEGLR46"
	// maxGap is how many characters two fillers between parts are taken for.
	maxGap = 3
	// maxSteps bounds the search for the parts of a name in a field.
	maxSteps = 2_000
)

// misread tells whether a name field can be a badly read field of the written
// name: all its parts, in any order, with nothing else but fillers and what is
// read in their place. Of a part of five letters and more one letter may be
// wrong, missing or too many: no check digit protects names.
func misread(field string, words [][]string) bool {
	s := search{field: field, words: words, used: make([]bool, len(words))}
	// The character before the name may have been read twice.
	return s.from(0, len(words)) || len(field) > 0 && s.from(1, len(words))
}

// search looks for the parts of a written name in a field, one after another.
type search struct {
	field string
	words [][]string // the parts, each in all its spellings
	used  []bool
	steps int
}

// from tells whether the rest of the field, from a place on, is made of the
// parts that are left, so many.
func (s *search) from(at, left int) bool {
	if s.steps++; s.steps > maxSteps {
		return false
	}
	if left == 0 {
		rest, _, _ := strings.Cut(s.field[at:], "<<<")
		return strings.Trim(rest, fillersBehind) == ""
	}
	for gap := 0; gap <= maxGap && at+gap < len(s.field); gap++ {
		if gap > 0 && !strings.ContainsRune(fillersWithin, rune(s.field[at+gap-1])) {
			break
		}
		for i, spellings := range s.words {
			if s.used[i] {
				continue
			}
			s.used[i] = true
			for _, word := range spellings {
				for n := max(len(word)-1, 1); n <= len(word)+1 && at+gap+n <= len(s.field); n++ {
					if s.fits(at+gap, n, word) && s.from(at+gap+n, left-1) {
						return true
					}
				}
			}
			s.used[i] = false
		}
	}
	return false
}

// fits tells whether n characters of the field can be a part of a name.
func (s *search) fits(at, n int, word string) bool {
	read := s.field[at : at+n]
	if read == word || len(word) >= 5 && oneOff(read, word) {
		return true
	}
	// A last letter that looks like a filler was taken for one.
	return n == len(word)-1 && read == word[:n] && strings.ContainsRune("KC", rune(word[n])) &&
		(at+n == len(s.field) || s.field[at+n] == Filler)
}
