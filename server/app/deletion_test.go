package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/server/api"
	"bonafide/server/audit"
	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// What a kept record holds, in words that are found nowhere else.
const (
	keptName  = "Quirina Zablocka"
	keptVideo = "moving pictures of somebody "
	keptStill = "a picture of somebody's face"
	keptID    = "a picture of somebody's passport"
	keptNote  = "the candidate mentioned an illness"
)

// folder is a data folder with one finished record, without a running server.
type folder struct {
	t     *testing.T
	cfg   Config
	store *store.Store
	vault *vault.Vault
	rec   *records
	iv    interview.Interview
	log   *slog.Logger
}

func newFolder(t *testing.T) *folder {
	f := &folder{t: t, cfg: Config{Data: t.TempDir()}, log: slog.New(slog.DiscardHandler)}
	ok(t, os.MkdirAll(f.cfg.mediaDir(), 0o700))
	f.open()
	t.Cleanup(f.close)
	ok(t, f.store.SeedPolicies(t.Context(), retention.Defaults(30)))
	host := auth.Account{ID: auth.NewID(), Name: "The host", Email: "host@example.org", Roles: []auth.Role{auth.Interviewer, auth.Admin}, PasswordHash: "x", Active: true, CreatedMS: 1}
	ok(t, f.store.CreateAccount(t.Context(), host, false))
	var err error
	f.iv, err = f.store.CreateInterview(t.Context(), interview.Interview{CandidateName: keptName, Role: "Engineer", ScheduledMS: 1, Interviewers: []string{host.ID}, CreatedBy: host.ID},
		evidence.NewEntry{Actor: host.Actor(), Kind: evidence.EntryInterviewCreated, Payload: evidence.InterviewPayload{}, Part: map[string]string{"candidate_name": keptName}})
	ok(t, err)
	_, _, err = f.store.StartInterview(t.Context(), f.iv.ID)
	ok(t, err)
	f.record()
	_, err = f.store.EndInterview(t.Context(), f.iv.ID, entry(f.iv.ID, 60000, evidence.EntryInterviewEnded, evidence.InterviewPayload{Reason: "hangup"}))
	ok(t, err)
	ok(t, newProofs(f.cfg, f.store, f.vault, f.log).seal(t.Context(), f.iv.ID))
	return f
}

func (f *folder) open() {
	f.t.Helper()
	var err error
	f.store, f.vault, err = f.cfg.openStore(f.t.Context(), f.log)
	ok(f.t, err)
	f.rec, err = newRecords(f.cfg, f.store, f.vault, newProofs(f.cfg, f.store, f.vault, f.log), f.log)
	ok(f.t, err)
}

func (f *folder) close() {
	if f.store != nil {
		ok(f.t, errors.Join(f.rec.close(), f.store.Close(), f.vault.Close()))
		f.store = nil
	}
}

func sum(content string) string {
	s := sha256.Sum256([]byte(content))
	return hex.EncodeToString(s[:])
}

// record writes what a call leaves.
func (f *folder) record() {
	id := f.iv.ID
	dir := filepath.Join(f.cfg.mediaDir(), id)
	ok(f.t, os.MkdirAll(filepath.Join(dir, "stills"), 0o700))
	raw, err := os.Create(filepath.Join(dir, f.iv.Candidate+"-camera-1.webm"))
	ok(f.t, err)
	file, err := f.vault.CreateFile(id, evidence.PartRecording, raw)
	ok(f.t, err)
	video := strings.Repeat(keptVideo, 5000)
	_, err = file.WriteAt([]byte(video), 0)
	ok(f.t, err)
	ok(f.t, file.Close())
	for content, part := range map[string]evidence.RecordPart{keptStill: evidence.PartStills, keptID: evidence.PartDocument} {
		sealed, err := f.vault.Seal(id, part, []byte(content))
		ok(f.t, err)
		ok(f.t, os.WriteFile(filepath.Join(dir, "stills", sum(content)+".jpg"), sealed, 0o600))
	}
	_, err = f.store.Append(f.t.Context(),
		entry(id, 50000, evidence.EntryRecordingSegment, evidence.Segment{Interview: id, Participant: f.iv.Candidate, Stream: "camera", N: 1,
			File: id + "/" + f.iv.Candidate + "-camera-1.webm", EndMS: 50000, Bytes: int64(len(video)), SHA256: sum(video), HasVideo: true}),
		entry(id, 20000, evidence.EntryFinding, evidence.Finding{ID: "f1", Interview: id, Participant: f.iv.Candidate, Run: evidence.RunLive, Kind: evidence.FaceAbsent,
			Stills: []evidence.Still{{SHA256: sum(keptStill)}}}),
		evidence.NewEntry{Interview: id, AtMS: evidence.At(30000), Actor: evidence.System, Kind: evidence.EntryAnnotation, Payload: evidence.AnnotationPayload{ID: "n"}, Part: evidence.NotePart{Text: keptNote}},
		evidence.NewEntry{Interview: id, AtMS: evidence.At(40000), Actor: evidence.System, Kind: evidence.EntryStepChecked,
			Payload: evidence.StepResult{Interview: id, Participant: f.iv.Candidate, Step: "s", Card: evidence.CardShowID, Outcome: evidence.StepDone, Values: []evidence.Measure{},
				Stills: []evidence.StepStill{{Still: evidence.Still{SHA256: sum(keptID)}, Shows: "document"}}},
			Part: evidence.DocumentPart{Surname: "ZABLOCKA", Number: "P1234567"}})
	ok(f.t, err)
}

