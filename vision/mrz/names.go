package mrz

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Likeness tells how far two ways of writing a name agree.
type Likeness string

// The likenesses. None of them says why: people write names in several ways,
// leave out middle names, marry, and zones cut long names.
const (
	NameSame      Likeness = "same"      // every part of both is in the other, in any order
	NameNearly    Likeness = "nearly"    // so but for what recognition misreads: fillers, and one letter of a long part
	NamePartly    Likeness = "partly"    // at least one part is in both, or nearly
	NameDifferent Likeness = "different" // no part is
)

// rank is higher the less stands between two names; 0 where it is more than
// misreading can explain.
func (l Likeness) rank() int {
	switch l {
	case NameSame:
		return 2
	case NameNearly:
		return 1
	}
	return 0
}

// Bounds of a name that is compared.
const (
	MaxName     = 200 // characters
	maxWords    = 20
	maxVariants = 16 // ways to write one word
)

// Compare compares the name in a zone with one in ordinary writing, in Latin or
// Cyrillic letters, brought to A to Z as Doc 9303-3 section 6 recommends, with
// its alternatives. An error tells why the names cannot be compared: empty,
// longer than MaxName, or in a script whose transliteration is not unique.
func Compare(zone Name, written string) (Likeness, error) {
	words, err := spell(written)
	if err != nil {
		return "", err
	}
	holder := append(strings.Fields(zone.Surname), strings.Fields(zone.GivenNames)...)
	if len(holder) == 0 {
		return "", fmt.Errorf("comparing names: the zone has none")
	}
	if joinedSame(zone, words) {
		return NameSame, nil
	}
	used := make([]bool, len(holder))
	exact, near := 0, 0
	for _, w := range words {
		at, how := find(holder, used, w, zone.Cut)
		switch how {
		case whole:
			exact++
			used[at] = true
		case almost:
			near++
			used[at] = true
		}
	}
	left := slices.Contains(used, false)
	switch {
	case exact == len(words) && !left:
		return NameSame, nil
	// A field that is full may have lost whole parts at its end.
	case zone.Cut && !left && near == 0 && exact >= 2:
		return NameSame, nil
	case misread(zone.read(), words):
		return NameNearly, nil
	case exact+near > 0:
		return NamePartly, nil
	}
	return NameDifferent, nil
}

type fitting int

const (
	none fitting = iota
	almost
	whole
)

// find looks for a part of the name among those of the zone not used yet.
func find(holder []string, used []bool, word []string, cut bool) (at int, how fitting) {
	for i, h := range holder {
		if used[i] {
			continue
		}
		last := i == len(holder)-1
		for _, v := range word {
			if v == h || (cut && last && strings.HasPrefix(v, h)) {
				return i, whole
			}
			// One letter wrong: names have no check digit.
			if how == none && len(h) >= 5 && oneOff(v, h) {
				at, how = i, almost
			}
		}
	}
	return at, how
}

// oneOff tells whether two words differ by one letter replaced, added or lost.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

// joinedSame tells whether the names agree once all spaces are left out: some
// write in one word what others write in two.
func joinedSame(zone Name, words [][]string) bool {
	surname, given := strings.ReplaceAll(zone.Surname, " ", ""), strings.ReplaceAll(zone.GivenNames, " ", "")
	spellings := []string{""}
	for _, w := range words {
		var next []string
		for _, s := range spellings {
			for _, v := range w {
				if len(next) < maxVariants {
					next = append(next, s+v)
				}
			}
		}
		spellings = next
	}
	return slices.Contains(spellings, surname+given) || slices.Contains(spellings, given+surname)
}

