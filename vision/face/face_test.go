package face

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bonafide/models"
	"bonafide/vision"
)

// newStage makes a stage on the real models, which are fetched before the
// tests run.
func newStage(t testing.TB) *Stage {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v\n(run: make models)", err)
	}
	s, err := NewStage(set, Config{})
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

// photo reads a sample picture, which is fetched before the tests run, scaled
// by 1/shrink (mean of each block of pixels).
func photo(t testing.TB, name string, shrink int) *image.RGBA {
	t.Helper()
	f, err := os.Open(filepath.Join(models.Dir(), name))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	src, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	full := image.NewRGBA(src.Bounds())
	draw.Draw(full, full.Rect, src, src.Bounds().Min, draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, full.Rect.Dx()/shrink, full.Rect.Dy()/shrink))
	for i := range out.Pix {
		c, x, y := i%4, i/4%out.Rect.Dx(), i/4/out.Rect.Dx()
		sum := 0
		for dy := range shrink {
			for dx := range shrink {
				sum += int(full.Pix[full.PixOffset(x*shrink+dx, y*shrink+dy)+c])
			}
		}
		out.Pix[i] = uint8(sum / (shrink * shrink))
	}
	return out
}

// person is the woman on the right of sample6.jpg, in a picture of the given
// size that shows nobody else, her head's middle at (x, y). Her eyes are about
// 46 pixels apart.
func person(t testing.TB, w, h, x, y int) *image.RGBA {
	head := photo(t, "sample6.jpg", 2).SubImage(image.Rect(700, 70, 960, 340)).(*image.RGBA)
	return paste(background(w, h), head, x-100, y-145)
}

func background(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(120 + 40*x/w), uint8(130 + 30*y/h), 140, 255})
		}
	}
	return m
}

func paste(dst, src *image.RGBA, x, y int) *image.RGBA {
	r := image.Rect(x, y, x+src.Rect.Dx(), y+src.Rect.Dy())
	draw.Draw(dst, r, src, src.Rect.Min, draw.Src)
	return dst
}

func frame(m image.Image) *vision.Frame { return vision.FromImage(m, 0) }

// one detects and wants exactly one confirmed face.
func one(t *testing.T, s *Stage, m image.Image) vision.Face {
	t.Helper()
	faces, err := s.Detect(frame(m))
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) != 1 || !faces[0].Confirmed() {
		t.Fatalf("%d faces: %+v; want one, confirmed", len(faces), faces)
	}
	return faces[0]
}

// TestDetectPhotos checks place and number of the faces in the sample photos.
// The places (share of width and height) were read off the pictures by eye.
func TestDetectPhotos(t *testing.T) {
	s := newStage(t)
	for name, want := range map[string][]vision.Point{
		"sample1.jpg": {{X: 0.26, Y: 0.37}, {X: 0.48, Y: 0.42}, {X: 0.82, Y: 0.25}},
		"sample4.jpg": {{X: 0.17, Y: 0.21}, {X: 0.39, Y: 0.13}, {X: 0.56, Y: 0.21}, {X: 0.70, Y: 0.19}},
		"sample5.jpg": {{X: 0.25, Y: 0.74}, {X: 0.35, Y: 0.39}, {X: 0.455, Y: 0.16}, {X: 0.63, Y: 0.23}, {X: 0.785, Y: 0.37}},
		"sample6.jpg": {{X: 0.19, Y: 0.41}, {X: 0.395, Y: 0.31}, {X: 0.655, Y: 0.29}, {X: 0.83, Y: 0.27}},
	} {
		m := photo(t, name, 2)
		faces, err := s.Detect(frame(m))
		if err != nil {
			t.Fatal(err)
		}
		if len(faces) != len(want) {
			t.Errorf("%s: %d faces, want %d", name, len(faces), len(want))
		}
		for i, f := range faces {
			if i > 0 && f.Box.Area() > faces[i-1].Box.Area() {
				t.Errorf("%s: face %d is larger than the one before", name, i)
			}
			plausible(t, name, f)
		}
		for _, p := range want {
			x, y, hit := p.X*float64(m.Rect.Dx()), p.Y*float64(m.Rect.Dy()), false
			for _, f := range faces {
				b := f.Box
				hit = hit || (x > b.X0 && x < b.X1 && y > b.Y0 && y < b.Y1)
			}
			if !hit {
				t.Errorf("%s: no face at (%.0f, %.0f)", name, x, y)
			}
		}
	}
}

