package store

import (
	"errors"
	"strings"
	"testing"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

func TestCancel(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana := account(t, s, "Ana")
	iv, held := planned(t, s, ana, "Zoë"), planned(t, s, ana, "Yan")
	for id, secret := range map[string]string{"l": "hash", "m": "other"} {
		if err := s.CreateLink(ctx, interview.Link{ID: id, Interview: iv.ID, CreatedMS: 1, ExpiresMS: 2}, []byte(secret)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.LastSeq(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CancelInterview(ctx, iv.ID, "She took another offer", ana.Actor()); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Entries(ctx, EntryQuery{Interview: iv.ID, After: before})
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{}
	for _, e := range entries {
		kinds = append(kinds, string(e.Kind))
		if strings.Contains(string(e.Payload), "offer") || e.Kind == evidence.EntryInterviewCancelled && !strings.Contains(string(e.Part), "offer") {
			t.Errorf("%s: payload %s, part %s; the reason belongs into the part", e.Kind, e.Payload, e.Part)
		}
	}
	if got := strings.Join(kinds, " "); got != "interview.cancelled" {
		t.Errorf("the log has %s", got)
	}
	if got, err := s.Interview(ctx, iv.ID); err != nil || got.State != interview.Cancelled || got.EndedMS == 0 || got.StartedMS != 0 {
		t.Errorf("cancelled: %+v, %v", got, err)
	}
	if l, state, err := s.LinkState(ctx, []byte("hash")); err != nil || state != interview.Cancelled || l.RevokedMS != 0 {
		t.Errorf("its link, revoked at %d, is of an interview that is %s, %v", l.RevokedMS, state, err)
	}
	if err := s.CancelInterview(ctx, iv.ID, "again", ana.Actor()); !errors.Is(err, ErrCancelled) {
		t.Errorf("cancelling again: %v", err)
	}
	if _, _, err := s.StartInterview(ctx, iv.ID); !errors.Is(err, ErrCancelled) {
		t.Errorf("starting it: %v", err)
	}
	if _, err := s.UpdateInterview(ctx, iv); !errors.Is(err, ErrCancelled) {
		t.Errorf("changing it: %v", err)
	}
	if _, _, err := s.StartInterview(ctx, held.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.CancelInterview(ctx, held.ID, "too late", ana.Actor()); !errors.Is(err, ErrBegun) {
		t.Errorf("cancelling one that runs: %v", err)
	}
	if err := s.CancelInterview(ctx, "nothing", "no", ana.Actor()); !errors.Is(err, ErrNotFound) {
		t.Errorf("cancelling nothing: %v", err)
	}
	for state, want := range map[interview.State]int{"": 2, interview.Cancelled: 1, interview.Ended: 0, interview.Planned: 0, interview.Live: 1} {
		n, _, err := s.Interviews(ctx, InterviewFilter{State: state})
		m, _, _, err2 := s.SearchRecords(ctx, RecordFilter{State: state})
		if n != want || m != want || err != nil || err2 != nil {
			t.Errorf("%q: %d listed, %d found, want %d; %v, %v", state, n, m, want, err, err2)
		}
	}
	r, err := s.RetentionRecord(ctx, iv.ID)
	if err != nil || r.EndedMS == 0 || r.State != interview.Cancelled {
		t.Errorf("its retention: %+v, %v", r, err)
	}
	_, _, found, err := s.SearchRecords(ctx, RecordFilter{Text: "another offer"})
	if err != nil || len(found) != 1 || found[0].Interview.ID != iv.ID || found[0].Hits[0].Kind != evidence.EntryInterviewCancelled {
		t.Errorf("found by its reason: %+v, %v", found, err)
	}
}

func TestRemoved(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana := account(t, s, "Ana")
	iv := planned(t, s, ana, "Zoë")
	host := evidence.Actor{Type: "participant", ID: "host"}
	left := func(who, why string, by evidence.Actor) evidence.NewEntry {
		return evidence.NewEntry{Interview: iv.ID, Actor: by, Kind: evidence.EntryParticipantLeft, Payload: evidence.ParticipantPayload{Participant: who, Reason: why}}
	}
	for _, step := range []struct {
		entry evidence.NewEntry
		want  string
	}{
		{left("gone", "leave", evidence.Actor{Type: "participant", ID: "gone"}), ""},
		{left("policy", "removed", evidence.System), ""},
		{left("zoe", "removed", host), "zoe"},
		{left("zoe", "disconnected", evidence.System), "zoe"},
		{left("yan", "removed", host), "zoe yan"},
		{evidence.NewEntry{Interview: iv.ID, Actor: host, Kind: evidence.EntryParticipantAdmit, Payload: evidence.ParticipantPayload{Participant: "zoe"}}, "yan"},
	} {
		if _, err := s.Append(ctx, step.entry); err != nil {
			t.Fatal(err)
		}
		got, err := s.Removed(ctx, iv.ID)
		if err != nil || strings.Join(got, " ") != step.want {
			t.Errorf("after %+v: %v, %v; want %q", step.entry.Payload, got, err, step.want)
		}
	}
}
