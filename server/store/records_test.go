package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

func TestAccounts(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	admin := account(t, s, "Ada", auth.Admin)
	if err := s.CreateAccount(ctx, auth.Account{ID: "x", Name: "B", Email: "b@example.org"}, true); !errors.Is(err, ErrConflict) {
		t.Errorf("a second first account: %v, want ErrConflict", err)
	}
	if err := s.CreateAccount(ctx, auth.Account{ID: "x", Name: "B", Email: admin.Email}, false); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("the same address: %v, want ErrEmailTaken", err)
	}
	if _, err := s.Account(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown account: %v, want ErrNotFound", err)
	}
	if got, err := s.AccountByEmail(ctx, admin.Email); err != nil || !reflect.DeepEqual(got, admin) {
		t.Errorf("by address: %+v, %v; want %+v", got, err, admin)
	}

	demote := func(a *auth.Account) (bool, []evidence.NewEntry, error) {
		a.Roles = []auth.Role{auth.Reviewer}
		return true, []evidence.NewEntry{{Actor: auth.Command, Kind: evidence.EntryUserChanged}}, nil
	}
	hash := []byte("0123456789abcdef0123456789abcdef")
	if err := s.CreateSession(ctx, auth.Session{Hash: hash, User: admin.ID, CreatedMS: 10, SeenMS: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateAccount(ctx, admin.ID, demote); !errors.Is(err, auth.ErrLastAdmin) {
		t.Errorf("demoting the last administrator: %v", err)
	}
	if _, a, err := s.SessionAccount(ctx, hash); err != nil || !reflect.DeepEqual(a, admin) {
		t.Errorf("after the refusal: %+v, %v; nothing should have changed", a, err)
	}
	account(t, s, "Bea", auth.Admin, auth.Interviewer)
	if a, err := s.UpdateAccount(ctx, admin.ID, demote); err != nil || a.Can(auth.ManageUsers) {
		t.Errorf("demoting one of two: %+v, %v", a, err)
	}
	if _, _, err := s.SessionAccount(ctx, hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("the session after it: %v, want ErrNotFound", err)
	}
	if n, err := s.LastSeq(ctx); n != 1 || err != nil {
		t.Errorf("%d entries, %v; want the one of the change that was made", n, err)
	}
	all, err := s.Accounts(ctx)
	if err != nil || len(all) != 2 || all[0].Name != "Ada" || all[1].Name != "Bea" {
		t.Errorf("accounts: %+v, %v", all, err)
	}
}

func TestSessionsEnd(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	a := account(t, s, "Ada")
	for i := range 4 {
		if err := s.CreateSession(ctx, auth.Session{Hash: []byte{byte(i)}, User: a.ID, CreatedMS: int64(i * 100), SeenMS: int64(i * 100)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.TouchSession(ctx, []byte{1}, 500); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteStaleSessions(ctx, 50, 250); err != nil { // drops 0 (created), 2 (unseen)
		t.Fatal(err)
	}
	if err := s.DeleteSession(ctx, []byte{3}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, false, false} {
		n, _, err := s.SessionAccount(ctx, []byte{byte(i)})
		if (err == nil) != want {
			t.Errorf("session %d: %+v, %v; want it: %v", i, n, err, want)
		}
	}
}

func TestInterviewLife(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	now := time.UnixMilli(1000)
	s.Now = func() time.Time { return now }
	ana, ben, rev := account(t, s, "Ana"), account(t, s, "Ben"), account(t, s, "Rev", auth.Reviewer)

	iv := interview.Interview{CandidateName: "Zoë", Role: "Pilot", ScheduledMS: 5, Place: "Lisbon", TimeZone: "Europe/Lisbon",
		Interviewers: []string{ben.ID, ana.ID}, KindsOff: []evidence.Kind{evidence.CameraOff}, CreatedBy: ana.ID}
	for field, people := range map[string][]string{"twice": {ana.ID, ana.ID}, "unknown": {"nobody"}, "reviewer": {rev.ID}} {
		bad := iv
		bad.Interviewers = people
		if _, err := s.CreateInterview(ctx, bad); !errors.Is(err, interview.ErrInvalid) {
			t.Errorf("interviewers %s: %v, want ErrInvalid", field, err)
		}
	}
	made, err := s.CreateInterview(ctx, iv, evidence.NewEntry{Actor: ana.Actor(), Kind: evidence.EntryInterviewCreated})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Interview(ctx, made.ID)
	if err != nil || !reflect.DeepEqual(got, made) || got.State != interview.Planned || got.CreatedMS != 1000 || got.Candidate == "" {
		t.Fatalf("read back %+v, %v; made %+v", got, err, made)
	}

	got.CandidateName, got.KindsOff, got.Interviewers = "Zoe", nil, []string{ben.ID}
	if got, err = s.UpdateInterview(ctx, got); err != nil || got.CandidateName != "Zoe" || len(got.KindsOff) != 0 || len(got.Interviewers) != 1 {
		t.Errorf("updated: %+v, %v", got, err)
	}
	if p, err := s.Participant(ctx, made.Candidate); err != nil || p.Name != "Zoe" || p.Role != interview.Candidate || p.User != "" {
		t.Errorf("the candidate: %+v, %v", p, err)
	}

	started := evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryInterviewStarted}
	now = time.UnixMilli(2000)
	if at, first, err := s.StartInterview(ctx, made.ID, started); err != nil || !first || at.UnixMilli() != 2000 {
		t.Errorf("start: %v, %v, %v", at, first, err)
	}
	now = time.UnixMilli(3000)
	if at, first, err := s.StartInterview(ctx, made.ID, started); err != nil || first || at.UnixMilli() != 2000 {
		t.Errorf("start again: %v, %v, %v", at, first, err)
	}
	ended := evidence.NewEntry{Actor: evidence.System, Kind: evidence.EntryInterviewEnded}
	for i, want := range []bool{true, false} {
		if did, err := s.EndInterview(ctx, made.ID, ended); err != nil || did != want {
			t.Errorf("end %d: %v, %v", i, did, err)
		}
	}
	if _, _, err := s.StartInterview(ctx, made.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("start after the end: %v, want ErrEnded", err)
	}
	if _, err := s.UpdateInterview(ctx, got); !errors.Is(err, ErrEnded) || !errors.Is(err, ErrConflict) {
		t.Errorf("update after the end: %v, want ErrEnded", err)
	}
	if got, err := s.Interview(ctx, made.ID); err != nil || got.State != interview.Ended || got.StartedMS != 2000 || got.EndedMS != 3000 {
		t.Errorf("ended: %+v, %v", got, err)
	}
	entries, err := s.Entries(ctx, EntryQuery{Interview: made.ID})
	if err != nil || len(entries) != 3 {
		t.Errorf("%d entries, %v; want created, started, ended once each", len(entries), err)
	}
	for _, err := range []error{s.SetKindsOff(ctx, "no", nil), ctxErr(s.Interview(ctx, "no")), ctxErr(s.EndInterview(ctx, "no"))} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("an interview that does not exist: %v", err)
		}
	}
}

func ctxErr[T any](_ T, err error) error { return err }

func TestParticipantsAndConsents(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana := account(t, s, "Ana")
	iv := planned(t, s, ana, "Zoë")
	p, err := s.JoinInterview(ctx, iv.ID, ana, interview.Interviewer)
	if err != nil || p.User != ana.ID || p.Name != "Ana" || len(p.Consents) != 0 {
		t.Fatalf("joined: %+v, %v", p, err)
	}
	for _, c := range evidence.Consents {
		if err := s.SaveConsent(ctx, p.ID, c, true); err != nil {
			t.Fatal(err)
		}
	}
	entry := evidence.NewEntry{Interview: iv.ID, Actor: evidence.System, Kind: evidence.EntryConsent, Payload: evidence.ConsentPayload{Participant: p.ID}}
	bad := evidence.NewEntry{Interview: iv.ID, Actor: evidence.Actor{Type: "ghost"}, Kind: evidence.EntryConsent}
	if err := s.SaveConsent(ctx, p.ID, evidence.ConsentFace, false, entry, bad); err == nil {
		t.Error("a consent was kept without its entry")
	}
	if err := s.SetKindsOff(ctx, iv.ID, []evidence.Kind{evidence.CameraOff}, entry, bad); err == nil {
		t.Error("a change was kept without its entry")
	}
	if err := s.SaveConsent(ctx, p.ID, evidence.ConsentGaze, false, entry); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Entries(ctx, EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryConsent}}); err != nil || len(got) != 1 {
		t.Errorf("%d entries beside the changes, %v; want 1", len(got), err)
	}
	if kept, err := s.Interview(ctx, iv.ID); err != nil || len(kept.KindsOff) != len(iv.KindsOff) {
		t.Errorf("kinds off: %v, %v", kept.KindsOff, err)
	}
	again, err := s.JoinInterview(ctx, iv.ID, ana, interview.Observer)
	if err != nil || again.ID != p.ID || again.Role != interview.Observer || !again.Answered() || again.Consents[evidence.ConsentGaze] || !again.Consents[evidence.ConsentFace] {
		t.Errorf("came back: %+v, %v", again, err)
	}
	if _, err := s.JoinInterview(ctx, iv.ID, ana, interview.Candidate); err == nil {
		t.Error("an account joined as the candidate")
	}
	if _, err := s.write.Exec(`INSERT INTO participants (id, interview, user, name, role, created_ms) VALUES ('c2', ?, NULL, 'x', 'candidate', 0)`, iv.ID); err == nil {
		t.Error("an interview has two candidates")
	}
	if err := s.SaveConsent(ctx, p.ID, "smell", true); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("an unknown consent: %v", err)
	}
	if err := s.SaveConsent(ctx, "nobody", evidence.ConsentFace, true); err == nil {
		t.Error("a consent of nobody was kept")
	}
	all, err := s.Participants(ctx, iv.ID)
	if err != nil || len(all) != 2 || all[0].ID != iv.Candidate || all[1].ID != p.ID {
		t.Errorf("participants: %+v, %v", all, err)
	}
	names, err := s.Names(ctx, []string{ana.ID, iv.Candidate, "nobody", ""})
	if want := map[string]string{ana.ID: "Ana", iv.Candidate: "Zoë"}; err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("names: %v, %v; want %v", names, err, want)
	}
}

