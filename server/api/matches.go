package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/gallery"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// Bounds of what one comparison shows.
const (
	maxRounds = 50
	maxFound  = 10
)

// comparison is one interview being compared with the others.
type comparison struct {
	a        *API
	account  auth.Account
	this     interview.Interview
	index    *gallery.Gallery
	refs     []store.TemplateRef
	probe    *evidence.FaceTemplate // nil where there is none
	rates    gallery.Rates
	portrait bool // the probe is a document's portrait
}

// getMatches answers with how alike the candidate's face is to those of other
// interviews. What is shown is an entry of the log.
func (a *API) getMatches(w http.ResponseWriter, r *http.Request, c call) error {
	ctx := r.Context()
	m, why, err := a.compare(ctx, c)
	if err != nil {
		return err
	}
	out := Matches{Why: why, Rounds: []MatchRound{}, Search: MatchSearch{Found: []MatchFound{}}}
	if m.probe != nil {
		face := faceOf(m.probe.FaceTemplatePayload)
		out.Probe = &face
		out.Rates = MatchRates{RoundFalse: m.rates.RoundFalse, RoundMissed: m.rates.RoundMissed, FarOff: m.rates.FarOff, SearchMissed: m.rates.SearchMissed}
	}
	rounds, err := m.rounds(ctx, &out)
	if err != nil {
		return err
	}
	if err := m.search(ctx, rounds, &out.Search); err != nil {
		return err
	}
	if out.Verdicts, err = a.matchVerdicts(ctx, c.interview.ID); err != nil {
		return err
	}
	if err := m.log(ctx, out); err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// compare finds what of an interview is compared: the face that was enrolled,
// or else the portrait of a document.
func (a *API) compare(ctx context.Context, c call) (m *comparison, why MatchGap, err error) {
	if !c.interview.State.Over() {
		return nil, "", interview.Invalid("interview", "has not ended; faces are compared across interviews only afterwards")
	}
	m = &comparison{a: a, account: c.account, this: c.interview}
	if m.index, m.refs, err = a.faces.follow(ctx, a.Store, a.log); err != nil {
		return nil, "", err
	}
	for _, from := range []evidence.TemplateFrom{evidence.FromEnrolled, evidence.FromDocument} {
		ref := m.ref(c.interview.ID, from)
		if ref == nil {
			continue
		}
		var ok bool
		if m.rates, ok = gallery.RatesOf(ref.Model); !ok {
			return m, GapNoRates, nil
		}
		if m.probe, err = m.read(ctx, ref); err != nil {
			return nil, "", err
		}
		if m.probe != nil {
			m.portrait = from == evidence.FromDocument
			return m, "", nil
		}
		why = GapUnreadable
	}
	if why == "" {
		states, err := a.Store.TemplateStates(ctx, []string{c.interview.ID})
		if err != nil {
			return nil, "", err
		}
		why = gapOf(states[c.interview.ID])
	}
	return m, why, nil
}

// gapOf says why an interview has no template.
func gapOf(s store.TemplateState) MatchGap {
	switch {
	case !s.Asked:
		return GapNotAsked
	case !s.Granted:
		return GapNoConsent
	case s.Deleted:
		return GapDeleted
	}
	return GapNotKept
}

// ref is the template of an interview that may be compared; nil without.
func (m *comparison) ref(interviewID string, from evidence.TemplateFrom) *store.TemplateRef {
	for i := range m.refs {
		if m.refs[i].Interview == interviewID && m.refs[i].From == from {
			return &m.refs[i]
		}
	}
	return nil
}

// read decrypts a template; nil where that is not possible.
func (m *comparison) read(ctx context.Context, ref *store.TemplateRef) (out *evidence.FaceTemplate, err error) {
	err = m.a.Store.FaceTemplates(ctx, []int64{ref.Seq}, func(_ int64, t evidence.FaceTemplate) error {
		out = &t
		return nil
	})
	return out, err
}

func faceOf(p evidence.FaceTemplatePayload) MatchFace {
	return MatchFace{Template: p.ID, Interview: p.Interview, From: p.From, Frames: p.Frames, Still: p.Still}
}

// rounds compares with the interviews under the same name, and returns all of
// these, those that are not shown too.
func (m *comparison) rounds(ctx context.Context, out *Matches) ([]string, error) {
	ids, err := m.a.Store.InterviewsNamed(ctx, m.this.CandidateName)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		ids = []string{m.this.ID} // its name was deleted
	}
	shown := ids[max(0, len(ids)-maxRounds):]
	states, err := m.a.Store.TemplateStates(ctx, shown)
	if err != nil {
		return nil, err
	}
	for _, id := range shown {
		iv, err := m.a.Store.Interview(ctx, id)
		if err != nil {
			return nil, err
		}
		if !m.account.MayRead(iv) {
			continue
		}
		round := MatchRound{Interview: id, Role: iv.Role, ScheduledMS: iv.ScheduledMS, This: id == m.this.ID}
		if round.Enrolled, err = m.cell(ctx, id, evidence.FromEnrolled, states[id]); err != nil {
			return nil, err
		}
		if round.Document, err = m.cell(ctx, id, evidence.FromDocument, states[id]); err != nil {
			return nil, err
		}
		if round.Picture, err = m.pictureCell(ctx, id, states[id]); err != nil {
			return nil, err
		}
		out.Rounds = append(out.Rounds, round)
	}
	return ids, nil
}

