package gaze

import (
	"bufio"
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
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/gaze/gazetest"
)

// evalData is the folder of evaluation data; the test is skipped without it.
func evalData(t *testing.T) string {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: accuracy on real data is not measured (make eval DATA=<folder>)")
	}
	return dir
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// recorded is the gaze of one person doing one thing, at Rate, in any unit.
type recorded struct {
	set, person string
	reading     bool
	x           []float64
	roi         float64 // the tracker's accuracy in %, where it is known
	free        bool    // its licence lets coefficients be fitted to it
}

// labelled is one line of labels.json of the recorded gaze.
type labelled struct {
	File, Source, Licence string
	Label                 struct {
		Reading  bool
		Subject  string
		Rate     any `json:"rate_hz"`
		ROI      float64
		Coder    string
		Activity string
	}
}

// free tells that a licence allows fitting coefficients: it is stated, and no
// GPL, which asks more than a table of numbers can give.
func free(licence string) bool {
	return !strings.HasPrefix(licence, "none") && !strings.HasPrefix(licence, "GPL")
}

// recordings reads all recorded traces. Short clips of one person and set are
// put together to one.
func recordings(t *testing.T, dir string) []recorded {
	var labels []labelled
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	slices.SortFunc(labels, func(a, b labelled) int { return strings.Compare(a.File, b.File) })
	joined := map[string]*recorded{}
	var order []string
	for _, l := range labels {
		if strings.HasPrefix(l.Source, "drift") || strings.HasPrefix(l.Source, "sbsat") || l.Label.Coder == "RA" {
			continue // fixations without times, or a second coder's labels of the same eyes
		}
		x := load(t, filepath.Join(dir, l.File), l)
		key := l.File
		set := l.Source
		if !l.Label.Reading && (l.Source == "gazegraph" || l.Source == "eyesyn") {
			set += ", " + l.Label.Activity // whoever types or browses follows lines of text too
		}
		if slices.Contains([]string{"gazecom", "lund2013", "pymovements_toy"}, l.Source) {
			key = l.Source + "/" + l.Label.Subject
		}
		r := joined[key]
		if r == nil {
			r = &recorded{set: set, person: l.Label.Subject, reading: l.Label.Reading, roi: l.Label.ROI, free: free(l.Licence)}
			joined[key], order = r, append(order, key)
		}
		r.x = append(r.x, x...)
	}
	var out []recorded
	for _, k := range order {
		out = append(out, *joined[k])
	}
	return out
}