// found tells in which files of a folder a text lies as it is.
func found(t *testing.T, dir, text string) (in []string) {
	t.Helper()
	ok(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(text))) {
			in = append(in, path)
		}
		return err
	}))
	return in
}

// verdict exports the record and checks the bundle.
func (f *folder) verdict() *audit.Verdict {
	f.t.Helper()
	var b bytes.Buffer
	_, err := newProofs(f.cfg, f.store, f.vault, f.log).export(f.t.Context(), f.iv.ID, auth.Command, nil, &b)
	ok(f.t, err)
	v, err := audit.CheckBundle(f.t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), audit.Options{})
	ok(f.t, err)
	return v
}

// TestDeletedPartsAreGone deletes one part after the other. Every later check
// holds and names what is gone, and no file holds it any more.
func TestDeletedPartsAreGone(t *testing.T) {
	f := newFolder(t)
	for _, text := range []string{keptVideo, keptStill, keptID, keptNote, "P1234567"} {
		if in := found(t, f.cfg.Data, text); len(in) > 0 {
			t.Errorf("%q lies on the disk as it is, in %v", text, in)
		}
	}
	if v := f.verdict(); !v.OK() {
		t.Fatalf("before any deletion: %s", texts(v))
	}
	for i, step := range []struct {
		part  evidence.RecordPart
		files int
		texts int
		gone  string // in the verdict
	}{
		{evidence.PartStills, 1, 0, sum(keptStill) + ".jpg, the still of entry"},
		{evidence.PartDocument, 1, 1, sum(keptID) + ".jpg, the still of entry"},
		{evidence.PartRecording, 1, 0, "-camera-1.webm, the recording of entry"},
		{evidence.PartText, 0, 5, "What was typed, named or read beside 5 entries was deleted"}, // the reasons of the earlier deletions among them,
	} {
		tomb, err := f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: step.part, By: auth.Command, Reason: evidence.DeletedByPerson, Note: "a test"})
		ok(t, err)
		if tomb.Files != step.files || tomb.Texts != step.texts {
			t.Errorf("%s: the tombstone counts %d files and %d texts, want %d and %d", step.part, tomb.Files, tomb.Texts, step.files, step.texts)
		}
		v := f.verdict()
		if said := texts(v); !v.OK() || !strings.Contains(said, step.gone) || !strings.Contains(said, "because an administrator decided so") {
			t.Errorf("%s: after %d deletions:\n%s", step.part, i+1, said)
		}
		if _, err := f.store.CheckpointCovering(t.Context(), tomb.Seq); err != nil {
			t.Errorf("%s: no checkpoint covers the tombstone: %v", step.part, err)
		}
	}
	for _, text := range []string{keptName, keptNote, keptVideo, "P1234567"} {
		if in := found(t, f.cfg.Data, text); len(in) > 0 {
			t.Errorf("%q is still in %v", text, in)
		}
	}
	if files, err := f.rec.files(t.Context(), f.iv.ID); err != nil || len(files) > 0 {
		t.Errorf("files are left: %+v, %v", files, err)
	}
	if r, err := f.store.VerifyLog(t.Context(), nil); err != nil || len(r.Faults) > 0 || r.Tombstones != 4 {
		t.Errorf("the log: %+v, %v", r, err)
	}
	fates, err := f.rec.Fates(t.Context(), f.iv.ID)
	ok(t, err)
	for _, p := range fates {
		if p.Exists || p.Texts > 0 {
			t.Errorf("%s still exists: %+v", p.Part, p)
		}
	}
}