func TestLinks(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana := account(t, s, "Ana")
	iv, other := planned(t, s, ana, "Zoë"), planned(t, s, ana, "Yan")
	l := interview.Link{ID: "l", Interview: iv.ID, CreatedMS: 1, ExpiresMS: 2}
	if err := s.CreateLink(ctx, l, []byte("hash")); err != nil {
		t.Fatal(err)
	}
	if got, state, err := s.LinkState(ctx, []byte("hash")); err != nil || got != l || state != interview.Planned {
		t.Errorf("by secret: %+v, %v", got, err)
	}
	if _, _, err := s.LinkState(ctx, []byte("no")); !errors.Is(err, ErrNotFound) {
		t.Errorf("by a wrong secret: %v", err)
	}
	revoked := evidence.NewEntry{Actor: ana.Actor(), Kind: evidence.EntryLinkRevoked, Payload: evidence.LinkPayload{Link: "l"}}
	if err := s.RevokeLink(ctx, other.ID, "l", revoked); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoking through another interview: %v", err)
	}
	for range 2 {
		if err := s.RevokeLink(ctx, iv.ID, "l", revoked); err != nil {
			t.Error(err)
		}
	}
	if links, err := s.Links(ctx, iv.ID); err != nil || len(links) != 1 || links[0].RevokedMS == 0 {
		t.Errorf("links: %+v, %v", links, err)
	}
	if n, err := s.LastSeq(ctx); n != 1 || err != nil {
		t.Errorf("%d entries, %v; want one revocation", n, err)
	}
}

