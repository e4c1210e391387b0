package api

import (
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// TemplateRequest is POST /api/templates and PUT /api/templates/{template}.
type TemplateRequest struct {
	Name  string                   `json:"name"`
	Roles []string                 `json:"roles"`
	Cards []interview.TemplateCard `json:"cards"`
}

// TemplateList answers GET /api/templates: the default one first.
type TemplateList struct {
	Templates []interview.Template `json:"templates"`
	// Limits is the usual time limit of each kind of card, in seconds.
	Limits map[evidence.CardKind]int `json:"limits"`
}

// PlaceChoice is a row of GET /api/places: the reference place of a time zone.
type PlaceChoice struct {
	Zone    string `json:"zone"`
	Label   string `json:"label"`   // "Lisbon, Portugal"
	Comment string `json:"comment"` // "Portugal (mainland)"; "" if there is none
}

// VerdictRequest is POST /api/interviews/{id}/verdicts: an interviewer's
// judgement of a step that they gave none of during the call, or another one.
type VerdictRequest struct {
	Step    string           `json:"step"`
	Verdict evidence.Verdict `json:"verdict"`
	Note    string           `json:"note"` // required for documents
}
