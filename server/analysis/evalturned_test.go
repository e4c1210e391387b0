package analysis

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// turnFor is how long a drawn head takes to turn, hold and come back.
const turnFor = 3 * time.Second

// TestEvalTurned prints how often a head is seen to turn and to be raised that was
// drawn turned in a picture of each of some clips of $BONAFIDE_EVAL/videos: the
// landmarks' mesh with the picture on it, in front of the picture it was taken
// from, so that the hair and the outline of the head stay as they are (SIM). It
// asserts nothing. Each card is a subtest: -run TestEvalTurned/turn_right.
func TestEvalTurned(t *testing.T) {
	e, all := someOfEach(t)
	draw := filepath.Join(t.TempDir(), "turned")
	if out, err := exec.Command("go", "build", "-o", draw, "bonafide/vision/face/facetest/turned").CombinedOutput(); err != nil {
		t.Fatalf("building what draws turned heads: %v\n%s", err, out)
	}
	for _, v := range []struct {
		card       evidence.CardKind
		yaw, pitch int // degrees, to the picture's right and up
	}{
		{evidence.CardTurnLeft, 70, 0}, {evidence.CardTurnRight, -70, 0}, {evidence.CardLookUp, 0, 35},
	} {
		t.Run(string(v.card), func(t *testing.T) {
			outcomes := map[evidence.StepOutcome]int{}
			for i, frames := range all {
				made, err := turnedHead(t, e, draw, frames[30], v.yaw, v.pitch)
				if err != nil {
					t.Logf("%s: %v", oneOfEach[i], err)
					continue
				}
				r, err := stepOn(e, made, v.card)
				if err != nil {
					t.Fatal(err)
				}
				outcomes[r.Outcome]++
				if r.Outcome != evidence.StepDone {
					t.Logf("%s: %s %s %v", oneOfEach[i], r.Outcome, r.Reason, r.Values)
				}
			}
			n := outcomes[evidence.StepDone] + outcomes[evidence.StepNotSeen] + outcomes[evidence.StepNotMeasurable]
			name := fmt.Sprintf("SIM: drawn turned by %d°, raised by %d°", v.yaw, v.pitch)
			fmt.Printf("%-42s %-18s done %s, not measurable %d\n", name, v.card, wilson(outcomes[evidence.StepDone], n), outcomes[evidence.StepNotMeasurable])
			sayRate(v.card, acting{n - outcomes[evidence.StepDone], n})
		})
	}
}

// turnedHead is a picture shown for three seconds, in which then the head turns
// and comes back, and that is shown for three seconds more.
func turnedHead(t *testing.T, e *engine, draw string, still *vision.Frame, yaw, pitch int) ([]*vision.Frame, error) {
	faces, err := e.stage.Detect(still)
	if err != nil {
		return nil, err
	}
	if len(faces) == 0 || !faces[0].Confirmed() {
		return nil, errors.New("no face to turn")
	}
	b := faces[0].Box
	// Even numbers, for the planes of colour.
	cut := image.Rect(int(b.X0-b.Width()*0.6)&^1, int(b.Y0-b.Height()*0.6)&^1, int(b.X1+b.Width()*0.6)&^1, int(b.Y1+b.Height()*0.5)&^1).Intersect(still.Image.Rect)
	dir := t.TempDir()
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, still.Image, &jpeg.Options{Quality: 97}); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "photo.jpg"), photo.Bytes(), 0o600); err != nil {
		return nil, err
	}
	n := int(turnFor * compositeRate / time.Second)
	out, err := exec.Command(draw, "-photo", filepath.Join(dir, "photo.jpg"), "-cut", fmt.Sprintf("%d,%d,%d,%d", cut.Min.X, cut.Min.Y, cut.Max.X, cut.Max.Y),
		"-yaw="+strconv.Itoa(yaw), "-pitch="+strconv.Itoa(pitch), "-frames", strconv.Itoa(n), "-models", models.Dir(), "-out", filepath.Join(dir, "out")).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("drawing it turned: %w: %s", err, out)
	}
	var made []*vision.Frame
	for i := range 3 * n {
		f := still.Clone()
		f.At = time.Duration(i) * time.Second / compositeRate
		if i >= n && i < 2*n {
			drawn, err := os.ReadFile(filepath.Join(dir, "out", fmt.Sprintf("%03d.png", i-n+1)))
			if err != nil {
				return nil, err
			}
			m, err := png.Decode(bytes.NewReader(drawn))
			if err != nil {
				return nil, err
			}
			pasteInto(f.Image, m, cut)
		}
		made = append(made, f)
	}
	return made, nil
}

// pasteInto puts a picture into a part of another of the same size.
func pasteInto(into *image.YCbCr, m image.Image, at image.Rectangle) {
	for y := range at.Dy() {
		for x := range at.Dx() {
			r, g, b, _ := m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y).RGBA()
			yy, cb, cr := color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(b>>8))
			into.Y[into.YOffset(at.Min.X+x, at.Min.Y+y)] = yy
			c := into.COffset(at.Min.X+x, at.Min.Y+y)
			into.Cb[c], into.Cr[c] = cb, cr
		}
	}
}
