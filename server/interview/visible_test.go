package interview

import (
	"errors"
	"testing"
)

func TestVisible(t *testing.T) {
	for _, right := range []string{"", "Ana", "Zoë O’Brien-Łukasz", "محمد عبد الله", "שלום\u200f", "李 小龍", "👩🏽\u200d🚀", "می\u200cخواهم"} {
		if err := Visible("name", right); err != nil {
			t.Errorf("%q: %v", right, err)
		}
	}
	for _, wrong := range []string{"a\x00b", "a\nb", "a\tb", "a\u202egnp", "\u2066a", "\x7f", "\u0085"} {
		var field *FieldError
		if err := Visible("name", wrong); !errors.As(err, &field) || field.Field != "name" {
			t.Errorf("%q: %v, want a fault of the name", wrong, err)
		}
	}
}

func TestInterviewWantsVisibleNames(t *testing.T) {
	for field, change := range map[string]func(*Interview){
		"":               func(*Interview) {},
		"candidate_name": func(i *Interview) { i.CandidateName = "Ana\u202eanA" },
		"role":           func(i *Interview) { i.Role = "Pilot\x00" },
		"place":          func(i *Interview) { i.Place = "Lis\nbon" },
	} {
		i := Interview{CandidateName: "Ana", Role: "Pilot", Place: "Lisbon", ScheduledMS: 1, Interviewers: []string{"u"}}
		change(&i)
		err := i.Validate()
		if field == "" {
			if err != nil {
				t.Errorf("right: %v", err)
			}
			continue
		}
		var wrong *FieldError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