// TestReasonsOfDeletions shows that what administrators write about a deletion
// is not counted as content that is still there, does not make a policy delete
// again, and can be deleted itself.
func TestReasonsOfDeletions(t *testing.T) {
	f := newFolder(t)
	const reason = "asked for by a letter from Quirina"
	remove := func(note string) store.Tombstone {
		t.Helper()
		tomb, err := f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartText, By: auth.Command, Reason: evidence.DeletedByPerson, Note: note})
		ok(t, err)
		return tomb
	}
	left := func() api.PartFate {
		t.Helper()
		fates, err := f.rec.Fates(t.Context(), f.iv.ID)
		ok(t, err)
		return fates[slices.IndexFunc(fates, func(p api.PartFate) bool { return p.Part == evidence.PartText })]
	}
	if p := left(); !p.Exists || p.Texts != 2 || p.Reasons != 0 {
		t.Fatalf("before: %+v", p)
	}
	remove(reason)
	if p := left(); p.Exists || p.Texts != 0 || p.Reasons != 1 {
		t.Errorf("after a deletion with a reason: %+v", p)
	}
	due, err := f.rec.sweep(t.Context(), time.Now().AddDate(20, 0, 0), true, evidence.System)
	ok(t, err)
	if slices.ContainsFunc(due, func(d Due) bool { return d.Part == evidence.PartText }) {
		t.Errorf("a policy would delete the texts again: %+v", due)
	}
	if tomb := remove(""); tomb.Texts != 1 {
		t.Errorf("the reason was not deleted: %+v", tomb)
	}
	if p := left(); p.Exists || p.Reasons != 0 {
		t.Errorf("after the reason was deleted: %+v", p)
	}
	if v := f.verdict(); !v.OK() {
		t.Errorf("afterwards: %s", texts(v))
	}
}

// TestMissingWithoutTombstone removes a file behind the program's back.
func TestMissingWithoutTombstone(t *testing.T) {
	f := newFolder(t)
	ok(t, os.Remove(filepath.Join(f.cfg.mediaDir(), f.iv.ID, f.iv.Candidate+"-camera-1.webm")))
	if v := f.verdict(); v.OK() || !strings.Contains(texts(v), "is missing, and no entry says that it was deleted") {
		t.Errorf("a recording was removed: %s", texts(v))
	}
}

// TestDeletionInterrupted stops after the tombstone; the next start finishes.
func TestDeletionInterrupted(t *testing.T) {
	f := newFolder(t)
	n, err := f.vault.Retire(f.iv.ID, evidence.PartRecording)
	ok(t, err)
	_, err = f.store.DeletePart(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartRecording, By: evidence.System, Reason: evidence.DeletedByPolicy, Policy: "promise", UpTo: n, Files: 1})
	ok(t, err)
	f.close()
	f.open()
	ok(t, f.rec.resume(t.Context()))
	if left, err := f.store.Unfinished(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("unfinished: %+v, %v", left, err)
	}
	if files, err := f.rec.files(t.Context(), f.iv.ID); err != nil || len(files) != 2 {
		t.Errorf("files: %+v, %v", files, err)
	}
	if v := f.verdict(); !v.OK() {
		t.Errorf("afterwards: %s", texts(v))
	}
}

// TestSweep deletes by policy what is due, never what is held, and shows it before.
func TestSweep(t *testing.T) {
	f := newFolder(t)
	later := time.Now().AddDate(2, 0, 0)
	if due, err := f.rec.sweep(t.Context(), time.Now(), false, evidence.System); err != nil || len(due) > 0 {
		t.Fatalf("too early: %+v, %v", due, err)
	}
	shown, err := f.rec.sweep(t.Context(), later, true, evidence.System)
	if err != nil || len(shown) != 4 || shown[0].Deleted || shown[0].Policy != "promise" {
		t.Fatalf("shown: %+v, %v", shown, err)
	}
	owner, err := f.store.Account(t.Context(), f.iv.CreatedBy)
	ok(t, err)
	hold, err := f.store.PlaceHold(t.Context(), f.iv.ID, "a lawsuit", owner)
	ok(t, err)
	if due, err := f.rec.sweep(t.Context(), later, false, evidence.System); err != nil || len(due) > 0 {
		t.Errorf("held: %+v, %v", due, err)
	}
	if _, err := f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartText, By: auth.Command, Reason: evidence.DeletedByPerson}); !errors.Is(err, store.ErrHeld) {
		t.Errorf("deleted by hand in spite of a hold: %v", err)
	}
	if v := f.verdict(); !v.OK() || strings.Contains(texts(v), "was deleted") {
		t.Errorf("held: %s", texts(v))
	}
	ok(t, f.store.ReleaseHold(t.Context(), f.iv.ID, hold.ID, "settled", owner))
	done, err := f.rec.sweep(t.Context(), later, false, evidence.System)
	if err != nil || len(done) != 4 {
		t.Fatalf("released: %+v, %v", done, err)
	}
	for _, d := range done {
		if !d.Deleted || d.Err != nil {
			t.Errorf("not deleted: %+v", d)
		}
	}
	if v := f.verdict(); !v.OK() || !strings.Contains(texts(v), `because the retention policy "promise" asked for it`) {
		t.Errorf("afterwards: %s", texts(v))
	}
}

