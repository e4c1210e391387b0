package interview

import "unicode"

// Visible reports a character in what a person filled in that is not shown
// but changes what is: controls (a name with a line break or a NUL), and the
// overrides of the writing direction, with which a text reads as another than
// it is. Marks that names in right-to-left scripts and emoji need may stay.
func Visible(field, value string) error {
	for _, r := range value {
		if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return Invalid(field, "holds the invisible character %U; type it anew without it", r)
		}
	}
	return nil
}
