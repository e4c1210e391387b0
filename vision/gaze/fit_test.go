package gaze

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"bonafide/vision/gaze/gazetest"
)

// example is one window for the fit.
type example struct {
	source  string
	group   string // the person: never split between fitting and testing
	reading bool
	f       Features
}

const folds = 5

func fold(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	return int(h.Sum32() % folds)
}

// windows cuts a signal into windows of some seconds and extracts the features
// of those that can be measured: reading in its own direction, other gaze in both.
func windows(x []float64, seconds, step int, reading bool) (out []Features) {
	for from := 0; from+seconds*Rate <= len(x); from += step * Rate {
		w := x[from : from+seconds*Rate]
		right, ok := Extract(w, Rightwards)
		if !ok {
			continue
		}
		left, _ := Extract(w, Leftwards)
		switch {
		case !reading:
			out = append(out, right, left)
		case left[5]+left[11] < right[5]+right[11]: // large moves go right: it is read leftwards
			out = append(out, left)
		default:
			out = append(out, right)
		}
	}
	return out
}

// generated makes traces of reading and of other gaze with the wander of real
// faces on them. Their group is the person whose wander it is.
func generated(videos []clip) (out []recorded) {
	r := rand.New(rand.NewPCG(2, 6))
	const length = 90 * time.Second
	for i := range 60 {
		seed := uint64(i + 1)
		line := 6 + 18*r.Float64()
		width := 10 + 25*r.Float64()
		for _, g := range []struct {
			set     string
			reading bool
			t       gazetest.Trace
		}{
			{"generated silent", true, gazetest.Reading(seed, length, gazetest.ReadingStyle{Line: line, Right: i%2 == 0})},
			{"generated aloud", true, gazetest.Reading(seed+1000, length, gazetest.ReadingStyle{Line: line, Aloud: true, Right: i%2 == 0})},
			{"generated talking", false, gazetest.Talking(seed, length)},
			{"generated looking", false, gazetest.Looking(seed, length, width)},
			{"generated alternating", false, gazetest.Alternating(seed, length, width)},
		} {
			x := sampled(g.t.Wander(seed, 0.4+r.Float64(), 0.5+1.5*r.Float64()))
			person := fmt.Sprintf("seed %d", i)
			if c := videos[r.IntN(len(videos))]; r.IntN(2) == 0 && c.free {
				if w := backAndForth(c.x, len(x)); w != nil {
					_, middle := spread(w)
					for k := range x {
						x[k] += w[k] - middle
					}
					person = c.person
				}
			}
			out = append(out, recorded{set: g.set, person: person, reading: g.reading, x: x, free: true})
		}
	}
	return out
}

// material is everything that the licences allow to fit to, as recordings.
func material(all []recorded, videos []clip) (out []recorded) {
	for _, r := range all {
		// Below half of the samples on target, the tracker tells little of the eyes.
		if r.free && (r.set != "webqamgaze" || r.roi >= 50) {
			out = append(out, r)
		}
	}
	for _, c := range videos {
		if x := backAndForth(c.x, 90*Rate); x != nil && c.free {
			out = append(out, recorded{set: "videos", person: c.person, x: x, free: true})
		}
	}
	return append(out, generated(videos)...)
}

func examples(from []recorded) (out []example) {
	for _, r := range from {
		for _, f := range windows(r.x, int(Window.Seconds()), 10, r.reading) {
			out = append(out, example{source: r.set, group: r.person, reading: r.reading, f: f})
		}
	}
	return out
}

