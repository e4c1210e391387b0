package analysis

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// heads are the faces whose irises are moved: sample portraits that keep still,
// and talking heads of the evaluation videos, whose own eye movements, blinks
// and turns of the head come on top.
var heads = []string{
	"portrait 1", "sadtalker/WDA_AlexandriaOcasioCortez_000.mp4", "portrait 2", "retalking/1.mp4", "portrait 3", "liveportrait/driving_d20.mp4",
}

// headPictures are the pictures of one of them.
func headPictures(t *testing.T, dir, head string) []*vision.Frame {
	switch head {
	case "portrait 1":
		return []*vision.Frame{portraitPicture(t, "sample6.jpg", image.Rect(150, 420, 550, 860))}
	case "portrait 2":
		return []*vision.Frame{portraitPicture(t, "sample3.jpg", image.Rect(1020, 120, 1340, 500))}
	case "portrait 3":
		return []*vision.Frame{portraitPicture(t, "sample6.jpg", image.Rect(1400, 140, 1920, 680))}
	}
	return pictures(t, filepath.Join(dir, "videos", head))
}

// pictures decodes up to ten seconds of a video at 15 per second, at most 480
// pixels high.
func pictures(t *testing.T, path string) (out []*vision.Frame) {
	t.Helper()
	var w, h int
	probe, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", path).Output()
	if err == nil {
		_, err = fmt.Sscanf(strings.TrimSpace(string(probe)), "%d,%d", &w, &h)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if h > 480 {
		w, h = w*480/h, 480
	}
	w, h = w&^1, h&^1
	cmd := exec.Command("ffmpeg", "-v", "error", "-i", path, "-t", "10", "-vf", fmt.Sprintf("fps=15,scale=%d:%d:out_range=tv", w, h),
		"-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for r := bufio.NewReaderSize(pipe, 1<<20); ; {
		m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			if err == nil {
				_, err = io.ReadFull(r, plane)
			}
		}
		if err != nil {
			break
		}
		out = append(out, &vision.Frame{Image: m})
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// recordedGaze reads minutes of recorded gaze, 30 samples a second, of reading
// and of anything else; generated ones where the folder has none.
func recordedGaze(t *testing.T, dir string) (reading, other []namedTrace) {
	var labels []struct {
		File, Source string
		Label        struct{ Reading bool }
	}
	b, err := os.ReadFile(filepath.Join(dir, "labels.json"))
	if err == nil {
		err = json.Unmarshal(b, &labels)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range labels {
		if l.Source != "gazegraph" && l.Source != "eyesyn" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, l.File))
		if err != nil {
			t.Fatal(err)
		}
		var x []float64
		for s := bufio.NewScanner(f); s.Scan() && len(x) < 90*30; {
			c := strings.FieldsFunc(strings.Trim(s.Text(), "()"), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
			if len(c) == 0 {
				continue
			}
			v, err := strconv.ParseFloat(c[0], 64)
			if err != nil {
				continue
			}
			if strings.HasPrefix(s.Text(), "(") {
				z, _ := strconv.ParseFloat(c[2], 64)
				v = math.Atan2(v, z)
			}
			x = append(x, v)
		}
		f.Close()
		if len(x) < 85*30 {
			continue
		}
		n := namedTrace{l.File, gazetest.Trace{Rate: 30, X: x[20*30:]}}
		if l.Label.Reading {
			reading = append(reading, n)
		} else {
			other = append(other, n)
		}
	}
	for seed := uint64(1); len(reading) < 6; seed++ {
		reading = append(reading, namedTrace{"generated", gazetest.Reading(seed, time.Minute, gazetest.ReadingStyle{Line: 20})})
	}
	for seed := uint64(1); len(other) < 6; seed++ {
		other = append(other, namedTrace{"generated", gazetest.Talking(seed, time.Minute)})
	}
	return reading, other
}

type namedTrace struct {
	name string
	gazetest.Trace
}

// scaled makes the spread from the 5 % to the 95 % quantile as many degrees,
// and the middle 0; beyond 22° to either side eyes do not go.
func (n namedTrace) scaled(width float64) gazetest.Trace {
	v := slices.Sorted(slices.Values(n.X))
	lo, hi, mid := v[len(v)/20], v[len(v)-1-len(v)/20], v[len(v)/2]
	out := gazetest.Trace{Rate: n.Rate, X: make([]float64, len(n.X))}
	for i, x := range n.X {
		out.X[i] = min(max((x-mid)/(hi-lo)*width, -22), 22)
	}
	return out
}

// TestEvalGazeReaders prints, for 12 traces of reading and 12 of other gaze
// that move the irises of real faces, what is found within a minute of
// VP8 at 15 and 30 pictures a second. It asserts nothing.
func TestEvalGazeReaders(t *testing.T) {
	dir := evaluationData(t)
	made := map[string][]*gazetest.Puppet{}
	reading, other := recordedGaze(t, filepath.Join(dir, "gaze"))
	// One of each activity before a second one of any.
	slices.SortStableFunc(other, func(a, b namedTrace) int {
		return strings.Compare(a.name[strings.LastIndex(a.name, "_"):], b.name[strings.LastIndex(b.name, "_"):])
	})
	fmt.Println("irises moved by recorded gaze, one minute each")
	fmt.Println("trace                                          head            width  pictures/s  read/s  measured gaze: r, slope   highest score   found after s")
	count := map[string][2]int{}
	for i := range 24 {
		kind, n := "reading", reading[i/2%len(reading)]
		if i%2 == 1 {
			kind, n = "other", other[(i/2*5)%len(other)]
		}
		width, rate := 20.0, 15
		if i/2%2 == 1 {
			width = 10
		}
		if i/4%2 == 1 {
			rate = 30
		}
		head := heads[(i/2+i/12)%len(heads)]
		// One can be run alone: it takes a third of a minute.
		t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) {
			if made[head] == nil {
				made[head] = puppets(t, headPictures(t, dir, head))
			}
			trace := n.scaled(width)
			got, err := AnalyzeFile(context.Background(), recordEyes(t, made[head], trace, 62*time.Second, rate), gazeOptions())
			if err != nil {
				t.Fatal(err)
			}
			r, slope := follows(got.Series, trace)
			top, outcome, flagged := outcomeOf(got)
			key := fmt.Sprintf("%s, %.0f°, talking head", kind, width)
			if strings.HasPrefix(head, "portrait") {
				key = fmt.Sprintf("%s, %.0f°, still head", kind, width)
			}
			c := count[key]
			if c[1]++; flagged {
				c[0]++
			}
			count[key] = c
			fmt.Printf("%-8s %-37s %-15.15s %4.0f°  %10d  %6.1f  %13.2f, %.2f  %15.3f   %s\n", kind, n.name, head, width, rate, readingRate(got), r, slope, top, outcome)
		})
	}
	keys := []string{}
	for k := range count {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Printf("%-36s flagged %d of %d\n", k, count[k][0], count[k][1])
	}
}

