package mrz

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The specimens of Doc 9303, of the fictitious state of Utopia.
var (
	td3 = []string{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
	}
	td2 = []string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"}
	td1 = []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	// A visa as in part 7: no composite digit.
	mrvb = []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4UTO4009078F9612109<<<<<<<<"}
	// A TD1 whose number has more than nine characters (part 5).
	long = []string{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"}
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		lines                 []string
		format                Format
		number, birth, expiry string
		right, of             int
	}{
		{td3, TD3, "L898902C3", "1974-08-12", "2012-04-15", 5, 5},
		{td2, TD2, "D23145890", "1974-08-12", "2012-04-15", 4, 4},
		{td1, TD1, "D23145890", "1974-08-12", "2012-04-15", 4, 4},
		{mrvb, MRVB, "L8988901C", "1940-09-07", "1996-12-10", 3, 3},
		{long, TD1, "D23145890734", "1934-07-12", "1995-07-12", 4, 4},
	} {
		d, err := Parse(c.lines, today)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		right, of := d.Right()
		if d.Format != c.format || d.Number != c.number || d.Birth.String() != c.birth || d.Expiry.String() != c.expiry || right != c.right || of != c.of {
			t.Errorf("%s: %+v, want %+v", c.format, d, c)
		}
		if d.Issuer != "UTO" || d.Nationality != "UTO" {
			t.Errorf("%s: issuer %q, nationality %q", c.format, d.Issuer, d.Nationality)
		}
	}
	d, _ := Parse(td3, today)
	if d.Name.Surname != "ERIKSSON" || d.Name.GivenNames != "ANNA MARIA" || d.Name.Cut || d.Sex != "F" || d.Code != "P" || d.Optional != "ZE184226B" {
		t.Errorf("%+v", d)
	}
}

