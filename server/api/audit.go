package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// maxQuery is the length of one criterion, in bytes.
const maxQuery = 400

// queryOf reads a search from the address of a request.
func queryOf(v url.Values) (q RecordQuery, err error) {
	q = RecordQuery{Person: v.Get("person"), Role: v.Get("role"), Interviewer: v.Get("interviewer"), Text: v.Get("text"), State: interview.State(v.Get("state")),
		Outcome: v.Get("outcome"), Kind: evidence.Kind(v.Get("kind")), Hold: v.Get("hold"), Check: v.Get("check")}
	for _, n := range []struct {
		name string
		to   *int64
	}{{"from", &q.FromMS}, {"to", &q.ToMS}, {"due", &q.DueMS}} {
		text := v.Get(n.name)
		if text == "" {
			continue
		}
		if *n.to, err = strconv.ParseInt(text, 10, 64); err != nil {
			return q, interview.Invalid(n.name, "%q is not a time in Unix milliseconds", text)
		}
	}
	return q, q.validate()
}

// validate checks what a person asks for.
func (q RecordQuery) validate() error {
	for _, f := range []struct{ name, value string }{{"person", q.Person}, {"role", q.Role}, {"interviewer", q.Interviewer}, {"text", q.Text}} {
		if len(f.value) > maxQuery {
			return interview.Invalid(f.name, "has %d bytes; search for at most %d", len(f.value), maxQuery)
		}
	}
	for _, f := range []struct {
		name  string
		value int64
	}{{"from", q.FromMS}, {"to", q.ToMS}, {"due", q.DueMS}} {
		if f.value < 0 {
			return interview.Invalid(f.name, "is %d; use Unix milliseconds, or 0 for any", f.value)
		}
	}
	for _, f := range []struct {
		name, value, choices string
	}{
		{"state", string(q.State), "planned live ended"}, {"outcome", q.Outcome, "none " + outcomeNames()},
		{"hold", q.Hold, "held free"}, {"check", q.Check, "holds differs unchecked"},
	} {
		if f.value != "" && !oneOf(f.value, f.choices) {
			return interview.Invalid(f.name, "%q is not one of %s", f.value, strings.ReplaceAll(f.choices, " ", ", "))
		}
	}
	if _, ok := evidence.Info(q.Kind); q.Kind != "" && !ok {
		return interview.Invalid("kind", "%q is not a kind of finding", q.Kind)
	}
	return nil
}

func outcomeNames() string {
	var all []string
	for _, o := range interview.Outcomes {
		all = append(all, string(o))
	}
	return strings.Join(all, " ")
}

func oneOf(value, choices string) bool {
	for _, c := range strings.Fields(choices) {
		if value == c {
			return true
		}
	}
	return false
}

// filter is the search as the store takes it.
func (q RecordQuery) filter() store.RecordFilter {
	return store.RecordFilter{Person: q.Person, Role: q.Role, Interviewer: q.Interviewer, Text: q.Text, FromMS: q.FromMS, ToMS: q.ToMS,
		State: q.State, Outcome: q.Outcome, Kind: q.Kind, Hold: q.Hold, DueMS: q.DueMS, Check: store.CheckState(q.Check)}
}

// getRecords answers with a page of the records that a search finds.
func (a *API) getRecords(w http.ResponseWriter, r *http.Request, _ call) error {
	q, err := queryOf(r.URL.Query())
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", 50, 1, 200)
	if err != nil {
		return err
	}
	offset, err := number(r, "offset", 0, 0, 1<<40)
	if err != nil {
		return err
	}
	f := q.filter()
	f.Limit, f.Offset = int(limit), int(offset)
	list, err := a.records(r.Context(), f)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, list)
}

func (a *API) records(ctx context.Context, f store.RecordFilter) (RecordList, error) {
	total, more, found, err := a.Store.SearchRecords(ctx, f)
	if err != nil {
		return RecordList{}, err
	}
	out := RecordList{Total: total, More: more, Records: make([]FoundRecord, len(found))}
	for i, n := range found {
		r := FoundRecord{Summary: InterviewSummary(n.Summary), Outcome: n.Outcome, DecidedMS: n.DecidedMS, Held: n.Held, DueMS: n.DueMS,
			Check: string(n.Check), CheckedMS: n.CheckedMS, Hits: make([]RecordHit, len(n.Hits))}
		for j, h := range n.Hits {
			r.Hits[j] = RecordHit(h)
		}
		out.Records[i] = r
	}
	return out, nil
}

// getSearches lists the caller's saved searches.
func (a *API) getSearches(w http.ResponseWriter, r *http.Request, c call) error {
	list, err := a.Store.SavedSearches(r.Context(), c.account.ID)
	if err != nil {
		return err
	}
	out := make([]SavedSearch, len(list))
	for i, n := range list {
		if out[i], err = savedOf(n); err != nil {
			return err
		}
	}
	return answer(w, http.StatusOK, out)
}

func savedOf(n store.SavedSearch) (SavedSearch, error) {
	out := SavedSearch{ID: n.ID, Name: n.Name, CreatedMS: n.CreatedMS}
	return out, json.Unmarshal([]byte(n.Query), &out.Query)
}

// postSearch keeps a search under a name.
func (a *API) postSearch(w http.ResponseWriter, r *http.Request, c call) error {
	var in SaveSearchRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	in.Name = strings.TrimSpace(in.Name)
	if n := len([]rune(in.Name)); n < 1 || n > 100 {
		return interview.Invalid("name", "has %d characters; use 1 to 100", n)
	}
	if err := in.Query.validate(); err != nil {
		return err
	}
	text, err := json.Marshal(in.Query)
	if err != nil {
		return err
	}
	n, err := a.Store.SaveSearch(r.Context(), c.account.ID, in.Name, string(text))
	if err != nil {
		return err
	}
	out, err := savedOf(n)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, out)
}

func (a *API) deleteSearch(w http.ResponseWriter, r *http.Request, c call) error {
	if err := a.Store.DeleteSearch(r.Context(), c.account.ID, r.PathValue("search")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Verifier compares the log and the files with what was signed and logged, one
// verification at a time.
type Verifier interface {
	// Start begins a verification of the whole log and the files of an
	// interview, or of all with "". While one runs it is ErrVerifying.
	Start(interviewID string, by evidence.Actor) error
	Status() Verification
}

func (a *API) postVerification(w http.ResponseWriter, r *http.Request, c call) error {
	if a.Verifier == nil {
		return errNoRoute
	}
	var in VerifyRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.Interview != "" {
		if _, err := a.Store.Interview(r.Context(), in.Interview); err != nil {
			return err
		}
	}
	if err := a.Verifier.Start(in.Interview, c.account.Actor()); err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, a.Verifier.Status())
}

func (a *API) getVerification(w http.ResponseWriter, _ *http.Request, _ call) error {
	if a.Verifier == nil {
		return errNoRoute
	}
	return answer(w, http.StatusOK, a.Verifier.Status())
}

// getCheck answers with what the last verification found of one record.
func (a *API) getCheck(w http.ResponseWriter, r *http.Request, c call) error {
	state, wallMS, faults, err := a.Store.Check(r.Context(), c.interview.ID)
	if err != nil {
		return err
	}
	if faults == nil {
		faults = []string{}
	}
	return answer(w, http.StatusOK, RecordCheck{Check: string(state), CheckedMS: wallMS, Faults: faults})
}

var searchers = one(auth.SearchRecords)