// readingRate is how many readings of the gaze a second there were, of those
// that were measured.
func readingRate(got Result) float64 {
	var in []gaze.Sample
	for _, s := range got.Series {
		for _, p := range s.Points {
			if s.Name == "gaze.horizontal" {
				in = append(in, gaze.Sample{At: time.Duration(p.AtMS) * time.Millisecond, Reason: vision.Reason(p.Reason)})
			}
		}
	}
	return picturesPerSecond(in)
}

// outcomeOf gives the highest score, what was found and when, or why nothing
// was scored, and whether reading was found.
func outcomeOf(got Result) (top float64, outcome string, flagged bool) {
	for _, s := range got.Series {
		for _, p := range s.Points {
			if s.Name == "gaze.reading_score" {
				top = max(top, p.Value)
			}
		}
	}
	for _, f := range got.Findings {
		if f.Kind == evidence.GazeReading && !flagged {
			flagged = true
			outcome += fmt.Sprintf("%.0f ", float64(f.StartMS)/1000+gaze.HoldFor.Seconds())
		} else {
			outcome += string(f.Kind) + " "
		}
	}
	for _, c := range got.Coverage {
		if c.Kind == evidence.GazeReading && c.Reason != "" && c.Reason != evidence.ReasonTooShort {
			outcome += fmt.Sprintf("(%s %.0f s) ", c.Reason, float64(c.EndMS-c.StartMS)/1000)
		}
	}
	return top, outcome, flagged
}

// follows compares the measured gaze with the trace that moved the irises.
func follows(all []evidence.Series, trace gazetest.Trace) (r, slope float64) {
	var n, x, y, xx, yy, xy float64
	for _, s := range all {
		for _, p := range s.Points {
			if s.Name != "gaze.horizontal" || p.Reason != "" {
				continue
			}
			a, b := trace.At(time.Duration(p.AtMS)*time.Millisecond), p.Value
			n, x, y, xx, yy, xy = n+1, x+a, y+b, xx+a*a, yy+b*b, xy+a*b
		}
	}
	cov, va, vb := xy/n-x/n*y/n, xx/n-x/n*x/n, yy/n-y/n*y/n
	return cov / math.Sqrt(va*vb), cov / va
}

