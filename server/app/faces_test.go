package app

import (
	"math"
	"strings"
	"testing"
	"time"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// TestTemplatesAreKeptSealedAndDroppedByWithdrawal follows a face template from
// the end of a call to the withdrawal of the consent to it.
func TestTemplatesAreKeptSealedAndDroppedByWithdrawal(t *testing.T) {
	f := newFolder(t)
	id, candidate := f.iv.ID, f.iv.Candidate
	a := &App{cfg: f.cfg, log: f.log, store: f.store, vault: f.vault, records: f.rec, journal: newJournal(f.store, f.log, time.Second, func(bool, error) {})}
	go a.journal.run(t.Context())
	face := evidence.FaceTemplate{FaceTemplatePayload: evidence.FaceTemplatePayload{Interview: id, Participant: candidate, From: evidence.FromEnrolled, Model: strings.Repeat("a", 64), Frames: 7}}
	for range 128 {
		face.Vector = append(face.Vector, float32(1/math.Sqrt(128)))
	}
	answer := func(granted bool) {
		ok(t, f.store.SaveConsent(t.Context(), candidate, evidence.ConsentTemplates, granted))
	}
	live := func() (seqs []int64) {
		refs, err := f.store.LiveTemplates(t.Context())
		ok(t, err)
		for _, r := range refs {
			seqs = append(seqs, r.Seq)
		}
		return seqs
	}
	answer(true)
	analysisEvents{a}.Template(face)
	a.journal.flush(t.Context())
	seqs := live()
	if len(seqs) != 1 {
		t.Fatalf("%d templates to compare, want the one that was kept", len(seqs))
	}
	read := 0
	ok(t, f.store.FaceTemplates(t.Context(), seqs, func(_ int64, got evidence.FaceTemplate) error {
		read++
		if got.ID == "" || got.From != evidence.FromEnrolled || got.Frames != 7 || len(got.Vector) != 128 || got.Vector[5] != face.Vector[5] {
			t.Errorf("read back %+v", got)
		}
		return nil
	}))
	if read != 1 {
		t.Errorf("%d templates were read, want 1", read)
	}
	if in := found(t, f.cfg.Data, string(evidence.PackVector(face.Vector[:4]))); len(in) > 0 {
		t.Errorf("the numbers of the face lie on the disk as they are, in %v", in)
	}
	if v := f.verdict(); !v.OK() || !strings.Contains(texts(v), "The numbers of 1 face template are never part of a bundle") {
		t.Errorf("the bundle: %s", texts(v))
	}

	answer(false)
	if len(live()) != 0 {
		t.Error("the template can be compared after the withdrawal")
	}
	people := []interview.Participant{{ID: candidate, Interview: id, Role: interview.Candidate, Consents: map[evidence.Consent]bool{}}}
	a.keepAgreed(people)
	tombs, err := f.store.Tombstones(t.Context(), id)
	ok(t, err)
	if len(tombs) != 1 || tombs[0].Part != evidence.PartTemplates || tombs[0].Reason != evidence.DeletedWithdrawn || tombs[0].Texts != 1 || !tombs[0].Done {
		t.Fatalf("tombstones %+v, want one of the templates, by withdrawal", tombs)
	}
	a.keepAgreed(people)
	if again, err := f.store.Tombstones(t.Context(), id); err != nil || len(again) != 1 {
		t.Errorf("%d tombstones after nothing was left to delete, %v", len(again), err)
	}
	answer(true)
	if len(live()) != 0 {
		t.Error("a deleted template came back with the consent")
	}
	if v := f.verdict(); !v.OK() {
		t.Errorf("after the deletion: %s", texts(v))
	}
}

// TestHoldKeepsTemplatesUncompared: a hold wins over the withdrawal, but
// nothing is compared.
func TestHoldKeepsTemplatesUncompared(t *testing.T) {
	f := newFolder(t)
	a := &App{log: f.log, store: f.store, records: f.rec}
	_, err := f.store.Append(t.Context(), evidence.NewEntry{Interview: f.iv.ID, Actor: evidence.System, Kind: evidence.EntryTemplateKept,
		Payload: evidence.FaceTemplatePayload{ID: "t", Interview: f.iv.ID, Participant: f.iv.Candidate, From: evidence.FromDocument, Model: "m"},
		Part:    evidence.FaceTemplatePart{Vector: evidence.PackVector([]float32{1, 0})}})
	ok(t, err)
	_, err = f.store.PlaceHold(t.Context(), f.iv.ID, "a dispute", auth.Account{ID: f.iv.Interviewers[0], Active: true})
	ok(t, err)
	a.dropTemplates(f.iv.ID, f.iv.Candidate)
	if has, err := f.store.HasTemplates(t.Context(), f.iv.ID); err != nil || !has {
		t.Errorf("on hold, the template is there: %v, %v", has, err)
	}
	if live, err := f.store.LiveTemplates(t.Context()); err != nil || len(live) != 0 {
		t.Errorf("%d templates to compare without consent, %v", len(live), err)
	}
}