// cell compares the probe with a template of an interview.
func (m *comparison) cell(ctx context.Context, id string, from evidence.TemplateFrom, state store.TemplateState) (MatchCell, error) {
	ref := m.ref(id, from)
	if ref == nil {
		state.Deleted = state.Deleted || from == evidence.FromDocument && state.DocumentGone
		return MatchCell{Why: gapOf(state)}, nil
	}
	face := faceOf(ref.FaceTemplatePayload)
	c := MatchCell{Face: &face, Still: face.Still}
	if m.probe == nil {
		return c, nil // why is told above the table
	}
	if ref.ID == m.probe.ID {
		c.Itself = true
		return c, nil
	}
	similarity, why, err := m.likeness(ctx, ref)
	if err != nil || why != "" {
		c.Why = why
		return c, err
	}
	band := m.rates.Round
	if m.portrait || from == evidence.FromDocument {
		band = m.rates.Portrait
	}
	c.Similarity, c.Result = similarity, band.Judge(similarity)
	c.Threshold, c.UnsureFrom, c.UnsureTo = band.Threshold, band.From, band.To
	return c, nil
}

// pictureCell compares the probe with the newest profile picture of an
// interview, which may be there without having been measured.
func (m *comparison) pictureCell(ctx context.Context, id string, state store.TemplateState) (MatchCell, error) {
	kept, err := m.a.profile(ctx, id)
	switch {
	case err != nil:
		return MatchCell{}, err
	case kept == nil:
		return MatchCell{Why: GapNoPicture}, nil
	case kept.Deleted:
		return MatchCell{Why: GapDeleted}, nil // nobody could look at what the figure is about
	case kept.Profile.Face != nil:
		c, err := m.cell(ctx, id, evidence.FromPicture, state)
		c.EyesPX = kept.Profile.EyesPX
		return c, err
	}
	c := MatchCell{Why: gapOf(state), Still: kept.Profile.Picture.SHA256}
	if c.Why == GapNotKept {
		c.Why = GapUnmeasured
	}
	return c, nil
}

// likeness is the cosine of the probe and a template of the same model.
func (m *comparison) likeness(ctx context.Context, ref *store.TemplateRef) (float64, MatchGap, error) {
	if ref.Model != m.probe.Model {
		return 0, GapOtherModel, nil
	}
	t, err := m.read(ctx, ref)
	if err != nil {
		return 0, "", err
	}
	if t == nil || len(t.Vector) != len(m.probe.Vector) {
		return 0, GapUnreadable, nil
	}
	var dot float64
	for i, x := range t.Vector {
		dot += float64(x) * float64(m.probe.Vector[i])
	}
	return dot, "", nil
}

// search looks for the enrolled face under other names.
func (m *comparison) search(ctx context.Context, rounds []string, out *MatchSearch) error {
	if m.probe == nil || m.portrait {
		return nil
	}
	found, compared, err := m.index.Search(m.probe.Model, m.probe.Vector, m.rates.Search, maxFound, rounds...)
	if err != nil {
		return err
	}
	out.Ran, out.Threshold, out.FalseMatches, out.Measured = true, m.rates.Search, m.rates.FalseMatches, m.rates.Pictures
	own := 0 // of this name: they are not searched
	for _, r := range m.refs {
		if r.From == evidence.FromEnrolled && r.Model == m.probe.Model && slices.Contains(rounds, r.Interview) {
			own++
		}
	}
	out.Compared = max(compared-own, 0)
	out.Expected = gallery.Expected(m.rates.FalseMatches, out.Compared)
	out.TooLarge = gallery.TooLarge(m.rates.FalseMatches, out.Compared)
	for _, f := range found {
		iv, err := m.a.Store.Interview(ctx, f.Interview)
		if err != nil {
			return err
		}
		ref := m.ref(f.Interview, evidence.FromEnrolled)
		if ref == nil || !m.account.MayRead(iv) {
			continue
		}
		out.Found = append(out.Found, MatchFound{Face: faceOf(ref.FaceTemplatePayload), CandidateName: iv.CandidateName, Role: iv.Role, ScheduledMS: iv.ScheduledMS, Similarity: f.Similarity})
	}
	return nil
}

// log writes down what is shown, in this interview and in those that are shown
// beside it, before it is shown.
func (m *comparison) log(ctx context.Context, out Matches) error {
	if m.probe == nil {
		return nil
	}
	p := evidence.MatchesPayload{Model: m.probe.Model, Compared: out.Search.Compared, Threshold: out.Search.Threshold, Expected: out.Search.Expected,
		Rounds: []string{}, Found: []evidence.FoundMatch{}}
	others := []string{}
	for _, r := range out.Rounds {
		p.Rounds = append(p.Rounds, r.Interview)
		if !r.This {
			others = append(others, r.Interview)
		}
	}
	for _, f := range out.Search.Found {
		p.Found = append(p.Found, evidence.FoundMatch{Template: f.Face.Template, Interview: f.Face.Interview, Similarity: f.Similarity})
		others = append(others, f.Face.Interview)
	}
	for _, id := range others {
		if err := m.a.seen(ctx, call{account: m.account, interview: interview.Interview{ID: id, State: interview.Ended}}, evidence.AccessMatches, ""); err != nil {
			return err
		}
	}
	key := fmt.Sprintf("%s %s %s %+v", evidence.EntryMatchesLooked, m.account.ID, m.this.ID, p)
	if !m.a.visits.begins(key, m.a.now()) {
		return nil
	}
	if _, err := m.a.Store.Append(ctx, evidence.NewEntry{Interview: m.this.ID, Actor: m.account.Actor(), Kind: evidence.EntryMatchesLooked, Payload: p}); err != nil {
		m.a.visits.forget(key)
		return fmt.Errorf("logging a comparison of faces: %w", err)
	}
	return nil
}