// TestEvalGazeClips prints how much of real clips of people before cameras the
// gaze can be measured in, its noise, and what is found that is not reading:
// each clip is read once, at the rate of a live call of 15 pictures a second, and
// its gaze played back and forth for some minutes, of which it prints how much
// could be scored. It asserts nothing.
func TestEvalGazeClips(t *testing.T) {
	dir := evaluationData(t)
	var labels []struct {
		File  string
		Label struct{ People any }
	}
	b, err := os.ReadFile(filepath.Join(dir, "videos", "labels.json"))
	if err == nil {
		err = json.Unmarshal(b, &labels)
	}
	if err != nil {
		t.Fatal(err)
	}
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	cfg := gazeOptions().Config
	e, err := newEngine(set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	const played = 5 * time.Minute
	var hours, looped, scored float64
	var samples, good int
	why, found := map[vision.Reason]int{}, map[evidence.Kind]int{}
	fmt.Println("clip                                          s   read/s  measured %  noise °  wander °  scored %  found in 5 min back and forth")
	for _, l := range labels {
		if l.Label.People != 1.0 {
			continue
		}
		var in []gaze.Sample
		p, err := NewPipeline(cfg, e.tracker(), evidence.Subject{Run: "eval"}, Gate{}, 0, Emit{
			Faces: func(r FaceReading) {
				if s, ok := gazeOf(&r); ok {
					in = append(in, s)
				}
			}, Coverage: func([]evidence.Coverage) {}, Finding: func(evidence.Finding) {},
		})
		if err != nil {
			t.Fatal(err)
		}
		var end time.Duration
		for i, f := range pictures(t, filepath.Join(dir, "videos", l.File)) {
			f.At = time.Duration(i) * time.Second / 15
			end = f.At
			if err := p.Frame(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Finish(end); err != nil {
			t.Fatal(err)
		}
		if len(in) < 20 {
			continue
		}
		share, noise, wander := describe(in, why)
		samples, good = samples+len(in), good+int(share*float64(len(in)))
		hours += end.Hours()
		r := newGazeRig(t, Gate{})
		turn := end + time.Second/15 // a clip's length
		for i := 0; ; i++ {
			s, k := in[i%len(in)], time.Duration(i/len(in))
			if k%2 == 1 {
				s = in[len(in)-1-i%len(in)]
				s.At = end - s.At
			}
			if s.At += k * turn; s.At >= played {
				break
			}
			r.look(s)
		}
		looped += played.Hours()
		var names []string
		for _, f := range r.finish(played) {
			found[f.Kind]++
			names = append(names, fmt.Sprintf("%s %.2f", f.Kind, f.Values[0].Value))
		}
		judged := time.Duration(0)
		for _, c := range r.coverage {
			if c.Kind == evidence.GazeReading && c.State == evidence.Measured {
				judged += time.Duration(c.EndMS-c.StartMS) * time.Millisecond
			}
		}
		scored += judged.Hours()
		fmt.Printf("%-42s %5.1f  %6.1f  %10.0f  %7.2f  %8.2f  %8.0f  %s\n", l.File, end.Seconds(), float64(len(in))/end.Seconds(), 100*share, noise, wander,
			100*judged.Seconds()/played.Seconds(), strings.Join(names, ", "))
	}
	fmt.Printf("%.1f min of clips, %.1f %% of the pictures measured; not measured: %v\n", 60*hours, 100*float64(good)/float64(samples), why)
	fmt.Printf("windows of reading could be scored in %.1f h\n", scored)
	for _, k := range []evidence.Kind{evidence.GazeReading, evidence.GazeOffScreen} {
		fmt.Printf("%s: %d in %.1f h of clips played back and forth, %.1f per hour\n", k, found[k], looped, float64(found[k])/looped)
	}
}

// describe gives the share of samples measured, the noise from one to the next
// and the deviation of the gaze, in degrees.
func describe(in []gaze.Sample, why map[vision.Reason]int) (share, noise, wander float64) {
	var f gaze.Follower
	var steps, x []float64
	var prev *gaze.Sample
	all := append(f.Add(gaze.Sample{Reason: gaze.ReasonNoEyes}), in...)
	settled := []gaze.Sample{}
	for _, s := range all {
		settled = append(settled, f.Add(s)...)
	}
	for i, s := range settled {
		if !s.OK() {
			why[s.Reason]++
			prev = nil
			continue
		}
		x = append(x, s.Horizontal)
		if prev != nil {
			steps = append(steps, math.Abs(s.Horizontal-prev.Horizontal))
		}
		prev = &settled[i]
	}
	if len(steps) == 0 {
		return 0, 0, 0
	}
	slices.Sort(steps)
	mean, sum := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	// The median of absolute steps of noise is 0.954 of its deviation.
	return float64(len(x)) / float64(len(in)), steps[len(steps)/2] / 0.954, math.Sqrt(sum / float64(len(x)))
}
