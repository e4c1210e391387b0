package gaze

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestEvalReading prints how well windows of reading are told from windows of
// other gaze, by set, by the accuracy of the tracker and by length; and, for
// the whole detector with its threshold and least length, false flags per hour
// and detections within a minute. Sets marked * were fitted to; the others
// were not seen.
func TestEvalReading(t *testing.T) {
	dir := evalData(t)
	all := recordings(t, dir+"/gaze")
	videos := clips(t, dir+"/videos")
	for _, c := range videos {
		if x := backAndForth(c.x, max(60*Rate, len(c.x))); x != nil {
			all = append(all, recorded{set: "videos", person: c.person, x: x, free: c.free})
		}
	}
	all = append(all, generated(videos)...)
	for i := range all {
		if r := &all[i]; r.set == "webqamgaze" {
			switch {
			case r.roi >= 70:
				r.set += " ≥ 70 %"
			case r.roi >= 50:
				r.set += " 50–70 %"
			case r.roi >= 30:
				r.set += " 30–50 %"
			default:
				r.set += " < 30 %"
			}
		}
	}
	type row struct {
		reading, free bool
		people        map[string]bool
		hours         float64
		logits        map[int][]float64
		minutes       []([]float64) // the scores of each minute, for detections
		traces        [][]float64   // the scores of each whole trace
	}
	rows := map[string]*row{}
	lengths := []int{10, 30, 60}
	for _, r := range all {
		o := rows[r.set]
		if o == nil {
			o = &row{reading: r.reading, free: r.free, people: map[string]bool{}, logits: map[int][]float64{}}
		}
		key := r.set
		if r.reading != o.reading {
			key += " reading"
		}
		if o = rows[key]; o == nil {
			o = &row{reading: r.reading, free: r.free, people: map[string]bool{}, logits: map[int][]float64{}}
			rows[key] = o
		}
		o.people[r.person] = true
		o.hours += float64(count(r.x)) / Rate / 3600
		for _, n := range lengths {
			for from := 0; from+n*Rate <= len(r.x); from += max(n, 10) * Rate / 2 {
				if s, ok := reading.read(r.x[from : from+n*Rate]); ok {
					o.logits[n] = append(o.logits[n], reading.logit(s.Features))
				}
			}
		}
		scores := each(r.x)
		o.traces = append(o.traces, scores)
		for from := 0; from+60*Rate <= len(r.x); from += 60 * Rate {
			o.minutes = append(o.minutes, each(r.x[from:from+60*Rate]))
		}
	}
	names := []string{}
	pos, neg := map[int][]float64{}, map[int][]float64{}
	realPos, realNeg := map[int][]float64{}, map[int][]float64{}
	for name, o := range rows {
		names = append(names, name)
		for _, n := range lengths {
			made := strings.HasPrefix(name, "generated")
			if o.reading {
				pos[n] = append(pos[n], o.logits[n]...)
			} else {
				neg[n] = append(neg[n], o.logits[n]...)
			}
			if o.reading && !made {
				realPos[n] = append(realPos[n], o.logits[n]...)
			} else if !made {
				realNeg[n] = append(realNeg[n], o.logits[n]...)
			}
		}
	}
	slices.Sort(names)
	fmt.Printf("AUC of reading against all other gaze in windows of 10 / 30 / 60 s: %.3f / %.3f / %.3f; recorded only: %.3f / %.3f / %.3f\n",
		auc(pos[10], neg[10]), auc(pos[30], neg[30]), auc(pos[60], neg[60]),
		auc(realPos[10], realNeg[10]), auc(realPos[30], realNeg[30]), auc(realPos[60], realNeg[60]))
	fmt.Println("* fitted to")
	fmt.Printf("%-26s %6s %6s   %-24s %s\n", "set", "people", "hours", "AUC, 10 / 30 / 60 s", "at the threshold")
	for _, name := range names {
		o := rows[name]
		var a [3]float64
		for i, n := range lengths {
			if a[i] = auc(o.logits[n], realNeg[n]); !o.reading {
				a[i] = auc(realPos[n], o.logits[n])
			}
		}
		star := " "
		if o.free {
			star = "*"
		}
		fmt.Printf("%-25s%s %6d %6.2f   %.3f / %.3f / %.3f    ", name, star, len(o.people), o.hours, a[0], a[1], a[2])
		if o.reading {
			fmt.Printf("%d of %d minutes flagged\n", flaggedOf(o.minutes, Threshold), len(o.minutes))
		} else {
			fmt.Printf("%d false flags, %.1f per hour\n", flags(o.traces, Threshold), float64(flags(o.traces, Threshold))/o.hours)
		}
	}
	fmt.Println("held s  threshold   false flags per hour, recorded (and of people who write), generated | minutes of reading flagged, recorded and generated")
	for _, held := range []int{4, 8, 14, 20} {
		for _, th := range []float64{0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99} {
			var f, h [3]float64
			var hit, of [2]int
			for name, o := range rows {
				k := 0
				if strings.HasPrefix(name, "generated") {
					k = 1
				}
				if strings.HasSuffix(name, ", writing") {
					k = 2
				}
				if !o.reading {
					f[k], h[k] = f[k]+float64(flagsHeld(o.traces, th, held)), h[k]+o.hours
					continue
				}
				for _, m := range o.minutes {
					hit[k], of[k] = hit[k]+min(flagsHeld([][]float64{m}, th, held), 1), of[k]+1
				}
			}
			fmt.Printf("%4d    %.3f       %5.2f in %.1f h (%5.1f in %.2f h)  %5.2f in %.1f h |  %.2f of %d  %.2f of %d\n", held, th, f[0]/h[0], h[0], f[2]/h[2], h[2], f[1]/h[1], h[1],
				float64(hit[0])/float64(of[0]), of[0], float64(hit[1])/float64(of[1]), of[1])
		}
	}
}

// each scores the window that ends at every second.
func each(x []float64) (out []float64) {
	n := int(Window.Seconds()) * Rate
	for end := n; end <= len(x); end += Rate {
		v := math.NaN()
		if s, ok := reading.read(x[end-n : end]); ok {
			v = reading.Probability(s.Features)
		}
		out = append(out, v)
	}
	return out
}

// flags counts how often scores stay at or above a threshold for HoldFor.
func flags(traces [][]float64, threshold float64) (n int) {
	return flagsHeld(traces, threshold, int(HoldFor.Seconds()))
}

func flagsHeld(traces [][]float64, threshold float64, seconds int) (n int) {
	for _, scores := range traces {
		held, open := 0, false
		for _, s := range scores {
			if !(s >= threshold) {
				held, open = 0, false
				continue
			}
			if held++; !open && held > seconds {
				open = true
				n++
			}
		}
	}
	return n
}

func flaggedOf(traces [][]float64, threshold float64) (n int) {
	for _, s := range traces {
		n += min(flags([][]float64{s}, threshold), 1)
	}
	return n
}
