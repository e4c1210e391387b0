package interview

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"bonafide/server/evidence"
)

// Template is a deck of cards that every candidate for some roles gets.
type Template struct {
	ID    string         `json:"id"`
	Name  string         `json:"name"`
	Roles []string       `json:"roles"` // positions interviewed for, in any case; the default template needs none
	Cards []TemplateCard `json:"cards"`
}

// TemplateCard is one card of a template.
type TemplateCard struct {
	ID       string            `json:"id"` // unique within the template
	Kind     evidence.CardKind `json:"kind"`
	Question string            `json:"question"` // of a soft question; "" for others
	Required bool              `json:"required"`
	LimitS   int               `json:"limit_s"` // seconds until the step ends by itself
}

// Bounds of templates.
const (
	MaxCards        = 40
	MaxQuestion     = 500 // characters
	MinLimitS       = 5
	MaxLimitS       = 600
	DefaultTemplate = "default" // identifier of the one for roles that no other names
)

// CardKinds lists every kind of card with the seconds it takes unless a
// template says otherwise.
var CardKinds = []struct {
	Kind   evidence.CardKind
	LimitS int
}{
	{evidence.CardShowID, 60},
	{evidence.CardHand, 20},
	{evidence.CardTurnLeft, 20},
	{evidence.CardTurnRight, 20},
	{evidence.CardCheek, 20},
	{evidence.CardLookUp, 20},
	{evidence.CardStandBack, 30},
	{evidence.CardWindow, 15},
	{evidence.CardSpokenCode, 30},
	{evidence.CardQuestion, 180},
}

// LimitOf is the time limit in seconds of cards of a kind, 0 where the kind
// does not exist.
func LimitOf(k evidence.CardKind) int {
	for _, c := range CardKinds {
		if c.Kind == k {
			return c.LimitS
		}
	}
	return 0
}

// BuiltIn is the template of a server on which nobody has edited any.
func BuiltIn() Template {
	t := Template{ID: DefaultTemplate, Name: "Standard run-sheet", Roles: []string{}}
	for _, k := range []evidence.CardKind{evidence.CardShowID, evidence.CardTurnLeft, evidence.CardTurnRight, evidence.CardHand, evidence.CardWindow, evidence.CardSpokenCode} {
		t.Cards = append(t.Cards, TemplateCard{ID: string(k), Kind: k, Required: true, LimitS: LimitOf(k)})
	}
	for _, k := range []evidence.CardKind{evidence.CardCheek, evidence.CardLookUp, evidence.CardStandBack} {
		t.Cards = append(t.Cards, TemplateCard{ID: string(k), Kind: k, LimitS: LimitOf(k)})
	}
	for i, q := range []string{
		"What is the quickest way from where you live to the next larger town?",
		"What was the last thing in this kind of work that took you much longer than you had thought, and why?",
		"Tell me about somebody who taught you something. What was it, and how did they teach it?",
		"Of the jobs that you list, which one would your colleagues remember you for, and for what?",
	} {
		t.Cards = append(t.Cards, TemplateCard{ID: fmt.Sprintf("question-%d", i+1), Kind: evidence.CardQuestion, Question: q, LimitS: LimitOf(evidence.CardQuestion)})
	}
	return t
}

// RoleKey is how roles are compared: without case and outer or repeated spaces.
func RoleKey(role string) string { return strings.ToLower(strings.Join(strings.Fields(role), " ")) }

// Validate checks what a person filled in, and trims it.
func (t *Template) Validate() error {
	t.Name = strings.TrimSpace(t.Name)
	if n := len([]rune(t.Name)); n < 1 || n > 200 {
		return Invalid("name", "has %d characters; enter 1 to 200", n)
	}
	if t.Roles == nil {
		t.Roles = []string{}
	}
	seen := map[string]bool{}
	for i, r := range t.Roles {
		t.Roles[i] = strings.Join(strings.Fields(r), " ")
		key := RoleKey(r)
		if n := len([]rune(key)); n < 1 || n > 200 {
			return Invalid("roles", "has a role of %d characters; enter 1 to 200", n)
		}
		if seen[key] {
			return Invalid("roles", "names %q twice; name each once", t.Roles[i])
		}
		seen[key] = true
	}
	if len(t.Roles) > 100 {
		return Invalid("roles", "has %d roles; at most 100 fit", len(t.Roles))
	}
	if len(t.Cards) < 1 || len(t.Cards) > MaxCards {
		return Invalid("cards", "has %d cards; choose 1 to %d", len(t.Cards), MaxCards)
	}
	ids := map[string]bool{}
	for i := range t.Cards {
		if err := t.Cards[i].validate(i + 1); err != nil {
			return err
		}
		if ids[t.Cards[i].ID] {
			return Invalid("cards", "has two cards with the identifier %q; each needs its own", t.Cards[i].ID)
		}
		ids[t.Cards[i].ID] = true
	}
	return nil
}

// validate checks the nth card.
func (c *TemplateCard) validate(n int) error {
	c.Question = strings.TrimSpace(c.Question)
	if LimitOf(c.Kind) == 0 {
		return Invalid("cards", "has %q as the kind of card %d, which does not exist", c.Kind, n)
	}
	if len(c.ID) < 1 || len(c.ID) > 40 || strings.Trim(c.ID, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return Invalid("cards", "has %q as the identifier of card %d; use 1 to 40 small letters, digits, - or _", c.ID, n)
	}
	length := len([]rune(c.Question))
	if c.Kind == evidence.CardQuestion && (length < 1 || length > MaxQuestion) {
		return Invalid("cards", "has a question of %d characters as card %d; write 1 to %d", length, n, MaxQuestion)
	}
	if c.Kind != evidence.CardQuestion && length > 0 {
		return Invalid("cards", "has a question on card %d, which is not a question; leave it empty", n)
	}
	if c.LimitS < MinLimitS || c.LimitS > MaxLimitS {
		return Invalid("cards", "has a time limit of %d s on card %d; use %d to %d", c.LimitS, n, MinLimitS, MaxLimitS)
	}
	return nil
}

// Hash is the SHA-256, in hex, of the template's JSON: two interviews with the
// same one had the same cards to draw from.
func (t Template) Hash() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("encoding a template: %v", err)) // strings and numbers only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Draw puts a template's cards into a random order: each order is as likely as
// any other. What is drawn is the payload and the part of a cards.drawn entry.
func Draw(t Template) (evidence.CardsDrawnPayload, evidence.CardsDrawnPart, error) {
	cards := slices.Clone(t.Cards)
	for i := len(cards) - 1; i > 0; i-- { // Fisher and Yates
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return evidence.CardsDrawnPayload{}, evidence.CardsDrawnPart{}, fmt.Errorf("drawing the order of cards: %w", err)
		}
		k := int(j.Int64())
		cards[i], cards[k] = cards[k], cards[i]
	}
	p := evidence.CardsDrawnPayload{Template: t.ID, TemplateSHA256: t.Hash(), Cards: []evidence.DrawnCard{}}
	part := evidence.CardsDrawnPart{Name: t.Name, Questions: map[string]string{}}
	for _, c := range cards {
		p.Cards = append(p.Cards, evidence.DrawnCard{Card: c.ID, Kind: c.Kind, Required: c.Required, LimitMS: int64(c.LimitS) * 1000})
		if c.Question != "" {
			part.Questions[c.ID] = c.Question
		}
	}
	return p, part, nil
}
