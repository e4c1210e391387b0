package analysis

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// TestEvalShots prints how much of the picture changes within a shot of real
// clips and across cuts between two of them, the cuts that are found where there
// are none; and of films that are cut to and fro between two real people, as
// exports of calls in speaker view are, the cuts and people that are told right,
// and what is found of faces, with and without the search for cuts. It asserts
// nothing.
func TestEvalShots(t *testing.T) {
	dir := filepath.Join(evaluationData(t), "videos")
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	var within []float64
	cuts, hours := 0, 0.0
	for _, file := range files {
		var f cutFinder
		var recent []*Print
		most := 0.0
		n, _, err := decodeForeign(context.Background(), file, func(n int, frame *vision.Frame) error {
			if from, to, ok := f.add(frame.Image, time.Duration(n)*time.Second/foreignRate); ok {
				cuts++
				fmt.Printf("    cut in %s from %v to %v\n", file[len(dir)+1:], from, to)
			}
			p := NewPrint(frame.Image)
			for _, o := range recent {
				most = max(most, p.changed(o))
			}
			if recent = append(recent, p); len(recent) > 5 {
				recent = recent[1:]
			}
			return nil
		})
		if err != nil {
			fmt.Println(file, err)
			continue
		}
		hours += float64(n) / foreignRate / 3600
		within = append(within, most)
	}
	var clips [][]*vision.Frame
	for _, name := range oneOfEach {
		frames, err := readClip(filepath.Join(dir, name))
		if err != nil || len(frames) < 60 {
			fmt.Println(name, len(frames), err)
			continue
		}
		clips = append(clips, frames)
	}
	var across []float64
	for i := range clips {
		for j := range i {
			across = append(across, NewPrint(clips[i][30].Image).changed(NewPrint(clips[j][30].Image)))
		}
	}
	slices.Sort(within)
	slices.Sort(across)
	at := func(v []float64, share float64) float64 { return v[int(share*float64(len(v)-1))] }
	fmt.Printf("share of the picture that changes: within half a second of %d clips at most %.2f, nine in ten below %.2f; across %d cuts least %.2f, nine in ten above %.2f\n",
		len(within), at(within, 1), at(within, 0.9), len(across), at(across, 0), at(across, 0.1))
	fmt.Printf("cuts found in the clips, which hold %.2f h: %d\n", hours, cuts)
	evalSpeakerViews(t, clips)
}

// evalSpeakerViews analyses films of two clips that are cut to and fro.
func evalSpeakerViews(t *testing.T, clips [][]*vision.Frame) {
	ends := []int{40, 60, 110, 130, 180} // tenths of a second, the first person first
	found, right, wrong, unclear := 0, 0, 0, 0
	var with, without int
	kinds := map[evidence.Kind]int{}
	films := 0
	for i := 0; i < len(clips); i += 2 {
		films++
		one, other := clips[i], clips[(i+1)%len(clips)]
		var film []*image.YCbCr
		for n := range ends[len(ends)-1] {
			k, _ := slices.BinarySearch(ends, n+1)
			film = append(film, [][]*vision.Frame{one, other}[k%2][n%len(one)%len(other)].Image)
		}
		path := filepath.Join(t.TempDir(), "call.mp4")
		writeFilm(t, path, film, "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p")
		opts := Options{Run: "eval", Interview: "eval", Participant: "one", ModelsDir: models.Dir(), Sound: SoundMixed,
			Config: Config{Detectors: []Descriptor{Identity(IdentityConfig{}), FaceAbsent(FaceAbsentConfig{}), MediaFrozen(MediaFrozenConfig{})}}}
		r, err := AnalyzeFile(context.Background(), path, opts)
		if err != nil {
			t.Fatal(err)
		}
		found += len(r.Shots) - 1
		for _, s := range r.Shots {
			k, _ := slices.BinarySearch(ends, int((s.From+s.To)/2*10/time.Second)+1)
			switch want := []Shown{ShownPerson, ShownOther}[k%2]; s.Shows {
			case want:
				right++
			case ShownUnclear:
				unclear++
			default:
				wrong++
			}
		}
		for _, f := range r.Findings {
			kinds[f.Kind]++
			fmt.Printf("    film %d: %s from %d to %d ms, %v\n", i, f.Kind, f.StartMS, f.EndMS, f.Values)
		}
		with += len(r.Findings)
		opts.Sound = "" // as a recording of ours, which no program cuts
		if r, err = AnalyzeFile(context.Background(), path, opts); err != nil {
			t.Fatal(err)
		}
		without += len(r.Findings)
	}
	fmt.Printf("films cut to and fro between two people: %d films with %d cuts, %d found; shots told right %d, unclear %d, wrong %d; findings %d (%v), without the search for cuts %d\n",
		films, films*(len(ends)-1), found, right, unclear, wrong, with, kinds, without)
}