// TestSealRecordings encrypts what an earlier version left, and leaves what is
// not what the log says.
func TestSealRecordings(t *testing.T) {
	f := newFolder(t)
	dir := filepath.Join(f.cfg.mediaDir(), f.iv.ID)
	plain, spoilt, still := f.iv.Candidate+"-camera-2.webm", f.iv.Candidate+"-camera-3.webm", filepath.Join("stills", sum(keptStill)+".jpg")
	content := strings.Repeat(keptVideo, 9000)
	for n, name := range map[int]string{2: plain, 3: spoilt} {
		ok(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		_, err := f.store.Append(t.Context(), entry(f.iv.ID, 50000, evidence.EntryRecordingSegment, evidence.Segment{Interview: f.iv.ID, Participant: f.iv.Candidate, Stream: "camera", N: n,
			File: f.iv.ID + "/" + name, EndMS: 50000, Bytes: int64(len(content)), SHA256: sum(content), HasVideo: true}))
		ok(t, err)
	}
	ok(t, os.WriteFile(filepath.Join(dir, spoilt), []byte(content+"x"), 0o600))
	ok(t, os.WriteFile(filepath.Join(dir, still), []byte(keptStill), 0o600))
	ok(t, os.WriteFile(filepath.Join(dir, plain+sealingEnd), []byte("left by a crash"), 0o600))
	if _, _, err := SealRecordings(t.Context(), f.cfg.Data, f.log); !errors.Is(err, ErrUsage) {
		t.Errorf("beside somebody who uses the folder: %v", err)
	}
	for round, want := range []int{2, 0} {
		f.close()
		n, faults, err := SealRecordings(t.Context(), f.cfg.Data, f.log)
		if err != nil || n != want || len(faults) != 1 || !strings.Contains(faults[0], spoilt) {
			t.Fatalf("round %d: %d sealed, %q, %v", round, n, faults, err)
		}
		f.open()
	}
	for _, name := range []string{plain, still} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || bytes.Contains(b, []byte("of somebody")) {
			t.Errorf("%s lies there as it is, %v", name, err)
		}
	}
	if got, err := f.rec.hash(f.iv.ID + "/" + plain); err != nil || got != sum(content) {
		t.Errorf("it reads as %s, %v", got, err)
	}
	if got, err := f.rec.hash(f.iv.ID + "/" + filepath.ToSlash(still)); err != nil || got != sum(keptStill) {
		t.Errorf("the picture reads as %s, %v", got, err)
	}
	if n, err := f.rec.plainRecordings(t.Context()); err != nil || n != 1 {
		t.Errorf("%d plain recordings are left, %v", n, err)
	}
	entries, err := f.store.Entries(t.Context(), store.EntryQuery{Kinds: []evidence.EntryKind{evidence.EntryStorageSealed}})
	if err != nil || len(entries) != 1 || string(entries[0].Payload) != `{"recordings":2}` {
		t.Errorf("the log says %+v, %v", entries, err)
	}
	_, err = f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartRecording, By: auth.Command, Reason: evidence.DeletedByPerson})
	ok(t, err)
	if left, err := filepath.Glob(filepath.Join(dir, "*.webm*")); err != nil || len(left) > 0 {
		t.Errorf("left after a deletion: %q, %v", left, err)
	}
}

// TestPlainRecordingsOfEarlierVersions still play and are deleted.
func TestPlainRecordingsOfEarlierVersions(t *testing.T) {
	f := newFolder(t)
	name := f.iv.ID + "/" + f.iv.Candidate + "-camera-2.webm"
	ok(t, os.WriteFile(filepath.Join(f.cfg.mediaDir(), name), []byte(keptVideo), 0o600))
	_, err := f.store.Append(t.Context(), entry(f.iv.ID, 50000, evidence.EntryRecordingSegment, evidence.Segment{Interview: f.iv.ID, Participant: f.iv.Candidate, Stream: "camera", N: 2,
		File: name, EndMS: 50000, Bytes: int64(len(keptVideo)), SHA256: sum(keptVideo), HasVideo: true}))
	ok(t, err)
	if n, err := f.rec.plainRecordings(t.Context()); err != nil || n != 1 {
		t.Errorf("%d plain recordings, %v", n, err)
	}
	if got, err := f.rec.hash(name); err != nil || got != sum(keptVideo) {
		t.Errorf("it reads as %s, %v", got, err)
	}
	_, err = f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartRecording, By: auth.Command, Reason: evidence.DeletedByPerson})
	ok(t, err)
	if _, err := os.Stat(filepath.Join(f.cfg.mediaDir(), name)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