// plausible checks a face's proportions, in its own upright axes.
func plausible(t *testing.T, name string, f vision.Face) {
	t.Helper()
	if len(f.Landmarks) != vision.LandmarkCount || f.Presence < 0.5 || f.Score < 0.65 {
		t.Errorf("%s: %d landmarks, presence %v, score %v", name, len(f.Landmarks), f.Presence, f.Score)
		return
	}
	sin, cos := math.Sincos(-f.Pose.Roll * math.Pi / 180)
	at := func(i int) vision.Point {
		p := f.Landmarks[i]
		return vision.Point{X: cos*p.X - sin*p.Y, Y: sin*p.X + cos*p.Y}
	}
	order := func(what string, v ...float64) {
		for i := 1; i < len(v); i++ {
			if v[i] <= v[i-1] {
				t.Errorf("%s: %s out of order: %.1f", name, what, v)
				return
			}
		}
	}
	order("eyes from left to right", at(vision.RightEyeOuter).X, at(vision.RightIrisCenter).X, at(vision.RightEyeInner).X,
		at(vision.LeftEyeInner).X, at(vision.LeftIrisCenter).X, at(vision.LeftEyeOuter).X)
	order("face from top to bottom", at(10).Y, at(vision.RightEyeTop).Y, at(vision.NoseTip).Y, at(vision.MouthRight).Y, at(152).Y)
	order("mouth", at(vision.MouthRight).X, at(13).X, at(vision.MouthLeft).X)
	if math.Abs(f.Pose.Yaw) > 60 || math.Abs(f.Pose.Pitch) > 60 {
		t.Errorf("%s: pose %+v", name, f.Pose)
	}
	for _, iris := range []int{vision.RightIrisCenter, vision.LeftIrisCenter} {
		for i := 1; i < 5; i++ { // an iris is 11.7 mm wide, eyes are 60–65 mm apart
			if r := f.Landmarks[iris].XY().Dist(f.Landmarks[iris+i].XY()) / f.IOD; r < 0.05 || r > 0.17 {
				t.Errorf("%s: iris radius %.3f of the distance between the eyes", name, r)
			}
		}
	}
}

func TestMirrorAndTurn(t *testing.T) {
	s := newStage(t)
	m := person(t, 640, 480, 320, 240)
	f := one(t, s, m)
	if f.IOD < 40 || f.IOD > 52 || f.Quality.Score < 0.5 || len(f.Quality.Reasons) > 0 {
		t.Errorf("IOD %.1f, quality %+v", f.IOD, f.Quality)
	}
	mirror := image.NewRGBA(m.Rect)
	turned := image.NewRGBA(m.Rect)
	sin, cos := math.Sincos(20 * math.Pi / 180)
	for y := range 480 {
		for x := range 640 {
			mirror.SetRGBA(639-x, y, m.RGBAAt(x, y))
			dx, dy := float64(x-320), float64(y-240) // 20° clockwise
			turned.SetRGBA(x, y, m.RGBAAt(320+int(math.Round(cos*dx+sin*dy)), 240+int(math.Round(-sin*dx+cos*dy))))
		}
	}
	g := one(t, s, mirror)
	if d := math.Abs(g.Pose.Yaw + f.Pose.Yaw); d > 4 || math.Abs(g.Pose.Roll+f.Pose.Roll) > 2 || math.Abs(g.Pose.Pitch-f.Pose.Pitch) > 4 {
		t.Errorf("pose %+v, mirrored %+v", f.Pose, g.Pose)
	}
	for _, pair := range [][2]int{{vision.RightIrisCenter, vision.LeftIrisCenter}, {vision.MouthRight, vision.MouthLeft}, {vision.NoseTip, vision.NoseTip}} {
		a, b := f.Landmarks[pair[0]].XY(), g.Landmarks[pair[1]].XY()
		if d := a.Dist(vision.Point{X: 640 - b.X, Y: b.Y}) / f.IOD; d > 0.06 {
			t.Errorf("landmark %d moves by %.3f IOD when mirrored", pair[0], d)
		}
	}
	if h := one(t, s, turned); math.Abs(h.Pose.Roll-f.Pose.Roll-20) > 2 {
		t.Errorf("roll %.1f, turned by 20° clockwise %.1f", f.Pose.Roll, h.Pose.Roll)
	}
}

