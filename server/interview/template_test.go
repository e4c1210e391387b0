package interview

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"bonafide/server/evidence"
)

func TestBuiltInTemplateIsValid(t *testing.T) {
	b := BuiltIn()
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	kinds := map[evidence.CardKind]bool{}
	for _, c := range b.Cards {
		kinds[c.Kind] = true
	}
	for _, k := range CardKinds {
		if !kinds[k.Kind] {
			t.Errorf("the built-in template has no card of the kind %s", k.Kind)
		}
	}
}

func TestTemplateValidate(t *testing.T) {
	one := TemplateCard{ID: "a", Kind: evidence.CardLookUp, LimitS: 20}
	for name, c := range map[string]struct {
		change func(*Template)
		field  string // "" where it is right
	}{
		"right":            {func(*Template) {}, ""},
		"trimmed":          {func(t *Template) { t.Name, t.Roles = "  A  ", []string{" Data   engineer "} }, ""},
		"no name":          {func(t *Template) { t.Name = " " }, "name"},
		"long name":        {func(t *Template) { t.Name = strings.Repeat("x", 10_000) }, "name"},
		"empty role":       {func(t *Template) { t.Roles = []string{" "} }, "roles"},
		"role twice":       {func(t *Template) { t.Roles = []string{"Pilot", " PILOT "} }, "roles"},
		"no cards":         {func(t *Template) { t.Cards = nil }, "cards"},
		"too many cards":   {func(t *Template) { t.Cards = make([]TemplateCard, MaxCards+1) }, "cards"},
		"unknown kind":     {func(t *Template) { t.Cards[0].Kind = "dance" }, "cards"},
		"bad identifier":   {func(t *Template) { t.Cards[0].ID = "A b" }, "cards"},
		"identifier twice": {func(t *Template) { t.Cards = append(t.Cards, one) }, "cards"},
		"empty question":   {func(t *Template) { t.Cards[0].Kind = evidence.CardQuestion }, "cards"},
		"long question": {func(t *Template) {
			t.Cards[0] = TemplateCard{"q", evidence.CardQuestion, strings.Repeat("x", MaxQuestion+1), false, 60}
		}, "cards"},
		"question on other": {func(t *Template) { t.Cards[0].Question = "Why?" }, "cards"},
		"no time":           {func(t *Template) { t.Cards[0].LimitS = 0 }, "cards"},
		"an hour":           {func(t *Template) { t.Cards[0].LimitS = 3600 }, "cards"},
	} {
		t.Run(name, func(t *testing.T) {
			tpl := Template{ID: "x", Name: "A", Cards: []TemplateCard{one}}
			c.change(&tpl)
			err := tpl.Validate()
			var f *FieldError
			if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &f) || f.Field != c.field) {
				t.Errorf("%v, want field %q", err, c.field)
			}
			if c.field == "" && (tpl.Name != "A" || len(tpl.Roles) > 0 && tpl.Roles[0] != "Data engineer") {
				t.Errorf("not trimmed: %+v", tpl)
			}
		})
	}
}

// Each card must come first about equally often. With 4000 draws of 4 cards a
// count deviates by more than 5 standard deviations (27) once in a million runs.
func TestDrawIsUniform(t *testing.T) {
	tpl := Template{ID: "x", Name: "A", Roles: []string{}}
	for _, id := range []string{"a", "b", "c", "d"} {
		tpl.Cards = append(tpl.Cards, TemplateCard{ID: id, Kind: evidence.CardLookUp, LimitS: 20, Required: id == "a"})
	}
	tpl.Cards[3] = TemplateCard{ID: "d", Kind: evidence.CardQuestion, Question: "Where?", LimitS: 60}
	const draws = 4000
	count := map[string][4]int{}
	for range draws {
		p, part, err := Draw(tpl)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Cards) != 4 || p.TemplateSHA256 != tpl.Hash() || part.Questions["d"] != "Where?" || len(part.Questions) != 1 {
			t.Fatalf("drew %+v, %+v", p, part)
		}
		if raw, _ := json.Marshal(p); strings.Contains(string(raw), "Where") {
			t.Fatal("the payload holds a question's text")
		}
		for i, c := range p.Cards {
			n := count[c.Card]
			n[i]++
			count[c.Card] = n
			if c.Required != (c.Card == "a") || c.LimitMS == 0 {
				t.Fatalf("card %+v", c)
			}
		}
	}
	sd := math.Sqrt(draws * 0.25 * 0.75)
	for id, at := range count {
		for i, n := range at {
			if math.Abs(float64(n)-draws/4) > 5*sd {
				t.Errorf("card %s came at place %d in %d of %d draws", id, i, n, draws)
			}
		}
	}
}

func TestHashTellsTemplatesApart(t *testing.T) {
	a, b := BuiltIn(), BuiltIn()
	if a.Hash() != b.Hash() {
		t.Error("the same template has two hashes")
	}
	b.Cards[len(b.Cards)-1].Question += "?"
	if a.Hash() == b.Hash() {
		t.Error("another question has the same hash")
	}
}

func TestPhrase(t *testing.T) {
	if n := len(plainWords); n < 200 {
		t.Errorf("%d words; the comment promises 200", n)
	}
	seen := map[string]bool{}
	for _, w := range plainWords {
		if seen[w] {
			t.Errorf("%q is in the list twice", w)
		}
		seen[w] = true
	}
	a, err := Phrase()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Phrase()
	if err != nil || a == b || len(strings.Fields(a)) != phraseWords {
		t.Errorf("drew %q and %q, %v", a, b, err)
	}
}
