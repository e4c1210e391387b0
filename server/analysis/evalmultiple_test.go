package analysis

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// TestEvalMultiple prints what face.multiple finds in the clips of
// $BONAFIDE_EVAL/videos without and with the search in tiles, each finding to be
// looked at, and how often a small second face that is put into a clip is found
// (SIM). BONAFIDE_PART=folder/ takes only the clips of a folder, BONAFIDE_PART=480 or
// 720 only those pictures of the second half. It asserts nothing.
func TestEvalMultiple(t *testing.T) {
	dir := evaluationData(t)
	part := os.Getenv("BONAFIDE_PART")
	if part != "480" && part != "720" {
		evalMultipleClips(t, filepath.Join(dir, "videos"), part)
	}
	for _, size := range []image.Point{{X: 640, Y: 480}, {X: 1280, Y: 720}} {
		if part == "" || part == fmt.Sprint(size.Y) {
			evalMultipleSmall(t, filepath.Join(dir, "videos"), size)
		}
	}
}

// searches are the ways of looking that are compared.
var searches = []struct {
	name string
	cfg  FaceMultipleConfig
}{{"whole picture", FaceMultipleConfig{CloserEvery: -1}}, {"with tiles", FaceMultipleConfig{}}}

func evalMultipleClips(t *testing.T, dir, part string) {
	var clips []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{".mp4", ".mpg", ".mkv", ".webm", ".gif"}, filepath.Ext(path)) && strings.Contains(path, part) {
			clips = append(clips, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range searches {
		var total, spent time.Duration
		found := 0
		for _, clip := range clips {
			opts := options()
			opts.Config.Detectors = []Descriptor{FaceMultiple(s.cfg)}
			began := time.Now()
			r, err := AnalyzeFile(context.Background(), clip, opts)
			if err != nil {
				fmt.Println(err)
				continue
			}
			spent += time.Since(began)
			total += r.Duration
			found += len(r.Findings)
			for _, f := range r.Findings {
				fmt.Printf("%s: %s %.1f to %.1f s of %.1f s\n", s.name, strings.TrimPrefix(clip, dir+"/"), float64(f.StartMS)/1000, float64(f.EndMS)/1000, r.Duration.Seconds())
				if out := os.Getenv("BONAFIDE_SHOW"); out != "" {
					for sum, jpeg := range r.Stills {
						if err := os.WriteFile(filepath.Join(out, strings.ReplaceAll(s.name, " ", "-")+"-"+filepath.Base(clip)+"-"+sum[:6]+".jpg"), jpeg, 0o600); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
		fmt.Printf("%s: %d findings in %d clips, %.2f min; analysed in %.0f s\n", s.name, found, len(clips), total.Minutes(), spent.Seconds())
	}
}

// evalMultipleSmall puts a second person's moving face of a given height into
// the upper corners of clips, from 2 s to 8 s, and prints in how many a finding
// came of it.
func evalMultipleSmall(t *testing.T, dir string, size image.Point) {
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	e, err := newEngine(set, Config{Detectors: []Descriptor{FaceMultiple(FaceMultipleConfig{})}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	clips := oneOfEach[:6]
	fmt.Printf("SIM, %d clips\npicture    height   whole picture   with tiles\n", len(clips))
	heights := []float64{16, 20, 28, 40}
	hits := make([][2]int, len(heights))
	for i := range clips {
		frames, err := readSized(filepath.Join(dir, clips[i]), size)
		if err != nil {
			t.Fatal(err)
		}
		beside, err := readClip(filepath.Join(dir, clips[(i+1)%len(clips)]))
		if err != nil {
			t.Fatal(err)
		}
		first, err := e.stage.Detect(beside[0])
		if err != nil || len(first) == 0 {
			t.Fatalf("%s: no face, %v", clips[(i+1)%len(clips)], err)
		}
		for h, height := range heights {
			for k, s := range searches {
				if multipleIn(t, e, s.cfg, pasted(frames, beside, first[0].Box, height)) {
					hits[h][k]++
				}
			}
		}
	}
	for h, height := range heights {
		fmt.Printf("%-10s %3.0f px   %6d of %d     %6d of %d\n", fmt.Sprintf("%d×%d", size.X, size.Y), height, hits[h][0], len(clips), hits[h][1], len(clips))
	}
}

// readSized decodes a clip's beginning at ten pictures a second, scaled to fit a
// size.
func readSized(path string, size image.Point) ([]*vision.Frame, error) {
	out, err := exec.Command("ffmpeg", "-v", "error", "-stream_loop", "3", "-i", path, "-t", fmt.Sprint(compositeFor.Seconds()), "-vf",
		fmt.Sprintf("fps=%d,scale=%d:%d:force_original_aspect_ratio=decrease:out_range=tv,pad=%d:%d:-1:-1:gray", compositeRate, size.X, size.Y, size.X, size.Y),
		"-pix_fmt", "yuv420p", "-f", "rawvideo", "-").Output()
	if err != nil {
		return nil, err
	}
	var frames []*vision.Frame
	for r := bytes.NewReader(out); r.Len() >= size.X*size.Y*3/2; {
		m := image.NewYCbCr(image.Rect(0, 0, size.X, size.Y), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			r.Read(plane)
		}
		frames = append(frames, &vision.Frame{Image: m, At: time.Duration(len(frames)) * time.Second / compositeRate})
	}
	return frames, nil
}

// multipleIn tells whether the detector has a finding in pictures.
func multipleIn(t *testing.T, e *engine, cfg FaceMultipleConfig, frames []*vision.Frame) bool {
	found := false
	p, err := NewPipeline(Config{Detectors: []Descriptor{FaceMultiple(cfg)}}, e.tracker(), evidence.Subject{Interview: "eval", Run: "eval"}, Gate{NoStills: true}, 0,
		Emit{Finding: func(evidence.Finding) { found = true }, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {}})
	for _, f := range frames {
		if err == nil {
			err = p.Frame(f)
		}
	}
	if err == nil {
		err = p.Finish(frames[len(frames)-1].At)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// pasted shows what surrounds a box of other pictures, scaled so that the box is
// so many pixels high, in the upper left corner from 2 s to 8 s. Each pixel is
// the mean of those that it stands for.
func pasted(frames, beside []*vision.Frame, box vision.Rect, height float64) []*vision.Frame {
	scale := box.Height() / height
	side := int(2*height) / 2 * 2
	out := slices.Clone(frames)
	for i, f := range frames {
		if f.At < 2*time.Second || f.At > 8*time.Second || i >= len(beside) {
			continue
		}
		out[i] = f.Clone()
		src, dst := beside[i].Image, out[i].Image
		for y := range side {
			for x := range side {
				cx := box.Center().X + (float64(x)-float64(side)/2)*scale
				cy := box.Center().Y + (float64(y)-float64(side)/2)*scale
				part := image.Rect(int(cx), int(cy), int(cx+max(scale, 1)), int(cy+max(scale, 1))).Intersect(src.Rect)
				n, sum := 0, 0
				for sy := part.Min.Y; sy < part.Max.Y; sy++ {
					for sx := part.Min.X; sx < part.Max.X; sx++ {
						sum += int(src.Y[src.YOffset(sx, sy)])
						n++
					}
				}
				if n > 0 {
					dst.Y[dst.YOffset(x+20, y+20)] = uint8(sum / n)
					dst.Cb[dst.COffset(x+20, y+20)] = src.Cb[src.COffset(part.Min.X, part.Min.Y)]
					dst.Cr[dst.COffset(x+20, y+20)] = src.Cr[src.COffset(part.Min.X, part.Min.Y)]
				}
			}
		}
	}
	return out
}
