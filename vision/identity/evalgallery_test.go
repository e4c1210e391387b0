package identity

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEvalGallery measures what a search for one face among many is worth: the
// likeness of all pairs of photos of two people in $BONAFIDE_EVAL/faces, the
// threshold at which so few of them pass, how many photos of one person are
// then still found, and how many false candidates a search among 1,000, 10,000
// and 100,000 templates is to be expected to give. It asserts nothing.
func TestEvalGallery(t *testing.T) {
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
	type photo struct {
		file, person, source string
		v                    Vector
	}
	r := newRig(t)
	var photos []photo
	place := map[string]int{}
	for _, row := range rows[1:] {
		for _, file := range row[:2] {
			if _, known := place[file]; known {
				continue
			}
			place[file] = -1
			if v := r.photo(t, filepath.Join(dir, file)); v != nil {
				place[file] = len(photos)
				photos = append(photos, photo{file, personIn(file), row[3], v})
			}
		}
	}
	type pair struct {
		a, b int
		c    float64
	}
	var all []float64
	bySource := map[string][]float64{}
	var most []pair
	for i, a := range photos {
		for j, b := range photos[:i] {
			if a.person == b.person {
				continue // one person, perhaps in two sets
			}
			c := Cosine(a.v, b.v)
			all = append(all, c)
			if a.source == b.source {
				bySource[a.source] = append(bySource[a.source], c)
			}
			if most = append(most, pair{i, j, c}); len(most) > 4000 {
				most = highest(most, func(p pair) float64 { return p.c }, 20)
			}
		}
	}
	var same []float64
	for _, row := range rows[1:] {
		if a, b := place[row[0]], place[row[1]]; row[2] == "1" && a >= 0 && b >= 0 {
			same = append(same, Cosine(photos[a].v, photos[b].v))
		}
	}
	slices.Sort(all)
	fmt.Printf("%d photos, %d pairs of two people, %d pairs of one\n", len(photos), len(all), len(same))
	fmt.Println("\nFMR at most   threshold  of one person missed, %   false candidates expected among 1,000 / 10,000 / 100,000")
	for _, fmr := range []float64{1e-3, 1e-4, 1e-5, 1e-6} {
		n := int(fmr * float64(len(all)))
		at := all[len(all)-1-n] + 1e-9
		mark := ""
		if n < 10 {
			mark = "  (from fewer than 10 pairs)"
		}
		fmt.Printf("%-12.0e  %.3f      %-24s   %.3g / %.3g / %.3g%s\n", fmr, at, interval(below(same, at), len(same)), fmr*1e3, fmr*1e4, fmr*1e5, mark)
	}
	fmt.Println("\nA gallery of more templates than there are photos here is an extrapolation: it takes the rate of the pairs at hand for that of strangers.")
	fmt.Println("\nsource       pairs of two people   FMR % at the thresholds for 1e-3, 1e-4, 1e-5 overall")
	for _, name := range slices.Sorted(maps.Keys(bySource)) {
		line := fmt.Sprintf("%-10s  %20d ", name, len(bySource[name]))
		for _, fmr := range []float64{1e-3, 1e-4, 1e-5} {
			at := all[len(all)-1-int(fmr*float64(len(all)))] + 1e-9
			line += fmt.Sprintf("  %.4f", 100*float64(len(bySource[name])-below(bySource[name], at))/float64(len(bySource[name])))
		}
		fmt.Println(line)
	}
	fmt.Println("\nthe most alike of two people (look whether they are two):")
	for _, p := range highest(most, func(p pair) float64 { return p.c }, 8) {
		fmt.Printf("  %.3f  %s  %s\n", p.c, photos[p.a].file, photos[p.b].file)
	}
}

// highest keeps the n of the greatest value, greatest first.
func highest[T any](list []T, value func(T) float64, n int) []T {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(value(b), value(a)) })
	return list[:min(n, len(list))]
}

// personIn names who is in a photo by its folder: sets that share somebody
// write the name in different ways.
func personIn(file string) string {
	name := strings.ToLower(filepath.Base(filepath.Dir(file)))
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)
	if strings.HasPrefix(file, "orl/") || strings.HasPrefix(file, "yale/") {
		return file[:4] + name // numbers, not names
	}
	return name
}
