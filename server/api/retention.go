package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
	"bonafide/server/store"
)

// Records deletes parts of records and says what becomes of them.
type Records interface {
	// Delete deletes a part for good; a record on hold is store.ErrHeld.
	Delete(ctx context.Context, d store.Deletion) (store.Tombstone, error)
	// Fates says of every part what exists of it, what becomes of it, and why.
	Fates(ctx context.Context, interviewID string) ([]PartFate, error)
	// Refresh keeps when the next part of a record goes, after something that
	// this depends on was changed.
	Refresh(ctx context.Context, interviewID string) error
}

// policyID is what may name a policy.
var policyID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// maxUpcoming bounds the deletions that are shown ahead.
const maxUpcoming = 200

// getRetention answers with policies, holds, requests and what goes next.
func (a *API) getRetention(w http.ResponseWriter, r *http.Request, _ call) error {
	if a.Records == nil {
		return errNoRoute
	}
	ctx := r.Context()
	out := Retention{Parts: evidence.Parts, Upcoming: []UpcomingDeletion{}, SweptMS: a.now().UnixMilli()}
	var err error
	if out.Policies, err = a.Store.Policies(ctx); err != nil {
		return err
	}
	if out.Holds, err = a.holds(ctx, ""); err != nil {
		return err
	}
	if out.Requests, err = a.requests(ctx, ""); err != nil {
		return err
	}
	ids, err := a.Store.Upcoming(ctx, math.MaxInt64, maxUpcoming)
	if err != nil {
		return err
	}
	names := policyNames(out.Policies)
	for _, id := range ids {
		iv, err := a.Store.Interview(ctx, id)
		if err != nil {
			return err
		}
		fates, err := a.Records.Fates(ctx, id)
		if err != nil {
			return err
		}
		for _, f := range fates {
			if f.Exists && !f.Held && f.DueMS > 0 {
				out.Upcoming = append(out.Upcoming, UpcomingDeletion{Interview: id, Candidate: iv.CandidateName, Role: iv.Role, Part: f.Part, DueMS: f.DueMS, Policy: names[f.DueBy]})
			}
		}
	}
	slices.SortStableFunc(out.Upcoming, func(a, b UpcomingDeletion) int { return int(min(max(a.DueMS-b.DueMS, -1), 1)) })
	out.Upcoming = out.Upcoming[:min(len(out.Upcoming), maxUpcoming)]
	return answer(w, http.StatusOK, out)
}

func policyNames(all []retention.Policy) map[string]string {
	names := map[string]string{}
	for _, p := range all {
		names[p.ID] = p.Name
	}
	return names
}

// putPolicy adds a policy or changes one.
func (a *API) putPolicy(w http.ResponseWriter, r *http.Request, c call) error {
	var p retention.Policy
	if err := read(w, r, &p); err != nil {
		return err
	}
	p.ID = r.PathValue("policy")
	if !policyID.MatchString(p.ID) {
		return interview.Invalid("policy", "%q cannot name a policy; use 1 to 40 small letters, digits and dashes", p.ID)
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if err := a.Store.SavePolicy(r.Context(), p, c.account.Actor()); err != nil {
		return err
	}
	return answer(w, http.StatusOK, p)
}

// getRecordRetention answers why each part of a record still exists.
func (a *API) getRecordRetention(w http.ResponseWriter, r *http.Request, c call) error {
	return a.answerRetention(w, r, c.interview.ID)
}

func (a *API) answerRetention(w http.ResponseWriter, r *http.Request, id string) error {
	if a.Records == nil {
		return errNoRoute
	}
	ctx := r.Context()
	about, err := a.Store.RetentionRecord(ctx, id)
	if err != nil {
		return err
	}
	out := RecordRetention{Outcome: about.Outcome, DecidedMS: about.DecidedMS, Policies: []PolicyName{}}
	if out.Parts, err = a.Records.Fates(ctx, id); err != nil {
		return err
	}
	if out.Holds, err = a.holds(ctx, id); err != nil {
		return err
	}
	if out.Requests, err = a.requests(ctx, id); err != nil {
		return err
	}
	policies, err := a.Store.Policies(ctx)
	if err != nil {
		return err
	}
	for _, p := range policies {
		out.Policies = append(out.Policies, PolicyName{p.ID, p.Name})
	}
	return answer(w, http.StatusOK, out)
}

func (a *API) holds(ctx context.Context, id string) ([]RecordHold, error) {
	all, err := a.Store.Holds(ctx, id)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range all {
		ids = append(ids, h.Owner, h.ReleasedBy)
	}
	names, err := a.Store.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]RecordHold, 0, len(all))
	for _, h := range all {
		iv, err := a.Store.Interview(ctx, h.Interview)
		if err != nil {
			return nil, err
		}
		out = append(out, RecordHold{ID: h.ID, Interview: h.Interview, Candidate: iv.CandidateName, Reason: h.Reason, Owner: names[h.Owner],
			CreatedMS: h.CreatedMS, ReleasedMS: h.ReleasedMS, ReleasedBy: names[h.ReleasedBy]})
	}
	return out, nil
}

