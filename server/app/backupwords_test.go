package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/store"
)

// write fills every place where people's words about a candidate are kept, and
// gives them; each is found nowhere else.
func (f *folder) write() (words []string) {
	f.t.Helper()
	ctx, id := f.t.Context(), f.iv.ID
	word := func(what string) string {
		text := fmt.Sprintf("%s written by somebody %d", what, len(words))
		words = append(words, text)
		return text
	}
	owner, err := f.store.Account(ctx, f.iv.CreatedBy)
	ok(f.t, err)
	for kind, payload := range map[evidence.EntryKind]any{
		evidence.EntryAnnotation: evidence.AnnotationPayload{ID: "n2"}, evidence.EntryAnswer: evidence.AnswerPayload{},
		evidence.EntryReview:         evidence.ReviewPayload{Finding: "f1", Decision: evidence.Explained},
		evidence.EntryStepVerdict:    evidence.VerdictPayload{Step: "s", Kind: evidence.CardShowID, Verdict: evidence.VerdictUnsure},
		evidence.EntryCardsDeviation: evidence.DeviationPayload{Change: evidence.DeviationSkipped, Reason: evidence.ReasonAsked},
		evidence.EntryConsent:        evidence.ConsentPayload{Participant: f.iv.Candidate, Consent: evidence.ConsentRecording, Granted: true},
	} {
		_, err := f.store.Append(ctx, evidence.NewEntry{Interview: id, Actor: owner.Actor(), Kind: kind, Payload: payload, Part: evidence.NotePart{Text: word(string(kind))}})
		ok(f.t, err)
	}
	ok(f.t, f.store.Decide(ctx, id, "hired", word("decision"), owner.Actor()))
	hold, err := f.store.PlaceHold(ctx, id, word("hold"), owner)
	ok(f.t, err)
	ok(f.t, f.store.ReleaseHold(ctx, id, hold.ID, word("release"), owner))
	r, err := f.store.RequestDeletion(ctx, id, []evidence.RecordPart{evidence.PartStills}, word("request"), 1, owner.Actor())
	ok(f.t, err)
	ok(f.t, f.store.CloseRequest(ctx, r.ID, false, word("answer"), owner))
	_, err = f.store.SaveSearch(ctx, owner.ID, "Mrs Zablocka, Quirina", `{"person":"quirina"}`)
	ok(f.t, err)
	_, err = f.store.SaveSearch(ctx, owner.ID, word("search"), `{"outcome":"hired"}`)
	ok(f.t, err)
	return append(words, keptName, "zablocka", "quirina", keptNote)
}

// TestBackupHoldsNoWords: neither a name nor what anybody wrote lies in a backup
// as it is, and after a deletion an old backup gives none of it back.
func TestBackupHoldsNoWords(t *testing.T) {
	f := newFolder(t)
	words := f.write()
	base := t.TempDir()
	old, keys := filepath.Join(base, "old"), filepath.Join(base, "keystore")
	_, err := Backup(t.Context(), f.cfg, old, keys, f.log)
	ok(t, err)
	none := func(when, dir string) {
		t.Helper()
		for _, w := range words {
			if in := found(t, dir, w); len(in) > 0 {
				t.Errorf("%s: %q lies in %v", when, w, in)
			}
		}
	}
	none("the backup", base)
	if left, err := filepath.Glob(filepath.Join(f.cfg.Data, ".backup-*")); err != nil || len(left) > 0 {
		t.Errorf("the backup left %q in the data folder", left)
	}
	whole, r, err := f.restoreTo(old, keys)
	if err != nil || len(r.Faults) > 0 || len(r.Log.Faults) > 0 || r.Lacking > 0 {
		t.Fatalf("restored before the deletion: %+v, %v", r, err)
	}
	list, err := whole.store.Holds(t.Context(), f.iv.ID)
	if err != nil || len(list) != 1 || !strings.HasPrefix(list[0].Reason, "hold written by") {
		t.Errorf("the hold came back as %+v, %v", list, err)
	}
	if _, _, hits, err := whole.store.SearchRecords(t.Context(), store.RecordFilter{Person: "quirina"}); err != nil || len(hits) != 1 {
		t.Errorf("the restored record is found %d times, %v", len(hits), err)
	}

	_, err = f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartText, By: auth.Command, Reason: evidence.DeletedByRequest})
	ok(t, err)
	saved, err := f.store.SavedSearches(t.Context(), f.iv.CreatedBy)
	if err != nil || len(saved) != 1 {
		t.Errorf("saved searches after the deletion: %+v, %v", saved, err)
	}
	ok(t, f.store.DeleteSearch(t.Context(), f.iv.CreatedBy, saved[0].ID)) // the one that names nobody
	if done, err := f.store.Scrub(t.Context()); err != nil || !done {
		t.Fatalf("scrubbed %v, %v", done, err)
	}
	// What a backup leaves that was killed goes at the next start; what one has
	// that is under way stays.
	left, busy := filepath.Join(f.cfg.Data, ".backup-1.db"), filepath.Join(f.cfg.Data, ".backup-2.db")
	ok(t, os.WriteFile(left, []byte(keptName), 0o600))
	b, err := os.Create(busy)
	ok(t, err)
	ok(t, syscall.Flock(int(b.Fd()), syscall.LOCK_EX))
	ok(t, f.rec.resume(t.Context()))
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed backup left is still there")
	}
	if _, err := os.Stat(busy); err != nil {
		t.Errorf("the file of a backup under way: %v", err)
	}
	ok(t, b.Close())
	none("the data folder after the deletion", f.cfg.Data)
	_, err = Backup(t.Context(), f.cfg, filepath.Join(base, "new"), keys, f.log)
	ok(t, err)
	to, r, err := f.restoreTo(old, keys)
	if err != nil || len(r.Again) != 1 || len(r.Log.Faults) > 0 {
		t.Fatalf("the old backup restored after the deletion: %+v, %v", r, err)
	}
	none("what was restored", to.cfg.Data)
	none("the backups", base)
}