// spell gives the parts of a written name, each in all its spellings in A to Z.
func spell(written string) ([][]string, error) {
	if n := len([]rune(written)); n > MaxName {
		return nil, fmt.Errorf("comparing names: the name has %d characters, want at most %d", n, MaxName)
	}
	var words [][]string
	for _, part := range strings.FieldsFunc(written, func(r rune) bool {
		return unicode.IsSpace(r) || r == '-' || r == '‐' || r == '–' || r == ',' || r == '.'
	}) {
		spellings := []string{""}
		for _, r := range norm.NFC.String(part) {
			to, ok := transliterate(unicode.ToUpper(r))
			if !ok {
				return nil, fmt.Errorf("comparing names: %q has no unique spelling in A to Z", r)
			}
			spellings = times(spellings, to)
		}
		spellings = slices.DeleteFunc(spellings, func(s string) bool { return s == "" })
		if len(spellings) > 0 && len(words) < maxWords {
			words = append(words, spellings)
		}
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("comparing names: the name is empty")
	}
	return words, nil
}

// times adds each of the endings to each of the beginnings. Where that is too
// many, only the first ending, the recommended one, is used.
func times(beginnings, endings []string) []string {
	if len(beginnings)*len(endings) > maxVariants {
		endings = endings[:1]
	}
	var out []string
	for _, e := range endings {
		for _, b := range beginnings {
			out = append(out, b+e)
		}
	}
	return out
}

// special are letters that are not simply their base letter. Several spellings
// are separated by a space, the recommended one first (Doc 9303-3, section 6 A
// and B; the plain letter is added for Latin ones since passports use it too).
var special = map[rune]string{
	'Ä': "AE A", 'Å': "AA A", 'Æ': "AE", 'Ð': "D", 'Đ': "D", 'Ħ': "H", 'ı': "I", 'I': "I", 'İ': "I", 'Ĳ': "IJ", 'Ł': "L", 'Ŀ': "L",
	'Ñ': "N NXX", 'Ŋ': "N", 'Ö': "OE O", 'Ø': "OE O", 'Œ': "OE", 'ß': "SS", 'ẞ': "SS", 'Þ': "TH", 'Ŧ': "T", 'Ü': "UE UXX U",

	'А': "A", 'Б': "B", 'В': "V", 'Г': "G H", 'Ґ': "G", 'Ѓ': "G", 'Д': "D", 'Ђ': "D", 'Е': "E", 'Ё': "E IO", 'Є': "IE YE",
	'Ж': "ZH Z", 'З': "Z", 'Ѕ': "DZ", 'И': "I Y", 'І': "I", 'Ї': "I YI", 'Й': "I", 'Ј': "J", 'К': "K", 'Ќ': "K", 'Л': "L", 'Љ': "LJ",
	'М': "M", 'Н': "N", 'Њ': "NJ", 'О': "O", 'П': "P", 'Р': "R", 'С': "S", 'Т': "T", 'Ћ': "C", 'У': "U", 'Ў': "U", 'Ф': "F",
	'Х': "KH H", 'Ц': "TS C", 'Ч': "CH C", 'Џ': "DZ", 'Ш': "SH S", 'Щ': "SHCH SHT", 'Ъ': "IE U", 'Ы': "Y", 'Ь': " ", 'Э': "E",
	'Ю': "IU YU", 'Я': "IA YA", 'Ѵ': "Y",

	'\'': " ", '’': " ", 'ʼ': " ", '`': " ", '´': " ", // an apostrophe is left out
}

// transliterate gives the spellings of one upper-case letter.
func transliterate(r rune) ([]string, bool) {
	if s, ok := special[r]; ok {
		if s == " " {
			return []string{""}, true
		}
		return strings.Fields(s), true
	}
	var base rune
	for i, d := range []rune(norm.NFD.String(string(r))) {
		switch {
		case i == 0:
			base = d
		case !unicode.Is(unicode.Mn, d):
			return nil, false
		}
	}
	if unicode.Is(unicode.Mn, base) {
		return []string{""}, true // a mark without a letter
	}
	if base < 'A' || base > 'Z' {
		return nil, false
	}
	return []string{string(base)}, true
}
