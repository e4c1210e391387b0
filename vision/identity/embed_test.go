package identity

import (
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/face"
)

// rig is the models that a test needs.
type rig struct {
	stage *face.Stage
	embed *Embedder
}

func newRig(t testing.TB) rig {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEmbedder(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, err := range []error{e.Close(), e.Close(), stage.Close(), set.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return rig{stage, e}
}

// sample is a piece of a sample photo with one face in it.
func sample(t testing.TB, name string, piece image.Rectangle) *vision.Frame {
	t.Helper()
	f, err := os.Open(filepath.Join(models.Dir(), name))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return vision.FromImage(m.(*image.YCbCr).SubImage(piece), 0)
}

// The same woman in two photos, and others.
var (
	woman      = image.Rect(1374, 102, 1774, 542) // of sample1.jpg
	womanAgain = image.Rect(980, 100, 1400, 600)  // of sample3.jpg
	man        = image.Rect(150, 420, 550, 860)   // of sample6.jpg
)

func (r rig) of(t testing.TB, f *vision.Frame, part Part) Embedding {
	t.Helper()
	faces, err := r.stage.Detect(f)
	if err != nil || len(faces) == 0 || !faces[0].Confirmed() {
		t.Fatalf("no face: %v, %v", faces, err)
	}
	e, err := r.embed.Embed(f, &faces[0], part)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFacesAreToldApart(t *testing.T) {
	r := newRig(t)
	a, b, c := sample(t, "sample1.jpg", woman), sample(t, "sample3.jpg", womanAgain), sample(t, "sample6.jpg", man)
	for _, part := range []Part{Whole, Eyes, Mouth} {
		same := Cosine(r.of(t, a, part).Vector, r.of(t, b, part).Vector)
		other := Cosine(r.of(t, a, part).Vector, r.of(t, c, part).Vector)
		t.Logf("part %d: the same person in two photos %.2f, two people %.2f", part, same, other)
		if part == Whole && (same < 0.5 || other > 0.3) || same < other+0.2 {
			t.Errorf("part %d: the same person %.2f, another %.2f", part, same, other)
		}
	}
	e := r.of(t, a, Whole)
	again := r.of(t, a, Whole)
	if !slices.Equal(e.Vector, again.Vector) || len(e.Vector) != Size || !near(Cosine(e.Vector, e.Vector), 1) || e.Norm < 2.5 {
		t.Errorf("embedding of %d values, norm %v, not twice the same", len(e.Vector), e.Norm)
	}
}

func TestHide(t *testing.T) {
	for _, c := range []struct {
		part        Part
		first, last float32 // of each plane, after
	}{{Whole, 1, 1}, {Eyes, 1, 0}, {Mouth, 0, 1}} {
		in := make([]float32, 3*cropSize*cropSize)
		for i := range in {
			in[i] = 1
		}
		c.part.hide(in)
		for p := range 3 {
			plane := in[p*cropSize*cropSize : (p+1)*cropSize*cropSize]
			if plane[partRow*cropSize-1] != c.first || plane[partRow*cropSize] != c.last || plane[0] != c.first || plane[len(plane)-1] != c.last {
				t.Errorf("part %d, plane %d: %v … %v", c.part, p, plane[0], plane[len(plane)-1])
			}
		}
	}
}

func TestEmbedRefuses(t *testing.T) {
	r := newRig(t)
	f := sample(t, "sample6.jpg", man)
	if _, err := r.embed.Embed(f, &vision.Face{}, Whole); err == nil || !strings.Contains(err.Error(), "no landmarks") {
		t.Errorf("a face without landmarks: %v", err)
	}
	faces, err := r.stage.Detect(f)
	if err != nil || len(faces) == 0 {
		t.Fatal(faces, err)
	}
	if _, err := r.embed.Embed(&vision.Frame{}, &faces[0], Whole); err == nil {
		t.Error("an empty frame was embedded")
	}
}

func BenchmarkEmbed(b *testing.B) {
	r := newRig(b)
	f := sample(b, "sample6.jpg", man)
	faces, err := r.stage.Detect(f)
	if err != nil || len(faces) == 0 {
		b.Fatal(faces, err)
	}
	for b.Loop() {
		if _, err := r.embed.Embed(f, &faces[0], Whole); err != nil {
			b.Fatal(err)
		}
	}
}
