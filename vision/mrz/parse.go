package mrz

import (
	"fmt"
	"strings"
	"time"
)

// Document is what a zone says.
type Document struct {
	Format Format
	Lines  []string
	// Code is the kind of document: P… passport, I…, A… or C… card, V… visa.
	Code string
	// Issuer and Nationality are codes of one to three letters.
	Issuer, Nationality string
	// Number of the document, without fillers.
	Number string
	Name   Name
	Birth  Date
	Sex    string // "F", "M", "X", or "" where it is not stated
	Expiry Date
	// Optional is the issuer's own data.
	Optional string
	Checks   []Check
}

// Name is the holder's in the letters A to Z, its parts separated by a space.
type Name struct {
	Surname, GivenNames string
	// Cut tells that the name fills its field, so that its last part may be
	// shortened and further parts may be missing.
	Cut bool

	field string // as it was read, with its fillers
}

// read is the name's field.
func (n Name) read() string {
	if n.field != "" {
		return n.field
	}
	return strings.ReplaceAll(n.Surname+"<<"+n.GivenNames, " ", "<")
}

// Check is one check digit.
type Check struct {
	Of         string // "number", "birth date", "expiry date", "optional data", "composite"
	Read, Want byte
	OK         bool
}

// Right counts the check digits that are right, of how many.
func (d Document) Right() (right, of int) {
	for _, c := range d.Checks {
		if c.OK {
			right++
		}
	}
	return right, len(d.Checks)
}

// Parse reads the lines of a zone. now decides the century of dates. A wrong
// check digit is no error: it is in Checks. What cannot be a zone is: a wrong
// number or length of lines, characters that no zone has.
func Parse(lines []string, now time.Time) (Document, error) {
	f, err := formatOf(lines)
	if err != nil {
		return Document{}, err
	}
	for i, l := range lines {
		for j := range len(l) {
			if c := l[j]; !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == Filler) {
				return Document{}, fmt.Errorf("machine-readable zone: line %d, character %d is %q, want A to Z, 0 to 9 or <", i+1, j+1, c)
			}
		}
	}
	l := layouts[f]
	text := func(f field) string { return strings.Trim(strings.ReplaceAll(f.of(lines), "<", " "), " ") }
	d := Document{
		Format: f, Lines: lines, Code: text(l.code), Issuer: text(l.issuer), Nationality: text(l.nationality),
		Number: strings.ReplaceAll(l.number.of(lines), "<", ""), Optional: text(l.optional),
		Name:  nameOf(l.name.of(lines)),
		Birth: dateOf(l.birth.of(lines), now, 0), Expiry: dateOf(l.expiry.of(lines), now, 50),
		Sex: text(l.sex),
	}
	if d.Sex != "F" && d.Sex != "M" && d.Sex != "X" {
		d.Sex = ""
	}
	for _, c := range l.checks {
		d.Checks = append(d.Checks, c.verify(lines))
	}
	if f == TD1 {
		d.longNumber(lines)
	}
	return d, nil
}

// formatOf tells the format by the lines' number and length.
func formatOf(lines []string) (Format, error) {
	if len(lines) != 2 && len(lines) != 3 {
		return "", fmt.Errorf("machine-readable zone: %d lines, want 2 or 3", len(lines))
	}
	want := map[int][]int{2: {44, 36}, 3: {30}}[len(lines)]
	for i, l := range lines {
		if len(l) != len(lines[0]) || (len(l) != want[0] && len(l) != want[len(want)-1]) {
			return "", fmt.Errorf("machine-readable zone: line %d of %d has %d characters, want %s",
				i+1, len(lines), len(l), map[int]string{2: "44 or 36, all lines the same", 3: "30"}[len(lines)])
		}
	}
	visa := lines[0][0] == 'V'
	switch {
	case len(lines) == 3:
		return TD1, nil
	case len(lines[0]) == 44 && visa:
		return MRVA, nil
	case len(lines[0]) == 44:
		return TD3, nil
	case visa:
		return MRVB, nil
	}
	return TD2, nil
}

// verify computes one check digit. Where a field is empty its digit may be a
// filler.
func (c check) verify(lines []string) Check {
	var over strings.Builder
	for _, s := range c.over {
		over.WriteString(s.of(lines))
	}
	out := Check{Of: c.name, Read: c.at.of(lines)[0], Want: checkDigit(over.String())}
	empty := strings.Trim(over.String(), "<") == ""
	out.OK = out.Read == out.Want || (empty && out.Read == Filler && c.name == "optional data")
	return out
}

// longNumber reads a number of more than nine characters: the place of its
// check digit is empty, and the rest of it, then the digit, begin the optional
// data (Doc 9303-5, note j).
func (d *Document) longNumber(lines []string) {
	rest, _, _ := strings.Cut(lines[0][15:30], "<")
	if lines[0][14] != Filler || len(rest) < 2 {
		return
	}
	number := lines[0][5:14] + rest[:len(rest)-1]
	d.Number = strings.ReplaceAll(number, "<", "")
	d.Optional = strings.Trim(strings.ReplaceAll(lines[0][15+len(rest):30], "<", " "), " ")
	c := &d.Checks[0]
	c.Read, c.Want = rest[len(rest)-1], checkDigit(number)
	c.OK = c.Read == c.Want
}

// nameOf takes a name apart: two fillers end the surname, one is a space.
func nameOf(s string) Name {
	n := Name{Cut: len(s) > 0 && s[len(s)-1] != Filler, field: s}
	surname, given, _ := strings.Cut(s, "<<")
	words := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == Filler }), " ")
	}
	n.Surname, n.GivenNames = words(surname), words(given)
	return n
}

// Date is a day; parts that are not stated or not readable are 0.
type Date struct{ Year, Month, Day int }

// String is YYYY-MM-DD, or "" unless all of it is known and exists.
func (d Date) String() string {
	t := time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	if d.Year == 0 || d.Month == 0 || d.Day == 0 || t.Day() != d.Day || int(t.Month()) != d.Month {
		return ""
	}
	return t.Format(time.DateOnly)
}

// Before tells that the day is over at a time, wherever on earth; false where
// the date is not known.
func (d Date) Before(now time.Time) bool {
	if d.String() == "" {
		return false
	}
	// The day ends last at UTC−12.
	return time.Date(d.Year, time.Month(d.Month), d.Day+1, 12, 0, 0, 0, time.UTC).Before(now)
}

// dateOf reads YYMMDD. The zone has two digits of the year: it is the newest
// year that is at most ahead years from now, so birth dates (0) lie in the
// past, and expiry dates (50) within fifty years before or after.
func dateOf(s string, now time.Time, ahead int) Date {
	part := func(s string) int {
		if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
			return -1
		}
		return int(s[0]-'0')*10 + int(s[1]-'0')
	}
	yy, mm, dd := part(s[:2]), part(s[2:4]), part(s[4:6])
	var d Date
	if yy >= 0 {
		latest := now.Year() + ahead
		d.Year = latest - latest%100 + yy
		if d.Year > latest || (ahead == 0 && time.Date(d.Year, time.Month(max(mm, 1)), max(dd, 1), 0, 0, 0, 0, time.UTC).After(now.AddDate(0, 0, 1))) {
			d.Year -= 100
		}
	}
	if mm >= 1 && mm <= 12 {
		d.Month = mm
	}
	if dd >= 1 && dd <= 31 {
		d.Day = dd
	}
	return d
}