func TestParseRefuses(t *testing.T) {
	for want, lines := range map[string][]string{
		"0 lines": nil, "4 lines": {"", "", "", ""},
		"line 1 of 2 has 0 characters":  {"", ""},
		"line 2 of 2 has 43 characters": {td3[0], td3[1][:43]},
		"line 1 of 3 has 44 characters": {td3[0], td3[1], td3[1]},
		"line 1, character 2 is 'p'":    {"Pp" + td3[0][2:], td3[1]},
		"line 2, character 43 is":       {td3[0], td3[1][:42] + "é"},
	} {
		if _, err := Parse(lines, today); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// Every digit of the birth date is wrong in turn: just the checks over it fail.
func TestOneWrongDigit(t *testing.T) {
	for _, lines := range [][]string{td1, td2, td3} {
		for at := range 6 {
			good, _ := Parse(lines, today)
			birth := layouts[good.Format].birth
			i := birth.from + at
			bad := append([]string(nil), lines...)
			b := []byte(bad[birth.line])
			b[i] = '0' + (b[i]-'0'+1)%10
			bad[birth.line] = string(b)
			d, err := Parse(bad, today)
			if err != nil {
				t.Fatal(err)
			}
			var wrong []string
			for _, c := range d.Checks {
				if !c.OK {
					wrong = append(wrong, c.Of)
				}
			}
			if fmt.Sprint(wrong) != "[birth date composite]" {
				t.Errorf("%s with one digit of the birth date changed: wrong are %v", d.Format, wrong)
			}
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		text  string
		ahead int
		want  string
	}{
		{"740812", 0, "1974-08-12"}, {"260228", 0, "2026-02-28"}, {"260401", 0, "1926-04-01"}, {"270101", 0, "1927-01-01"},
		{"000101", 0, "2000-01-01"}, {"300101", 50, "2030-01-01"}, {"760101", 50, "2076-01-01"}, {"770101", 50, "1977-01-01"},
		{"990231", 0, ""}, {"99<<<<", 0, ""}, {"<<<<<<", 0, ""}, {"99131A", 0, ""}, {"000000", 50, ""},
	} {
		if got := dateOf(c.text, today, c.ahead).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	d := Date{2026, 2, 28}
	if d.Before(time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)) || !d.Before(time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)) || (Date{}).Before(today) {
		t.Error("a day ends at midnight of the last time zone, and an unknown one never")
	}
}

func TestCandidates(t *testing.T) {
	join := func(l []string) string { return strings.Join(l, "\n") }
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"clean":                    {join(td3), td3},
		"text around it":           {"PASSPORT 123\nUTOPIA\n\n" + join(td3) + "\n\nxx", td3},
		"confused":                 {"P<UT0ER1KS5ON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UT074O8I22F12O4IS9ZE184226B<<<<<1O", td3},
		"fillers lost":             {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<10", td3},
		"fillers added":            {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<<10", td3},
		"fillers taken for K":      {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<K<<<<C<<<<<K\n" + td3[1], td3},
		"spaces and lower case":    {strings.ToLower(td1[0]) + "\n" + td1[1][:9] + " " + td1[1][9:] + "\n" + td1[2], td1},
		"card":                     {join(td2), td2},
		"the page's edge read":     {"4AP<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nA" + td3[1], td3},
		"fillers taken for all":    {"P<UTOERIKSSON<<ANNA<MARIACK<K<<<64K4664\n" + td3[1], td3},
		"a filler read as two":     {td2[0][:2] + "K" + td2[0][2:] + "\n" + td2[1], td2},
		"a character too many":     {td3[0] + "\n" + td3[1][:10] + "X" + td3[1][10:], []string{td3[0], "L898902C3XUTO7408122F1204159ZE184226B<<<<<10"}},
		"a card, one in front":     {td1[0] + "\n" + "C" + td1[1] + "\n" + td1[2], td1},
		"one in the optional data": {td3[0] + "\n" + td3[1][:34] + "0" + td3[1][34:], []string{td3[0], "L898902C36UTO7408122F1204159ZE1842026B<<<<10"}},
	} {
		found := Candidates(c.text)
		ok := false
		for _, l := range found {
			ok = ok || strings.Join(l, "\n") == join(c.want)
		}
		if !ok {
			t.Errorf("%s: %q", name, found)
		}
	}
	for _, junk := range []string{"", "\n\n\n", strings.Repeat("x", 100000), strings.Repeat("<\n", 50000), "名前\n名前", strings.Repeat(td3[0][:20]+"\n", 9)} {
		if v := NewVote(today, ""); v.Add(junk) || v.Readings() != 0 {
			t.Errorf("a zone in %.20q", junk)
		}
	}
}

// Three poor readings, each wrong elsewhere, add up to the right one.
// A name read with a letter too many shifts all that follows it.
func TestVoteOnNames(t *testing.T) {
	v := NewVote(today, "")
	if n, like := v.Names(); n != 0 || like != "" {
		t.Error("names of nothing")
	}
	shifted := func(letter string) string {
		return td3[0][:5] + letter + td3[0][5:len(td3[0])-1] + "\n" + td3[1]
	}
	right := strings.Join(td3, "\n")
	for i, step := range []struct {
		text  string
		names int
	}{{shifted("X"), 1}, {right, 1}, {shifted("N"), 1}, {shifted("H"), 1}, {right, 2}} {
		if !v.Add(step.text) {
			t.Fatalf("not taken: %s", step.text)
		}
		if got, _ := v.Names(); got != step.names {
			t.Errorf("after reading %d, %d agree on the name, want %d", i+1, got, step.names)
		}
	}
	if d, _, ok := v.Result(); !ok || strings.Join(d.Lines, "\n") != right {
		t.Errorf("%v %v", d.Lines, ok)
	}
}

// Of several readings of a name the one counts that is the expected one, however
// often another was read; where none is, the one that was read most often.
func TestVoteOnExpectedName(t *testing.T) {
	with := func(name string) string {
		return td3[0][:5] + name + strings.Repeat("<", 39-len(name)) + "\n" + td3[1]
	}
	const marta, nearly, right = "ERIKSSON<<ANNA<MARTA", "ERIKSSON<<ANNACMARIAK<K", "ERIKSSON<<ANNA<MARIA"
	for _, c := range []struct {
		written string
		texts   []string
		given   string
		like    Likeness
		often   int
	}{
		{"Anna Maria Eriksson", []string{marta, marta, right}, "ANNA MARIA", NameSame, 1},
		{"Anna Maria Eriksson", []string{"ERIKSSON<<PETER", "ERIKSSON<<PETER", nearly}, "ANNACMARIA", NameNearly, 1},
		{"Anna Maria Eriksson", []string{nearly, marta, marta}, "ANNA MARTA", NameNearly, 2},
		{"Peter Eriksson", []string{marta, right, right}, "ANNA MARIA", NamePartly, 2},
		{"Peter Svensson", []string{marta, right, right}, "ANNA MARIA", NameDifferent, 2},
		{"李雷", []string{marta, right, right}, "ANNA MARIA", "", 2},
		{"", []string{marta, right, right}, "ANNA MARIA", "", 2},
	} {
		v := NewVote(today, c.written)
		for _, text := range c.texts {
			if !v.Add(with(text)) {
				t.Fatalf("not taken: %s", text)
			}
		}
		d, _, _ := v.Result()
		if often, like := v.Names(); often != c.often || like != c.like || d.Name.GivenNames != c.given {
			t.Errorf("%q, read %q: %q %s by %d, want %q %s by %d", c.written, c.texts, d.Name.GivenNames, like, often, c.given, c.like, c.often)
		}
	}
}

// An L that is read as a 1 leaves all check digits right: only readings that
// agree make the number sure.
func TestVoteOnNumber(t *testing.T) {
	number := func(n string) string {
		return td3[0] + "\n" + n + td3[1][len(n):]
	}
	const right, twin = "L898902C3", "1898902C3"
	digit := td3[1][9:]
	plain := "A898902C3" // no twin in it
	plain += string(checkDigit(plain)) + digit[1:]
	plain = plain[:43] + string(checkDigit(plain[0:10]+plain[13:20]+plain[21:43]))
	for _, c := range []struct {
		name    string
		texts   []string
		state   NumberState
		reading string
	}{
		{"nothing", nil, NumberFew, ""},
		{"two of two", []string{right, right}, NumberFew, right},
		{"three of three", []string{right, right, right}, NumberSure, right},
		{"three, and one that says otherwise", []string{right, twin, right, right}, NumberMixed, right},
		{"four, and one that says otherwise", []string{right, twin, right, right, right}, NumberSure, right},
		{"two parts of one picture, and another picture", []string{right + "\x00" + twin, right, right, right}, NumberMixed, right},
		{"half and half", []string{right, twin}, NumberMixed, twin},
		{"one, without a twin", []string{plain}, NumberSure, plain[:9]},
		{"wrong digits do not count", []string{right, right, right, "L898902X3", "L898902X3"}, NumberSure, right},
	} {
		v := NewVote(today, "")
		for _, text := range c.texts {
			var parts []string
			for part := range strings.SplitSeq(text, "\x00") {
				parts = append(parts, number(part))
			}
			if !v.Add(strings.Join(parts, "\n")) {
				t.Fatalf("not taken: %s", text)
			}
		}
		d, _, _ := v.Result()
		if got := v.Number(d); got != c.state || d.Number != c.reading {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, got, d.Number, c.state, c.reading)
		}
	}
}

func TestVote(t *testing.T) {
	v := NewVote(today, "")
	if _, _, ok := v.Result(); ok {
		t.Error("a result of nothing")
	}
	wrong := func(line, i int, c byte) string {
		l := append([]string(nil), td3...)
		b := []byte(l[line])
		b[i] = c
		l[line] = string(b)
		return strings.Join(l, "\n")
	}
	for _, text := range []string{wrong(1, 2, '3'), wrong(1, 14, '9'), wrong(0, 6, 'X')} {
		if !v.Add(text) {
			t.Errorf("not taken: %s", text)
		}
	}
	d, agree, ok := v.Result()
	if !ok || strings.Join(d.Lines, "\n") != strings.Join(td3, "\n") || agree != 1 {
		t.Errorf("%v %d %v", d.Lines, agree, ok)
	}
	for range 3 * maxReadings {
		v.Add(strings.Join(td3, "\n"))
	}
	if v.Readings() != maxReadings {
		t.Errorf("%d readings are kept", v.Readings())
	}
	if _, agree, _ := v.Result(); agree != maxReadings {
		t.Errorf("%d agree", agree)
	}
}

// Names that end with letters that fillers are taken for keep them.
func TestEndOfName(t *testing.T) {
	for read, want := range map[string]string{
		"BASANAVICIENE<<BIRUTE<<KK<KKKK": "BASANAVICIENE<<BIRUTE<<<<<<<<<",
		"MARTIN<<ERIK<<<<<<K<<KK<<<<<<<": "MARTIN<<ERIK<<<<<<<<<<<<<<<<<<",
		"MARTIN<<ERIK<<KKKEKKKEEKKK<<<<": "MARTIN<<ERIK<<<<<<<<<<<<<<<<<<",
		"NOVAK<<MAREC<<KK<<K<KKKKKKKKKK": "NOVAK<<MAREC<<<<<<<<<<<<<<<<<<",
		"MUSTERMANN<<ERIKAKKKKEKKKKKEEK": "MUSTERMANN<<ERIKA<<<<<<<<<<<<<",
		"ERIKSSON<<ANNA<MARIACK<K<<<64K": "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
	} {
		if got := endOfName(read); got != want {
			t.Errorf("%s: %s, want %s", read, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	eriksson := Name{Surname: "ERIKSSON", GivenNames: "ANNA MARIA"}
	for _, c := range []struct {
		zone    Name
		written string
		want    Likeness
	}{
		{eriksson, "Anna Maria Eriksson", NameSame},
		{eriksson, "ERIKSSON, Anna-Maria", NameSame},
		{eriksson, "Annamaria Eriksson", NameSame},
		{eriksson, "Anna Eriksson", NamePartly},
		{eriksson, "Anna Maria Erikson", NameNearly}, // a letter may have been misread
		{eriksson, "Anna Svensson", NamePartly},
		{eriksson, "Peter Stevens", NameDifferent},
		{Name{Surname: "MUELLER", GivenNames: "JOERG"}, "Jörg Müller", NameSame},
		{Name{Surname: "MULLER", GivenNames: "JORG"}, "Jörg Müller", NameSame},
		{Name{Surname: "OCONNOR", GivenNames: "SEAN"}, "Seán O’Connor", NameSame},
		{Name{Surname: "NGUYEN", GivenNames: "THI DUNG"}, "Nguyễn Thị Dũng", NameSame},
		{Name{Surname: "SHCHERBAKOV", GivenNames: "IURII"}, "Юрий Щербаков", NameSame},
		{Name{Surname: "SOERENSEN", GivenNames: "AASE"}, "Åse Sørensen", NameSame},
		{Name{Surname: "NILAVADHANANANDA", GivenNames: "CHAYAPA DEJTHAMRONG KRASUANG", Cut: true}, "Chayapa Dejthamrong Krasuangkul Nilavadhanananda", NameSame},
		{Name{Surname: "ABCDEFG", GivenNames: "HIJ", Cut: false}, "Hijkl Abcdefg", NamePartly},
		{Name{Surname: "WEI"}, "Wei", NameSame},
	} {
		if got, err := Compare(c.zone, c.written); err != nil || got != c.want {
			t.Errorf("%v and %q: %s %v, want %s", c.zone, c.written, got, err, c.want)
		}
	}
	for field, written := range map[string]string{
		"ERIKSSON<<ANNACMARIACK<K<<<64": "Anna Maria Eriksson",
		"ERIKSSON<<ANNA<KMARIA":         "Anna Maria Eriksson", // one filler read as two
		"OERIKSSON<<ANNA<MARIA":         "Anna Maria Eriksson", // so was the one before the name
		"IRTANENCCMARTACOLTVIAKKR":      "Maria Olivia Virtanen",
		"NLINK<MEIKHUAKKKK":             "Mei Hua Lin",
		"ERI<<MAX":                      "Max Erik", // the K was taken for a filler
		"KOWALSKA<KWLATKOWSKA<<JOANNA":  "Joanna Kowalska-Kwiatkowska",
	} {
		if got, err := Compare(nameOf(field+"<<<<"), written); err != nil || got != NameNearly {
			t.Errorf("%q read for %q: %s %v", field, written, got, err)
		}
	}
	for field, written := range map[string]string{
		"ERIKSSON<<ANNA<MARIA":  "Anna Eriksson",          // a part more
		"ERIKSSON<<ANNA":        "Anna Maria Eriksson",    // one less
		"MARTENSEN<<MARIA":      "Maria Martinez",         // two letters
		"LIN<<MEI<HUO":          "Mei Hua Lin",            // in a short part
		"ERIKSSON<<ANNAPKMARIA": "Anna Maria Eriksson",    // fillers are not read as a P
		"AAAA<AAAA<AAAA<AAAA":   strings.Repeat("a ", 20), // much to try
	} {
		if got, err := Compare(nameOf(field+"<<<<"), written); err != nil || got == NameNearly || got == NameSame {
			t.Errorf("%q read for %q: %s %v", field, written, got, err)
		}
	}
	for written, want := range map[string]string{
		"": "empty", " -.": "empty", "李雷": "no unique spelling", "محمد": "no unique spelling",
		strings.Repeat("a", 10000): "10000 characters, want at most 200",
	} {
		if got, err := Compare(eriksson, written); err == nil || got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %q %v, want %q", written, got, err, want)
		}
	}
	if _, err := Compare(Name{}, "Anna"); err == nil {
		t.Error("a zone without a name was compared")
	}
}

func FuzzZone(f *testing.F) {
	for _, l := range [][]string{td1, td2, td3, mrvb, long} {
		f.Add(strings.Join(l, "\n"), "Anna Eriksson")
	}
	f.Add(td1[0]+"\nXYZ"+td1[1]+"\n"+td1[2], "Anna")
	f.Add(td3[0]+"\n"+td3[1][2:]+"\n"+td2[0]+"\n12"+td2[1], "Anna")
	f.Add("P<"+strings.Repeat("<", 42)+"\n"+strings.Repeat("0", 44), "İß ’")
	f.Add(strings.Repeat("A<<", 3000), strings.Repeat("ü", 200))
	f.Fuzz(func(t *testing.T, text, name string) {
		v := NewVote(today, name)
		found := v.Add(text)
		d, agree, ok := v.Result()
		if found != ok || (ok && agree < 1) {
			t.Fatalf("found %v, result %v agreed by %d", found, ok, agree)
		}
		if ok {
			again, err := Parse(d.Lines, today)
			if err != nil || again.Number != d.Number {
				t.Fatalf("the result is no zone: %v", err)
			}
		}
		if _, err := Parse(strings.Split(text, "\n"), today); err == nil && len(text) > 200 {
			t.Fatal("a long text is a zone")
		}
		Compare(d.Name, name)
		Compare(nameOf(text), name)
	})
}