func TestShapesAndLight(t *testing.T) {
	s := newStage(t)
	one(t, s, person(t, 480, 640, 240, 400))  // portrait
	one(t, s, person(t, 1280, 720, 900, 300)) // wide
	one(t, s, person(t, 641, 481, 300, 240))  // odd size
	// The face alone fills the picture.
	tight := person(t, 640, 480, 320, 240).SubImage(image.Rect(265, 175, 365, 305))
	one(t, s, tight)

	dark := person(t, 640, 480, 320, 240)
	for i := range dark.Pix {
		if i%4 != 3 {
			dark.Pix[i] /= 12
		}
	}
	if f := one(t, s, dark); !f.Quality.Has(vision.ReasonDark) || f.Quality.Score != 0 || f.Brightness > 25 {
		t.Errorf("in the dark: brightness %.0f, quality %+v", f.Brightness, f.Quality)
	}
}

func TestNoFace(t *testing.T) {
	s := newStage(t)
	noise := image.NewRGBA(image.Rect(0, 0, 640, 480))
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rng.Uint32())
	}
	sample := photo(t, "sample6.jpg", 2)
	for name, m := range map[string]image.Image{
		"plain": background(640, 480), "black": image.NewGray(image.Rect(0, 0, 640, 480)), "noise": noise,
		"dress": sample.SubImage(image.Rect(140, 450, 460, 760)), "blinds and wall": sample.SubImage(image.Rect(0, 0, 520, 100)),
		"tiny": background(2, 2),
	} {
		faces, err := s.Detect(frame(m))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(faces) != 0 {
			t.Errorf("%s: faces %+v", name, faces)
		}
	}
}

// TestSameAgain: another stage gives exactly the same numbers.
func TestSameAgain(t *testing.T) {
	f := frame(person(t, 640, 480, 320, 240))
	var runs [2][]vision.Face
	for i := range runs {
		s := newStage(t)
		faces, err := s.Detect(f)
		if err != nil {
			t.Fatal(err)
		}
		next, err := s.Landmarks(f, &faces[0])
		if err != nil {
			t.Fatal(err)
		}
		runs[i] = append(faces, *next)
	}
	if !reflect.DeepEqual(runs[0], runs[1]) {
		t.Errorf("two runs differ:\n%+v\n%+v", runs[0], runs[1])
	}
	if runs[0][1].ROI != runs[0][0].ROI {
		t.Error("the region was not held although nothing moved")
	}
}

func TestStageErrors(t *testing.T) {
	s := newStage(t)
	f := frame(background(64, 64))
	if _, err := s.Landmarks(f, nil); err == nil || !strings.Contains(err.Error(), "detect first") {
		t.Errorf("nothing to follow: %v", err)
	}
	f.Damaged = true
	if _, err := s.Detect(f); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged frame: %v", err)
	}
	if _, err := s.Detect(&vision.Frame{}); err == nil {
		t.Error("empty frame accepted")
	}
	info := s.Models()
	if len(info) != 2 || info[0].Name != models.FaceDetect || len(info[1].SHA256) != 64 {
		t.Errorf("models %+v", info)
	}
	for want, c := range map[string]Config{
		"MainScore is 1.2":    {MainScore: 1.2},
		"SmallScore 0.9":      {SmallScore: 0.9},
		"MaxFaces is -1":      {MaxFaces: -1},
		"DetectEvery is":      {DetectEvery: 1, LandmarksEvery: 2},
		"Quality.IOD":         {Quality: QualityConfig{IOD: Range{5, 5}}},
		"HoldShift -1":        {HoldShift: -1},
		"MinPresence is -0.5": {MinPresence: -0.5},
	} {
		if err := c.Defaults().Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	s := newStage(b)
	f := frame(person(b, 640, 480, 320, 240))
	for b.Loop() {
		if _, err := s.Detect(f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDetectNobody(b *testing.B) {
	s := newStage(b)
	f := frame(background(640, 480))
	for b.Loop() {
		if _, err := s.Detect(f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLandmarks(b *testing.B) {
	s := newStage(b)
	f := frame(person(b, 640, 480, 320, 240))
	faces, err := s.Detect(f)
	if err != nil || len(faces) != 1 {
		b.Fatal(len(faces), err)
	}
	for b.Loop() {
		if _, err := s.Landmarks(f, &faces[0]); err != nil {
			b.Fatal(err)
		}
	}
}
