package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
	"bonafide/server/store"
)

// maxAnswers is how many answers a candidate can write to one interview.
const maxAnswers = 100

var errTooManyAnswers = fmt.Errorf("at most %d answers fit to one interview; ask your contact for another way: %w", maxAnswers, store.ErrConflict)

// own is the interview that belongs to a candidate's link, of which they may
// see the record.
func (a *API) own(r *http.Request, secret string) (iv interview.Interview, err error) {
	if err := a.lobby.Take(auth.Network(a.address(r))); err != nil {
		return iv, err
	}
	link, err := a.Auth.ResolveOwnRecord(r.Context(), secret)
	if err != nil {
		return iv, err
	}
	return a.Store.Interview(r.Context(), link.Interview)
}

// candidateActor is the candidate of an interview as the cause of an entry.
func candidateActor(iv interview.Interview) evidence.Actor {
	return evidence.Actor{Type: "participant", ID: iv.Candidate}
}

// postCandidate answers with a candidate's own record.
func (a *API) postCandidate(w http.ResponseWriter, r *http.Request, _ call) error {
	var in LobbyRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv, err := a.own(r, in.Link)
	if err != nil {
		return err
	}
	if err := a.visited(r.Context(), iv, candidateActor(iv), evidence.EntryAccessViewed, evidence.AccessPayload{What: evidence.AccessCandidate}); err != nil {
		return err
	}
	return a.answerCandidate(w, r, http.StatusOK, iv)
}

func (a *API) answerCandidate(w http.ResponseWriter, r *http.Request, status int, iv interview.Interview) error {
	ctx := r.Context()
	out := CandidateRecord{CandidateName: iv.CandidateName, Role: iv.Role, Operator: a.Operator, State: string(iv.State), ScheduledMS: iv.ScheduledMS,
		StartedMS: iv.StartedMS, EndedMS: iv.EndedMS, FindingsShown: a.CandidateFindings, Findings: []CandidateFinding{}}
	for _, fill := range []func(context.Context, interview.Interview, *CandidateRecord) error{a.candidateParts, a.candidateWords, a.candidateViews, a.candidateFindings, a.candidateRequests} {
		if err := fill(ctx, iv, &out); err != nil {
			return err
		}
	}
	return answer(w, status, out)
}

// candidateParts tells what exists of the record, and until when.
func (a *API) candidateParts(ctx context.Context, iv interview.Interview, out *CandidateRecord) error {
	record, err := a.Store.RetentionRecord(ctx, iv.ID)
	if err != nil {
		return err
	}
	policies, err := a.Store.Policies(ctx)
	if err != nil {
		return err
	}
	content, err := a.Store.Content(ctx, iv.ID)
	if err != nil {
		return err
	}
	tombstones, err := a.Store.Tombstones(ctx, iv.ID)
	if err != nil {
		return err
	}
	deleted := map[evidence.RecordPart]int64{}
	for _, t := range tombstones {
		deleted[t.Part] = max(deleted[t.Part], t.WallMS)
	}
	out.Held, out.Parts = record.Held, []CandidatePart{}
	info := map[evidence.RecordPart]evidence.PartInfo{}
	for _, i := range evidence.Parts {
		info[i.Part] = i
	}
	for _, fate := range retention.Fates(record, policies) {
		p := CandidatePart{Part: fate.Part, Title: info[fate.Part].Title, Description: info[fate.Part].Description, Count: content.Texts[fate.Part],
			DueMS: fate.DueMS, Why: fate.Why, DeletedMS: deleted[fate.Part]}
		if fate.Part == evidence.PartRecording {
			p.Count = len(content.Recordings)
			for _, s := range content.Recordings {
				if s.Participant == iv.Candidate {
					p.LengthMS += s.EndMS - s.StartMS
				}
			}
		}
		for _, part := range content.Stills {
			if part == fate.Part {
				p.Count++
			}
		}
		if p.Count > 0 || p.DeletedMS > 0 {
			out.Parts = append(out.Parts, p)
		}
	}
	return nil
}

// candidateWords are the consents that the candidate gave and the answers that
// they wrote.
func (a *API) candidateWords(ctx context.Context, iv interview.Interview, out *CandidateRecord) error {
	out.Consents, out.Answers = []CandidateConsent{}, []CandidateAnswer{}
	entries, err := a.entriesOf(ctx, iv.ID, evidence.EntryConsent, evidence.EntryAnswer)
	if err != nil {
		return err
	}
	for _, e := range entries {
		var note evidence.NotePart
		if e.Part != nil {
			if err := json.Unmarshal(e.Part, &note); err != nil {
				return fmt.Errorf("reading the text of entry %d: %w", e.Seq, err)
			}
		}
		if e.Kind == evidence.EntryAnswer {
			answer, err := answerOf(e, note)
			if err != nil {
				return err
			}
			out.Answers = append(out.Answers, answer)
			continue
		}
		var p evidence.ConsentPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return fmt.Errorf("reading entry %d: %w", e.Seq, err)
		}
		if p.Participant == iv.Candidate {
			out.Consents = append(out.Consents, CandidateConsent{WallMS: e.WallMS, Consent: p.Consent, Granted: p.Granted, Text: note.Text})
		}
	}
	return nil
}

