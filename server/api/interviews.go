package api

import (
	"net/http"
	"slices"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// maxLinkHours is the longest that a candidate's link can be valid.
const maxLinkHours = 720

// getInterviews lists the interviews that the account may read.
func (a *API) getInterviews(w http.ResponseWriter, r *http.Request, c call) error {
	q := r.URL.Query()
	f := store.InterviewFilter{State: interview.State(q.Get("state")), Query: q.Get("q")}
	switch f.State {
	case "", interview.Planned, interview.Live, interview.Ended, interview.Cancelled:
	default:
		return interview.Invalid("state", "%q is not one of planned, live, ended, cancelled", f.State)
	}
	if len(f.Query) > 400 {
		return interview.Invalid("q", "has %d bytes; search for at most 400", len(f.Query))
	}
	if !c.account.Can(auth.ReadAll) {
		f.User = c.account.ID
	}
	limit, err := number(r, "limit", 50, 1, 200)
	if err != nil {
		return err
	}
	offset, err := number(r, "offset", 0, 0, 1<<40)
	if err != nil {
		return err
	}
	f.Limit, f.Offset = int(limit), int(offset)
	total, list, err := a.Store.Interviews(r.Context(), f)
	if err != nil {
		return err
	}
	out := InterviewList{Total: total, Interviews: make([]InterviewSummary, len(list))}
	for i, s := range list {
		out.Interviews[i] = InterviewSummary(s)
	}
	return answer(w, http.StatusOK, out)
}

// fill copies what a person filled in and validates it.
func (in InterviewRequest) fill(iv *interview.Interview) error {
	iv.CandidateName, iv.Role, iv.ScheduledMS, iv.Place, iv.TimeZone = in.CandidateName, in.Role, in.ScheduledMS, in.Place, in.TimeZone
	iv.Interviewers = in.Interviewers
	iv.KindsOff = slices.Compact(slices.Sorted(slices.Values(in.KindsOff)))
	return iv.Validate()
}

// interviewEntry is the entry about what a person filled in.
func interviewEntry(kind evidence.EntryKind, by auth.Account, iv interview.Interview) evidence.NewEntry {
	return evidence.NewEntry{Interview: iv.ID, Actor: by.Actor(), Kind: kind, Payload: evidence.InterviewPayload{KindsOff: iv.KindsOff},
		Part: InterviewPart{CandidateName: iv.CandidateName, Role: iv.Role, ScheduledMS: iv.ScheduledMS, Place: iv.Place,
			TimeZone: iv.TimeZone, Interviewers: iv.Interviewers}}
}

func (a *API) postInterview(w http.ResponseWriter, r *http.Request, c call) error {
	var in InterviewRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv := interview.Interview{CreatedBy: c.account.ID}
	if err := in.fill(&iv); err != nil {
		return err
	}
	iv, err := a.Store.CreateInterview(r.Context(), iv, interviewEntry(evidence.EntryInterviewCreated, c.account, iv))
	if err != nil {
		return err
	}
	return a.answerInterview(w, r, http.StatusCreated, iv)
}

func (a *API) getInterview(w http.ResponseWriter, r *http.Request, c call) error {
	return a.answerInterview(w, r, http.StatusOK, c.interview)
}

// putInterview changes what was filled in. While the interview runs, the
// room alone switches measurements off and on, because analysis follows it.
func (a *API) putInterview(w http.ResponseWriter, r *http.Request, c call) error {
	var in InterviewRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv := c.interview
	if err := in.fill(&iv); err != nil {
		return err
	}
	if iv.State == interview.Live && !slices.Equal(iv.KindsOff, slices.Sorted(slices.Values(c.interview.KindsOff))) {
		return interview.Invalid("kinds_off", "cannot be changed here while the interview runs; change it in the room")
	}
	iv, err := a.Store.UpdateInterview(r.Context(), iv, interviewEntry(evidence.EntryInterviewUpdated, c.account, iv))
	if err != nil {
		return err
	}
	return a.answerInterview(w, r, http.StatusOK, iv)
}

func (a *API) answerInterview(w http.ResponseWriter, r *http.Request, status int, iv interview.Interview) error {
	ctx, out := r.Context(), InterviewDetail{Interview: iv}
	var err error
	if out.InterviewerNames, err = a.Store.InterviewerNames(ctx, iv.ID); err != nil {
		return err
	}
	if out.Participants, err = a.Store.Participants(ctx, iv.ID); err != nil {
		return err
	}
	if out.Links, err = a.Store.Links(ctx, iv.ID); err != nil {
		return err
	}
	if out.Cancelled, err = a.cancellation(ctx, iv); err != nil {
		return err
	}
	return answer(w, status, out)
}

// postLink creates a candidate's link; its secret is in this answer only.
func (a *API) postLink(w http.ResponseWriter, r *http.Request, c call) error {
	var in LinkRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	if in.ValidHours < 0 || in.ValidHours > maxLinkHours {
		return interview.Invalid("valid_hours", "is %d; use 1 to %d, or 0 for the server's default", in.ValidHours, maxLinkHours)
	}
	if in.ValidHours == 0 {
		in.ValidHours = a.LinkHours
	}
	link, secret, err := a.Auth.NewLink(r.Context(), c.interview.ID, time.Duration(in.ValidHours)*time.Hour, c.account.Actor())
	if err != nil {
		return err
	}
	page := "/join#" // the secret stands behind #, so that it reaches no server log
	if c.interview.State.Over() {
		page = "/record#" // there is nothing to join any more
	}
	return answer(w, http.StatusCreated, LinkCreated{Link: link, URL: a.baseURL(r) + page + secret})
}

func (a *API) deleteLink(w http.ResponseWriter, r *http.Request, c call) error {
	id := r.PathValue("link")
	err := a.Store.RevokeLink(r.Context(), c.interview.ID, id, evidence.NewEntry{Actor: c.account.Actor(),
		Kind: evidence.EntryLinkRevoked, Payload: evidence.LinkPayload{Link: id}})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// invited is the interview that a candidate's request, a LobbyRequest, is for.
func (a *API) invited(w http.ResponseWriter, r *http.Request) (iv interview.Interview, err error) {
	if err := a.lobby.Take(auth.Network(a.address(r))); err != nil {
		return iv, err
	}
	var in LobbyRequest
	if err := read(w, r, &in); err != nil {
		return iv, err
	}
	link, err := a.Auth.ResolveLink(r.Context(), in.Link)
	if err != nil {
		return iv, err
	}
	return a.Store.Interview(r.Context(), link.Interview)
}

// postLobby tells a candidate, known by the link alone, what they are invited to.
func (a *API) postLobby(w http.ResponseWriter, r *http.Request, _ call) error {
	iv, err := a.invited(w, r)
	if err != nil {
		return err
	}
	names, err := a.Store.InterviewerNames(r.Context(), iv.ID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, Lobby{CandidateName: iv.CandidateName, Role: iv.Role, ScheduledMS: iv.ScheduledMS,
		InterviewerNames: names, State: iv.State, KindsOff: iv.KindsOff})
}
