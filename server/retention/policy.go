// Package retention says what of an interview's record goes when, and why what
// is still there exists. It is arithmetic over policies, holds and dates; it
// reads and deletes nothing.
package retention

import (
	"slices"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Action is what a policy asks for.
type Action string

// The actions of policies.
const (
	Keep      Action = "keep"    // not deleted by policy before the time is over
	Delete    Action = "delete"  // deleted when the time is over
	OnRequest Action = "request" // how long an answer to a deletion request may take
)

// Origin is the event from which a policy counts its days.
type Origin string

// The origins. A time that is to be kept counts from the later of end and
// decision; one after which something goes counts from the event itself.
const (
	FromEnd      Origin = "ended"
	FromDecision Origin = "decided"
	FromRequest  Origin = "requested"
)

// Policy is one rule of retention.
type Policy struct {
	ID      string                `json:"id"`
	Name    string                `json:"name"`
	Rule    string                `json:"rule"` // where it comes from
	Action  Action                `json:"action"`
	Parts   []evidence.RecordPart `json:"parts"`
	Role    string                `json:"role"`    // only interviews for this position, in any case; "" for all
	Outcome interview.Outcome     `json:"outcome"` // only interviews with this outcome; "" for all
	Origin  Origin                `json:"origin"`
	Days    int                   `json:"days"`
	Active  bool                  `json:"active"`
}

// MaxDays bounds the days of a policy: a hundred years.
const MaxDays = 36525

// Validate checks what a person filled in, and trims it.
func (p *Policy) Validate() error {
	p.Name, p.Rule, p.Role = strings.TrimSpace(p.Name), strings.TrimSpace(p.Rule), strings.TrimSpace(p.Role)
	for _, f := range []struct {
		name, value string
		least, most int
	}{{"name", p.Name, 1, 100}, {"rule", p.Rule, 1, 500}, {"role", p.Role, 0, 200}} {
		if n := len([]rune(f.value)); n < f.least || n > f.most {
			return interview.Invalid(f.name, "has %d characters; enter %d to %d", n, f.least, f.most)
		}
	}
	switch {
	case p.Action != Keep && p.Action != Delete && p.Action != OnRequest:
		return interview.Invalid("action", "%q is not one of keep, delete, request", p.Action)
	case p.Origin != FromEnd && p.Origin != FromDecision && p.Origin != FromRequest:
		return interview.Invalid("origin", "%q is not one of ended, decided, requested", p.Origin)
	case (p.Action == OnRequest) != (p.Origin == FromRequest):
		return interview.Invalid("origin", "a policy about requests counts from the request, and only such a one does")
	case p.Outcome != "" && !p.Outcome.Valid():
		return interview.Invalid("outcome", "%q is not an outcome that exists", p.Outcome)
	case p.Days < 0 || p.Days > MaxDays:
		return interview.Invalid("days", "is %d; enter 0 to %d", p.Days, MaxDays)
	case len(p.Parts) == 0:
		return interview.Invalid("parts", "is empty; choose at least one")
	}
	for i, part := range p.Parts {
		if !part.Valid() || slices.Contains(p.Parts[:i], part) {
			return interview.Invalid("parts", "has %q, which is not a part of a record or is named twice", part)
		}
	}
	return nil
}

// applies tells whether the policy is about a part of a record.
func (p Policy) applies(r Record, part evidence.RecordPart) bool {
	return p.Active && slices.Contains(p.Parts, part) && (p.Role == "" || strings.EqualFold(p.Role, strings.TrimSpace(r.Role))) &&
		(p.Outcome == "" || p.Outcome == r.Outcome)
}

// all lists every part but the face templates, whose time is shorter.
var all = []evidence.RecordPart{evidence.PartRecording, evidence.PartStills, evidence.PartDocument, evidence.PartPicture, evidence.PartSeries, evidence.PartText}

// Defaults are the policies of a new server; keepDays is what candidates are
// told before they consent, 0 for no end. They are a beginning: which rules bind
// an operator is for the operator to find out.
func Defaults(keepDays int) []Policy {
	promise := Policy{ID: "promise", Name: "What candidates were told", Rule: "the time that candidates are told before they consent",
		Action: Delete, Parts: append([]evidence.RecordPart{evidence.PartTemplates}, all...), Origin: FromEnd, Days: keepDays, Active: keepDays > 0}
	return []Policy{
		{ID: "eeo", Name: "Employment records, one year", Rule: "29 CFR 1602.14 (EEOC): one year from making the record or from the personnel action, whichever is later",
			Action: Keep, Parts: all, Origin: FromDecision, Days: 366, Active: true},
		{ID: "ofac", Name: "Sanctions, ten years", Rule: "31 CFR 501.601 (OFAC): records of what sanctions rules govern are kept for ten years",
			Action: Keep, Parts: all, Outcome: interview.Sanctions, Origin: FromDecision, Days: 3653, Active: true},
		promise,
		{ID: "bipa-purpose", Name: "Face templates, once decided", Rule: "740 ILCS 14/15(a) (BIPA): destroyed when the purpose of collecting is satisfied",
			Action: Delete, Parts: []evidence.RecordPart{evidence.PartTemplates}, Origin: FromDecision, Days: 0, Active: true},
		{ID: "bipa-limit", Name: "Face templates, three years", Rule: "740 ILCS 14/15(a) (BIPA): destroyed within three years of the last interaction at the latest",
			Action: Delete, Parts: []evidence.RecordPart{evidence.PartTemplates}, Origin: FromEnd, Days: 1095, Active: true},
		{ID: "illinois-request", Name: "Deletion on request, 30 days", Rule: "820 ILCS 42/15 (Artificial Intelligence Video Interview Act): videos are deleted within 30 days of the request",
			Action: OnRequest, Parts: append([]evidence.RecordPart{evidence.PartTemplates}, all...), Origin: FromRequest, Days: 30, Active: true},
	}
}
