package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// getTemplates lists the templates of run-sheets.
func (a *API) getTemplates(w http.ResponseWriter, r *http.Request, _ call) error {
	list, err := a.Store.Templates(r.Context())
	if err != nil {
		return err
	}
	limits := map[evidence.CardKind]int{}
	for _, c := range interview.CardKinds {
		limits[c.Kind] = c.LimitS
	}
	return answer(w, http.StatusOK, TemplateList{Templates: list, Limits: limits})
}

func (a *API) postTemplate(w http.ResponseWriter, r *http.Request, c call) error {
	return a.saveTemplate(w, r, c, auth.NewID(), http.StatusCreated)
}

// putTemplate replaces a template; the default one may not have been stored yet.
func (a *API) putTemplate(w http.ResponseWriter, r *http.Request, c call) error {
	id := r.PathValue("template")
	list, err := a.Store.Templates(r.Context())
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.ID == id {
			return a.saveTemplate(w, r, c, id, http.StatusOK)
		}
	}
	return store.ErrNotFound
}

func (a *API) saveTemplate(w http.ResponseWriter, r *http.Request, c call, id string, status int) error {
	var in TemplateRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	t := interview.Template{ID: id, Name: in.Name, Roles: in.Roles, Cards: in.Cards}
	if err := t.Validate(); err != nil {
		return err
	}
	if id != interview.DefaultTemplate && len(t.Roles) == 0 {
		return interview.Invalid("roles", "is empty; name at least one role, or nobody would get this run-sheet")
	}
	err := a.Store.SaveTemplate(r.Context(), t, evidence.NewEntry{Actor: c.account.Actor(), Kind: evidence.EntryTemplateChanged,
		Payload: evidence.TemplatePayload{Template: t.ID, SHA256: t.Hash()}, Part: t})
	if err != nil {
		return err
	}
	return answer(w, status, t)
}

func (a *API) deleteTemplate(w http.ResponseWriter, r *http.Request, c call) error {
	id := r.PathValue("template")
	err := a.Store.DeleteTemplate(r.Context(), id, evidence.NewEntry{Actor: c.account.Actor(), Kind: evidence.EntryTemplateChanged,
		Payload: evidence.TemplatePayload{Template: id, Deleted: true}})
	// The default one may never have been stored: then it is the built-in already.
	if err != nil && !(id == interview.DefaultTemplate && errors.Is(err, store.ErrNotFound)) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getPlaces lists the places that an interview's form offers.
func (a *API) getPlaces(w http.ResponseWriter, _ *http.Request, _ call) error {
	out := []PlaceChoice{}
	if a.Places != nil {
		for _, p := range a.Places.Places() {
			out = append(out, PlaceChoice{Zone: p.Zone, Label: p.Label(), Comment: p.Comment})
		}
	}
	return answer(w, http.StatusOK, out)
}

// runSheet is an interview's run-sheet with names instead of identifiers.
func (a *API) runSheet(ctx context.Context, id string) (evidence.RunSheet, error) {
	sheet, err := a.Store.RunSheet(ctx, id)
	if err != nil {
		return sheet, err
	}
	ids := []string{}
	for _, s := range sheet.Steps {
		if s.Verdict != nil {
			ids = append(ids, s.Verdict.By)
		}
	}
	for _, d := range sheet.Deviations {
		ids = append(ids, d.By)
	}
	names, err := a.Store.Names(ctx, ids)
	if err != nil {
		return sheet, err
	}
	for i := range sheet.Steps {
		if v := sheet.Steps[i].Verdict; v != nil {
			v.By = names[v.By]
		}
	}
	for i, d := range sheet.Deviations {
		sheet.Deviations[i].By = names[d.By]
	}
	return sheet, nil
}

// postVerdict keeps a verdict on a step after the call; during it the room does.
func (a *API) postVerdict(w http.ResponseWriter, r *http.Request, c call) error {
	var in VerdictRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	if !c.interview.State.Over() {
		return interview.Invalid("step", "can be judged here when the interview has ended; until then judge it in the room")
	}
	sheet, err := a.Store.RunSheet(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	step := sheet.Step(in.Step)
	if step == nil {
		return interview.Invalid("step", "%q is no step of this interview", in.Step)
	}
	in.Note = strings.TrimSpace(in.Note)
	switch {
	case !in.Verdict.Fits(step.Kind) && step.Kind == evidence.CardShowID:
		return interview.Invalid("verdict", "%q is none for documents; use matches, does_not_match or unsure", in.Verdict)
	case !in.Verdict.Fits(step.Kind):
		return interview.Invalid("verdict", "%q is none for this card; use done, not_done or unsure", in.Verdict)
	case in.Note == "" && step.Kind == evidence.CardShowID:
		return interview.Invalid("note", "is empty; say in a few words what you compared and saw")
	}
	if _, err := words("note", in.Note, 0); err != nil {
		return err
	}
	entry := evidence.NewEntry{Interview: c.interview.ID, Actor: c.account.Actor(), Kind: evidence.EntryStepVerdict,
		Payload: evidence.VerdictPayload{Step: step.Step, Card: step.Card, Kind: step.Kind, Verdict: in.Verdict}}
	if in.Note != "" {
		entry.Part = evidence.NotePart{Text: in.Note}
	}
	kept, err := a.Store.Append(r.Context(), entry)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, evidence.StepVerdict{Verdict: in.Verdict, Note: in.Note, By: c.account.Name, WallMS: kept[0].WallMS})
}