// fitModel fits a logistic regression by Newton's method with a ridge. Every
// source counts the same within its class, and both classes do.
func fitModel(data []example) *Model {
	m := &Model{}
	type key struct {
		source  string
		reading bool
	}
	size, sources := map[key]float64{}, map[bool]float64{}
	for _, e := range data {
		k := key{e.source, e.reading}
		if size[k]++; size[k] == 1 {
			sources[e.reading]++
		}
	}
	weight := func(e example) float64 { return 1 / (size[key{e.source, e.reading}] * sources[e.reading]) }
	for i := range m.Mean {
		var sum, sq, w float64
		for _, e := range data {
			sum, w = sum+weight(e)*e.f[i], w+weight(e)
		}
		m.Mean[i] = sum / w
		for _, e := range data {
			sq += weight(e) * (e.f[i] - m.Mean[i]) * (e.f[i] - m.Mean[i])
		}
		m.Scale[i] = max(math.Sqrt(sq/w), 1e-6)
	}
	const n, ridge = len(FeatureNames) + 1, 0.01
	for range 30 {
		var grad [n]float64
		var hess [n][n]float64
		for _, e := range data {
			var z [n]float64
			z[n-1] = 1
			for i := range e.f {
				z[i] = min(max((e.f[i]-m.Mean[i])/m.Scale[i], -4), 4)
			}
			p, y := m.Probability(e.f), 0.0
			if e.reading {
				y = 1
			}
			for i := range z {
				grad[i] += weight(e) * (y - p) * z[i]
				for k := range z {
					hess[i][k] += weight(e) * p * (1 - p) * z[i] * z[k]
				}
			}
		}
		for i := range n - 1 {
			grad[i] -= ridge * m.Weight[i]
			hess[i][i] += ridge
		}
		step := solve(hess, grad)
		for i := range n - 1 {
			m.Weight[i] += step[i]
		}
		m.Bias += step[n-1]
	}
	return m
}

// solve a positive definite system by elimination.
func solve[M ~[len(FeatureNames) + 1][len(FeatureNames) + 1]float64](a M, b [len(FeatureNames) + 1]float64) [len(FeatureNames) + 1]float64 {
	n := len(b)
	for i := range n {
		for r := i + 1; r < n; r++ {
			k := a[r][i] / a[i][i]
			for c := i; c < n; c++ {
				a[r][c] -= k * a[i][c]
			}
			b[r] -= k * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for c := i + 1; c < n; c++ {
			b[i] -= a[i][c] * b[c]
		}
		b[i] /= a[i][i]
	}
	return b
}

// TestEvalFit fits the model that model.go holds and prints it, with how well
// models fitted without a fifth of the people do on them.
func TestEvalFit(t *testing.T) {
	dir := evalData(t)
	if os.Getenv("BONAFIDE_FIT") == "" {
		t.Skip("BONAFIDE_FIT is not set: the model is not fitted anew")
	}
	videos := clips(t, dir+"/videos")
	data := examples(material(recordings(t, dir+"/gaze"), videos))
	counts := map[string]int{}
	for _, e := range data {
		counts[fmt.Sprintf("%v %s", e.reading, e.source)]++
	}
	fmt.Println("windows:", counts)
	var pos, neg []float64
	by := map[string][]float64{}
	for k := range folds {
		var train []example
		for _, e := range data {
			if fold(e.group) != k {
				train = append(train, e)
			}
		}
		m := fitModel(train)
		for _, e := range data {
			if fold(e.group) != k {
				continue
			}
			p := m.logit(e.f)
			by[e.source] = append(by[e.source], p)
			if e.reading {
				pos = append(pos, p)
			} else {
				neg = append(neg, p)
			}
		}
	}
	fmt.Printf("left-out people: AUC %.3f over all\n", auc(pos, neg))
	for s, v := range by {
		reads := counts["true "+s] > 0
		if reads {
			fmt.Printf("  %-24s AUC %.3f against all other gaze\n", s, auc(v, neg))
		} else {
			fmt.Printf("  %-24s AUC %.3f against all reading\n", s, auc(pos, v))
		}
	}
	m := fitModel(data)
	row := func(name string, f Features) {
		var v []string
		for _, x := range f {
			v = append(v, fmt.Sprintf("%.4g", x))
		}
		fmt.Printf("\t%s: Features{%s},\n", name, strings.Join(v, ", "))
	}
	fmt.Println("var reading = Model{")
	row("Mean", m.Mean)
	row("Scale", m.Scale)
	row("Weight", m.Weight)
	fmt.Printf("\tBias: %.4g,\n}\n", m.Bias)
}

// auc is the chance that a reading window scores above another one.
func auc(pos, neg []float64) float64 {
	if len(pos) == 0 || len(neg) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, p := range pos {
		for _, n := range neg {
			switch {
			case p > n:
				sum++
			case p == n:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(pos)) / float64(len(neg))
}
