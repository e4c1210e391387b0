package liveness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/models"
	"bonafide/vision"
	"bonafide/vision/face"
)

// threshold is the mean score below which a clip counts as a replay here, as in
// server/analysis.
const threshold = 0.5

// TestEval scores the genuine and the attacking pictures and clips of
// $BONAFIDE_EVAL/spoof and all clips of videos, and prints by source and kind of
// attack how many are on the wrong side: APCER and BPCER of ISO/IEC 30107-3. It
// asserts nothing.
func TestEval(t *testing.T) {
	dir := os.Getenv("BONAFIDE_EVAL")
	if dir == "" {
		t.Skip("BONAFIDE_EVAL is not set: replays are not measured on real data (make eval DATA=<folder>)")
	}
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	stage, err := face.NewStage(set, face.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	scorer, err := NewScorer(set)
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Close()
	rows := map[string][]float64{}
	none := map[string]int{}
	for _, part := range []string{"spoof", "videos"} {
		for _, c := range clips(t, filepath.Join(dir, part), part) {
			mean, n := meanScore(t, stage, scorer, filepath.Join(dir, part, c.file))
			if n == 0 {
				none[c.row]++
				continue
			}
			rows[c.row] = append(rows[c.row], mean)
		}
	}
	fmt.Printf("%-62s %5s %8s  %-8s %s\n", "source", "n", "no face", "median", "on the wrong side of 0.5")
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v := slices.Sorted(slices.Values(rows[name]))
		low := 0
		for _, s := range v {
			if s < threshold {
				low++
			}
		}
		measure, wrong := "BPCER", low
		if !strings.Contains(name, "genuine") {
			measure, wrong = "APCER", len(v)-low
		}
		fmt.Printf("%-62s %5d %8d  %-8.3f %s %d of %d\n", name, len(v), none[name], v[len(v)/2], measure, wrong, len(v))
	}
}

// labelled is a file with the row that it counts in.
type labelled struct{ file, row string }

func clips(t *testing.T, dir, part string) (out []labelled) {
	b, err := os.ReadFile(filepath.Join(dir, "labels.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		File, Source, Repo string
		Label              struct {
			Genuine, Real *bool
			Attack        string
			Kind          string
		}
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		row := part + " " + strings.Split(c.File, "/")[0]
		if real := c.Label.Genuine; (real != nil && *real) || (c.Label.Real != nil && *c.Label.Real) {
			row += " genuine"
		} else {
			row += " " + c.Label.Attack
			if c.Label.Attack == "" {
				row += "made or changed by a program"
			}
		}
		out = append(out, labelled{c.File, row})
	}
	return out
}

// meanScore is the mean over up to eight pictures of a file, one a second.
func meanScore(t *testing.T, stage *face.Stage, scorer *Scorer, path string) (mean float64, n int) {
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vf", "fps=1,scale='min(640,iw)':-2", "-frames:v", "8", "-f", "image2pipe", "-c:v", "png", "-").Output()
	if ext := filepath.Ext(path); ext == ".png" || ext == ".jpg" || ext == ".jpeg" {
		out, err = os.ReadFile(path)
	}
	if err != nil {
		t.Logf("%s: %v", path, err)
		return 0, 0
	}
	for r := bytes.NewReader(out); r.Len() > 0; {
		m, _, err := image.Decode(r)
		if err != nil {
			break
		}
		f := vision.FromImage(m, 0)
		faces, err := stage.Detect(f)
		if err != nil || len(faces) == 0 || !faces[0].Confirmed() {
			continue
		}
		s, err := scorer.Score(f, &faces[0])
		if err != nil {
			t.Fatal(err)
		}
		mean, n = mean+s, n+1
	}
	return mean / float64(max(n, 1)), n
}
