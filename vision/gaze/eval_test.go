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
// the whole detector with its least length, false flags per hour and
// detections within a minute: at the threshold that is used, at the one that
// gives one false flag an hour, and at others. Sets marked * were fitted to;
// the others were not seen.
func TestEvalReading(t *testing.T) {
	dir := evalData(t)
	all := recordings(t, dir+"/gaze")
	videos := clips(t, dir+"/videos")
	for _, c := range videos {
		if x := backAndForth(c.x, max(60*Rate, len(c.x))); x != nil {
			all = append(all, recorded{set: "videos", person: c.person, x: x, free: c.free})
		}
	}
	rows := rowsOf(append(all, generated(videos)...))
	printSets(rows)
	printOnePerHour(rows)
	printThresholds(rows)
}

// setRow is all traces of one set that are of reading, or that are not.
type setRow struct {
	name          string
	reading, free bool
	people        map[string]bool
	hours         float64
	logits        map[int][]float64 // of windows, by their length in seconds
	minutes       [][]float64       // the scores of each minute, for detections
	traces        [][]float64       // the scores of each whole trace, for false flags
}

// Three sorts of sets are counted apart.
func (o *setRow) made() bool    { return strings.HasPrefix(o.name, "generated") }
func (o *setRow) writing() bool { return strings.HasSuffix(o.name, ", write") }

var evalLengths = []int{10, 30, 60}

// rowsOf scores all traces, and gives the sets in the order of their names.
func rowsOf(all []recorded) (out []*setRow) {
	byName := map[string]*setRow{}
	for _, r := range all {
		name := r.set + accuracyOf(r)
		if r.reading && !strings.HasPrefix(name, "generated") {
			name += " (reading)"
		}
		o := byName[name]
		if o == nil {
			o = &setRow{name: name, reading: r.reading, free: r.free, people: map[string]bool{}, logits: map[int][]float64{}}
			byName[name], out = o, append(out, o)
		}
		o.people[r.person] = true
		o.hours += float64(count(r.x)) / Rate / 3600
		for _, n := range evalLengths {
			for from := 0; from+n*Rate <= len(r.x); from += max(n, 10) * Rate / 2 {
				if s, ok := reading.read(r.x[from : from+n*Rate]); ok {
					o.logits[n] = append(o.logits[n], reading.logit(s.Features))
				}
			}
		}
		o.traces = append(o.traces, each(r.x))
		for from := 0; from+60*Rate <= len(r.x); from += 60 * Rate {
			o.minutes = append(o.minutes, each(r.x[from:from+60*Rate]))
		}
	}
	slices.SortFunc(out, func(a, b *setRow) int { return strings.Compare(a.name, b.name) })
	return out
}

// accuracyOf names how many of a tracker's samples were on target, where that
// is known.
func accuracyOf(r recorded) string {
	switch {
	case r.set != "webqamgaze":
		return ""
	case r.roi >= 70:
		return " ≥ 70 %"
	case r.roi >= 50:
		return " 50–70 %"
	case r.roi >= 30:
		return " 30–50 %"
	}
	return " < 30 %"
}

// logitsOf are the scores of windows of reading or of other gaze.
func logitsOf(rows []*setRow, seconds int, reads, madeToo bool) (out []float64) {
	for _, o := range rows {
		if o.reading == reads && (madeToo || !o.made()) {
			out = append(out, o.logits[seconds]...)
		}
	}
	return out
}

func printSets(rows []*setRow) {
	for _, madeToo := range []bool{true, false} {
		name := "AUC of reading against all other gaze, 10 / 30 / 60 s"
		if !madeToo {
			name = "the same, recorded gaze alone                        "
		}
		fmt.Print(name)
		for _, n := range evalLengths {
			fmt.Printf("  %.3f", auc(logitsOf(rows, n, true, madeToo), logitsOf(rows, n, false, madeToo)))
		}
		fmt.Println()
	}
	fmt.Println("* fitted to")
	fmt.Printf("%-32s %6s %6s   %-24s at the threshold %g\n", "set", "people", "hours", "AUC, 10 / 30 / 60 s", Threshold)
	for _, o := range rows {
		var a [3]float64
		for i, n := range evalLengths {
			if a[i] = auc(o.logits[n], logitsOf(rows, n, false, false)); !o.reading {
				a[i] = auc(logitsOf(rows, n, true, false), o.logits[n])
			}
		}
		star := " "
		if o.free {
			star = "*"
		}
		fmt.Printf("%-31s%s %6d %6.2f   %.3f / %.3f / %.3f    ", o.name, star, len(o.people), o.hours, a[0], a[1], a[2])
		if o.reading {
			fmt.Printf("%d of %d minutes flagged\n", flaggedOf(o.minutes, Threshold), len(o.minutes))
		} else {
			fmt.Printf("%d false flags, %.1f per hour\n", flags(o.traces, Threshold), float64(flags(o.traces, Threshold))/o.hours)
		}
	}
}

// printOnePerHour prints what is found at the lowest threshold that gives at
// most one false flag in an hour of recorded gaze, people who write left out.
func printOnePerHour(rows []*setRow) {
	at := 1.0
	for th := 0.99; th >= 0.3; th -= 0.01 {
		n, hours := 0, 0.0
		for _, o := range rows {
			if !o.reading && !o.made() && !o.writing() {
				n, hours = n+flags(o.traces, th), hours+o.hours
			}
		}
		if float64(n) > hours {
			break
		}
		at = th
	}
	fmt.Printf("detection rate at one false flag an hour (threshold %.2f):", at)
	hit, of := 0, 0
	for _, o := range rows {
		if o.reading && len(o.minutes) > 0 {
			n := flaggedOf(o.minutes, at)
			fmt.Printf("  %s %d of %d;", strings.TrimSuffix(o.name, " (reading)"), n, len(o.minutes))
			if !o.made() {
				hit, of = hit+n, of+len(o.minutes)
			}
		}
	}
	fmt.Printf("  all recorded %.0f %%\n", 100*float64(hit)/float64(of))
}

func printThresholds(rows []*setRow) {
	fmt.Println("held s  threshold   false flags per hour, recorded (and of people who write), generated | minutes of reading flagged, recorded and generated")
	for _, held := range []int{4, 8, 14, 20} {
		for _, th := range []float64{0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99} {
			var f, h [3]float64
			var hit, of [2]int
			for _, o := range rows {
				k := 0
				switch {
				case o.made():
					k = 1
				case o.writing():
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
