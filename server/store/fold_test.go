package store

import (
	"slices"
	"testing"

	"bonafide/server/evidence"
)

func TestFold(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"Ana PRADO", "ana prado"},
		{"Quirina Zabłocka", "quirina zablocka"},
		{"Zoë Ångström", "zoe angstrom"},
		{"Søren Đorđević", "soren dordevic"},
		{"Groß, STRAẞE", "gross, strasse"},
		{"Þórður Ærø Œuvre", "thordur aero oeuvre"},
		{"İstanbul Kılıç", "istanbul kilic"},
		{"Nguyễn Thị Ánh", "nguyen thi anh"},
		{"ﬁnal Ｗide ℌ", "final wide h"},
		{"Żółć", "zolc"}, {"Z\u0307o\u0301ł", "zol"}, // composed and decomposed
		{"Ελένη Ёлкин", "ελενη елкин"},
		{"山田太郎", "山田太郎"},
		{"", ""}, {"\xff", "\uFFFD"},
	} {
		if got := fold(tc.text); got != tc.want {
			t.Errorf("fold(%q) is %q, want %q", tc.text, got, tc.want)
		}
	}
}

// TestSearchFolds: people, roles, interviewers and texts are found by the
// letters that somebody has on their keyboard, and by those of the name.
func TestSearchFolds(t *testing.T) {
	l := newLibrary(t)
	iv, err := l.Interview(t.Context(), l.ids["Bo Li"])
	l.must(err)
	iv.CandidateName, iv.Role = "Quirina Zabłocka", "Mälare"
	l.must2(l.UpdateInterview(t.Context(), iv))
	for _, f := range []RecordFilter{{Person: "zablocka"}, {Person: "ZABŁOCKA quirina"}, {Role: "malare"}, {Role: "Mälare"}, {Person: "zabl", Interviewer: "orjan"}} {
		if got := l.find(f); !slices.Equal(got, []string{iv.CandidateName}) {
			t.Errorf("%+v finds %q", f, got)
		}
	}
	if total, list, err := l.Interviews(t.Context(), InterviewFilter{Query: "zablocka mala"}); err != nil || total != 1 || len(list) != 1 {
		t.Errorf("the list of interviews finds %d: %v", total, err)
	}
	texts(t, l.Store)
	l.note("Zoë Ames", evidence.EntryAnnotation, "She spelt ŁÓDŹ aloud.")
	for _, text := range []string{"lodz", "łódź", `"spelt lodz"`} {
		if got := l.find(RecordFilter{Text: text}); !slices.Equal(got, []string{"Zoë Ames"}) {
			t.Errorf("the text %q is found in %q", text, got)
		}
	}
}

// TestRefold: what an earlier version wrote is folded anew by the next start.
func TestRefold(t *testing.T) {
	l := newLibrary(t)
	l.must2(l.write.ExecContext(t.Context(), `UPDATE interviews SET search = 'zoë ames' || char(10) || 'pilot', folding = 0 WHERE candidate_name = 'Zoë Ames'`))
	if got := l.find(RecordFilter{Person: "zoe"}); len(got) != 0 {
		t.Fatalf("found %q before", got)
	}
	l.must(l.refold(t.Context())) // as Open does
	if got := l.find(RecordFilter{Person: "zoe"}); !slices.Equal(got, []string{"Zoë Ames"}) {
		t.Errorf("found %q after", got)
	}
}