func (a *API) requests(ctx context.Context, id string) ([]RecordRequest, error) {
	all, err := a.Store.DeletionRequests(ctx, id)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, q := range all {
		ids = append(ids, q.ClosedBy)
	}
	names, err := a.Store.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]RecordRequest, 0, len(all))
	for _, q := range all {
		iv, err := a.Store.Interview(ctx, q.Interview)
		if err != nil {
			return nil, err
		}
		about, err := a.Store.RetentionRecord(ctx, q.Interview)
		if err != nil {
			return nil, err
		}
		out = append(out, RecordRequest{ID: q.ID, Interview: q.Interview, Candidate: iv.CandidateName, Parts: q.Parts, Text: q.Text, CreatedMS: q.CreatedMS,
			DueMS: q.DueMS, State: string(q.State), ClosedMS: q.ClosedMS, ClosedBy: names[q.ClosedBy], Answer: q.Answer, Held: about.Held})
	}
	return out, nil
}

// postOutcome keeps what was decided about an interview as a whole.
func (a *API) postOutcome(w http.ResponseWriter, r *http.Request, c call) error {
	var q OutcomeRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	if !q.Outcome.Valid() {
		return interview.Invalid("outcome", "%q is not an outcome that exists", q.Outcome)
	}
	note, err := words("note", q.Note, 0)
	if err != nil {
		return err
	}
	if !c.interview.State.Over() {
		return interview.Invalid("outcome", "can be entered once the interview has ended")
	}
	if err := a.Store.Decide(r.Context(), c.interview.ID, q.Outcome, note, c.account.Actor()); err != nil {
		return err
	}
	return a.refreshed(w, r, c.interview.ID)
}

// refreshed answers with a record's retention as it is after a change.
func (a *API) refreshed(w http.ResponseWriter, r *http.Request, id string) error {
	if a.Records == nil {
		return errNoRoute
	}
	if err := a.Records.Refresh(r.Context(), id); err != nil {
		return err
	}
	return a.answerRetention(w, r, id)
}

// postHold puts a record on legal hold, in the name of whoever asks.
func (a *API) postHold(w http.ResponseWriter, r *http.Request, c call) error {
	var q HoldRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	reason, err := words("reason", q.Reason, 3)
	if err != nil {
		return err
	}
	if _, err := a.Store.PlaceHold(r.Context(), c.interview.ID, reason, c.account); err != nil {
		return err
	}
	return a.refreshed(w, r, c.interview.ID)
}

// releaseHold ends a legal hold.
func (a *API) releaseHold(w http.ResponseWriter, r *http.Request, c call) error {
	var q HoldRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	reason, err := words("reason", q.Reason, 3)
	if err != nil {
		return err
	}
	if err := a.Store.ReleaseHold(r.Context(), c.interview.ID, r.PathValue("hold"), reason, c.account); err != nil {
		return err
	}
	return a.refreshed(w, r, c.interview.ID)
}

