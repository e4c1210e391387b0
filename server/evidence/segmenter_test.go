package evidence

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

var testRule = Rule{
	Kind: FaceAbsent, Measure: "share", On: 0.8, Off: 0.4,
	MinLength: 1500 * time.Millisecond, MinOff: time.Second, MaxHole: 2 * time.Second, MaxStep: 1500 * time.Millisecond,
}

// feed reads a script: one character per 500 ms. '1' holds, '5' is between the
// thresholds, '0' does not hold, 'd' dark, 'c' camera off, 'n' not run for want
// of consent, '.' nothing is observed.
func feed(t *testing.T, rule Rule, script string, finishMS int64) (final map[int64]Finding, cover []Coverage, opens int) {
	t.Helper()
	s, err := NewSegmenter(rule, Subject{Interview: "i", Participant: "p", Source: "camera", Run: RunLive}, 0)
	if err != nil {
		t.Fatal(err)
	}
	final = map[int64]Finding{}
	take := func(fs []Finding) {
		for _, f := range fs {
			if _, known := final[f.StartMS]; !known {
				opens++
			}
			final[f.StartMS] = f
		}
	}
	for i, c := range script {
		at := int64(i) * 500
		o := Observation{Kind: rule.Kind, AtMS: at, Quality: 0.5}
		switch c {
		case '1':
			o.Value = 1
		case '5':
			o.Value = 0.5
		case 'd':
			o.Reason = ReasonDark
		case 'c':
			o.Reason = ReasonCameraOff
		case 'n':
			take(s.NotRun(at, ReasonNoConsent))
			continue
		case '.':
			continue
		}
		fs, err := s.Add(o)
		if err != nil {
			t.Fatalf("at %d ms: %v", at, err)
		}
		take(fs)
	}
	take(s.Finish(finishMS))
	return final, s.TakeCoverage(), opens
}

func spans(fs map[int64]Finding) string {
	var out []string
	for at := int64(0); at < 1e6; at += 500 {
		if f, ok := fs[at]; ok {
			if f.Open {
				out = append(out, "OPEN")
			}
			out = append(out, fmt.Sprintf("%d-%d", f.StartMS, f.EndMS))
		}
	}
	return strings.Join(out, " ")
}

func coverString(cs []Coverage) string {
	var out []string
	for _, c := range cs {
		out = append(out, fmt.Sprintf("%s%s %d-%d (%d)", c.State, map[bool]string{true: "", false: "/" + string(c.Reason)}[c.Reason == ""], c.StartMS, c.EndMS, c.Samples))
	}
	return strings.Join(out, ", ")
}

func TestSegmenter(t *testing.T) {
	for _, c := range []struct {
		name, script string
		finish       int64
		findings     string
		coverage     string
	}{
		{"nothing", "00000", 2500, "", "measured 0-2500 (5)"},
		{"start back-dated, end at the last holding reading", "0011110000", 5000, "1000-2500", "measured 0-5000 (10)"},
		{"too short by one step", "0011100000", 5000, "", "measured 0-5000 (10)"},
		{"between the thresholds it does not begin", "0055555500", 5000, "", "measured 0-5000 (10)"},
		{"between the thresholds it goes on", "0011115500000", 6500, "1000-3500", "measured 0-6500 (13)"},
		{"a short return does not end it", "0011110011000000", 8000, "1000-4500", "measured 0-8000 (16)"},
		{"a longer return ends it, a second one begins", "001111000011110000", 9000, "1000-2500 5000-6500", "measured 0-9000 (18)"},
		{"a pending event ends at once", "0011011011000", 6500, "", "measured 0-6500 (13)"},
		{"a short hole is bridged", "0011ddd11000000", 7500, "", "measured 0-2000 (4), not_measurable/dark 2000-3500 (3), measured 3500-7500 (8)"},
		{"a bridged hole does not count as length", "0011ddd111110000", 8000, "1000-5500",
			"measured 0-2000 (4), not_measurable/dark 2000-3500 (3), measured 3500-8000 (9)"},
		{"an open finding bridges a short hole", "1111ddd1100000", 7000, "0-4000",
			"measured 0-2000 (4), not_measurable/dark 2000-3500 (3), measured 3500-7000 (7)"},
		{"a long hole ends it", "1111ddddd11110000", 8500, "0-1500 4500-6000",
			"measured 0-2000 (4), not_measurable/dark 2000-4500 (5), measured 4500-8500 (8)"},
		{"not measurable is never a finding", "dddddddddd", 5000, "", "not_measurable/dark 0-5000 (10)"},
		{"one reason follows another", "00ddcc00", 4000, "",
			"measured 0-1000 (2), not_measurable/dark 1000-2000 (2), not_measurable/camera_off 2000-3000 (2), measured 3000-4000 (2)"},
		{"not run closes it at once", "1111nnnnnnnnnn1111100", 10500, "0-1500 7000-9000",
			"measured 0-2000 (4), not_run/no_consent 2000-7000 (0), measured 7000-10500 (7)"},
		{"not run from the start to the end", "nnnn", 9000, "", "not_run/no_consent 0-9000 (0)"},
		{"a pause longer than MaxHole separates two", "1111....1111000", 7500, "0-1500 4000-5500",
			"measured 0-3000 (4), not_measurable/packet_loss 3000-4000 (0), measured 4000-7500 (7)"},
		{"readings end long before the finish", "0000", 9000, "", "measured 0-3000 (4), not_measurable/packet_loss 3000-9000 (0)"},
		{"nothing was ever read", "", 9000, "", "not_measurable/packet_loss 0-9000 (0)"},
		{"first reading comes late", "......00", 4000, "", "not_measurable/packet_loss 0-3000 (0), measured 3000-4000 (2)"},
		{"open to the end", "001111", 3000, "1000-2500", "measured 0-3000 (6)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs, cover, _ := feed(t, testRule, c.script, c.finish)
			if got := spans(fs); got != c.findings {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
			if got := coverString(cover); got != c.coverage {
				t.Errorf("coverage\n %s\nwant\n %s", got, c.coverage)
			}
		})
	}
}

