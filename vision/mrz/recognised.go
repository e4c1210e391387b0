package mrz

import (
	"strings"
)

// Limits of what is taken from character recognition.
const (
	maxText  = 8192 // bytes
	maxLines = 40
	// maxAdjust is by how many characters a line may be too long or too short.
	// Recognition miscounts runs of fillers.
	maxAdjust = 8
)

// toDigit and toLetter are the characters that recognition confuses with each
// other and that a field's alphabet tells apart.
var (
	toDigit  = map[byte]byte{'O': '0', 'Q': '0', 'D': '0', 'I': '1', 'L': '1', 'Z': '2', 'S': '5', 'G': '6', 'B': '8'}
	toLetter = map[byte]byte{'0': 'O', '1': 'I', '2': 'Z', '5': 'S', '6': 'G', '8': 'B'}
)

// Candidates finds zones in recognised text: two or three lines in a row that
// can be brought to one format's length, with confused characters put right. A
// line with dates is brought into place by them, other lines by changing runs
// of fillers. There may be none, and more than one.
func Candidates(text string) [][]string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if l := clean(line); len(l) >= 30-maxAdjust && len(lines) < maxLines {
			lines = append(lines, l)
		}
	}
	var out [][]string
	for i := range lines {
		for _, f := range []Format{TD3, TD2, TD1} {
			if zone, ok := fit(lines[i:], layouts[f]); ok {
				out = append(out, correct(zone))
			}
		}
	}
	return out
}

// clean keeps what can stand in a zone. Lower-case letters are recognised where
// the print is small, and quotation marks where fillers touch.
func clean(line string) string {
	var b strings.Builder
	for _, r := range line {
		switch {
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == Filler:
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case r == '«':
			b.WriteString("<<")
		}
	}
	return b.String()
}

// fit brings the first lines to a layout's length.
func fit(lines []string, l layout) ([]string, bool) {
	if len(lines) < l.lines {
		return nil, false
	}
	out := make([]string, l.lines)
	for i := range out {
		var ok bool
		switch s := lines[i]; i {
		case l.birth.line:
			out[i], ok = fitDates(s, l)
		case l.name.line:
			out[i], ok = fitName(s, l)
		default:
			out[i], ok = fitFillers(s, l.length)
		}
		if !ok {
			return nil, false
		}
	}
	unshift(out, l)
	// A zone begins with the letter of a kind of document, and names are
	// followed by fillers or full of them.
	if !strings.ContainsRune("PIACV", rune(toLetters(out[0][:1])[0])) || !strings.Contains(out[l.name.line], "<") {
		return nil, false
	}
	return out, true
}

// unshift takes out a character before the issuer, where the filler there was
// read as two: most issue documents to their own nationals, whom the zone names
// a second time.
func unshift(lines []string, l layout) {
	i, national := l.issuer, toLetters(l.nationality.of(lines))
	if first := lines[i.line]; l.name.line == i.line && toLetters(first[i.from:i.to]) != national && toLetters(first[i.from+1:i.to+1]) == national {
		lines[i.line] = first[:i.from] + first[i.from+1:] + "<"
	}
}

// fitFillers lengthens or shortens the longest run of fillers.
func fitFillers(s string, length int) (string, bool) {
	missing := length - len(s)
	if missing == 0 {
		return s, true
	}
	if missing > maxAdjust || missing < -maxAdjust {
		return "", false
	}
	from, to := longestRun(s)
	if to-from < 2 || to-from+missing < 1 {
		return "", false
	}
	return s[:from] + strings.Repeat("<", to-from+missing) + s[to:], true
}

// edge is how many characters the edge of a page, left of its zone, is taken for.
const edge = 3

// fitName cuts off or adds fillers at the end of a line that ends with a name,
// and cuts off what was read before the "P<" that a passport's begins with.
func fitName(s string, l layout) (string, bool) {
	if at := strings.Index(s, "P<"); l.lines == 2 && at > 0 && at <= edge {
		s = s[at:]
	}
	missing := l.length - len(s)
	if missing > 2*maxAdjust || missing < -maxAdjust {
		return "", false
	}
	if missing < 0 {
		return s[:l.length], true
	}
	return s + strings.Repeat("<", missing), true
}

