package analysis

import (
	"context"
	"fmt"
	"image"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// TestEval prints what is found in the clips of $BONAFIDE_EVAL/videos. They show
// one person each, most of them talking to the camera: nearly every finding is
// a false alarm, and each is listed to be looked at. It asserts nothing.
func TestEval(t *testing.T) {
	dir := evaluationData(t)
	var clips []string
	err := filepath.WalkDir(filepath.Join(dir, "videos"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{".mp4", ".mpg", ".mkv", ".webm", ".gif"}, filepath.Ext(path)) {
			clips = append(clips, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var total, spent time.Duration
	count := map[evidence.Kind]int{}
	covered := map[evidence.Kind]map[string]int64{}
	for _, clip := range clips {
		opts := options()
		began := time.Now()
		r, err := AnalyzeFile(context.Background(), clip, opts)
		if err != nil {
			fmt.Println(err)
			continue
		}
		spent += time.Since(began)
		total += r.Duration
		for _, f := range r.Findings {
			count[f.Kind]++
			fmt.Printf("%-44s %5.1f s of %5.1f s  %s  %s %.2f\n", strings.TrimPrefix(clip, dir+"/videos/"),
				float64(f.EndMS-f.StartMS)/1000, r.Duration.Seconds(), f.Kind, f.Values[0].Name, f.Values[0].Value)
		}
		for _, c := range r.Coverage {
			if covered[c.Kind] == nil {
				covered[c.Kind] = map[string]int64{}
			}
			covered[c.Kind][string(c.State)+" "+string(c.Reason)] += c.EndMS - c.StartMS
		}
	}
	fmt.Printf("\n%d clips, %.1f min of video, analysed at %.1f times real time\n", len(clips), total.Minutes(), total.Seconds()/spent.Seconds())
	fmt.Printf("%-16s %8s %10s  %s\n", "kind", "findings", "per hour", "coverage in %")
	for _, k := range (Config{Detectors: testDetectors()}).Kinds() {
		var shares []string
		for state, ms := range covered[k] {
			shares = append(shares, fmt.Sprintf("%s %.1f", state, 100*float64(ms)/float64(total.Milliseconds())))
		}
		slices.Sort(shares)
		fmt.Printf("%-16s %8d %10.1f  %s\n", k, count[k], float64(count[k])/total.Hours(), strings.Join(shares, ", "))
	}
}

// BenchmarkStages measures each stage of one picture of 640x480.
func BenchmarkStages(b *testing.B) {
	s, err := newScene()
	if err != nil {
		b.Fatal(err)
	}
	enc, err := codec.NewVP8Encoder(sceneW, sceneH, 15, 1200)
	if err != nil {
		b.Fatal(err)
	}
	defer enc.Close()
	var data [][]byte
	var pics []*image.YCbCr
	for i := range 30 {
		pic := s.draw(lookFace, time.Duration(i)*time.Second/15)
		d, err := enc.Encode(pic, i == 0)
		if err != nil {
			b.Fatal(err)
		}
		data, pics = append(data, d), append(pics, pic)
	}
	b.Run("decode", func(b *testing.B) {
		dec, err := codec.NewVP8Decoder()
		if err != nil {
			b.Fatal(err)
		}
		defer dec.Close()
		for i := 0; b.Loop(); i++ {
			if _, _, err := dec.Decode(data[i%len(data)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("thumb", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			newThumb(pics[i%len(pics)])
		}
	})
	b.Run("blur", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			laplacian(pics[i%len(pics)])
		}
	})
	b.Run("still", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, _, err := makeStill(&vision.Frame{Image: pics[i%len(pics)]}, 960); err != nil {
				b.Fatal(err)
			}
		}
	})
	set, err := models.Open(models.Dir())
	if err != nil {
		b.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	e, err := newEngine(set, Config{Detectors: testDetectors()})
	if err != nil {
		b.Fatal(err)
	}
	defer e.close()
	b.Run("tiles", func(b *testing.B) { // the search for small faces beside the main one
		main, err := e.stage.Detect(&vision.Frame{Image: pics[0]})
		if err != nil || len(main) == 0 {
			b.Fatalf("no face, %v", err)
		}
		for i := 0; b.Loop(); i++ {
			if _, err := e.stage.Small(&vision.Frame{Image: pics[i%len(pics)]}, &main[0], vision.Rect{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pipeline-15fps", func(b *testing.B) {
		p, err := NewPipeline(Config{Detectors: testDetectors()}, e.tracker(), evidence.Subject{Run: "bench"}, Gate{}, 0, Emit{
			Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {},
		})
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; b.Loop(); i++ {
			if err := p.Frame(&vision.Frame{Image: pics[i%len(pics)], At: time.Duration(i) * time.Second / 15}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
