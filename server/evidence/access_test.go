package evidence

import (
	"slices"
	"testing"
)

func TestJoinSpans(t *testing.T) {
	for _, tc := range []struct {
		name     string
		in, want []Span
	}{
		{"none", nil, []Span{}},
		{"apart, out of order", []Span{{50, 60}, {10, 20}}, []Span{{10, 20}, {50, 60}}},
		{"touching", []Span{{10, 20}, {20, 30}}, []Span{{10, 30}}},
		{"one in another", []Span{{10, 90}, {20, 30}, {85, 95}}, []Span{{10, 95}}},
		{"twice the same", []Span{{10, 20}, {10, 20}}, []Span{{10, 20}}},
		{"empty and backwards", []Span{{10, 10}, {30, 20}}, []Span{}},
	} {
		before := slices.Clone(tc.in)
		if got := JoinSpans(tc.in); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
		if !slices.Equal(before, tc.in) {
			t.Errorf("%s: its input was changed to %v", tc.name, tc.in)
		}
	}
}