// put appends payloads of one interview.
func put(t *testing.T, s *Store, iv string, payloads ...any) {
	t.Helper()
	for _, p := range payloads {
		e := evidence.NewEntry{Interview: iv, Actor: evidence.System, Payload: p}
		switch p.(type) {
		case evidence.Finding:
			e.Kind = evidence.EntryFinding
		case evidence.Coverage:
			e.Kind = evidence.EntryCoverage
		case evidence.Segment:
			e.Kind = evidence.EntryRecordingSegment
		case evidence.Gap:
			e.Kind = evidence.EntryMediaGap
		case evidence.ReviewPayload:
			e.Kind = evidence.EntryReview
		}
		if _, err := s.Append(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInterviewList(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana, ben := account(t, s, "Ana"), account(t, s, "Ben")
	var ids []string
	for i, name := range []string{"Éva Kovács", "100% Man", "Zoë_B"} {
		by := ana
		if i == 2 {
			by = ben
		}
		iv, err := s.CreateInterview(ctx, interview.Interview{CandidateName: name, Role: "Engineer", ScheduledMS: int64(100 * (i + 1)), Interviewers: []string{ben.ID}, CreatedBy: by.ID})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, iv.ID)
	}
	first, err := s.Interview(ctx, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	f := evidence.Finding{ID: "f1", Interview: ids[0], Participant: first.Candidate, Run: evidence.RunLive, Kind: evidence.FaceAbsent, StartMS: 5, EndMS: 9}
	g, elsewhere := f, f
	g.ID, elsewhere.ID, elsewhere.Interview = "f2", "f3", ids[1]
	put(t, s, ids[0], f, g, f, evidence.ReviewPayload{Finding: "f1", Decision: evidence.Confirmed}, evidence.ReviewPayload{Finding: "f1", Decision: evidence.Dismissed},
		evidence.Segment{Interview: ids[0], Participant: first.Candidate, Stream: "camera", N: 1, StartMS: 0, EndMS: 700},
		evidence.Segment{Interview: ids[0], Participant: first.Candidate, Stream: "camera", N: 2, StartMS: 1000, EndMS: 1300},
		evidence.Segment{Interview: ids[0], Participant: first.Candidate, Stream: "screen", N: 1, StartMS: 0, EndMS: 9000})
	put(t, s, ids[1], elsewhere)
	if _, _, err := s.StartInterview(ctx, ids[1]); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		f     InterviewFilter
		total int
		want  []int // indexes of ids
	}{
		"all":          {InterviewFilter{}, 3, []int{2, 1, 0}},
		"created":      {InterviewFilter{User: ana.ID}, 2, []int{1, 0}},
		"interviews":   {InterviewFilter{User: ben.ID}, 3, []int{2, 1, 0}},
		"nobody's":     {InterviewFilter{User: "x"}, 0, nil},
		"page":         {InterviewFilter{Limit: 1, Offset: 1}, 3, []int{1}},
		"after":        {InterviewFilter{Limit: 5, Offset: 7}, 3, nil},
		"live":         {InterviewFilter{State: interview.Live}, 1, []int{1}},
		"accented":     {InterviewFilter{Query: "éVA"}, 1, []int{0}},
		"two words":    {InterviewFilter{Query: " engineer  zoë"}, 1, []int{2}},
		"percent":      {InterviewFilter{Query: "%"}, 1, []int{1}},
		"underscore":   {InterviewFilter{Query: "_"}, 1, []int{2}},
		"both filters": {InterviewFilter{User: ana.ID, State: interview.Planned, Query: "e"}, 1, []int{0}},
	} {
		total, list, err := s.Interviews(ctx, tc.f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got, want []string
		for _, l := range list {
			got = append(got, l.Interview.ID)
		}
		for _, i := range tc.want {
			want = append(want, ids[i])
		}
		if total != tc.total || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %d %v, want %d %v", name, total, got, tc.total, want)
		}
	}
	_, list, err := s.Interviews(ctx, InterviewFilter{Query: "éva"})
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{Interview: first, InterviewerNames: []string{"Ben"}, Findings: 2, Unreviewed: 1, RecordedMS: 1000}
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("summary %+v, want %+v", list[0], want)
	}
}

func TestProjectionsAndRepair(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	ana := account(t, s, "Ana")
	iv := planned(t, s, ana, "Zoë")
	if _, _, err := s.StartInterview(ctx, iv.ID); err != nil {
		t.Fatal(err)
	}
	f := evidence.Finding{ID: "f", Interview: iv.ID, Run: evidence.RunLive, Kind: evidence.FaceAbsent, StartMS: 50, EndMS: 60, Open: true}
	grown, closed, offline := f, f, f
	grown.EndMS = 90
	closed.ID, closed.StartMS, closed.Open = "g", 10, false
	offline.ID, offline.Run = "h", "run1"
	c := evidence.Coverage{Interview: iv.ID, Participant: "p", Source: "camera", Run: evidence.RunLive, Kind: evidence.FaceMultiple, State: evidence.Measured, StartMS: 0, EndMS: 100, Samples: 3}
	longer, hole := c, c
	longer.EndMS, longer.Samples = 200, 5
	hole.StartMS, hole.EndMS, hole.State, hole.Reason = 200, 300, evidence.NotMeasurable, evidence.ReasonDark
	first := hole
	first.Kind, first.StartMS = evidence.FaceAbsent, 7
	seg := evidence.Segment{Interview: iv.ID, Participant: "p", Stream: "camera", N: 1, File: "a", StartMS: 3, EndMS: 4}
	repaired := seg
	repaired.EndMS, repaired.Repaired = 5, true
	gap := evidence.Gap{Participant: "p", Source: "camera", StartMS: 9, EndMS: 10, Packets: 2, Cause: "loss"}
	put(t, s, iv.ID, f, closed, grown, offline, c, longer, hole, first, seg, repaired, gap)

	check := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
	}
	findings, err := s.Findings(ctx, iv.ID)
	check("findings", findings, []evidence.Finding{closed, grown, offline}, err)
	coverage, err := s.Coverage(ctx, iv.ID)
	check("coverage", coverage, []evidence.Coverage{first, longer, hole}, err)
	segments, err := s.Segments(ctx, iv.ID)
	check("segments", segments, []evidence.Segment{repaired}, err)
	gaps, err := s.Gaps(ctx, iv.ID)
	check("gaps", gaps, []evidence.Gap{gap}, err)

	before, err := s.LastSeq(ctx)
	if err != nil {
		t.Fatal(err)
	}
	live, err := s.Interview(ctx, iv.ID)
	if err != nil {
		t.Fatal(err)
	}
	end := grown
	end.Open = false
	for _, want := range []Repaired{{Live: []interview.Interview{live}, Closed: []evidence.Finding{end}}, {Live: []interview.Interview{live}}} {
		got, err := s.RepairInterviews(ctx)
		check("repair", got, want, err)
	}
	findings, err = s.Findings(ctx, iv.ID)
	check("repaired findings", findings, []evidence.Finding{closed, end, offline}, err)
	entries, err := s.Entries(ctx, EntryQuery{After: before})
	if err != nil || len(entries) != 1 || *entries[0].AtMS != 90 || entries[0].Actor != evidence.System {
		t.Errorf("entries of the repair: %+v, %v", entries, err)
	}
}
