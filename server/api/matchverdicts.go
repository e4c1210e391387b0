package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// postMatchVerdict keeps what a person says of two pictures.
func (a *API) postMatchVerdict(w http.ResponseWriter, r *http.Request, c call) error {
	var in MatchVerdictRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	note, err := words("note", in.Note, 0)
	switch in.Note = note; {
	case !in.Verdict.Valid():
		return interview.Invalid("verdict", "%q is not one of same, different, unsure", in.Verdict)
	case err != nil:
		return err
	case in.Note == "" && in.Verdict != evidence.SameUnsure:
		return interview.Invalid("note", "is empty; say in a few words what you compared and saw")
	}
	ctx := r.Context()
	m, _, err := a.compare(ctx, c)
	if err != nil {
		return err
	}
	ref, similarity, threshold, err := m.judged(ctx, in.Template)
	if err != nil {
		return err
	}
	entry := evidence.NewEntry{Interview: c.interview.ID, Actor: c.account.Actor(), Kind: evidence.EntryMatchesVerdict,
		Payload: evidence.MatchVerdictPayload{Probe: m.probe.ID, Template: ref.ID, Interview: ref.Interview, Similarity: similarity, Threshold: threshold, Verdict: in.Verdict}}
	if in.Note != "" {
		entry.Part = evidence.NotePart{Text: in.Note}
	}
	entries, err := a.Store.Append(ctx, entry)
	if err != nil {
		return err
	}
	e := entries[0]
	return answer(w, http.StatusCreated, MatchVerdict{Seq: e.Seq, WallMS: e.WallMS, By: c.account.Name, Template: ref.ID, Interview: ref.Interview,
		Similarity: similarity, Verdict: in.Verdict, Note: in.Note})
}

// judged is the template that a verdict is about, and how alike it is.
func (m *comparison) judged(ctx context.Context, id string) (ref *store.TemplateRef, similarity, threshold float64, err error) {
	for i := range m.refs {
		if m.refs[i].ID == id {
			ref = &m.refs[i]
		}
	}
	if ref == nil || m.probe == nil || ref.ID == m.probe.ID {
		return nil, 0, 0, interview.Invalid("template", "is not there to be compared (any more); compare again")
	}
	iv, err := m.a.Store.Interview(ctx, ref.Interview)
	if err != nil || !m.account.MayRead(iv) {
		return nil, 0, 0, errors.Join(err, interview.Invalid("template", "is of an interview that you may not read"))
	}
	similarity, why, err := m.likeness(ctx, ref)
	if err == nil && why != "" {
		err = interview.Invalid("template", "cannot be compared: %s", strings.ReplaceAll(string(why), "_", " "))
	}
	threshold = m.rates.Search
	switch {
	case m.portrait || ref.From == evidence.FromDocument:
		threshold = m.rates.Portrait.Threshold
	case store.SameName(iv.CandidateName, m.this.CandidateName):
		threshold = m.rates.Round.Threshold
	}
	return ref, similarity, threshold, err
}

// matchVerdicts reads what people said of pictures of an interview.
func (a *API) matchVerdicts(ctx context.Context, id string) ([]MatchVerdict, error) {
	entries, err := a.entriesOf(ctx, id, evidence.EntryMatchesVerdict)
	if err != nil {
		return nil, err
	}
	names, err := a.actors(ctx, entries)
	if err != nil {
		return nil, err
	}
	out := []MatchVerdict{}
	for _, e := range entries {
		var p evidence.MatchVerdictPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		var note evidence.NotePart
		if e.Part != nil {
			if err := json.Unmarshal(e.Part, &note); err != nil {
				return nil, fmt.Errorf("entry %d: its note: %w", e.Seq, err)
			}
		}
		out = append(out, MatchVerdict{Seq: e.Seq, WallMS: e.WallMS, By: names[e.Actor.ID], Template: p.Template, Interview: p.Interview,
			Similarity: p.Similarity, Verdict: p.Verdict, Note: note.Text})
	}
	return out, nil
}
