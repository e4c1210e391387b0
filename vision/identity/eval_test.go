package identity

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"image"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/vision"
)

// TestEval measures face verification on the pairs of $BONAFIDE_EVAL/faces, one
// picture against one, by source, and how a threshold set on one half of the
// people does on the other half. It asserts nothing.
func TestEval(t *testing.T) {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: accuracy on real data is not measured (make eval DATA=<folder>)")
	}
	dir = filepath.Join(dir, "faces")
	f, err := os.Open(filepath.Join(dir, "pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	known := map[string]Vector{} // nil where no face was found
	unusable := 0
	embed := func(name string) Vector {
		v, ok := known[name]
		if !ok {
			if v = r.photo(t, filepath.Join(dir, name)); v == nil {
				unusable++
			}
			known[name] = v
		}
		return v
	}
	scores := map[string]*scored{}
	add := func(name string, same bool, c float64) {
		if scores[name] == nil {
			scores[name] = &scored{}
		}
		if same {
			scores[name].same = append(scores[name].same, c)
		} else {
			scores[name].other = append(scores[name].other, c)
		}
	}
	left := 0
	for _, row := range rows[1:] {
		a, b := embed(row[0]), embed(row[1])
		if a == nil || b == nil {
			left++
			continue
		}
		c := Cosine(a, b)
		same := row[2] == "1"
		add(row[3], same, c)
		add("all", same, c)
		if h := half(row[0]); h == half(row[1]) {
			add(h, same, c)
		}
	}
	fmt.Printf("%d photos, no face in %d of them, %d pairs left out\n\n", len(known), unusable, left)
	fmt.Println("source      same  other     AUC   EER %   FNMR % at FMR 1 %     FNMR % at FMR 0.1 %   thresholds")
	var names []string
	for name := range scores {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(scores[name].row(name))
	}
	first, second := scores["half one"], scores["half two"]
	for _, fmr := range []float64{0.01, 0.001} {
		at := first.threshold(fmr)
		fmt.Printf("threshold %.3f (FMR %.1f %% of one half of the people) on the other half: FNMR %s, FMR %s\n",
			at, 100*fmr, interval(below(second.same, at), len(second.same)), interval(len(second.other)-below(second.other, at), len(second.other)))
	}
	for _, at := range []float64{0.40, 0.50} {
		all := scores["all"]
		fmt.Printf("one picture against one at the session's %.2f: FNMR %s, FMR %s\n", at,
			interval(below(all.same, at), len(all.same)), interval(len(all.other)-below(all.other, at), len(all.other)))
	}
}

// half puts a person, named by the folder of the photo, into one of two.
func half(file string) string {
	h := fnv.New32a()
	h.Write([]byte(filepath.Dir(file)))
	if h.Sum32()>>16&1 == 0 {
		return "half one"
	}
	return "half two"
}

// photo embeds the main face of a picture file; nil where there is none.
func (r rig) photo(t *testing.T, path string) Vector {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if strings.HasSuffix(path, ".pgm") {
		m, err = decodePGM(b)
	}
	if err != nil {
		t.Logf("%s: %v", path, err)
		return nil
	}
	f := vision.FromImage(m, 0)
	faces, err := r.stage.Detect(f)
	if err != nil {
		t.Fatal(path, err)
	}
	if len(faces) == 0 || !faces[0].Confirmed() {
		return nil
	}
	e, err := r.embed.Embed(f, &faces[0], Whole)
	if err != nil {
		t.Fatal(path, err)
	}
	return e.Vector
}

// decodePGM reads a binary grey map of 8 bits.
func decodePGM(b []byte) (image.Image, error) {
	var w, h, most int
	var head []string
	for line := range strings.Lines(string(b[:min(len(b), 200)])) {
		if head = append(head, line); line[0] == '#' {
			head = head[:len(head)-1]
		}
	}
	if _, err := fmt.Sscan(strings.TrimPrefix(strings.Join(head, " "), "P5"), &w, &h, &most); err != nil || w*h < 1 || len(b) < w*h {
		return nil, fmt.Errorf("no grey map: %v", err)
	}
	return &image.Gray{Pix: b[len(b)-w*h:], Stride: w, Rect: image.Rect(0, 0, w, h)}, nil
}

// scored are the cosines of pairs of the same and of different people.
type scored struct{ same, other []float64 }

// below counts the cosines under a threshold.
func below(v []float64, at float64) int {
	n := 0
	for _, c := range v {
		if c < at {
			n++
		}
	}
	return n
}

// threshold is the least at which no more than the share fmr of different
// people pass.
func (s *scored) threshold(fmr float64) float64 {
	v := slices.Sorted(slices.Values(s.other))
	if len(v) == 0 {
		return math.NaN()
	}
	return math.Nextafter(v[len(v)-1-int(fmr*float64(len(v)))], 2)
}

// rates gives the area under the ROC curve and the equal error rate.
func (s *scored) rates() (auc, eer float64) {
	other := slices.Sorted(slices.Values(s.other))
	eer = 1
	gap := math.Inf(1)
	for i, c := range slices.Sorted(slices.Values(s.same)) {
		n, _ := slices.BinarySearch(other, c)
		auc += float64(n) / float64(len(other)*len(s.same))
		fnmr, fmr := float64(i)/float64(len(s.same)), 1-float64(n)/float64(len(other))
		if d := math.Abs(fnmr - fmr); d < gap {
			gap, eer = d, (fnmr+fmr)/2
		}
	}
	return auc, eer
}

func (s *scored) row(name string) string {
	if len(s.same) < 5 || len(s.other) < 5 {
		return fmt.Sprintf("%-10s %5d  %5d  too few", name, len(s.same), len(s.other))
	}
	auc, eer := s.rates()
	one, tenth := s.threshold(0.01), s.threshold(0.001)
	return fmt.Sprintf("%-10s %5d  %5d  %.4f  %5.2f   %-20s  %-20s  %.3f %.3f", name, len(s.same), len(s.other), auc, 100*eer,
		interval(below(s.same, one), len(s.same)), interval(below(s.same, tenth), len(s.same)), one, tenth)
}

// interval is a share in percent with its 95 % interval (Wilson 1927).
func interval(k, n int) string {
	if n == 0 {
		return "-"
	}
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid, half := (p+z*z/2/m)/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/4/m/m)/(1+z*z/m)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", 100*p, 100*max(mid-half, 0), 100*min(mid+half, 1))
}

func TestRates(t *testing.T) {
	s := &scored{same: []float64{0.9, 0.8, 0.7, 0.2}, other: []float64{0.1, 0.3, 0.0, 0.1}}
	auc, eer := s.rates()
	if !near(auc, 15.0/16) || !near(eer, 0.125) {
		t.Errorf("AUC %v and EER %v, want 0.9375 and 0.125", auc, eer)
	}
	if at := s.threshold(0); at <= 0.3 || at > 0.31 {
		t.Errorf("threshold at no false match %v", at)
	}
	if got := interval(5, 100); got != "5.00 (2.15–11.18)" {
		t.Errorf("interval of 5 in 100: %s", got)
	}
	m, err := decodePGM([]byte("P5\n# by hand\n2 1\n255\nab"))
	if err != nil || m.Bounds().Dx() != 2 {
		t.Errorf("grey map: %v, %v", m, err)
	}
}