func TestSegmenterBelow(t *testing.T) {
	rule := Rule{Kind: FaceTooSmall, Measure: "distance", On: 35, Off: 40, Below: true, MinLength: time.Second, MaxStep: time.Second}
	s, err := NewSegmenter(rule, Subject{Run: "r"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []Finding
	for i, v := range []float64{50, 38, 34, 38, 36, 41, 38} {
		fs, err := s.Add(Observation{Kind: FaceTooSmall, AtMS: int64(i) * 500, Value: v, Quality: 1})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fs...)
	}
	if len(got) != 2 || !got[0].Open || got[1].Open || got[1].StartMS != 1000 || got[1].EndMS != 2000 || got[1].Samples != 3 {
		t.Fatalf("findings %+v, want one opened and closed, 1000-2000 of 3 samples", got)
	}
	want := []Measure{
		{Name: "distance (min)", Value: 34, Unit: "px", Threshold: 35, Compare: "<="},
		{Name: "distance (mean)", Value: 36, Unit: "px"},
		{Name: "measured time", Value: 1, Unit: "s", Threshold: 1, Compare: ">="},
	}
	if !reflect.DeepEqual(got[1].Values, want) {
		t.Errorf("values %+v, want %+v", got[1].Values, want)
	}
}

func TestSegmenterGrowsAndIsBounded(t *testing.T) {
	rule := testRule
	s, _ := NewSegmenter(rule, Subject{Run: RunLive}, 0)
	told := 0
	for at := int64(0); at <= 600_000; at += 500 {
		fs, err := s.Add(Observation{Kind: rule.Kind, AtMS: at, Value: 1})
		if err != nil {
			t.Fatal(err)
		}
		told += len(fs)
	}
	if told < 110 || told > 125 {
		t.Errorf("told %d times in 600 s, want about one every 5 s", told)
	}
	cover := s.TakeCoverage()
	if len(cover) != 10 {
		t.Fatalf("%d coverage intervals of 600 s, want 10 of 60 s", len(cover))
	}
	for i, c := range cover {
		if c.StartMS != int64(i)*60_000 || c.EndMS != int64(i+1)*60_000 || c.Samples != 120 {
			t.Errorf("interval %d: %+v", i, c)
		}
	}
	if p, ok := s.Present(); !ok || p.StartMS != 600_000 {
		t.Errorf("present %+v %v", p, ok)
	}
}

// Whatever comes in, coverage has neither overlaps nor holes, findings do not
// overlap, and rest on measured time.
func TestSegmenterInvariants(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 400 {
		n := 1 + r.IntN(400)
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(strings.Repeat(string("110055dcn."[r.IntN(10)]), 1+r.IntN(9)))
		}
		finish := int64(b.Len())*500 + int64(r.IntN(4000))
		fs, cover, opens := feed(t, testRule, b.String(), finish)
		at := int64(0)
		for _, c := range cover {
			if c.StartMS != at || c.EndMS <= c.StartMS {
				t.Fatalf("round %d %s: interval %+v does not begin at %d", round, b.String(), c, at)
			}
			if (c.Reason == "") != (c.State == Measured) {
				t.Fatalf("round %d: reason of %+v", round, c)
			}
			at = c.EndMS
		}
		if at != finish {
			t.Fatalf("round %d %s: coverage ends at %d, want %d", round, b.String(), at, finish)
		}
		if opens != len(fs) {
			t.Fatalf("round %d: %d opened, %d closed", round, opens, len(fs))
		}
		last := int64(-1)
		for start := int64(0); start < finish; start += 500 {
			f, ok := fs[start]
			if !ok {
				continue
			}
			if f.Open || f.StartMS <= last || f.EndMS-f.StartMS < 1500 || b.String()[f.StartMS/500] != '1' {
				t.Fatalf("round %d %s: finding %+v", round, b.String(), f)
			}
			last = f.EndMS
		}
	}
}

func TestSegmenterRefuses(t *testing.T) {
	good := testRule
	for field, change := range map[string]func(*Rule){
		"kind":    func(r *Rule) { r.Kind = "face.odd" },
		"Off":     func(r *Rule) { r.Off = 0.9 },
		"On":      func(r *Rule) { r.On /= 0 * r.Off },
		"MinOff":  func(r *Rule) { r.MinOff = -1 },
		"MaxStep": func(r *Rule) { r.MaxStep = 0 },
	} {
		r := good
		change(&r)
		if _, err := NewSegmenter(r, Subject{}, 0); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v does not name it", field, err)
		}
	}
	s, _ := NewSegmenter(good, Subject{}, 1000)
	if _, err := s.Add(Observation{Kind: FaceMultiple, AtMS: 1000}); err == nil {
		t.Error("an observation of another kind was taken")
	}
	if _, err := s.Add(Observation{Kind: FaceAbsent, AtMS: 999}); err == nil {
		t.Error("an observation before the start was taken")
	}
	a, b := FindingID(Subject{Run: "a", Interview: "b"}, FaceAbsent, 1), FindingID(Subject{Run: "a", Interview: "b"}, FaceAbsent, 2)
	if a == b || len(a) != 32 || a != FindingID(Subject{Run: "a", Interview: "b"}, FaceAbsent, 1) {
		t.Errorf("identifiers %q and %q", a, b)
	}
}
