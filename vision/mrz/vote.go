package mrz

import (
	"slices"
	"strings"
	"time"
)

// maxReadings bounds what is kept; the oldest goes first.
const maxReadings = 24

// trust is how much more a character counts whose field's check digit is right.
const trust = 4

// Vote joins readings of one zone, character by character: each reading has a
// vote on every place, and trust votes where a check digit over that place is
// right. It has one owner.
type Vote struct {
	now      time.Time
	written  string
	readings []reading
}

// reading is what one picture says, how like its name is to the expected one, ""
// where that is not known, and whether parts of the picture contradict each other
// in the number.
type reading struct {
	Document
	like  Likeness
	mixed bool
}

// NewVote begins without readings. now decides the century of dates. written is
// the name that is expected, in ordinary writing, or "": of several readings of
// the name the likest to it counts. No check digit protects names, so they are
// often misread, and by chance never as the name that is expected.
func NewVote(now time.Time, written string) *Vote { return &Vote{now: now, written: written} }

// Add takes the text recognised in one picture and tells whether a zone was
// found in it: lines that fit a format, with at least two check digits right,
// which chance gives to one in a hundred texts of such a shape.
func (v *Vote) Add(text string) bool {
	var best Document
	most, mixed := 1, false
	for _, lines := range Candidates(text) {
		d, err := Parse(lines, v.now)
		if err != nil {
			continue
		}
		switch right, _ := d.Right(); {
		case right > most:
			best, most, mixed = d, right, false
		case right == most && d.Format == best.Format && d.Number != best.Number:
			mixed = true
		}
	}
	if most < 2 {
		return false
	}
	like, err := Compare(best.Name, v.written)
	if err != nil {
		like = ""
	}
	if v.readings = append(v.readings, reading{best, like, mixed}); len(v.readings) > maxReadings {
		v.readings = v.readings[1:]
	}
	return true
}

// Readings is the number of pictures in which a zone was found.
func (v *Vote) Readings() int { return len(v.readings) }

// Result is what most say, and how many readings agree with all of it that
// check digits protect. ok is false without a reading.
func (v *Vote) Result() (d Document, agree int, ok bool) {
	f, ok := v.format()
	if !ok {
		return Document{}, 0, false
	}
	l := layouts[f]
	votes := make([]map[byte]int, l.lines*l.length)
	for i := range votes {
		votes[i] = map[byte]int{}
	}
	for _, r := range v.readings {
		if r.Format != f {
			continue
		}
		weights := r.weights()
		for i, line := range r.Lines {
			for j := range len(line) {
				votes[i*l.length+j][line[j]] += weights[i*l.length+j]
			}
		}
	}
	lines := make([]string, l.lines)
	for i := range lines {
		b := make([]byte, l.length)
		for j := range b {
			b[j] = winner(votes[i*l.length+j])
		}
		lines[i] = string(b)
	}
	if name, like, often := v.name(f); often > 1 || like.rank() > 0 {
		b := []byte(lines[l.name.line])
		copy(b[l.name.from:l.name.to], name)
		lines[l.name.line] = string(b)
	}
	d, err := Parse(lines, v.now)
	if err != nil {
		return Document{}, 0, false // cannot be: every vote was for a letter of the alphabet
	}
	for _, r := range v.readings {
		if r.Format == d.Format && r.protected() == d.protected() {
			agree++
		}
	}
	return d, agree, true
}

// twins are characters that recognition takes for one another, and check digits
// too: their values differ by 10 or 20 (Doc 9303-3, 4.9).
const twins = "1L6G"

// twinVotes readings must agree on a number that has one of twins.
const twinVotes = 3

// NumberState is how sure the number of a document is.
type NumberState string

// States of a number whose check digit is right.
const (
	NumberSure  NumberState = "sure"
	NumberFew   NumberState = "few"   // it has an L or a 1, a G or a 6, and too few readings agree on it
	NumberMixed NumberState = "mixed" // more than one reading in five says another one too or instead, with a right check digit as well
)

// Number tells how far readings whose check digit of the number is right agree
// on the number in what Result gives.
func (v *Vote) Number(d Document) NumberState {
	agree, other := 0, 0
	for _, r := range v.readings {
		switch {
		case r.Format != d.Format || !r.Checks[0].OK:
		case r.Number == d.Number && !r.mixed:
			agree++
		default:
			other++
		}
	}
	switch {
	case other*4 > agree:
		return NumberMixed
	case len(v.readings) == 0, strings.ContainsAny(d.Number, twins) && agree < twinVotes:
		return NumberFew
	}
	return NumberSure
}

// Names is the number of readings that agree on the name field, and how like
// the name in it is to the one that is expected, "" where that is not known.
func (v *Vote) Names() (often int, like Likeness) {
	f, ok := v.format()
	if !ok {
		return 0, ""
	}
	_, like, often = v.name(f)
	return often, like
}

// name is the name field that agrees with the expected name, or else was read
// most often as a whole, the first one of equals. Names differ by a character
// more or less at their beginning or within them, and then a vote on each place
// would mix them.
func (v *Vote) name(f Format) (most string, like Likeness, often int) {
	where := layouts[f].name
	counts := map[string]int{}
	for _, r := range v.readings {
		if r.Format == f {
			counts[where.of(r.Lines)]++
		}
	}
	for _, r := range v.readings {
		if r.Format != f {
			continue
		}
		name := where.of(r.Lines)
		if now, before := r.like.rank(), like.rank(); now > before || now == before && counts[name] > often {
			most, like, often = name, r.like, counts[name]
		}
	}
	return most, like, often
}

// format is the one with the most right check digits over all readings.
func (v *Vote) format() (best Format, ok bool) {
	sums := map[Format]int{}
	for _, r := range v.readings {
		right, _ := r.Right()
		sums[r.Format] += right
	}
	for _, f := range []Format{TD3, TD2, TD1, MRVA, MRVB} {
		if sums[f] > sums[best] {
			best = f
		}
	}
	return best, best != ""
}

// weights of the characters, line after line.
func (d Document) weights() []int {
	l := layouts[d.Format]
	out := make([]int, l.lines*l.length)
	for i := range out {
		out[i] = 1
	}
	for i, c := range l.checks {
		if !d.Checks[i].OK {
			continue
		}
		for _, s := range append(slices.Clone(c.over), c.at) {
			for j := s.from; j < s.to; j++ {
				out[s.line*l.length+j] = trust
			}
		}
	}
	return out
}

// protected is all that check digits are computed over.
func (d Document) protected() string {
	var out string
	for _, c := range layouts[d.Format].checks {
		for _, s := range append(slices.Clone(c.over), c.at) {
			out += s.of(d.Lines)
		}
	}
	return out
}

// winner has the most votes; of equals the first in the alphabet, so that the
// result depends on the readings alone.
func winner(votes map[byte]int) byte {
	var best byte
	for c, n := range votes {
		if n > votes[best] || (n == votes[best] && c < best) {
			best = c
		}
	}
	return best
}
