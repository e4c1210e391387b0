package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// maxNote is the length of a text that a person types, in characters.
const maxNote = 2000

// getReview answers with everything that the review page shows.
func (a *API) getReview(w http.ResponseWriter, r *http.Request, c call) error {
	ctx, id := r.Context(), c.interview.ID
	out := ReviewData{Interview: c.interview}
	var err error
	if out.Participants, err = a.Store.Participants(ctx, id); err != nil {
		return err
	}
	if out.Segments, err = a.Store.Segments(ctx, id); err != nil {
		return err
	}
	if out.Findings, err = a.Store.Findings(ctx, id); err != nil {
		return err
	}
	for i := range out.Findings {
		if out.Findings[i].Values == nil {
			out.Findings[i].Values = []evidence.Measure{} // a list for the page, even if empty
		}
	}
	if out.Coverage, err = a.Store.Coverage(ctx, id); err != nil {
		return err
	}
	if out.Gaps, err = a.Store.Gaps(ctx, id); err != nil {
		return err
	}
	if out.Series, err = a.Store.SeriesNames(ctx, id); err != nil {
		return err
	}
	out.CheckRates = evidence.CheckRates
	if out.RunSheet, err = a.runSheet(ctx, id); err != nil {
		return err
	}
	marks, err := a.readMarks(ctx, id)
	if err != nil {
		return err
	}
	out.Annotations, out.Questions, out.Reviews, out.Answers = marks.annotations, marks.questions, marks.reviews, marks.answers
	out.DurationMS = a.duration(out)
	out.Ready = a.ready(c.interview, marks.recordings, out.Segments)
	return answer(w, http.StatusOK, out)
}

// duration is how long the interview lasted, or has lasted so far; never less
// than its recordings.
func (a *API) duration(d ReviewData) int64 {
	var ms int64
	switch d.Interview.State {
	case interview.Live:
		ms = a.now().UnixMilli() - d.Interview.StartedMS
	case interview.Ended:
		if d.Interview.StartedMS != 0 {
			ms = d.Interview.EndedMS - d.Interview.StartedMS
		}
	}
	for _, s := range d.Segments {
		ms = max(ms, s.EndMS)
	}
	return max(ms, 0)
}

// finishWithin is how long recordings may take to be finished after the end.
// Later, what is missing will come by a repair at the next start, if at all,
// and the page should not wait for it.
const finishWithin = 2 * time.Minute

// ready reports whether every recording that was begun has been finished, and
// the last finding of the live analysis is in.
func (a *API) ready(iv interview.Interview, begun map[string]bool, segments []evidence.Segment) bool {
	if iv.State == interview.Cancelled {
		return true // there are none
	}
	if iv.State != interview.Ended || a.Finishing != nil && a.Finishing(iv.ID) {
		return false
	}
	if a.now().Sub(time.UnixMilli(iv.EndedMS)) > finishWithin {
		return true
	}
	finished := map[string]bool{}
	for _, s := range segments {
		finished[recordingKey(s.Participant, s.Stream, s.N)] = true
	}
	for key := range begun {
		if !finished[key] {
			return false
		}
	}
	return true
}

func recordingKey(participant, stream string, n int) string {
	return fmt.Sprintf("%s/%s/%d", participant, stream, n)
}

// marks is what people said about an interview, and which recordings were
// begun and did not fail.
type marks struct {
	annotations []Annotation
	questions   []Question
	reviews     []Review
	answers     []CandidateAnswer
	recordings  map[string]bool
}

func (a *API) readMarks(ctx context.Context, id string) (marks, error) {
	m := marks{annotations: []Annotation{}, questions: []Question{}, reviews: []Review{}, answers: []CandidateAnswer{}, recordings: map[string]bool{}}
	entries, err := a.entriesOf(ctx, id, evidence.EntryAnnotation, evidence.EntryQuestion, evidence.EntryReview, evidence.EntryAnswer,
		evidence.EntryRecordingStarted, evidence.EntryRecordingFailed)
	if err != nil {
		return m, err
	}
	names, err := a.actors(ctx, entries)
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		if err := m.add(e, names[e.Actor.ID]); err != nil {
			return m, fmt.Errorf("reading entry %d (%s): %w", e.Seq, e.Kind, err)
		}
	}
	return m, nil
}

// add files one entry. A text whose part was deleted is empty.
func (m *marks) add(e evidence.Entry, by string) error {
	var note evidence.NotePart
	if e.Part != nil {
		if err := json.Unmarshal(e.Part, &note); err != nil {
			return err
		}
	}
	var at int64
	if e.AtMS != nil {
		at = *e.AtMS
	}
	switch e.Kind {
	case evidence.EntryAnnotation:
		m.annotations = append(m.annotations, Annotation{Seq: e.Seq, AtMS: at, By: by, Text: note.Text})
	case evidence.EntryQuestion:
		var q evidence.QuestionPayload
		if err := json.Unmarshal(e.Payload, &q); err != nil {
			return err
		}
		m.questions = append(m.questions, Question{Seq: e.Seq, AtMS: at, By: by, Phase: q.Phase})
	case evidence.EntryReview:
		var p evidence.ReviewPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return err
		}
		m.reviews = append(m.reviews, Review{Seq: e.Seq, WallMS: e.WallMS, By: by, Finding: p.Finding, Decision: p.Decision, Note: note.Text})
	case evidence.EntryAnswer:
		answer, err := answerOf(e, note)
		if err != nil {
			return err
		}
		m.answers = append(m.answers, answer)
	case evidence.EntryRecordingStarted, evidence.EntryRecordingFailed:
		var p evidence.RecordingPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return err
		}
		key := recordingKey(p.Participant, p.Stream, p.N)
		if e.Kind == evidence.EntryRecordingStarted {
			m.recordings[key] = true
		} else {
			delete(m.recordings, key)
		}
	}
	return nil
}

// postReview appends a decision on a finding to the log.
func (a *API) postReview(w http.ResponseWriter, r *http.Request, c call) error {
	var in ReviewRequest
	if err := read(w, r, &in); err != nil {
		return err
	}
	in.Note = strings.TrimSpace(in.Note)
	switch in.Decision {
	case evidence.Confirmed:
	case evidence.Explained, evidence.Dismissed:
		if in.Note == "" {
			return interview.Invalid("note", "is empty; say in a few words why the finding is %s", in.Decision)
		}
	default:
		return interview.Invalid("decision", "%q is not one of confirmed, explained, dismissed", in.Decision)
	}
	if _, err := words("note", in.Note, 0); err != nil {
		return err
	}
	if in.Finding == "" {
		return interview.Invalid("finding", "is empty; name the finding that is decided on")
	}
	entry := evidence.NewEntry{Interview: c.interview.ID, Actor: c.account.Actor(), Kind: evidence.EntryReview,
		Payload: evidence.ReviewPayload{Finding: in.Finding, Decision: in.Decision}}
	if in.Note != "" {
		entry.Part = evidence.NotePart{Text: in.Note}
	}
	entries, err := a.Store.Append(r.Context(), entry)
	if err != nil {
		return err
	}
	e := entries[0]
	return answer(w, http.StatusCreated, Review{Seq: e.Seq, WallMS: e.WallMS, By: c.account.Name, Finding: in.Finding, Decision: in.Decision, Note: in.Note})
}
