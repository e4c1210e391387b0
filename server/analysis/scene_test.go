package analysis

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
)

// childArg makes the test binary an analysis process, like the hidden
// subcommand of the program.
const childArg = "analysis-child"

// wideArg makes such a process measure with wideDetectors.
const wideArg = "wide"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childArg {
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		detectors := testDetectors()
		if len(os.Args) > 2 && os.Args[2] == wideArg {
			detectors = wideDetectors()
		}
		if err := RunChild(context.Background(), os.Stdin, os.Stdout, models.Dir(), detectors, log, Compliance()...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// testDetectors is the list as the program has it.
func testDetectors() []Descriptor {
	return []Descriptor{
		FaceAbsent(FaceAbsentConfig{}), FaceMultiple(FaceMultipleConfig{}), FaceTooSmall(FaceTooSmallConfig{}), Identity(IdentityConfig{}),
		CameraOff(CameraOffConfig{}), MediaFrozen(MediaFrozenConfig{}),
	}
}

// wideDetectors are those and the ones of wider scope.
func wideDetectors() []Descriptor {
	return append(testDetectors(), Gaze(GazeConfig{}), Speech(SpeechConfig{}), Lips(LipsConfig{}), StreamFacts(StreamConfig{}))
}

// look is what a scene shows during a spell.
type look int

const (
	lookFace look = iota
	lookEmpty
	lookTwo
	lookDark
	lookFrozen
	lookSmall
	lookOther   // another person's face
	lookMasked  // the first face, covered from the nose down
	lookBlurred // the whole picture out of focus
	lookNone    // no picture is sent
)

// spell is a look that lasts until a time.
type spell struct {
	until time.Duration
	look  look
}

func lookAt(script []spell, at time.Duration) look {
	for _, s := range script {
		if at < s.until {
			return s.look
		}
	}
	return lookNone
}

// scene draws pictures of 640x480: a textured wall with a real face from a
// photo that moves about, and what a script adds or takes away.
type scene struct {
	wall        *image.YCbCr
	face, small *image.YCbCr
	second      *image.YCbCr
	other       *image.YCbCr
	masked      *image.YCbCr
	noise       []int8
	last        *image.YCbCr
}

const sceneW, sceneH = 640, 480

// newScene gives a scene of its own: what froze is not shared.
func newScene() (*scene, error) {
	s, err := sceneParts()
	if err != nil {
		return nil, err
	}
	own := *s
	return &own, nil
}

var sceneParts = sync.OnceValues(func() (*scene, error) {
	s := &scene{wall: image.NewYCbCr(image.Rect(0, 0, sceneW, sceneH), image.YCbCrSubsampleRatio420)}
	r := rand.New(rand.NewPCG(7, 7))
	for y := range sceneH {
		for x := range sceneW {
			v := 110 + 30*math.Sin(float64(x)/37)*math.Cos(float64(y)/53) + float64(x/64%2*8)
			s.wall.Y[y*s.wall.YStride+x] = uint8(v)
		}
	}
	for i := range s.wall.Cb {
		s.wall.Cb[i], s.wall.Cr[i] = 124, 132
	}
	s.noise = make([]int8, sceneW*sceneH*2)
	for i := range s.noise {
		s.noise[i] = int8(r.IntN(7) - 3)
	}
	var err error
	if s.face, err = crop("sample6.jpg", image.Rect(150, 420, 550, 860), 256, 280); err != nil {
		return nil, err
	}
	if s.small, err = crop("sample6.jpg", image.Rect(150, 420, 550, 860), 90, 98); err != nil {
		return nil, err
	}
	if s.other, err = crop("sample1.jpg", image.Rect(1374, 102, 1774, 542), 256, 280); err != nil {
		return nil, err
	}
	s.masked = (&vision.Frame{Image: s.face}).Clone().Image
	for y := 128; y < 224; y++ {
		for x := 60; x < 206; x++ {
			s.masked.Y[y*s.masked.YStride+x] = uint8(190 + y/6%2*16)
			s.masked.Cb[y/2*s.masked.CStride+x/2], s.masked.Cr[y/2*s.masked.CStride+x/2] = 140, 118
		}
	}
	s.second, err = crop("sample3.jpg", image.Rect(1020, 120, 1340, 500), 160, 190)
	return s, err
})

// crop takes a piece of a sample photo, scaled to w x h.
func crop(name string, piece image.Rectangle, w, h int) (*image.YCbCr, error) {
	f, err := os.Open(filepath.Join(models.Dir(), name))
	if err != nil {
		return nil, fmt.Errorf("%w (run: make samples)", err)
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		return nil, err
	}
	full := image.NewRGBA(src.Bounds())
	draw.Draw(full, full.Rect, src, src.Bounds().Min, draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			x0, x1 := piece.Min.X+x*piece.Dx()/w, piece.Min.X+(x+1)*piece.Dx()/w
			y0, y1 := piece.Min.Y+y*piece.Dy()/h, piece.Min.Y+(y+1)*piece.Dy()/h
			var sum [4]int
			n := 0
			for sy := y0; sy < max(y1, y0+1); sy++ {
				for sx := x0; sx < max(x1, x0+1); sx++ {
					o := full.PixOffset(sx, sy)
					for c := range sum {
						sum[c] += int(full.Pix[o+c])
					}
					n++
				}
			}
			o := out.PixOffset(x, y)
			for c := range sum {
				out.Pix[o+c] = uint8(sum[c] / n)
			}
		}
	}
	return vision.FromImage(out, 0).Image, nil
}

// draw gives the picture of an instant.
func (s *scene) draw(l look, at time.Duration) *image.YCbCr {
	if l == lookFrozen && s.last != nil {
		return s.last
	}
	pic := image.NewYCbCr(s.wall.Rect, image.YCbCrSubsampleRatio420)
	copy(pic.Y, s.wall.Y)
	copy(pic.Cb, s.wall.Cb)
	copy(pic.Cr, s.wall.Cr)
	t := at.Seconds()
	x, y := 150+int(60*math.Sin(t*0.9)), 100+int(30*math.Sin(t*1.7))
	switch l {
	case lookFace, lookTwo, lookDark, lookFrozen, lookBlurred:
		paste(pic, s.face, x, y)
	case lookOther:
		paste(pic, s.other, x, y)
	case lookMasked:
		paste(pic, s.masked, x, y)
	case lookSmall:
		paste(pic, s.small, x+80, y+90)
	}
	if l == lookTwo {
		paste(pic, s.second, 466, 20+int(6*math.Sin(t)))
	}
	if l == lookBlurred {
		blur(pic, 9)
	}
	k := int(at/time.Millisecond) * 7919 % (sceneW * sceneH)
	for i := range pic.Y {
		v := int(pic.Y[i])
		if l == lookDark {
			v = 16 // a covered lens
		}
		pic.Y[i] = uint8(min(max(v+int(s.noise[k+i]), 16), 235))
	}
	s.last = pic
	return pic
}

// blur averages the luma over a square of 2r+1 pixels.
func blur(m *image.YCbCr, r int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	pass := func(n, lines, along, across int) {
		old := make([]uint8, n)
		for l := range lines {
			for i := range n {
				old[i] = m.Y[l*across+i*along]
			}
			for i := range n {
				sum := 0
				for d := -r; d <= r; d++ {
					sum += int(old[min(max(i+d, 0), n-1)])
				}
				m.Y[l*across+i*along] = uint8(sum / (2*r + 1))
			}
		}
	}
	pass(w, h, 1, m.YStride)
	pass(h, w, m.YStride, 1)
}

// paste puts a picture onto another at even coordinates.
func paste(dst, src *image.YCbCr, x, y int) {
	x, y = x&^1, y&^1
	w, h := src.Rect.Dx(), src.Rect.Dy()
	for row := range h {
		copy(dst.Y[(y+row)*dst.YStride+x:][:w], src.Y[row*src.YStride:][:w])
	}
	for row := range h / 2 {
		copy(dst.Cb[(y/2+row)*dst.CStride+x/2:][:w/2], src.Cb[row*src.CStride:][:w/2])
		copy(dst.Cr[(y/2+row)*dst.CStride+x/2:][:w/2], src.Cr[row*src.CStride:][:w/2])
	}
}

// truth is a finding that a script must lead to.
type truth struct {
	kind     evidence.Kind
	from, to time.Duration
}

// checkFindings compares findings with the truth: each within the tolerance,
// and no others.
func checkFindings(t *testing.T, got []evidence.Finding, want []truth, tolerance time.Duration) {
	t.Helper()
	used := make([]bool, len(got))
	for _, w := range want {
		found := false
		for i, f := range got {
			from, to := time.Duration(f.StartMS)*time.Millisecond, time.Duration(f.EndMS)*time.Millisecond
			if used[i] || f.Kind != w.kind || (from-w.from).Abs() > tolerance || (to-w.to).Abs() > tolerance {
				continue
			}
			used[i], found = true, true
			break
		}
		if !found {
			t.Errorf("no finding of %s from %v to %v", w.kind, w.from, w.to)
		}
	}
	for i, f := range got {
		if !used[i] {
			t.Errorf("unexpected finding of %s from %d to %d ms: %+v", f.Kind, f.StartMS, f.EndMS, f.Values)
		}
		if f.Open {
			t.Errorf("finding of %s at %d ms is still open", f.Kind, f.StartMS)
		}
	}
}

// checkCoverage demands coverage of every kind from start to end without
// overlap or hole.
func checkCoverage(t *testing.T, cs []evidence.Coverage, kinds []evidence.Kind, start, end int64) {
	t.Helper()
	at := map[evidence.Kind]int64{}
	for _, c := range cs {
		from, ok := at[c.Kind]
		if !ok {
			from = start
		}
		if c.StartMS != from || c.EndMS <= c.StartMS || (c.Reason == "") != (c.State == evidence.Measured) {
			t.Errorf("coverage %+v, must begin at %d", c, from)
		}
		at[c.Kind] = c.EndMS
	}
	for _, k := range kinds {
		if at[k] != end {
			t.Errorf("coverage of %s ends at %d ms, want %d", k, at[k], end)
		}
	}
}

// stateAt tells how a kind is covered at an instant.
func stateAt(cs []evidence.Coverage, k evidence.Kind, at time.Duration) string {
	for _, c := range cs {
		if ms := at.Milliseconds(); c.Kind == k && c.StartMS <= ms && ms < c.EndMS {
			if c.Reason != "" {
				return string(c.State) + "/" + string(c.Reason)
			}
			return string(c.State)
		}
	}
	return "nothing"
}
