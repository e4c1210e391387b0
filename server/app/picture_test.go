package app

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"bonafide/server/analysis"
	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/store"
)

// profilesOf is a folder's keeper of profile pictures, whose faces a process of
// its own measures.
func profilesOf(t *testing.T, f *folder) *profiles {
	t.Helper()
	if !haveModels() {
		t.Skip("the models are not there (run: make models)")
	}
	cfg := Config{Data: f.cfg.Data, Models: modelsDir, DetectRate: 2, LandmarkRate: 12}
	m, err := analysis.New(cfg.analysis(f.vault), f.log, analysisEvents{})
	ok(t, err)
	t.Cleanup(func() { m.Close() })
	return &profiles{store: f.store, vault: f.vault, records: f.rec, mediaDir: f.cfg.mediaDir(), log: f.log, measure: m.MeasurePicture}
}

// samplePhoto is a JPEG of a piece of a test photograph, or of all of it.
func samplePhoto(t *testing.T, piece image.Rectangle) []byte {
	t.Helper()
	file, err := os.Open(filepath.Join(modelsDir, "sample6.jpg"))
	ok(t, err)
	defer file.Close()
	m, _, err := image.Decode(file)
	ok(t, err)
	if piece.Empty() {
		piece = m.Bounds()
	}
	out := image.NewRGBA(image.Rect(0, 0, 640, 640*piece.Dy()/piece.Dx()))
	draw.ApproxBiLinear.Scale(out, out.Rect, m, piece, draw.Src, nil)
	var b bytes.Buffer
	ok(t, jpeg.Encode(&b, out, nil))
	return b.Bytes()
}

var faceInSample = image.Rect(150, 420, 550, 860)

// TestProfilePicture follows a profile picture from the upload to its deletion:
// its face is measured with the candidate's consents alone.
func TestProfilePicture(t *testing.T) {
	f := newFolder(t)
	p := profilesOf(t, f)
	by := evidence.Actor{Type: "user", ID: f.iv.Interviewers[0]}
	kept := func() (out []evidence.Entry) {
		t.Helper()
		out, err := f.store.Entries(t.Context(), store.EntryQuery{Interview: f.iv.ID, Kinds: []evidence.EntryKind{evidence.EntryPictureKept}})
		ok(t, err)
		return out
	}
	live := func() []store.TemplateRef {
		t.Helper()
		refs, err := f.store.LiveTemplates(t.Context())
		ok(t, err)
		return refs
	}
	consent := func(granted bool) {
		ok(t, f.store.SaveConsent(t.Context(), f.iv.Candidate, evidence.ConsentFace, granted))
		ok(t, f.store.SaveConsent(t.Context(), f.iv.Candidate, evidence.ConsentTemplates, granted))
	}

	ok(t, p.Keep(t.Context(), f.iv, by, samplePhoto(t, faceInSample)))
	if all := kept(); len(all) != 1 || !bytes.Contains(all[0].Payload, []byte(`"reason":"no_consent"`)) || bytes.Contains(all[0].Payload, []byte("face\"")) || all[0].Actor != by || len(live()) != 0 {
		t.Fatalf("without consent: %+v, %d templates", all, len(live()))
	}

	consent(true)
	ok(t, p.Keep(t.Context(), f.iv, by, samplePhoto(t, faceInSample)))
	refs := live()
	if len(refs) != 1 || refs[0].From != evidence.FromPicture || refs[0].Frames != 1 || refs[0].Still == "" {
		t.Fatalf("with consent: templates %+v", refs)
	}
	names, err := os.ReadDir(filepath.Join(f.cfg.mediaDir(), f.iv.ID, "stills"))
	ok(t, err)
	for _, e := range names {
		b, err := os.ReadFile(filepath.Join(f.cfg.mediaDir(), f.iv.ID, "stills", e.Name()))
		ok(t, err)
		if bytes.HasPrefix(b, []byte("\xff\xd8\xff")) {
			t.Errorf("%s lies on the disk as it is", e.Name())
		}
	}
	content, err := f.store.Content(t.Context(), f.iv.ID)
	ok(t, err)
	pictures := 0
	for _, part := range content.Stills {
		if part == evidence.PartPicture {
			pictures++
		}
	}
	if pictures != 2 {
		t.Errorf("the record speaks of %d pictures of the profile, want the whole and the face", pictures)
	}
	if v := f.verdict(); !v.OK() {
		t.Errorf("the bundle: %s", texts(v))
	}

	var field *interview.FieldError
	for has, file := range map[string][]byte{
		"faces, so it cannot be said whose": samplePhoto(t, image.Rectangle{}), "no face": samplePhoto(t, image.Rect(0, 0, 120, 120)),
		"not a JPEG": []byte("a letter"),
	} {
		if err := p.Keep(t.Context(), f.iv, by, file); !errors.As(err, &field) || field.Field != "picture" || !strings.Contains(field.Problem, has) {
			t.Errorf("%v, want one about the picture with %q", err, has)
		}
	}
	if n := len(kept()); n != 2 || len(live()) != 1 {
		t.Errorf("%d pictures after some were refused", n)
	}

	_, err = f.rec.Delete(t.Context(), store.Deletion{Interview: f.iv.ID, Part: evidence.PartPicture, By: auth.Command, Reason: evidence.DeletedByPerson, Note: "asked for"})
	ok(t, err)
	tombs, err := f.store.Tombstones(t.Context(), f.iv.ID)
	ok(t, err)
	if len(tombs) != 1 || tombs[0].Part != evidence.PartPicture || tombs[0].Files != 2 || !tombs[0].Done {
		t.Errorf("tombstones %+v", tombs)
	}
	if v := f.verdict(); !v.OK() || !strings.Contains(texts(v), refs[0].Still+".jpg") {
		t.Errorf("after the deletion: %s", texts(v))
	}
	if tombs[0].Texts != 1 || len(live()) != 0 {
		t.Errorf("the numbers of its face stayed: %d templates, tombstone %+v", len(live()), tombs[0])
	}
	if checked, err := f.store.VerifyLog(t.Context(), nil); err != nil || len(checked.Faults) > 0 {
		t.Errorf("the log after the deletion: %+v, %v", checked, err)
	}
	// The same picture may be added again: it has a new key.
	ok(t, p.Keep(t.Context(), f.iv, by, samplePhoto(t, faceInSample)))
	if v := f.verdict(); !v.OK() {
		t.Errorf("added again: %s", texts(v))
	}
}

// TestProfilePictureOfOneWhoWithdraws: what was measured while the consent was
// being withdrawn is deleted at once.
func TestProfilePictureOfOneWhoWithdraws(t *testing.T) {
	f := newFolder(t)
	p := profilesOf(t, f)
	measure := p.measure
	for _, c := range []evidence.Consent{evidence.ConsentFace, evidence.ConsentTemplates} {
		ok(t, f.store.SaveConsent(t.Context(), f.iv.Candidate, c, true))
	}
	p.measure = func(ctx context.Context, jpeg []byte) (evidence.PictureFace, error) {
		face, err := measure(ctx, jpeg)
		return face, errors.Join(err, f.store.SaveConsent(ctx, f.iv.Candidate, evidence.ConsentTemplates, false))
	}
	ok(t, p.Keep(t.Context(), f.iv, evidence.System, samplePhoto(t, faceInSample)))
	has, err := f.store.HasTemplates(t.Context(), f.iv.ID)
	ok(t, err)
	if has {
		t.Error("the template is still there")
	}
}