func answerOf(e evidence.Entry, note evidence.NotePart) (CandidateAnswer, error) {
	var p evidence.AnswerPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return CandidateAnswer{}, fmt.Errorf("reading entry %d: %w", e.Seq, err)
	}
	return CandidateAnswer{Seq: e.Seq, WallMS: e.WallMS, Finding: p.Finding, Text: note.Text}, nil
}

// candidateViews tells who saw the record: by their roles, or by name where the
// operator allows it.
func (a *API) candidateViews(ctx context.Context, iv interview.Interview, out *CandidateRecord) error {
	history, err := a.accessHistory(ctx, iv.ID)
	if err != nil {
		return err
	}
	out.Views = []CandidateView{}
	for _, l := range history.Lines {
		if l.Kind == evidence.EntryAccessRefused {
			continue // nothing was seen
		}
		v := CandidateView{WallMS: l.WallMS, Kind: l.Kind, Roles: l.Roles, You: l.Actor == "participant", Command: l.Actor == auth.Command.Type, What: l.What, Spans: l.Spans}
		if a.CandidateNames && !v.You {
			v.By = l.By
		}
		out.Views = append(out.Views, v)
	}
	return nil
}

// candidateFindings shows what was found, where the operator allows it.
func (a *API) candidateFindings(ctx context.Context, iv interview.Interview, out *CandidateRecord) error {
	if !a.CandidateFindings {
		return nil
	}
	findings, err := a.Store.Findings(ctx, iv.ID)
	if err != nil {
		return err
	}
	marks, err := a.readMarks(ctx, iv.ID)
	if err != nil {
		return err
	}
	decided := map[string]evidence.Decision{}
	for _, r := range marks.reviews {
		decided[r.Finding] = r.Decision
	}
	for _, f := range findings {
		if f.Participant != iv.Candidate {
			continue
		}
		info, _ := evidence.Info(f.Kind)
		if info.Title == "" {
			info.Title = string(f.Kind) // of another version of the program
		}
		values := f.Values
		if values == nil {
			values = []evidence.Measure{}
		}
		out.Findings = append(out.Findings, CandidateFinding{ID: f.ID, Title: info.Title, Description: info.Description, Limits: info.Limits,
			StartMS: f.StartMS, EndMS: f.EndMS, Values: values, Quality: f.Quality, Decision: string(decided[f.ID])})
	}
	return nil
}

func (a *API) candidateRequests(ctx context.Context, iv interview.Interview, out *CandidateRecord) error {
	requests, err := a.Store.DeletionRequests(ctx, iv.ID)
	if err != nil {
		return err
	}
	out.Requests = []CandidateDeletion{}
	for _, q := range requests {
		out.Requests = append(out.Requests, CandidateDeletion{CreatedMS: q.CreatedMS, DueMS: q.DueMS, Parts: q.Parts, State: string(q.State), ClosedMS: q.ClosedMS, Answer: q.Answer})
	}
	return nil
}

// postCandidateAnswer keeps a candidate's words about a finding that they may see, or
// about the interview as a whole.
func (a *API) postCandidateAnswer(w http.ResponseWriter, r *http.Request, _ call) error {
	var in CandidateAnswerRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv, err := a.own(r, in.Link)
	if err != nil {
		return err
	}
	if in.Text, err = words("text", in.Text, 1); err != nil {
		return err
	}
	var now CandidateRecord
	if err := errors.Join(a.candidateWords(r.Context(), iv, &now), a.candidateFindings(r.Context(), iv, &now)); err != nil {
		return err
	}
	if len(now.Answers) >= maxAnswers {
		return errTooManyAnswers
	}
	known := in.Finding == ""
	for _, f := range now.Findings {
		known = known || f.ID == in.Finding
	}
	if !known {
		return interview.Invalid("finding", "is not one of those that are shown here; leave it empty to write about the interview as a whole")
	}
	_, err = a.Store.Append(r.Context(), evidence.NewEntry{Interview: iv.ID, Actor: candidateActor(iv), Kind: evidence.EntryAnswer,
		Payload: evidence.AnswerPayload{Finding: in.Finding}, Part: evidence.NotePart{Text: in.Text}})
	if err != nil {
		return err
	}
	return a.answerCandidate(w, r, http.StatusCreated, iv)
}

// postCandidateDeletion takes a candidate's wish that parts of their record be deleted,
// which starts a clock.
func (a *API) postCandidateDeletion(w http.ResponseWriter, r *http.Request, _ call) error {
	var in CandidateDeletionRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	iv, err := a.own(r, in.Link)
	if err != nil {
		return err
	}
	if err := a.askDeletion(r.Context(), iv.ID, in.Parts, in.Text, candidateActor(iv)); err != nil {
		return err
	}
	return a.answerCandidate(w, r, http.StatusCreated, iv)
}
