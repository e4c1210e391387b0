package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
	"bonafide/server/vault"
)

// sealed returns a database with a vault, and the vault.
func sealed(t *testing.T) (string, *Store, *vault.Vault) {
	t.Helper()
	dir := t.TempDir()
	v, err := vault.Open(vault.Config{Dir: filepath.Join(dir, "keystore"), Master: filepath.Join(dir, "keys", "master.key")}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), filepath.Join(dir, "a.db"), quiet, WithVault(v))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return dir, s, v
}

// ended returns an interview that is over, about somebody with a name that is
// found nowhere else.
func ended(t *testing.T, s *Store, name string) interview.Interview {
	t.Helper()
	a := account(t, s, "A"+auth.NewID())
	iv, err := s.CreateInterview(t.Context(), interview.Interview{CandidateName: name, Role: "Engineer", Place: name + "'s town", ScheduledMS: 1, Interviewers: []string{a.ID}, CreatedBy: a.ID},
		evidence.NewEntry{Actor: a.Actor(), Kind: evidence.EntryInterviewCreated, Payload: evidence.InterviewPayload{}, Part: map[string]string{"candidate": name}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.StartInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), evidence.NewEntry{Interview: iv.ID, Actor: a.Actor(), Kind: evidence.EntryAnnotation, Part: evidence.NotePart{Text: "a note about " + name}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EndInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	return iv
}

// TestDeletePart shows that a deletion leaves the proof whole and no trace of
// the content in any file.
func TestDeletePart(t *testing.T) {
	dir, s, v := sealed(t)
	const name = "Quirina Zabłocka"
	iv := ended(t, s, name)
	other := ended(t, s, "Somebody Else")
	before, err := s.Records(t.Context(), EntryQuery{Interview: iv.ID})
	if err != nil || len(before) != 2 || !bytes.Contains(before[0].Part, []byte(name)) {
		t.Fatalf("before: %+v, %v", before, err)
	}
	if !inFiles(t, filepath.Join(dir, "a.db"), name) {
		t.Fatal("the test cannot see names in the files at all")
	}
	if inFiles(t, filepath.Join(dir, "a.db"), "a note about") {
		t.Error("a note lies in the database as it was typed")
	}
	n, err := v.Retire(iv.ID, evidence.PartText)
	if err != nil {
		t.Fatal(err)
	}
	tomb, err := s.DeletePart(t.Context(), Deletion{Interview: iv.ID, Part: evidence.PartText, By: evidence.System, Reason: evidence.DeletedByPolicy, Policy: "promise", UpTo: n})
	if err != nil {
		t.Fatal(err)
	}
	if tomb.Texts != 2 || tomb.Done || tomb.UpTo != n {
		t.Errorf("tombstone %+v", tomb)
	}
	if left, err := s.Unfinished(t.Context()); err != nil || len(left) != 1 || left[0].Seq != tomb.Seq || left[0].Policy != "promise" {
		t.Errorf("unfinished: %+v, %v", left, err)
	}
	if err := s.FinishDeletion(t.Context(), tomb.Seq); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Scrub(t.Context()); err != nil || !done {
		t.Fatalf("scrubbed %v, %v", done, err)
	}
	after, err := s.Records(t.Context(), EntryQuery{Interview: iv.ID})
	if err != nil || len(after) != 3 {
		t.Fatalf("after: %+v, %v", after, err)
	}
	for i, r := range before {
		if !bytes.Equal(after[i].Canonical, r.Canonical) || after[i].Part != nil || after[i].Salt != nil || after[i].Unreadable != nil {
			t.Errorf("after the deletion: %+v", after[i])
		}
		// Somebody who kept the part and salt can still show that it was this one.
		if e, err := evidence.ParseEntry(after[i].Canonical); err != nil || e.PartSHA256 != evidence.PartCommitment(r.Salt, r.Part) {
			t.Errorf("the commitment did not survive: %+v, %v", e, err)
		}
		if inFiles(t, filepath.Join(dir, "a.db"), string(r.Salt)) || inFiles(t, filepath.Join(dir, "a.db"), hex.EncodeToString(r.Salt)) {
			t.Error("a salt is in the files")
		}
	}
	for _, text := range []string{name, strings.ToLower(name), fold(name), "Zab"} {
		if inFiles(t, filepath.Join(dir, "a.db"), text) {
			t.Errorf("%q is still in the files", text)
		}
	}
	got, err := s.Interview(t.Context(), iv.ID)
	if err != nil || got.CandidateName != interview.NameDeleted || got.Place != "" || got.Role != "Engineer" {
		t.Errorf("the interview: %+v, %v", got, err)
	}
	if kept, err := s.Records(t.Context(), EntryQuery{Interview: other.ID}); err != nil || kept[0].Part == nil {
		t.Errorf("another interview lost its part: %+v, %v", kept, err)
	}
	r, err := s.VerifyLog(t.Context(), nil)
	if err != nil || len(r.Faults) != 0 || r.Deleted != 2 || r.Tombstones != 1 {
		t.Errorf("verified: %+v, %v", r, err)
	}
}

// TestDestroyedKeyIsADeletion reads a database whose rows came back, as from a
// backup, after the key was destroyed.
func TestDestroyedKeyIsADeletion(t *testing.T) {
	dir, s, v := sealed(t)
	iv := ended(t, s, "Quirina")
	if err := v.Destroy(iv.ID, evidence.PartText, 1, vault.Gone{Reason: evidence.DeletedByRequest}); err != nil {
		t.Fatal(err)
	}
	records, err := s.Records(t.Context(), EntryQuery{Interview: iv.ID})
	if err != nil || len(records) != 2 || records[0].Part != nil || records[0].Unreadable != nil {
		t.Errorf("with the key destroyed: %+v, %v", records, err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "keystore", iv.ID)); err != nil {
		t.Fatal(err)
	}
	if records, err = s.Records(t.Context(), EntryQuery{Interview: iv.ID}); err != nil || !errors.Is(records[0].Unreadable, vault.ErrNoKey) {
		t.Errorf("with the key missing: %+v, %v", records, err)
	}
	if r, err := s.VerifyLog(t.Context(), nil); err != nil || len(r.Faults) != 2 || !strings.Contains(r.Faults[0], "cannot be opened") {
		t.Errorf("verified: %+v, %v", r, err)
	}
}

// TestTemplateGoesWithWhatItIsOf deletes what templates were made of: those of
// a photograph and of a document go with it, in an older copy of the database
// too, and the one of the enrolled face stays.
func TestTemplateGoesWithWhatItIsOf(t *testing.T) {
	_, s, v := sealed(t)
	iv := ended(t, s, "Vera Sedge")
	if err := s.SaveConsent(t.Context(), iv.Candidate, evidence.ConsentTemplates, true); err != nil {
		t.Fatal(err)
	}
	bytesOf := map[evidence.TemplateFrom][]byte{}
	for _, from := range []evidence.TemplateFrom{evidence.FromEnrolled, evidence.FromDocument, evidence.FromPicture} {
		kept, err := s.Append(t.Context(), evidence.NewEntry{Interview: iv.ID, Actor: evidence.System, Kind: evidence.EntryTemplateKept,
			Payload: evidence.FaceTemplatePayload{ID: auth.NewID(), Interview: iv.ID, Participant: iv.Candidate, From: from, Model: "m", Frames: 1},
			Part:    evidence.FaceTemplatePart{Vector: evidence.PackVector([]float32{1, 0})}})
		if err != nil {
			t.Fatal(err)
		}
		var content []byte
		if err := s.read.QueryRowContext(t.Context(), `SELECT content FROM parts WHERE seq = ?`, kept[0].Seq).Scan(&content); err != nil {
			t.Fatal(err)
		}
		bytesOf[from] = content
	}
	left := []evidence.TemplateFrom{evidence.FromEnrolled, evidence.FromDocument, evidence.FromPicture}
	same := func(when string) {
		t.Helper()
		refs, err := s.LiveTemplates(t.Context())
		if err != nil || len(refs) != len(left) {
			t.Fatalf("%s: templates %+v, %v, want those of %v", when, refs, err, left)
		}
		for i, r := range refs {
			read := 0
			err := s.FaceTemplates(t.Context(), []int64{r.Seq}, func(_ int64, tm evidence.FaceTemplate) error { read += len(tm.Vector); return nil })
			if r.From != left[i] || read != 2 || err != nil {
				t.Errorf("%s: the template of the %s: %d values, %v", when, r.From, read, err)
			}
		}
		if report, err := s.VerifyLog(t.Context(), nil); err != nil || len(report.Faults) > 0 {
			t.Errorf("%s: %+v, %v", when, report.Faults, err)
		}
	}
	same("all")
	for _, part := range []evidence.RecordPart{evidence.PartPicture, evidence.PartDocument} {
		n, err := v.Retire(iv.ID, part)
		if err != nil {
			t.Fatal(err)
		}
		tomb, err := s.DeletePart(t.Context(), Deletion{Interview: iv.ID, Part: part, By: auth.Command, Reason: evidence.DeletedByPerson, UpTo: n})
		if err != nil || tomb.Texts != 1 {
			t.Fatalf("deleting the %s: %+v, %v", part, tomb, err)
		}
		if err := v.Destroy(iv.ID, part, n, vault.Gone{Reason: evidence.DeletedByPerson}); err != nil {
			t.Fatal(err)
		}
		left = left[:len(left)-1]
		same("without the " + string(part))
	}
	for from, content := range bytesOf {
		r := Record{Interview: iv.ID, Part: content}
		if err := s.openPart(&r); err != nil || r.Unreadable != nil || (r.Part != nil) != (from == evidence.FromEnrolled) {
			t.Errorf("the bytes of the template of the %s, as an older copy has them: %d can be read, %v, %v", from, len(r.Part), r.Unreadable, err)
		}
	}
}

func TestHoldWins(t *testing.T) {
	_, s, _ := sealed(t)
	iv := ended(t, s, "Quirina")
	owner := account(t, s, "A"+auth.NewID())
	h, err := s.PlaceHold(t.Context(), iv.ID, "a lawsuit", owner)
	if err != nil {
		t.Fatal(err)
	}
	d := Deletion{Interview: iv.ID, Part: evidence.PartText, By: owner.Actor(), Reason: evidence.DeletedByPerson}
	if _, err := s.DeletePart(t.Context(), d); !errors.Is(err, ErrHeld) {
		t.Errorf("deleted in spite of a hold: %v", err)
	}
	if r, err := s.RetentionRecord(t.Context(), iv.ID); err != nil || !r.Held {
		t.Errorf("record %+v, %v", r, err)
	}
	if all, err := s.Holds(t.Context(), ""); err != nil || len(all) != 1 || all[0].Reason != "a lawsuit" || all[0].Owner != owner.ID {
		t.Errorf("holds %+v, %v", all, err)
	}
	if err := s.ReleaseHold(t.Context(), iv.ID, h.ID, "settled", owner); err != nil {
		t.Fatal(err)
	}
	if err := s.ReleaseHold(t.Context(), iv.ID, h.ID, "settled", owner); !errors.Is(err, ErrConflict) {
		t.Errorf("released twice: %v", err)
	}
	if err := s.ReleaseHold(t.Context(), iv.ID, "none", "settled", owner); !errors.Is(err, ErrNotFound) {
		t.Errorf("released what is not there: %v", err)
	}
	if _, err := s.DeletePart(t.Context(), d); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestLiveInterviewIsNotDeleted(t *testing.T) {
	_, s, _ := sealed(t)
	a := account(t, s, "A"+auth.NewID())
	iv, err := s.CreateInterview(t.Context(), interview.Interview{CandidateName: "C", Role: "R", ScheduledMS: 1, Interviewers: []string{a.ID}, CreatedBy: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.StartInterview(t.Context(), iv.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeletePart(t.Context(), Deletion{Interview: iv.ID, Part: evidence.PartText, By: evidence.System, Reason: evidence.DeletedByPolicy}); !errors.Is(err, ErrConflict) {
		t.Errorf("deleted while it goes on: %v", err)
	}
	if err := s.Decide(t.Context(), iv.ID, interview.Hired, "", a.Actor()); !errors.Is(err, ErrConflict) {
		t.Errorf("decided while it goes on: %v", err)
	}
}

func TestRequests(t *testing.T) {
	_, s, _ := sealed(t)
	iv, by := ended(t, s, "Quirina"), account(t, s, "A"+auth.NewID())
	parts := []evidence.RecordPart{evidence.PartRecording, evidence.PartTemplates}
	candidate := evidence.Actor{Type: "participant", ID: iv.Candidate}
	r, err := s.RequestDeletion(t.Context(), iv.ID, parts, "please", 1000, candidate)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestDeletion(t.Context(), iv.ID, parts, "", 1000, candidate); !errors.Is(err, ErrConflict) {
		t.Errorf("asked twice: %v", err)
	}
	if _, err := s.RequestDeletion(t.Context(), iv.ID, []evidence.RecordPart{"everything"}, "", 1000, candidate); !errors.Is(err, interview.ErrInvalid) {
		t.Errorf("a part that does not exist: %v", err)
	}
	if err := s.CloseRequest(t.Context(), r.ID, false, "a law wants it kept", by); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseRequest(t.Context(), r.ID, true, "", by); !errors.Is(err, ErrConflict) {
		t.Errorf("answered twice: %v", err)
	}
	all, err := s.DeletionRequests(t.Context(), "")
	if err != nil || len(all) != 1 || all[0].State != RequestRefused || all[0].Answer != "a law wants it kept" || all[0].Text != "please" || len(all[0].Parts) != 2 {
		t.Errorf("requests %+v, %v", all, err)
	}
}

func TestPoliciesAndDecision(t *testing.T) {
	_, s, _ := sealed(t)
	iv, by := ended(t, s, "Quirina"), account(t, s, "A"+auth.NewID())
	all := retention.Defaults(365)
	if err := s.SeedPolicies(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	changed := all[0]
	changed.Days, changed.Active = 700, false
	if err := s.SavePolicy(t.Context(), changed, by.Actor()); err != nil {
		t.Fatal(err)
	}
	if err := s.SeedPolicies(t.Context(), retention.Defaults(10)); err != nil { // the next start
		t.Fatal(err)
	}
	got, err := s.Policies(t.Context())
	if err != nil || len(got) != len(all) || got[0].Days != 700 || got[0].Active || got[2].Days != 365 {
		t.Errorf("policies %+v, %v", got, err)
	}
	if err := s.Decide(t.Context(), iv.ID, interview.Sanctions, "see the report", by.Actor()); err != nil {
		t.Fatal(err)
	}
	r, err := s.RetentionRecord(t.Context(), iv.ID)
	if err != nil || r.Outcome != interview.Sanctions || r.DecidedMS == 0 || r.State != interview.Ended {
		t.Errorf("record %+v, %v", r, err)
	}
	if err := s.SetDue(t.Context(), map[string]int64{iv.ID: 77}); err != nil {
		t.Fatal(err)
	}
	page, err := s.RetentionRecords(t.Context(), "", 10)
	if err != nil || len(page) != 1 {
		t.Errorf("records %+v, %v", page, err)
	}
}

// TestScrubGivesUp holds a reader open.
func TestScrubGivesUp(t *testing.T) {
	_, s, _ := sealed(t)
	ended(t, s, "Quirina")
	tx, err := s.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM entries`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	ended(t, s, "Another")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if done, err := s.Scrub(ctx); done || err == nil {
		t.Errorf("scrubbed under a reader: %v, %v", done, err)
	}
}