// fitDates finds the two dates of a line, with their check digits right and the
// sex between them, and puts everything else at its distance from them: what
// stands before is cut off or filled up at its front, what follows among its
// fillers.
func fitDates(s string, l layout) (string, bool) {
	const block = 15 // birth date, check digit, sex, expiry date, check digit
	want := l.birth.from
	for at := max(want-4, 0); at <= want+4 && at+block <= len(s); at++ {
		b := s[at : at+block]
		birth, sex, expiry := toDigits(b[:7]), b[7], toDigits(b[8:])
		if !dated(birth) || !dated(expiry) || !strings.ContainsRune("MFX<", rune(sex)) {
			continue
		}
		front, rest := s[:at], s[at+block:]
		if len(front) > want {
			last := min(4, want) // a check digit and the nationality, where any come first
			begin := front[:want-last]
			if cut := front[len(front)-want:]; numbered(cut, l) {
				begin = cut[:want-last] // the page's edge was read before it
			}
			front = begin + front[len(front)-last:]
		} else if missing := want - len(front); missing > 0 {
			front = strings.Repeat("<", missing) + front
		}
		length := l.length - want - block
		fitted, ok := fitFillers(rest, length)
		if !ok {
			// The last character is the composite digit, if anything is.
			fitted = (rest + strings.Repeat("<", length))[:length]
		}
		return front + birth + string(sex) + expiry + fitted, true
	}
	return fitFillers(s, l.length)
}

// numbered tells whether a line begins with a document's number and its check
// digit.
func numbered(s string, l layout) bool {
	n := l.number.to
	return l.number.line == l.birth.line && l.number.from == 0 && n < len(s) && toDigits(s[n : n+1])[0] == checkDigit(s[:n])
}

// dated tells whether six characters are digits of a date and the seventh is
// their check digit.
func dated(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s[2:4] <= "12" && s[4:6] <= "31" && s[6] == checkDigit(s[:6])
}

func longestRun(s string) (from, to int) {
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] == Filler {
			j++
		}
		if j-i > to-from {
			from, to = i, j
		}
		i = j + 1
	}
	return from, to
}

// correct puts right what the alphabets of the fields decide.
func correct(lines []string) []string {
	lines[0] = toLetters(lines[0][:1]) + lines[0][1:]
	f, err := formatOf(lines)
	if err != nil {
		return lines
	}
	l := layouts[f]
	out := make([][]byte, len(lines))
	for i := range lines {
		out[i] = []byte(lines[i])
	}
	put := func(s span, text string) { copy(out[s.line][s.from:s.to], text) }
	for _, f := range []field{l.code, l.issuer, l.number, l.nationality, l.birth, l.sex, l.expiry, l.name} {
		switch f.alphabet {
		case letters:
			put(f.span, toLetters(f.of(lines)))
		case digits:
			put(f.span, toDigits(f.of(lines)))
		}
	}
	for _, c := range l.checks {
		put(c.at, toDigits(c.at.of(lines)))
	}
	put(l.name.span, endOfName(string(out[l.name.line][l.name.from:l.name.to])))
	for i := range out {
		lines[i] = string(out[i])
	}
	return lines
}

// endOfName makes fillers of all that follows three of them, or that begins with
// five characters that fillers are taken for: within a name there are never more
// than two fillers, and a row of them is easily read as K, C, E, 4 or 6 here and
// there. A name may end with such a letter itself.
func endOfName(s string) string {
	end := strings.Index(s, "<<<")
	for i := 0; i+5 <= len(s) && (end < 0 || i < end); i++ {
		if fillers := s[i:]; taken(fillers[:5]) && !endsName(fillers) {
			end = i
			break
		}
	}
	if end < 0 {
		return s
	}
	return s[:end] + strings.Repeat("<", len(s)-end)
}

// taken tells whether five characters can all be fillers.
func taken(s string) bool {
	sure := 0
	for _, c := range s {
		switch c {
		case Filler, 'K', '4', '6':
			sure++
		case 'C', 'E':
		default:
			return false
		}
	}
	return sure >= 3
}

// endsName tells whether the first of the characters is rather the last letter
// of a name than a filler: an E, which is common there and seldom read for the
// first filler, or a C or K before clean fillers.
func endsName(s string) bool {
	return s[0] == 'E' || (s[0] == 'C' || s[0] == 'K') && s[1:3] == "<<"
}

func mapped(s string, by map[byte]byte) string {
	b := []byte(s)
	for i, c := range b {
		if to, ok := by[c]; ok {
			b[i] = to
		}
	}
	return string(b)
}

func toDigits(s string) string  { return mapped(s, toDigit) }
func toLetters(s string) string { return mapped(s, toLetter) }
