package document

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/document/doctest"
	"bonafide/vision/face"
	"bonafide/vision/identity"
)

// evalDir is a folder of the evaluation data; the test is skipped without it.
func evalDir(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: nothing is measured on real data (make eval DATA=<folder>)")
	}
	return filepath.Join(dir, name)
}

// evalRig is the models.
type evalRig struct {
	stage *face.Stage
	embed *identity.Embedder
}

func newEvalRig(t *testing.T) evalRig {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	r := evalRig{}
	if r.stage, err = face.NewStage(set, face.Config{}); err != nil {
		t.Fatal(err)
	}
	if r.embed, err = identity.NewEmbedder(set); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.stage.Close(), r.embed.Close(), set.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func openImage(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		return nil // a format that the standard library does not read
	}
	return m
}

// live is the embedding of a photo's main face, nil without one.
func (r evalRig) live(t *testing.T, m image.Image) (identity.Vector, vision.Rect) {
	f := vision.FromImage(m, 0)
	faces, err := r.stage.Detect(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) == 0 || !faces[0].Confirmed() {
		return nil, vision.Rect{}
	}
	e, err := r.embed.Embed(f, &faces[0], identity.Whole)
	if err != nil {
		t.Fatal(err)
	}
	return e.Vector, faces[0].Box
}

// portrait is the embedding of a photo's face as the portrait of a document
// that a webcam sees: shrunk to a height, turned a little, blurred, noisy,
// compressed. nil where it is not found.
func (r evalRig) portrait(t *testing.T, m image.Image, box vision.Rect, height float64, seed uint64) identity.Vector {
	rnd := rand.New(rand.NewPCG(seed, 7))
	room := image.NewRGBA(image.Rect(0, 0, 320, 240))
	xdraw.Draw(room, room.Rect, image.NewUniform(image.White.C), image.Point{}, xdraw.Src)
	pose := doctest.Pose{
		X: 160 + rnd.Float64(), Y: 120 + rnd.Float64(), Width: float64(m.Bounds().Dx()) * height / box.Height(),
		Roll: (rnd.Float64() - 0.5) * 0.3, Turn: (rnd.Float64() - 0.5) * 0.4, Tilt: (rnd.Float64() - 0.5) * 0.3,
		Blur: 0.6 + 0.5*rnd.Float64(), Noise: 3, Quality: 70, Seed: seed,
	}
	f := vision.FromImage(doctest.Hold(room, m, pose), 0)
	faces, err := r.stage.Small(f, nil, vision.Rect{X0: 160 - height/2, Y0: 120 - height/2, X1: 160 + height/2, Y1: 120 + height/2})
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) == 0 {
		return nil
	}
	e, err := r.embed.Embed(f, &faces[0], identity.Whole)
	if err != nil {
		t.Fatal(err)
	}
	return e.Vector
}

// TestEvalPortrait measures how well the portrait on a document can be compared
// with a live face, by the portrait's height, on pairs of photos of
// $BONAFIDE_EVAL/faces of which one is made into the portrait (simulated). The
// thresholds come from the half of the people that is called "fit"; the other
// half says what they are worth. BONAFIDE_EVAL_N limits the pairs of each kind.
func TestEvalPortrait(t *testing.T) {
	dir := evalDir(t, "faces")
	r := newEvalRig(t)
	f, err := os.Open(filepath.Join(dir, "pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	const views = 3
	each := 260
	if s := os.Getenv("BONAFIDE_EVAL_N"); s != "" {
		fmt.Sscan(s, &each)
	}
	fmt.Println("portraits made of photos (simulated), compared with another photo; three views pooled, and one alone")
	fmt.Println("height  half   same other  missed   AUC     same 5 %   other 99 %  max   at threshold-band: same 'unlike' | other 'alike'   one view: same<thr other>=thr")
	for _, height := range []float64{40, 56, 80} {
		var halves [2]struct{ same, other, same1, other1 []float64 }
		missed := [2]int{}
		count := map[string]int{}
		for i, row := range rows[1:] {
			if row[3] != "lfw" || count[row[2]] >= each {
				continue
			}
			h := fnv.New32a()
			h.Write([]byte(filepath.Dir(row[0])))
			half := int(h.Sum32()>>16) & 1
			a, b := openImage(t, filepath.Join(dir, row[0])), openImage(t, filepath.Join(dir, row[1]))
			if a == nil || b == nil {
				continue
			}
			_, box := r.live(t, a)
			live, _ := r.live(t, b)
			if live == nil || box.Area() == 0 {
				continue
			}
			count[row[2]]++
			var vs []identity.Vector
			for v := range views {
				if e := r.portrait(t, a, box, height, uint64(100*i+v)); e != nil {
					vs = append(vs, e)
				}
			}
			if len(vs) == 0 {
				missed[half]++
				continue
			}
			x := &halves[half]
			pooled, one := identity.Cosine(identity.Pool(vs...), live), identity.Cosine(vs[0], live)
			if row[2] == "1" {
				x.same, x.same1 = append(x.same, pooled), append(x.same1, one)
			} else {
				x.other, x.other1 = append(x.other, pooled), append(x.other1, one)
			}
		}
		for i, name := range []string{"fit", "test"} {
			x := halves[i]
			slices.Sort(x.same)
			slices.Sort(x.other)
			at := func(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1))] }
			low := func(v []float64, th float64) int {
				return len(slices.DeleteFunc(slices.Clone(v), func(c float64) bool { return c >= th }))
			}
			fmt.Printf("%4.0f px  %-5s %5d %5d  %4d   %.4f   %.3f       %.3f       %.3f    %.1f %% | %.1f %%      %.1f %% %.1f %%   unsure: same %.1f %% other %.1f %%\n",
				height, name, len(x.same), len(x.other), missed[i], auc(x.same, x.other), at(x.same, 0.05), at(x.other, 0.99), x.other[len(x.other)-1],
				share(low(x.same, MatchThreshold-MatchUnsure), len(x.same)), share(len(x.other)-low(x.other, MatchThreshold+MatchUnsure), len(x.other)),
				share(low(x.same1, MatchThreshold), len(x.same1)), share(len(x.other1)-low(x.other1, MatchThreshold), len(x.other1)),
				share(low(x.same, MatchThreshold+MatchUnsure)-low(x.same, MatchThreshold-MatchUnsure), len(x.same)),
				share(low(x.other, MatchThreshold+MatchUnsure)-low(x.other, MatchThreshold-MatchUnsure), len(x.other)))
		}
	}
}

func share(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// auc is the probability that a same pair is more alike than another.
func auc(same, other []float64) float64 {
	n := 0.0
	for _, s := range same {
		for _, o := range other {
			if s > o {
				n++
			} else if s == o {
				n += 0.5
			}
		}
	}
	return n / float64(max(len(same)*len(other), 1))
}