// checkParts refuses a list of parts that is empty, unknown or repeats itself.
func checkParts(parts []evidence.RecordPart) error {
	if len(parts) == 0 {
		return interview.Invalid("parts", "is empty; choose at least one")
	}
	for i, p := range parts {
		if !p.Valid() || slices.Contains(parts[:i], p) {
			return interview.Invalid("parts", "has %q, which is not a part of a record or is named twice", p)
		}
	}
	return nil
}

// postPartDeletion deletes parts of a record because an administrator decided so.
func (a *API) postPartDeletion(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Records == nil {
		return errNoRoute
	}
	var q DeletePartRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	if err := checkParts(q.Parts); err != nil {
		return err
	}
	reason, err := words("reason", q.Reason, 3)
	if err != nil {
		return err
	}
	if strings.TrimSpace(q.Confirm) != c.interview.CandidateName {
		return interview.Invalid("confirm", "is not the name that this interview has; type %q", c.interview.CandidateName)
	}
	err = a.deleteParts(r.Context(), q.Parts, store.Deletion{Interview: c.interview.ID, By: c.account.Actor(), Reason: evidence.DeletedByPerson, Note: reason})
	if err != nil {
		return err
	}
	return a.refreshed(w, r, c.interview.ID)
}

// deleteParts deletes several parts, the texts last: their tombstone's own
// reason belongs to them.
func (a *API) deleteParts(ctx context.Context, parts []evidence.RecordPart, d store.Deletion) error {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(x, y evidence.RecordPart) int {
		order := func(p evidence.RecordPart) int {
			if p == evidence.PartText {
				return 1
			}
			return 0
		}
		return order(x) - order(y)
	})
	for _, p := range parts {
		d.Part = p
		if _, err := a.Records.Delete(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// postRequest enters a wish for deletion that came by letter or word of mouth.
func (a *API) postRequest(w http.ResponseWriter, r *http.Request, c call) error {
	var q AskDeletionRequest
	if err := read(w, r, &q); err != nil {
		return err
	}
	if err := a.askDeletion(r.Context(), c.interview.ID, q.Parts, q.Text, c.account.Actor()); err != nil {
		return err
	}
	return a.answerRetention(w, r, c.interview.ID)
}

// askDeletion checks a wish for deletion, whoever has it, keeps it and starts
// its clock, by the policies about requests. While one of the interview is open
// another is store.ErrConflict.
func (a *API) askDeletion(ctx context.Context, id string, parts []evidence.RecordPart, text string, by evidence.Actor) error {
	if err := checkParts(parts); err != nil {
		return err
	}
	text, err := words("text", text, 0)
	if err != nil {
		return err
	}
	policies, err := a.Store.Policies(ctx)
	if err != nil {
		return err
	}
	about, err := a.Store.RetentionRecord(ctx, id)
	if err != nil {
		return err
	}
	_, err = a.Store.RequestDeletion(ctx, id, parts, text, retention.RequestDue(about, parts, a.now().UnixMilli(), policies), by)
	return err
}

// postRequestAnswer fulfils a request for deletion, or refuses it with a reason.
func (a *API) postRequestAnswer(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Records == nil {
		return errNoRoute
	}
	var q RequestAnswer
	if err := read(w, r, &q); err != nil {
		return err
	}
	least := 3
	if q.Fulfil {
		least = 0
	}
	text, err := words("answer", q.Answer, least)
	if err != nil {
		return err
	}
	ctx := r.Context()
	asked, err := a.Store.DeletionRequest(ctx, r.PathValue("request"))
	if err != nil {
		return err
	}
	if asked.State != store.RequestOpen {
		return errAnswered
	}
	if q.Fulfil {
		err := a.deleteParts(ctx, asked.Parts, store.Deletion{Interview: asked.Interview, By: c.account.Actor(), Reason: evidence.DeletedByRequest, Request: asked.ID})
		if err != nil {
			return err
		}
	}
	if err := a.Store.CloseRequest(ctx, asked.ID, q.Fulfil, text, c.account); err != nil {
		return err
	}
	return a.refreshed(w, r, asked.Interview)
}

// errAnswered says that somebody answered a request before.
var errAnswered = errors.New("the request was answered already")
