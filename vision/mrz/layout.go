// Package mrz reads the machine-readable zone of travel documents as ICAO Doc
// 9303 lays it out (part 4: TD3, part 5: TD1, part 6: TD2, part 7: visas):
// fields, check digits, names and dates; it puts right what character
// recognition confuses where a field's alphabet decides, lets several readings
// vote, and compares the name with one in ordinary writing. Pure Go.
//
// A right check digit tells that a zone was read well. It says nothing about
// whether a document is genuine.
package mrz

// Format is the layout of a zone.
type Format string

// The formats, with their lines and characters per line.
const (
	TD1  Format = "TD1"   // 3 × 30, identity cards
	TD2  Format = "TD2"   // 2 × 36
	TD3  Format = "TD3"   // 2 × 44, passports
	MRVA Format = "MRV-A" // 2 × 44, visas: without a composite check digit
	MRVB Format = "MRV-B" // 2 × 36
)

// Filler stands for a space and for nothing.
const Filler = '<'

// alphabet is what may stand in a field.
type alphabet int

const (
	letters alphabet = iota // A to Z and the filler
	digits                  // 0 to 9 and the filler
	mixed                   // both
)

// span is a run of characters in one line: from inclusive, to exclusive,
// counted from 0.
type span struct{ line, from, to int }

// field is a run of characters with one meaning.
type field struct {
	span
	alphabet alphabet
}

// check is a check digit and what it is computed over.
type check struct {
	name string
	at   span // one character
	over []span
}

// layout is where everything is in one format.
type layout struct {
	lines, length int
	code, issuer, number, nationality,
	birth, sex, expiry, optional, name field
	checks []check
}

func at(line, from, to int, a alphabet) field { return field{span{line, from, to}, a} }

// layouts are the figures of Doc 9303 parts 4 to 7, counted from 0.
var layouts = map[Format]layout{
	TD1: {
		lines: 3, length: 30,
		code: at(0, 0, 2, letters), issuer: at(0, 2, 5, letters), number: at(0, 5, 14, mixed),
		birth: at(1, 0, 6, digits), sex: at(1, 7, 8, letters), expiry: at(1, 8, 14, digits),
		nationality: at(1, 15, 18, letters), optional: at(0, 15, 30, mixed), name: at(2, 0, 30, letters),
		checks: []check{
			{"number", span{0, 14, 15}, []span{{0, 5, 14}}},
			{"birth date", span{1, 6, 7}, []span{{1, 0, 6}}},
			{"expiry date", span{1, 14, 15}, []span{{1, 8, 14}}},
			{"composite", span{1, 29, 30}, []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}},
		},
	},
	TD2: {
		lines: 2, length: 36,
		code: at(0, 0, 2, letters), issuer: at(0, 2, 5, letters), name: at(0, 5, 36, letters),
		number: at(1, 0, 9, mixed), nationality: at(1, 10, 13, letters), birth: at(1, 13, 19, digits),
		sex: at(1, 20, 21, letters), expiry: at(1, 21, 27, digits), optional: at(1, 28, 35, mixed),
		checks: []check{
			{"number", span{1, 9, 10}, []span{{1, 0, 9}}},
			{"birth date", span{1, 19, 20}, []span{{1, 13, 19}}},
			{"expiry date", span{1, 27, 28}, []span{{1, 21, 27}}},
			{"composite", span{1, 35, 36}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}},
		},
	},
	TD3: {
		lines: 2, length: 44,
		code: at(0, 0, 2, letters), issuer: at(0, 2, 5, letters), name: at(0, 5, 44, letters),
		number: at(1, 0, 9, mixed), nationality: at(1, 10, 13, letters), birth: at(1, 13, 19, digits),
		sex: at(1, 20, 21, letters), expiry: at(1, 21, 27, digits), optional: at(1, 28, 42, mixed),
		checks: []check{
			{"number", span{1, 9, 10}, []span{{1, 0, 9}}},
			{"birth date", span{1, 19, 20}, []span{{1, 13, 19}}},
			{"expiry date", span{1, 27, 28}, []span{{1, 21, 27}}},
			{"optional data", span{1, 42, 43}, []span{{1, 28, 42}}},
			{"composite", span{1, 43, 44}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}},
		},
	},
}

func init() {
	// A visa is a TD3 or TD2 whose optional data run to the end of the line.
	for visa, like := range map[Format]Format{MRVA: TD3, MRVB: TD2} {
		l := layouts[like]
		l.optional.to = l.length
		l.checks = l.checks[:3]
		layouts[visa] = l
	}
}

// of cuts a span out of the lines.
func (s span) of(lines []string) string { return lines[s.line][s.from:s.to] }

// value of a character in check digits: 0 to 9, A = 10 to Z = 35, filler 0.
func value(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 0
}

// checkDigit is the sum of the values, weighted 7, 3, 1, 7, …, modulo 10 (Doc
// 9303-3, section 4.9), as a character.
func checkDigit(s string) byte {
	sum := 0
	for i := range len(s) {
		sum += value(s[i]) * [3]int{7, 3, 1}[i%3]
	}
	return byte('0' + sum%10)
}