// load reads one file's horizontal gaze at Rate.
func load(t *testing.T, path string, l labelled) []float64 {
	if strings.HasSuffix(path, ".json") {
		var d struct {
			Trials []struct {
				Condition string
				XYT, XYTC [][]float64
			}
		}
		readJSON(t, path, &d)
		var x []float64
		for _, trial := range d.Trials {
			if l.Source == "webqamgaze" && trial.Condition != "nr" {
				continue // a search in text is reading, but not of whole lines
			}
			var at, v []float64
			for _, p := range append(trial.XYT, trial.XYTC...) {
				at, v = append(at, p[2]/1000), append(v, p[0])
			}
			x = append(x, atRate(at, v)...)
		}
		return x
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rate, _ := l.Label.Rate.(float64)
	if rate == 0 {
		rate = 30
	}
	var at, v []float64
	for s := bufio.NewScanner(f); s.Scan(); {
		c := strings.FieldsFunc(strings.Trim(s.Text(), "()"), func(r rune) bool { return r == ',' || r == '\t' || r == ' ' })
		column := map[string]int{"lund2013": 1, "pymovements_toy": 1}[l.Source]
		if len(c) <= column {
			continue
		}
		x, err := strconv.ParseFloat(c[column], 64)
		if err != nil {
			continue // the head of the table
		}
		if l.Source == "eyesyn" && len(c) == 3 && strings.HasPrefix(s.Text(), "(") {
			z, _ := strconv.ParseFloat(c[2], 64)
			x = math.Atan2(x, z)
		}
		at, v = append(at, float64(len(at))/rate), append(v, x)
	}
	return atRate(at, v)
}

// atRate takes the sample nearest to each instant, as a camera does.
func atRate(at, v []float64) []float64 {
	if len(at) == 0 {
		return nil
	}
	var out []float64
	i := 0
	for t := at[0]; t <= at[len(at)-1]; t += 1.0 / Rate {
		for i+1 < len(at) && math.Abs(at[i+1]-t) <= math.Abs(at[i]-t) {
			i++
		}
		if math.Abs(at[i]-t) > 0.25 {
			out = append(out, math.NaN())
		} else {
			out = append(out, v[i])
		}
	}
	return out
}

// clip is a video of one person, none of them reading lines for long.
type clip struct {
	file, person string
	free         bool
	samples      []Sample
	x            []float64 // at Rate, degrees
	length       time.Duration
}

// clips measures the gaze in the evaluation videos of one person.
func clips(t *testing.T, dir string) []clip {
	var labels []struct {
		File, Licence string
		Width, Height int
		Label         struct {
			People    any
			Identity  string
			Duplicate string `json:"duplicate_of"`
		}
	}
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	stage := newStage(t)
	var out []clip
	for _, l := range labels {
		if l.Label.People != 1.0 || l.Label.Duplicate != "" {
			continue
		}
		c := clip{file: l.File, person: l.Label.Identity, free: free(l.Licence)}
		follow, track := Follower{}, face.NewTracker(stage)
		err := decode(filepath.Join(dir, l.File), l.Width, l.Height, func(f *vision.Frame) error {
			r, ok, err := track.Process(f)
			if err == nil && ok {
				c.samples = append(c.samples, follow.Add(Config{}.Measure(r.Main, f, f.At))...)
			}
			c.length = f.At + Step
			return err
		})
		if err != nil {
			t.Logf("%s: %v", l.File, err)
			continue
		}
		c.samples = append(c.samples, follow.Flush()...)
		s, _, _ := Resample(c.samples, 0, c.length)
		c.x = s.X
		out = append(out, c)
	}
	return out
}

func newStage(t testing.TB) *face.Stage {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v\n(run: make models)", err)
	}
	s, err := face.NewStage(set, face.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// decode reads a clip at Rate with ffmpeg.
func decode(path string, w, h int, each func(*vision.Frame) error) error {
	cmd := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vf",
		fmt.Sprintf("fps=%d,scale=%d:%d:out_range=tv", Rate, w&^1, h&^1), "-pix_fmt", "yuv420p", "-f", "rawvideo", "-")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r := bufio.NewReaderSize(out, 1<<20)
	m := image.NewYCbCr(image.Rect(0, 0, w&^1, h&^1), image.YCbCrSubsampleRatio420)
	for i := 0; ; i++ {
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			if _, err = io.ReadFull(r, plane); err != nil {
				cmd.Process.Kill() // it has ended, unless the picture is cut short
				cmd.Wait()
				if err == io.EOF || err == io.ErrUnexpectedEOF {
					return nil
				}
				return err
			}
		}
		if err = each(&vision.Frame{Image: m, At: time.Duration(i) * Step}); err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			return err
		}
	}
}

// backAndForth plays a short signal forwards and backwards until it is n long;
// nil where less than 4 s were measured.
func backAndForth(x []float64, n int) []float64 {
	if count(x) < 4*Rate || count(x) < len(x)*3/4 {
		return nil
	}
	out := make([]float64, 0, n)
	for i := 0; len(out) < n; i++ {
		k := i % (2 * len(x))
		if k >= len(x) {
			k = 2*len(x) - 1 - k
		}
		out = append(out, x[k])
	}
	return out
}

// sampled takes a generated trace at Rate.
func sampled(t gazetest.Trace) []float64 {
	var out []float64
	for at := time.Duration(0); at < t.Length(); at += Step {
		out = append(out, t.At(at))
	}
	return out
}
